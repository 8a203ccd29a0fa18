import { floorRational, multiplyRational, type Rational, rational } from '@millrace/base'
import {
  type GatewayBalances,
  minCredit,
  paymentOf,
  type StagedUpdate,
  type TicketBatch,
  ticketEv,
  validatePrice,
} from '@millrace/payments'
import { encodePaymentHeader, priceToRational } from '@millrace/wire'
import { noTicketParams, type PaidSession, type PaymentSource } from './payment-source.ts'

/** What is bought in one request: a segment, or an AI job. */
export type Purchase = {
  readonly paid: PaidSession
  /** The price that was agreed on first; a later one may not be more than twice as high. */
  readonly initialPrice: Rational | undefined
  /** What it costs at most at this price, in wei. */
  readonly feeAt: (price: Rational) => Rational
  readonly signal: AbortSignal
}

export type PreparedPayment = {
  /** The value of Livepeer-Payment. */
  readonly header: string | undefined
  readonly staged: StagedUpdate | undefined
  readonly price: Rational | undefined
  readonly batch: TicketBatch | undefined
  readonly tickets: number
  readonly expectedValueWei: bigint
}

export const NOT_PAID: PreparedPayment = {
  ...{ header: undefined, staged: undefined, price: undefined, batch: undefined },
  ...{ tickets: 0, expectedValueWei: 0n },
}

/** Sets credit aside for the fee and makes the tickets that are missing; what was staged must be settled by the caller. */
export async function pay(
  payer: PaymentSource,
  { paid, initialPrice, feeAt, signal }: Purchase,
  balances: GatewayBalances,
): Promise<PreparedPayment> {
  const { info, sessionId } = paid
  const { priceInfo } = info
  const price = priceInfo && priceToRational(priceInfo)
  validatePrice(price, initialPrice)
  if (!price || !priceInfo || price.num === 0n)
    return { ...NOT_PAID, header: encodePaymentHeader(paymentOf(payer.address, undefined, priceInfo)) }
  if (!info.ticketParams) throw noTicketParams()
  await payer.checkFunds({ signal })
  const ev = ticketEv(info.ticketParams)
  const credit = minCredit(feeAt(price), ev)
  const wanted = balances.stageUpdate({ orchestrator: info.address, sessionId }, { minCredit: credit, ev })
  try {
    const batch = wanted.tickets > 0 ? await payer.makeTickets(paid, wanted.tickets, { signal }) : undefined
    const tickets = batch?.tickets.length ?? 0
    const staged = { ...wanted, tickets, newCredit: multiplyRational(ev, rational(BigInt(tickets))) }
    return {
      header: encodePaymentHeader(paymentOf(payer.address, batch, priceInfo)),
      staged,
      price,
      batch,
      tickets,
      expectedValueWei: floorRational(staged.newCredit),
    }
  } catch (error) {
    balances.settle(wanted, { status: 'staged' })
    throw error
  }
}
