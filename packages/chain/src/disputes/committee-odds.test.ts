import { strictVerification } from '@millrace/contracts/deploy'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type CommitteeOdds, chanceOfFalseVerdict, profitOfLying } from './committee-odds.ts'

const committee: CommitteeOdds = {
  seats: strictVerification.seats,
  threshold: strictVerification.verdictThreshold / 1e6,
  colluding: 1 / 3,
}

describe('the figures of docs/concepts/slashing.md', () => {
  it('a false verdict with a third of the stake against the truth: 1.7 in 10,000', () => {
    expect(chanceOfFalseVerdict(committee)).toBeCloseTo(1.7e-4, 5)
  })

  it('with honest jurors wrong twice in a hundred: 4.7 in 10,000', () => {
    expect(chanceOfFalseVerdict({ ...committee, mistakes: 0.02 })).toBeCloseTo(4.7e-4, 5)
  })

  it('nothing is promised once the colluding stake reaches the threshold', () => {
    expect(chanceOfFalseVerdict({ ...committee, colluding: 0.6 })).toBe(1)
  })

  it('a lie that saves a ten-thousandth of an LPT does not pay with 1,000 LPT at stake and one segment in 1,000 sampled', () => {
    const odds = { gain: 1e-4, stake: 1000, slash: 0.2, sampled: 1e-3, convicted: 0.95 }
    expect(profitOfLying(odds)).toBeCloseTo(-0.19, 3)
    // The break-even of the page: 0.53 LPT at stake.
    expect(profitOfLying({ ...odds, stake: 0.52 })).toBeGreaterThan(0)
    expect(profitOfLying({ ...odds, stake: 0.54 })).toBeLessThan(0)
  })
})

describe('the bound', () => {
  it('holds for committees that are drawn as the contract draws them', () => {
    // The whole part of a juror's share is certain, its fraction is a chance: Verifier.seatsOf.
    const stakes = Array.from({ length: 40 }, (_, index) => 1 + index * index)
    const total = stakes.reduce((sum, stake) => sum + stake)
    const random = randomNumbers(20_261_121)
    for (const seats of [5, 9, 15, 31]) {
      let wrong = 0
      const games = 20_000
      for (let game = 0; game < games; game++) {
        let left = total / 3
        let against = 0
        for (const stake of shuffled(stakes, random)) {
          if (stake > left) continue
          left -= stake
          const share = (stake / total) * seats
          against += Math.floor(share) + (random() < share % 1 ? 1 : 0)
        }
        if (against > 0.6 * seats) wrong++
      }
      expect(wrong / games, `${seats} seats`).toBeLessThanOrEqual(chanceOfFalseVerdict({ ...committee, seats }))
    }
  })

  it('falls with more seats and rises with more colluding stake', () => {
    const part = fc.double({ min: 0.01, max: 0.55, noNaN: true })
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 500 }), part, part, (seats, a, b) => {
        const [less, more] = [Math.min(a, b), Math.max(a, b)]
        const chance = (changes: Partial<CommitteeOdds>) => chanceOfFalseVerdict({ ...committee, seats, ...changes })
        // Sums of many small numbers: their last digit is no matter.
        const atMost = (chance: number) => chance * (1 + 1e-12)
        expect(chance({ colluding: less })).toBeLessThanOrEqual(atMost(chance({ colluding: more })))
        expect(chance({ seats: seats + 1, colluding: a })).toBeLessThanOrEqual(atMost(chance({ colluding: a })))
      }),
    )
  })
})

/** mulberry32: small, and the same on every machine. */
function randomNumbers(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

function shuffled<T>(list: readonly T[], random: () => number): T[] {
  const copy = [...list]
  for (let i = copy.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1))
    ;[copy[i], copy[j]] = [copy[j] as T, copy[i] as T]
  }
  return copy
}
