import { expect, test } from 'vitest'
import { hasForge, runScript } from './testing/scripts.ts'

test.runIf(hasForge())('the Solidity tests pass, each function and the invariants', { timeout: 480_000 }, () => {
  const { status, output } = runScript('test.js')
  process.stdout.write(output)
  expect(status, output).toBe(0)
  expect(Number(/^(\d+) Solidity tests/m.exec(output)?.[1])).toBeGreaterThan(350)
})
