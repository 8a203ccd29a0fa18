#!/usr/bin/env node
// The long form of packages/node/src/store/killed.test.ts: a node's store is killed 1,000 times while it opens and writes. Takes about ten minutes.
// MILLRACE_STORE_KILLS=… changes how often. Its dated result belongs into docs/test-results.md.
import { spawnSync } from 'node:child_process'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const env = { ...process.env, MILLRACE_STORE_KILLS: process.env.MILLRACE_STORE_KILLS ?? '1000' }
for (const args of [
  ['scripts/build.js', '--quiet'],
  ['node_modules/vitest/vitest.mjs', 'run', 'packages/node/src/store/killed.test.ts'],
]) {
  const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit', env })
  if (status !== 0) process.exit(status ?? 1)
}
