import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  bondingRate,
  delegatorYield,
  forecast,
  forecastRound,
  mintableTokens,
  mintedByReward,
  type NetworkEconomics,
  nextInflation,
  orchestratorYield,
  pendingFeesOf,
  pendingStakeOf,
  perc6,
  perc9,
  perc27,
  reserveShare,
  roundsPerYear,
  roundsUntilTreasuryCeiling,
  splitFees,
  splitReward,
  ticketPayout,
  unbondingSchedule,
  withdrawRoundOf,
} from './index.ts'

const LPT = 10n ** 18n
const amount = fc.bigInt(0n, 10n ** 26n)
const stake = fc.bigInt(1n, 10n ** 26n)
const cut6 = fc.bigInt(0n, perc6.whole)
const cut27 = fc.bigInt(0n, perc27.whole)

describe('percentages', () => {
  it('round down, twice where a fraction is given', () => {
    expect(perc6.of(999n, 500_000n)).toBe(499n)
    expect(perc9.part(1n, 3n)).toBe(333_333_333n)
    expect(perc9.ofFraction(3n * LPT, 1n, 3n)).toBe(999_999_999_000_000_000n)
    expect(perc27.ofFraction(3n * LPT, 1n, 3n)).toBe(LPT - 1n)
  })

  it('are valid from nothing to everything', () => {
    expect([0n, 1_000_000n, 1_000_001n, -1n].map((perc) => perc6.valid(perc))).toEqual([true, true, false, false])
  })

  it('come from numbers and go back to them', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1_000_000 }), (millionths) => {
        for (const scale of [perc6, perc9, perc27]) {
          const part = millionths / 1e6
          expect(scale.toNumber(scale.fromNumber(part) as never)).toBeCloseTo(part, 6)
        }
      }),
    )
    expect(() => perc6.fromNumber(1.01)).toThrow(RangeError)
    expect(() => perc6.fromNumber(Number.NaN)).toThrow(RangeError)
  })
})

describe('issuance', () => {
  const issuance = { supply: 1000n, bonded: 400n, inflation: 220_500n, inflationChange: 500n, targetBondingRate: 0n }

  it('moves inflation one step towards the target bonding rate', () => {
    expect(nextInflation({ ...issuance, targetBondingRate: 400_000_001n })).toBe(221_000n)
    expect(nextInflation({ ...issuance, targetBondingRate: 400_000_000n })).toBe(220_500n)
    expect(nextInflation({ ...issuance, targetBondingRate: 399_999_999n })).toBe(220_000n)
  })

  it('never goes below nothing', () => {
    expect(nextInflation({ ...issuance, inflation: 499n })).toBe(0n)
  })

  it('knows no bonding rate without a supply', () => {
    expect(bondingRate({ supply: 0n, bonded: 0n })).toBe(0n)
  })

  it('never mints more in a round than it allows, whoever has which stake', () => {
    fc.assert(
      fc.property(
        amount,
        fc.bigInt(0n, 10n ** 9n),
        fc.array(stake, { minLength: 1, maxLength: 20 }),
        (supply, inflation, stakes) => {
          const mintable = mintableTokens(supply, inflation)
          const bonded = stakes.reduce((a, b) => a + b)
          const minted = stakes.reduce((sum, one) => sum + mintedByReward(mintable, one, bonded), 0n)
          expect(minted <= mintable).toBe(true)
          expect(mintable - minted <= BigInt(stakes.length) * (mintable / perc9.whole + 2n)).toBe(true)
        },
      ),
    )
  })
})

describe('a reward', () => {
  it('goes to the treasury, to the orchestrator and to all stake, and nothing is lost', () => {
    fc.assert(
      fc.property(amount, stake, cut6, cut27, (minted, total, rewardCut, treasuryCut) => {
        const orchestrator = { stake: total, rewardCut, unclaimedRewards: 0n, rewardFactor: 0n }
        const split = splitReward(minted, orchestrator, treasuryCut)
        expect(split.treasury + split.commission + split.shared).toBe(minted)
        expect(split.stake).toBe(split.commission + split.shared)
        expect(split.unclaimed).toBe(split.commission)
      }),
    )
  })

  it('never gives those who share it more than there is', () => {
    const bonds = fc.array(fc.bigInt(1n, 10n ** 24n), { minLength: 1, maxLength: 8 })
    fc.assert(
      fc.property(bonds, fc.bigInt(0n, 10n ** 24n), cut6, (all, minted, rewardCut) => {
        const total = all.reduce((a, b) => a + b)
        const terms = { stake: total, rewardCut, unclaimedRewards: 0n, rewardFactor: 0n }
        const { rewardFactor, shared } = splitReward(minted, terms, 0n)
        const end = { rewardFactor, feeFactor: 0n }
        const start = { rewardFactor: 0n, feeFactor: 0n }
        const gains = all.map((bonded) => pendingStakeOf({ bonded, fees: 0n, start, end }) - bonded)
        expect(gains.reduce((a, b) => a + b) <= shared).toBe(true)
        for (const gain of gains) expect(gain >= 0n).toBe(true)
      }),
    )
  })
})

describe('a fee', () => {
  it('goes to the orchestrator and to all stake, and nobody gets more than there is', () => {
    fc.assert(
      fc.property(amount, stake, cut6, (fees, total, feeShare) => {
        const orchestrator = { stake: total, feeShare, unclaimedRewards: 0n, rewardFactor: 0n, feeFactor: 0n }
        const split = splitFees(fees, orchestrator)
        expect(split.own + split.shared).toBe(fees)
        const start = { rewardFactor: 0n, feeFactor: 0n }
        const end = { rewardFactor: 0n, feeFactor: split.feeFactor }
        expect(pendingFeesOf({ bonded: total, fees: 0n, start, end }) <= split.shared).toBe(true)
      }),
    )
  })

  it('of three quarters for delegators leaves one quarter', () => {
    const orchestrator = { stake: 100n, feeShare: 750_000n, unclaimedRewards: 0n, rewardFactor: 0n, feeFactor: 0n }
    expect(splitFees(1000n, orchestrator)).toMatchObject({ own: 250n, shared: 750n })
  })
})

describe('a forecast', () => {
  const network = {
    supply: 1_000_000n * LPT,
    stakes: [300_000n * LPT, 100_000n * LPT],
    inflation: 220_500n,
    inflationChange: 500n,
    targetBondingRate: 500_000_000n,
    treasuryCut: perc27.whole / 10n,
    treasuryBalance: 0n,
    treasuryCeiling: 60n * LPT,
  }

  it('keeps all that is minted in stakes and treasury', () => {
    let before: NetworkEconomics = network
    let rounds = 0
    for (const round of forecast(network)) {
      const held = (state: NetworkEconomics) => state.stakes.reduce((a, b) => a + b, 0n) + state.treasuryBalance
      expect(held(round) - held(before)).toBe(round.minted)
      expect(round.supply - before.supply).toBe(round.minted)
      before = round
      if (++rounds === 50) break
    }
  })

  it('ends the treasury’s part in the round after a reward call saw the ceiling reached', () => {
    // About 22 LPT a round: in the third the first reward passes 60, and the second one sees it.
    expect(roundsUntilTreasuryCeiling(network)).toBe(3)
    const rounds = []
    for (const round of forecast(network)) if (rounds.push(round) === 5) break
    expect(rounds.map(({ toTreasury }) => toTreasury > 0n)).toEqual([true, true, true, false, false])
  })

  it('goes on for ever without a ceiling', () => {
    expect(roundsUntilTreasuryCeiling({ ...network, treasuryCeiling: 0n }, 100)).toBeUndefined()
  })

  it('holds where nobody is bonded', () => {
    expect(forecastRound({ ...network, stakes: [] })).toMatchObject({ minted: 0n, inflation: 221_000n })
  })
})

describe('a year', () => {
  const time = { roundLength: 6377n, blockSeconds: 12 }
  const terms = { ...time, mintable: 220n * LPT, bonded: 400_000n * LPT, treasuryCut: 0n, rewardCut: 0n }

  it('has 412 whole rounds on Arbitrum One', () => {
    expect(roundsPerYear(time)).toBe(412)
  })

  it('earns a delegator more when it is staked again, and less after cuts', () => {
    const plain = delegatorYield(terms)
    expect(perc27.toNumber(plain.perRound)).toBeCloseTo(0.00055, 9)
    expect(perc27.toNumber(plain.apr)).toBeCloseTo(0.2266, 6)
    expect(perc27.toNumber(plain.apy)).toBeCloseTo(1.00055 ** 412 - 1, 9)
    const cut = delegatorYield({ ...terms, treasuryCut: perc27.whole / 10n, rewardCut: 250_000n })
    expect(perc27.toNumber(cut.perRound)).toBeCloseTo(0.00055 * 0.9 * 0.75, 9)
  })

  it('earns an orchestrator the cut of everybody’s stake on top', () => {
    const own = orchestratorYield({ ...terms, rewardCut: 250_000n, ownStake: LPT, totalStake: 10n * LPT })
    expect(perc27.toNumber(own.perRound)).toBeCloseTo(0.00055 * 0.75 + 0.00055 * 10 * 0.25, 9)
    const alone = orchestratorYield({ ...terms, rewardCut: 250_000n, ownStake: LPT, totalStake: LPT })
    expect(perc27.toNumber(alone.perRound)).toBeCloseTo(0.00055, 12)
  })

  it('earns nothing where nothing is bonded', () => {
    expect(delegatorYield({ ...terms, bonded: 0n })).toEqual({ perRound: 0n, apr: 0n, apy: 0n })
  })
})

describe('a reserve', () => {
  const view = { fundsRemaining: 900n, claimedInCurrentRound: 100n, claimedByMe: 40n, poolSize: 4n, active: true }

  it('gives every orchestrator of the pool the same share of what it had when the round began', () => {
    expect(reserveShare(view)).toBe(210n)
    expect(reserveShare({ ...view, active: false })).toBe(0n)
    expect(reserveShare({ ...view, poolSize: 0n })).toBe(0n)
    expect(reserveShare({ ...view, claimedByMe: 251n })).toBe(0n)
  })

  it('pays what the deposit does not, up to the share', () => {
    expect(ticketPayout(50n, 60n, view)).toBe(50n)
    expect(ticketPayout(160n, 60n, view)).toBe(160n)
    expect(ticketPayout(1000n, 60n, view)).toBe(270n)
  })
})

describe('unbonding', () => {
  it('tells when each lock opens, the first one first', () => {
    const now = { currentRound: 100n, blocksToNextRound: 10n, roundLength: 60n, blockSeconds: 1 }
    const locks = [
      { id: 0n, amount: 5n, withdrawRound: withdrawRoundOf(99n, 7n) },
      { id: 1n, amount: 6n, withdrawRound: 101n },
      { id: 2n, amount: 7n, withdrawRound: 100n },
    ]
    expect(unbondingSchedule(locks, now)).toEqual([
      { ...locks[2], withdrawable: true, roundsLeft: 0n, blocksLeft: 0n, secondsLeft: 0 },
      { ...locks[1], withdrawable: false, roundsLeft: 1n, blocksLeft: 10n, secondsLeft: 10 },
      { ...locks[0], withdrawable: false, roundsLeft: 6n, blocksLeft: 310n, secondsLeft: 310 },
    ])
  })
})
