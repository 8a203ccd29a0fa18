import { bigintToFixed, bytesToBigint, keccak256, type Rational, rational, type Wei } from '@millrace/base'
import { TicketError } from './errors.ts'
import type { PaymentParameters } from './parameters.ts'
import { MAX_WIN_PROB } from './ticket.ts'

/** When redeeming costs next to nothing a winning ticket is still worth this many expected values. */
const EV_FLOOR_MULTIPLIER = 100n

/** What redeeming one ticket costs at a gas price. */
export const txCost = (parameters: Pick<PaymentParameters, 'redeemGas'>, gasPriceWei: Wei): Wei =>
  parameters.redeemGas * gasPriceWei

/**
 * The face value to ask of a sender: worth many times its redemption, and no more than the sender's funds cover.
 * Throws `insufficient_sender_reserve` when that leaves too little (pm spec, ticket parameters).
 */
export function faceValue(
  parameters: PaymentParameters,
  now: { readonly gasPriceWei: Wei; readonly maxFloat: Wei },
): Wei {
  const { ticketEvWei, maxFaceValueWei } = parameters
  const cost = txCost(parameters, now.gasPriceWei)
  let value = cost * parameters.txCostMultiplier
  if (value < ticketEvWei) value = ticketEvWei * EV_FLOOR_MULTIPLIER
  if (value > now.maxFloat) value = now.maxFloat
  if (maxFaceValueWei !== undefined && maxFaceValueWei > 0n && value > maxFaceValueWei) value = maxFaceValueWei

  const usualCost = txCost(parameters, parameters.avgGasPriceWei)
  if (value < ticketEvWei || (value < cost && value < usualCost))
    throw new TicketError('insufficient_sender_reserve', 'insufficient sender reserve', {
      meta: { faceValue: value, maxFloat: now.maxFloat, txCost: cost },
    })
  return value
}

/** The probability, out of 2^256 − 1, at which a ticket of this face value has the expected value. */
export function winProb(faceValueWei: Wei, evWei: Wei): bigint {
  if (faceValueWei === 0n) return 0n
  if (faceValueWei === evWei) return MAX_WIN_PROB
  const whole = MAX_WIN_PROB / faceValueWei
  const rest = MAX_WIN_PROB % faceValueWei
  // Upstream looks at the low 64 bits of the remainder only; peers compute it so.
  const up = BigInt.asUintN(64, rest) !== 0n
  return evWei * (up ? whole + 1n : whole)
}

/** True when keccak256(signature ‖ recipientRand) is below the winning probability (pm spec, winning tickets). */
export const isWinning = (signature: Uint8Array, recipientRand: bigint, probability: bigint): boolean =>
  winningValue(signature, recipientRand) < probability

/** The number that decides whether a ticket wins. */
export const winningValue = (signature: Uint8Array, recipientRand: bigint): bigint =>
  bytesToBigint(keccak256(signature, bigintToFixed(recipientRand, 32)))

/** How many times its redemption a winning ticket is worth; undefined when redeeming is free. */
export const effectiveTxCostMultiplier = (faceValueWei: Wei, costWei: Wei): Rational | undefined =>
  costWei > 0n ? rational(faceValueWei, costWei) : undefined
