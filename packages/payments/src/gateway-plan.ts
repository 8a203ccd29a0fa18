import { ceilRational, multiplyRational, type Pixels, type Rational, rational, type Wei } from '@millrace/base'
import type { VideoProfile } from '@millrace/wire'
import type { PaymentParameters } from './parameters.ts'
import { faceValue, txCost } from './winProb.ts'

const SECONDS_PER_HOUR = 3_600
const HOURS_PER_DAY = 24

/** A deposit this many times what is being redeemed leaves the whole share of the reserve to the next ticket (pm spec, max float). */
const DEPOSIT_COVER = 3n

/** What a gateway is going to do, and the network where it does it. */
export type GatewayPlanInput = {
  /** Live streams at once. */
  readonly streams: number
  /** How long they run a day, above 0, at most 24. */
  readonly hoursPerDay: number
  /** Days for which the deposit is to last. */
  readonly days: number
  readonly ladder: readonly Pick<VideoProfile, 'width' | 'height' | 'fps' | 'fpsDen'>[]
  /** Frames per second of the source, for renditions that keep them. */
  readonly sourceFps: number
  readonly segmentMs: number
  /** Wei per pixel. */
  readonly price: Rational
  readonly gasPriceWei: Wei
  /** Active orchestrators: each may claim an equal share of the reserve. */
  readonly activeOrchestrators: bigint
  readonly parameters: PaymentParameters
}

/** What that costs, and what must lie in the TicketBroker for it. */
export type GatewayPlan = {
  /** Pixels of all renditions of one stream in a second. */
  readonly pixelsPerSecond: Rational
  readonly feePerSegmentWei: Wei
  /** What redeeming one winning ticket costs an orchestrator. */
  readonly redemptionWei: Wei
  readonly faceValueWei: Wei
  readonly ticketEvWei: Wei
  /** One ticket in this many wins. */
  readonly ticketsPerWin: Rational
  readonly ticketsPerSegment: Rational
  readonly ticketsPerDay: bigint
  readonly winningTicketsPerDay: Rational
  /** The expected spending of a day. */
  readonly burnPerDayWei: Wei
  /** The most winning tickets that a run of bad luck brings in the days of the plan; more come less than once in 200 times. */
  readonly unluckyWins: bigint
  readonly reserveWei: Wei
  /** Below this much deposit somebody should be told. */
  readonly lowBalanceWei: Wei
  readonly depositWei: Wei
  /** True when a payment for one segment needs more expected value than -maxTotalEV allows. */
  readonly exceedsMaxTotalEv: boolean
}

/**
 * What a gateway must put into the TicketBroker, and what it spends, all rounded up to whole wei.
 * Sources: pm spec, ticket parameters (face value), reserve (equal shares of all active orchestrators) and max float.
 * Throws RangeError for a number of streams, hours, days or orchestrators that is not above 0.
 */
export function planGateway(input: GatewayPlanInput): GatewayPlan {
  requireAboveZero(input)
  const { parameters, price, days } = input
  const { ticketEvWei } = parameters
  const perSecond = pixelsPerSecond(input)
  const feeOfSeconds = (seconds: Rational) => multiplyRational(multiplyRational(perSecond, seconds), price)
  const feePerSegment = feeOfSeconds(decimal(input.segmentMs / 1000))
  const secondsPerDay = multiplyRational(
    rational(BigInt(input.streams) * BigInt(SECONDS_PER_HOUR)),
    decimal(input.hoursPerDay),
  )
  const burnPerDay = feeOfSeconds(secondsPerDay)
  // A sender whose reserve is no limit is asked for this face value.
  const value = faceValue(parameters, { gasPriceWei: input.gasPriceWei, maxFloat: UNLIMITED })
  const winsPerDay = multiplyRational(burnPerDay, rational(1n, value))
  const ticketsPerDay = ceilRational(multiplyRational(burnPerDay, rational(1n, ticketEvWei)))
  const lasting = decimal(days)
  const tickets = ceilRational(multiplyRational(rational(ticketsPerDay), lasting))
  const unlucky = min(unluckyWins(multiplyRational(winsPerDay, lasting)), tickets)
  const unluckyDay = min(unluckyWins(winsPerDay), ticketsPerDay)
  const lowBalanceWei = max(
    max(DEPOSIT_COVER, parameters.depositMultiplier) * value,
    burnPerDay.num === 0n ? 0n : unluckyDay * value,
  )
  const ticketsPerSegment = multiplyRational(feePerSegment, rational(1n, ticketEvWei))
  return {
    pixelsPerSecond: perSecond,
    feePerSegmentWei: ceilRational(feePerSegment),
    redemptionWei: txCost(parameters, input.gasPriceWei),
    faceValueWei: value,
    ticketEvWei,
    ticketsPerWin: rational(value, ticketEvWei),
    ticketsPerSegment,
    ticketsPerDay,
    winningTicketsPerDay: winsPerDay,
    burnPerDayWei: ceilRational(burnPerDay),
    unluckyWins: unlucky,
    reserveWei: input.activeOrchestrators * value,
    lowBalanceWei,
    depositWei: lowBalanceWei + unlucky * value,
    exceedsMaxTotalEv: ceilRational(ticketsPerSegment) * ticketEvWei > parameters.maxTotalEvWei,
  }
}

/**
 * A number of winning tickets that is exceeded less than once in 200 times where so many are expected: ⌈w⌉ + 3·⌈√w⌉.
 * Tickets win independently and rarely, so their number follows a Poisson law. Nothing is expected of nothing.
 */
export function unluckyWins(expected: Rational): bigint {
  const whole = ceilRational(expected)
  return whole + 3n * ceilSqrt(whole)
}

/** Pixels of all renditions in a second of video. */
function pixelsPerSecond({ ladder, sourceFps }: GatewayPlanInput): Rational {
  const pixels = ladder.map(({ width, height, fps, fpsDen }): Rational => {
    const picture: Pixels = BigInt(width) * BigInt(height)
    const rate = fps === 0 ? decimal(sourceFps) : rational(BigInt(fps), BigInt(fpsDen || 1))
    return multiplyRational(rational(picture), rate)
  })
  return pixels.reduce((sum, { num, den }) => rational(sum.num * den + num * sum.den, sum.den * den), rational(0n))
}

const DECIMALS = 1_000_000

/** A number of people, with six decimals. */
const decimal = (value: number): Rational => rational(BigInt(Math.round(value * DECIMALS)), BigInt(DECIMALS))

const UNLIMITED: Wei = 1n << 255n

function requireAboveZero(input: GatewayPlanInput): void {
  const { streams, hoursPerDay, days, segmentMs, sourceFps, activeOrchestrators } = input
  if (!Number.isSafeInteger(streams) || streams < 1) throw new RangeError(`${streams} streams: expected 1 or more`)
  if (!(hoursPerDay > 0 && hoursPerDay <= HOURS_PER_DAY))
    throw new RangeError(`${hoursPerDay} hours a day: expected above 0, at most 24`)
  for (const [name, value] of Object.entries({ days, segmentMs, sourceFps }))
    if (!(value > 0 && Number.isFinite(value))) throw new RangeError(`${name} is ${value}: expected above 0`)
  if (activeOrchestrators < 1n) throw new RangeError('a plan needs one active orchestrator or more')
}

/** The smallest whole number whose square is not below the value. */
function ceilSqrt(value: bigint): bigint {
  if (value <= 1n) return value
  let root = 1n << BigInt((value.toString(2).length + 1) >> 1)
  for (;;) {
    const next = (root + value / root) >> 1n
    if (next >= root) break
    root = next
  }
  return root * root === value ? root : root + 1n
}

const min = (a: bigint, b: bigint): bigint => (a < b ? a : b)
const max = (a: bigint, b: bigint): bigint => (a > b ? a : b)
