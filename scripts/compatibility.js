#!/usr/bin/env node
// Writes docs/compatibility.md anew, from the tables of the code and the answers of a running node.
import { spawnSync } from 'node:child_process'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const { status } = spawnSync(
  process.execPath,
  [join(root, 'node_modules/vitest/vitest.mjs'), 'run', 'test/compatibility'],
  { cwd: root, env: { ...process.env, MILLRACE_WRITE_COMPATIBILITY: '1' }, stdio: 'inherit' },
)
process.exit(status ?? 1)
