import { type Rational, rational, type Wei } from '@millrace/base'
import { DEFAULT_LADDER } from '@millrace/wire'
import { mainChainPaymentParameters, type PaymentParameters } from './parameters.ts'

// The network on a laptop uses upstream's formulas; only numbers are chosen, each from the one before it.

/** The chain's gas price; the base fee is 0. */
export const DEVNET_GAS_PRICE_WEI: Wei = 1n

/** One ticket in this many wins. */
const TICKETS_PER_WIN = 10n

/** Redeeming costs redeemGas × gas price, and a winning ticket is worth txCostMultiplier times that, as upstream has it. */
const faceValueWei =
  mainChainPaymentParameters.redeemGas * DEVNET_GAS_PRICE_WEI * mainChainPaymentParameters.txCostMultiplier

/** Seconds and source frame rate of the segments these numbers are made for. */
export const DEVNET_SEGMENT_SECONDS = 2
export const DEVNET_SOURCE_FPS = 30

/** Pixels of all renditions of one such segment with the default ladder. */
export const DEVNET_SEGMENT_PIXELS: bigint = DEFAULT_LADDER.reduce(
  (sum, { width, height }) => sum + BigInt(width * height * DEVNET_SOURCE_FPS * DEVNET_SEGMENT_SECONDS),
  0n,
)

/** Tickets that the fee of one segment comes to, rounded down; a little more than the 4 that are promised. */
const TICKETS_PER_SEGMENT = 5n

/** Ticket parameters on the laptop's chain: about one ticket in ten wins, and they are valid for 10 blocks. */
export const devnetPaymentParameters: PaymentParameters = {
  ...mainChainPaymentParameters,
  ticketEvWei: faceValueWei / TICKETS_PER_WIN,
  paramsValidityBlocks: 10n,
  avgGasPriceWei: DEVNET_GAS_PRICE_WEI,
}

/** The price that makes a segment cost that many tickets: 1 wei for a whole number of pixels, rounded in the orchestrator's favour. */
export const DEVNET_PRICE_PER_PIXEL: Rational = rational(
  1n,
  DEVNET_SEGMENT_PIXELS / (TICKETS_PER_SEGMENT * devnetPaymentParameters.ticketEvWei),
)

/** Serving viewers costs a ticket for each megabyte, so that a minute of watching shows some. Wei per byte. */
export const DEVNET_PRICE_PER_BYTE: Rational = rational(devnetPaymentParameters.ticketEvWei, 1_000_000n)

/** What AI jobs cost on the laptop, in wei a unit: so much work is worth a ticket that a job shows a few. */
export const DEVNET_AI_PRICES: Readonly<Record<'pixel' | 'millisecond' | 'token' | 'character', Rational>> = {
  pixel: rational(devnetPaymentParameters.ticketEvWei, 50_000n),
  millisecond: rational(devnetPaymentParameters.ticketEvWei, 1_000n),
  token: rational(devnetPaymentParameters.ticketEvWei, 50n),
  character: rational(devnetPaymentParameters.ticketEvWei, 20n),
}

/** Live video is worth a ticket every two seconds; its units are the pixels of 720p at 30 pictures a second. */
export const DEVNET_LIVE_AI_PRICE: Rational = rational(
  devnetPaymentParameters.ticketEvWei,
  2n * 1280n * 720n * BigInt(DEVNET_SOURCE_FPS),
)

/** What the laptop's gateway puts into the TicketBroker; its reserve, shared by 100 orchestrators, still covers a face value many times. */
export const DEVNET_DEPOSIT_WEI: Wei = 10n * 10n ** 18n
export const DEVNET_RESERVE_WEI: Wei = 10n * 10n ** 18n
