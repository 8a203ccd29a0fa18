import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Anvil, startAnvil } from '../../ts/testing/anvil.ts'
import { compare } from './compare.ts'

// `SEED=… OPERATIONS=…` runs a chosen sequence; `npm run test:differential` is the long form.
const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 32))
const operations = Number(process.env.OPERATIONS ?? 400)

let anvil: Anvil
beforeAll(async () => {
  anvil = await startAnvil(['--gas-price', '0', '--block-base-fee-per-gas', '0'])
})
afterAll(() => anvil?.[Symbol.asyncDispose]())

test('the contracts do what the model does, to the wei, whatever is tried on them', {
  timeout: 3_600_000,
}, async () => {
  const began = Date.now()
  const report = (message: string) => process.stdout.write(`differential test: ${message}\n`)
  report(`SEED=${seed} OPERATIONS=${operations}`)
  const done = await compare(anvil, {
    seed,
    operations,
    compareEvery: 10,
    progress({ operations: count, succeeded, rounds }) {
      if (count % 500 !== 0) return
      const seconds = ((Date.now() - began) / 1000).toFixed(0)
      report(`${count} operations, ${succeeded} went through, ${rounds} rounds, ${seconds} s`)
    },
  })
  for (const [reason, count] of [...done.reasons].sort((a, b) => b[1] - a[1])) {
    if (operations >= 2_000) report(`${count} × ${reason}`)
  }
  expect(done.operations).toBe(operations)
  expect(done.succeeded).toBeGreaterThan(operations / 3)
  expect(done.rounds).toBeGreaterThanOrEqual(operations >= 5_000 ? 200 : Math.floor(operations / 60))
  expect(done.reasons.size).toBeGreaterThan(operations >= 400 ? 10 : 0)
})
