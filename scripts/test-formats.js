#!/usr/bin/env node
// The long form of packages/media/src/formats: every container and codec goes in and is decoded again. Takes about two minutes and writes docs/formats.md.
import { spawnSync } from 'node:child_process'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const env = { ...process.env, MILLRACE_FORMATS: 'full' }
for (const args of [
  ['scripts/build.js', '--quiet'],
  ['node_modules/vitest/vitest.mjs', 'run', 'packages/media/src/formats'],
]) {
  const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit', env })
  if (status !== 0) process.exit(status ?? 1)
}
