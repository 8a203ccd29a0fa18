import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  addRational,
  ceilRational,
  compareRational,
  floorRational,
  multiplyRational,
  rational,
  subtractRational,
  ticksToMs,
} from './units.ts'

const big = fc.bigInt({ min: -(10n ** 40n), max: 10n ** 40n })
const fraction = fc.record({ num: big, den: fc.bigInt({ min: 1n, max: 10n ** 30n }) })
const gcd = (a: bigint, b: bigint): bigint => (b === 0n ? (a < 0n ? -a : a) : gcd(b, a % b))

describe('a fraction', () => {
  it('is in lowest terms, and the same number as before', () => {
    fc.assert(
      fc.property(fraction, ({ num, den }) => {
        const reduced = rational(num, den)
        expect(gcd(reduced.num, reduced.den)).toBe(1n)
        expect(reduced.num * den).toBe(num * reduced.den)
      }),
    )
  })

  it('has something positive below the line', () => {
    for (const den of [0n, -1n]) expect(() => rational(1n, den)).toThrow(RangeError)
    expect(rational(0n, 7n)).toEqual({ num: 0n, den: 1n })
    expect(rational(5n)).toEqual({ num: 5n, den: 1n })
  })

  it('comes back when what was added is subtracted', () => {
    fc.assert(
      fc.property(fraction, fraction, (a, b) => {
        expect(compareRational(subtractRational(addRational(a, b), b), a)).toBe(0)
        expect(addRational(a, b)).toEqual(addRational(b, a))
      }),
    )
  })

  it('is multiplied as its parts are', () => {
    fc.assert(
      fc.property(fraction, fraction, fraction, (a, b, c) => {
        const left = multiplyRational(a, addRational(b, c))
        const right = addRational(multiplyRational(a, b), multiplyRational(a, c))
        expect(left).toEqual(right)
      }),
    )
  })

  it('is ordered as its difference says', () => {
    fc.assert(
      fc.property(fraction, fraction, (a, b) => {
        const { num } = subtractRational(a, b)
        expect(compareRational(a, b)).toBe(num < 0n ? -1 : num > 0n ? 1 : 0)
        // No -0, which equals nothing that tests compare it with.
        expect(compareRational(a, b) + compareRational(b, a)).toBe(0)
      }),
    )
  })

  it('lies between its floor and its ceiling, which are less than one apart', () => {
    fc.assert(
      fc.property(fraction, (value) => {
        const [floor, ceiling] = [floorRational(value), ceilRational(value)]
        expect(compareRational(rational(floor), value)).toBeLessThanOrEqual(0)
        expect(compareRational(rational(floor + 1n), value)).toBe(1)
        expect(compareRational(rational(ceiling), value)).toBeGreaterThanOrEqual(0)
        expect(compareRational(rational(ceiling - 1n), value)).toBe(-1)
      }),
    )
    expect([floorRational({ num: -7n, den: 2n }), ceilRational({ num: -7n, den: 2n })]).toEqual([-4n, -3n])
  })
})

it('media time is rounded to whole milliseconds', () => {
  expect([0, 44, 45, 90, 180_000].map(ticksToMs)).toEqual([0, 0, 1, 1, 2_000])
})
