import { type Address, ZERO_ADDRESS } from '@millrace/wire'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { NO_HINT, type PoolMember, poolHints } from './pool-hints.ts'

const address = (index: number): Address => `0x${(index + 1).toString(16).padStart(40, '0')}`
const members = (...stakes: bigint[]): PoolMember[] =>
  stakes.map((stake, index) => ({ address: address(index), stake }))
const hint = (previous: number | undefined, next: number | undefined) => ({
  newPosPrev: previous === undefined ? ZERO_ADDRESS : address(previous),
  newPosNext: next === undefined ? ZERO_ADDRESS : address(next),
})

it('a member stands between those with more and those with less', () => {
  const pool = { members: members(50n, 30n, 20n, 10n), maxSize: 10n }
  expect(poolHints(pool, [{ address: address(3), stake: 25n }])).toEqual([hint(1, 2)])
  expect(poolHints(pool, [{ address: address(3), stake: 60n }])).toEqual([hint(undefined, 0)])
  expect(poolHints(pool, [{ address: address(0), stake: 5n }])).toEqual([hint(3, undefined)])
  expect(poolHints(pool, [{ address: address(7), stake: 15n }])).toEqual([hint(2, 3)])
})

it('a member goes before others of the same stake', () => {
  const pool = { members: members(50n, 30n, 30n, 10n), maxSize: 10n }
  expect(poolHints(pool, [{ address: address(3), stake: 30n }])).toEqual([hint(0, 1)])
})

it('of two changes the second one sees the first', () => {
  const pool = { members: members(50n, 40n, 30n), maxSize: 10n }
  const changes = [
    { address: address(0), stake: 20n },
    { address: address(2), stake: 60n },
  ]
  expect(poolHints(pool, changes)).toEqual([hint(2, undefined), hint(undefined, 1)])
})

it('a full pool loses its last member to one that brings more, and to nobody else', () => {
  const pool = { members: members(50n, 40n, 30n), maxSize: 3n }
  expect(poolHints(pool, [{ address: address(7), stake: 45n }])).toEqual([hint(0, 1)])
  expect(poolHints(pool, [{ address: address(7), stake: 31n }])).toEqual([hint(1, undefined)])
  expect(poolHints(pool, [{ address: address(7), stake: 30n }])).toEqual([NO_HINT])
})

it('an empty pool has no neighbours to name', () => {
  expect(poolHints({ members: [], maxSize: 3n }, [{ address: address(0), stake: 5n }])).toEqual([NO_HINT])
})

it('neighbours stand next to each other, and the stake fits between theirs', () => {
  const stakes = fc.array(fc.bigInt(1n, 20n), { minLength: 1, maxLength: 12 })
  fc.assert(
    fc.property(stakes, fc.nat(12), fc.bigInt(1n, 20n), (all, who, stake) => {
      const sorted = members(...all.sort((a, b) => Number(b - a)))
      const [{ newPosPrev, newPosNext }] = poolHints({ members: sorted, maxSize: 20n }, [
        { address: address(who), stake },
      ]) as [ReturnType<typeof hint>]
      const others = sorted.filter((member) => member.address !== address(who))
      const before = others.findIndex((member) => member.address === newPosPrev)
      const after = others.findIndex((member) => member.address === newPosNext)
      if (after >= 0) expect(before).toBe(after - 1)
      else expect(before).toBe(others.length - 1)
      if (before >= 0) expect(others[before]!.stake > stake).toBe(true)
      if (after >= 0) expect(others[after]!.stake <= stake).toBe(true)
    }),
  )
})
