#!/usr/bin/env node
// The long form of the bridge's conservation test: 60 random sequences of transfers, failures and restarts, or
//   node packages/devnet/scripts/fuzz-bridge.js RUNS
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../../../', import.meta.url))
const vitest = fileURLToPath(new URL('../../../node_modules/vitest/vitest.mjs', import.meta.url))
const { status } = spawnSync(process.execPath, [vitest, 'run', 'packages/devnet/src/bridge/conservation.test.ts'], {
  cwd: root,
  stdio: 'inherit',
  env: { ...process.env, BRIDGE_RUNS: process.argv[2] ?? '60' },
})
process.exitCode = status ?? 1
