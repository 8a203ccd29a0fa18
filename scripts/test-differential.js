#!/usr/bin/env node
// The long form of contracts/test/differential: the same 5,000 random operations, over 200 rounds and more, to the
// contracts on a chain and to the model. SEED=… repeats a run, OPERATIONS=… changes its length.
import { spawnSync } from 'node:child_process'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const vitest = join(root, 'node_modules/vitest/vitest.mjs')
const { status } = spawnSync(process.execPath, [vitest, 'run', 'contracts/test/differential'], {
  cwd: root,
  stdio: 'inherit',
  env: { ...process.env, OPERATIONS: process.env.OPERATIONS ?? '5000' },
})
process.exit(status ?? 1)
