import { ManualClock } from '@millrace/base'
import { expect, it } from 'vitest'
import { SpendAccount } from './spend-account.ts'
import { SpendMeter } from './spend-meter.ts'

const account = (weiPerDay: bigint) => {
  const kept = new Map<string, string>()
  const kv = { get: (key: string) => kept.get(key), set: (key: string, value: string) => void kept.set(key, value) }
  return new SpendAccount({ name: 'somebody', weiPerDay }, { kv, clock: new ManualClock() })
}

it('what goes on is counted as it grows, and may go on as long as the day’s money reaches for what comes next', () => {
  const money = account(100n)
  const meter = new SpendMeter(money, 30n)
  meter.goOn(20n)
  meter.goOn(65n)
  expect(money.spentWei).toBe(65n)
  expect(() => meter.goOn(80n)).toThrow(/may spend 100 wei a day/)
  expect(money.spentWei).toBe(80n)
})

it('what failed costs nothing, and leaves the money to others', () => {
  const money = account(100n)
  const meter = new SpendMeter(money, 90n)
  expect(() => new SpendMeter(money, 20n)).toThrow(/may spend/)
  meter.end(0n)
  expect(money.spentWei).toBe(0n)
  new SpendMeter(money, 100n).end(100n)
  expect(money.spentWei).toBe(100n)
})
