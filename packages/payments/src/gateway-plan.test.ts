import { compareRational, rational } from '@millrace/base'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type GatewayPlanInput, planGateway, unluckyWins } from './gateway-plan.ts'
import { arbitrumPaymentParameters, type PaymentParameters } from './parameters.ts'
import { maxFloatOf, reserveAllocation } from './senderMonitor.ts'
import { faceValue } from './winProb.ts'

const P240 = { width: 426, height: 240, fps: 30, fpsDen: 1 }
const P720 = { width: 1280, height: 720, fps: 0, fpsDen: 1 }

const usual: GatewayPlanInput = {
  streams: 20,
  hoursPerDay: 24,
  days: 7,
  ladder: [P240, P720],
  sourceFps: 30,
  segmentMs: 2_000,
  price: rational(1_000n),
  gasPriceWei: 100_000_000n,
  activeOrchestrators: 100n,
  parameters: arbitrumPaymentParameters,
}

const plans = fc.record({
  streams: fc.integer({ min: 1, max: 10_000 }),
  hoursPerDay: fc.double({ min: 0.01, max: 24, noNaN: true }),
  days: fc.integer({ min: 1, max: 90 }),
  ladder: fc.constantFrom([P240], [P720], [P240, P720]),
  sourceFps: fc.constantFrom(24, 30, 60),
  segmentMs: fc.integer({ min: 500, max: 10_000 }),
  price: fc.tuple(fc.bigInt(0n, 10_000n), fc.bigInt(1n, 1_000_000n)).map(([num, den]) => rational(num, den)),
  gasPriceWei: fc.bigInt(0n, 10n ** 12n),
  activeOrchestrators: fc.bigInt(1n, 1_000n),
  parameters: fc
    .bigInt(1n, 10n ** 12n)
    .map((ticketEvWei): PaymentParameters => ({ ...arbitrumPaymentParameters, ticketEvWei })),
})

const property = (holds: (plan: ReturnType<typeof planGateway>, input: GatewayPlanInput) => void) =>
  fc.assert(fc.property(plans, (input) => holds(planGateway(input), input)))

describe("a gateway's plan", () => {
  it('shows the numbers of the formulas', () => {
    const plan = planGateway(usual)
    // 426 × 240 × 30 + 1280 × 720 × 30
    expect(plan.pixelsPerSecond).toEqual(rational(30_715_200n))
    expect(plan.feePerSegmentWei).toBe(61_430_400_000n)
    expect(plan.burnPerDayWei).toBe(30_715_200_000n * 86_400n * 20n)
    // 1,200,000 gas at 0.1 gwei, and a hundred times that.
    expect(plan.redemptionWei).toBe(120_000_000_000_000n)
    expect(plan.faceValueWei).toBe(12_000_000_000_000_000n)
    expect(plan.ticketsPerWin).toEqual(rational(1_500_000n))
    expect(plan.reserveWei).toBe(1_200_000_000_000_000_000n)
    expect(plan.exceedsMaxTotalEv).toBe(false)
  })

  it('keeps the fees that tickets are worth equal to the fees that are due, up to one ticket', () =>
    property((plan, { parameters }) => {
      const worth = plan.ticketsPerDay * parameters.ticketEvWei
      expect(worth).toBeGreaterThanOrEqual(plan.burnPerDayWei - 1n)
      expect(worth - plan.burnPerDayWei).toBeLessThan(parameters.ticketEvWei + 1n)
    }))

  it('has a reserve of which every active orchestrator may ask the full face value, while another one is redeemed too', () =>
    property((plan, { activeOrchestrators: poolSize, parameters, gasPriceWei }) => {
      const reserve = { fundsRemaining: plan.reserveWei, claimedInCurrentRound: 0n }
      const allocation = reserveAllocation(reserve, { poolSize, claimedByMe: 0n })
      const maxFloat = maxFloatOf({ allocation, deposit: plan.lowBalanceWei, pending: plan.faceValueWei })
      expect(faceValue(parameters, { gasPriceWei, maxFloat })).toBe(plan.faceValueWei)
    }))

  it('has no smaller reserve for which that holds', () =>
    property((plan, { activeOrchestrators: poolSize }) => {
      const reserve = { fundsRemaining: plan.reserveWei - 1n, claimedInCurrentRound: 0n }
      expect(reserveAllocation(reserve, { poolSize, claimedByMe: 0n })).toBeLessThan(plan.faceValueWei)
    }))

  it('has a deposit that pays the expected burn of all its days and is then still above the low-balance level', () =>
    property((plan, { days }) => {
      expect(plan.depositWei - plan.lowBalanceWei).toBeGreaterThanOrEqual(
        plan.burnPerDayWei * BigInt(days) - BigInt(days),
      )
      expect(plan.lowBalanceWei).toBeGreaterThanOrEqual(3n * plan.faceValueWei)
    }))

  it('never costs less with one stream more', () =>
    property((plan, input) => {
      const more = planGateway({ ...input, streams: input.streams + 1 })
      expect(more.burnPerDayWei).toBeGreaterThanOrEqual(plan.burnPerDayWei)
      expect(more.depositWei).toBeGreaterThanOrEqual(plan.depositWei)
      expect(more.reserveWei).toBe(plan.reserveWei)
    }))

  it('is refused without streams, hours, days or orchestrators', () => {
    const wrong: readonly Partial<GatewayPlanInput>[] = [
      { streams: 0 },
      { streams: 1.5 },
      { hoursPerDay: 0 },
      { hoursPerDay: 25 },
      { days: 0 },
      { segmentMs: Number.NaN },
      { activeOrchestrators: 0n },
    ]
    for (const part of wrong) expect(() => planGateway({ ...usual, ...part })).toThrow(RangeError)
  })
})

describe('bad luck', () => {
  it.each([0.001, 0.1, 0.5, 0.99, 1, 1.01, 2, 3.5, 5, 10, 33, 100, 400])(
    'of %s expected winners is exceeded less than once in 200 times',
    (mean) => {
      const most = Number(unluckyWins(rational(BigInt(Math.round(mean * 1000)), 1000n)))
      let term = Math.exp(-mean)
      let sum = term
      for (let k = 1; k <= most; k++) {
        term *= mean / k
        sum += term
      }
      expect(1 - sum).toBeLessThan(1 / 200)
    },
  )

  it('is nothing where nothing is expected, and never below what is expected', () => {
    expect(unluckyWins(rational(0n))).toBe(0n)
    fc.assert(
      fc.property(fc.bigInt(0n, 10n ** 30n), fc.bigInt(1n, 10n ** 20n), (num, den) => {
        const expected = rational(num, den)
        expect(compareRational(rational(unluckyWins(expected)), expected)).toBeGreaterThanOrEqual(0)
      }),
    )
  })
})
