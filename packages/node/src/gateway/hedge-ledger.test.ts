import { sessionId } from '@millrace/wire'
import { expect, it } from 'vitest'
import { HedgeLedger } from './hedge-ledger.ts'
import { hedgeAfterMs, measured } from './lateness.ts'

const A = sessionId('a')
const B = sessionId('b')

it('two hedges are free, and then they stop while more than five hundredths of the fees are tied up or lost', () => {
  const ledger = new HedgeLedger()
  for (let i = 0; i < 2; i++) {
    expect(ledger.mayHedge()).toBe(true)
    ledger.lost(A, 100n)
  }
  expect(ledger.mayHedge()).toBe(false)
  for (let i = 0; i < 39; i++) ledger.bought(B, 100n)
  expect(ledger.mayHedge()).toBe(false)
  ledger.bought(B, 100n)
  expect(ledger.mayHedge()).toBe(true)
})

it('credit is spent first, and what is left when the session ends is spent twice', () => {
  const ledger = new HedgeLedger()
  ledger.lost(A, 250n)
  ledger.bought(A, 100n)
  expect(ledger.creditOf(A)).toBe(150n)
  expect(ledger.forget(A)).toBe(150n)
  expect(ledger.forget(A)).toBe(0n)
  ledger.wasted(7n)
  expect(ledger.figures()).toEqual({ segments: 1, hedges: 2, feesWei: 100n, duplicateWei: 157n, pendingWei: 0n })
})

it('off chain one hedge in twenty segments is allowed beside the free ones', () => {
  const ledger = new HedgeLedger()
  for (let i = 0; i < 2; i++) ledger.lost(A, 0n)
  expect(ledger.mayHedge()).toBe(false)
  ledger.bought(B, 0n)
  expect(ledger.mayHedge()).toBe(true)
  ledger.lost(A, 0n)
  for (let i = 0; i < 19; i++) ledger.bought(B, 0n)
  expect(ledger.mayHedge()).toBe(false)
  ledger.bought(B, 0n)
  expect(ledger.mayHedge()).toBe(true)
})

it('who is usually quick is late sooner, nobody before half of the deadline, and everybody at the deadline', () => {
  const quick = [0.1, 0.1, 0.12, 0.1, 0.11].reduce(measured, undefined as ReturnType<typeof measured> | undefined)
  expect(hedgeAfterMs(2_000, quick)).toBe(1_000)
  expect(hedgeAfterMs(2_000, { score: 0.5, deviation: 0.05 })).toBeCloseTo(1_400)
  expect(hedgeAfterMs(2_000, { score: 0.8, deviation: 0.2 })).toBe(2_000)
  expect(hedgeAfterMs(500, { score: 3, deviation: 0 })).toBe(1_500)
  // The first segment starts an encoder.
  expect(hedgeAfterMs(2_000, undefined)).toBe(4_000)
})
