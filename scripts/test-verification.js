#!/usr/bin/env node
// The long form of packages/media/src/verify/detection.long.test.ts: 240 honest results and 10 lies of each kind. Takes about eight minutes.
// MILLRACE_VERIFICATION_SEED=… repeats a run. Its dated result belongs into docs/test-results.md.
import { spawnSync } from 'node:child_process'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const env = {
  ...process.env,
  MILLRACE_VERIFICATION_RESULTS: process.env.MILLRACE_VERIFICATION_RESULTS ?? '240',
  MILLRACE_VERIFICATION_LIES: process.env.MILLRACE_VERIFICATION_LIES ?? '10',
}
for (const args of [
  ['scripts/build.js', '--quiet'],
  ['node_modules/vitest/vitest.mjs', 'run', 'packages/media/src/verify/detection.long.test.ts'],
]) {
  const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit', env })
  if (status !== 0) process.exit(status ?? 1)
}
