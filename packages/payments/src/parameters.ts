import type { Wei } from '@millrace/base'

/** The numbers by which tickets are made and accepted on one network. */
export type PaymentParameters = {
  /** The expected value an orchestrator asks of one ticket (`-ticketEV`). */
  readonly ticketEvWei: Wei
  /** L1 blocks for which ticket parameters are accepted. */
  readonly paramsValidityBlocks: bigint
  /** Rounds after its creation round in which a ticket can still be redeemed (TicketBroker.ticketValidityPeriod). */
  readonly ticketValidityRounds: bigint
  /** How many times the cost of redeeming a winning ticket should be worth. */
  readonly txCostMultiplier: bigint
  /** Gas of redeemWinningTicket. */
  readonly redeemGas: bigint
  /** A gas price that is usual, against which a momentary peak is judged. */
  readonly avgGasPriceWei: Wei
  /** The most expected value a gateway gives in one ticket (`-maxTicketEV`). */
  readonly maxTicketEvWei: Wei
  /** The most expected value a gateway gives in one payment (`-maxTotalEV`). */
  readonly maxTotalEvWei: Wei
  /** A gateway's face value is at most its deposit divided by this (`-depositMultiplier`). */
  readonly depositMultiplier: bigint
  /** The largest face value an orchestrator asks for; undefined for no limit (`-maxFaceValue`). */
  readonly maxFaceValueWei?: Wei
}

/** What go-livepeer uses on Arbitrum, where redeeming costs more gas than on a chain of its own. */
export const arbitrumPaymentParameters: PaymentParameters = {
  ticketEvWei: 8_000_000_000n,
  paramsValidityBlocks: 40n,
  ticketValidityRounds: 2n,
  txCostMultiplier: 100n,
  redeemGas: 1_200_000n,
  avgGasPriceWei: 3_000_000_000n,
  maxTicketEvWei: 3_000_000_000_000n,
  maxTotalEvWei: 20_000_000_000_000n,
  depositMultiplier: 1n,
}

/** What go-livepeer uses on chains that are not Arbitrum. */
export const mainChainPaymentParameters: PaymentParameters = { ...arbitrumPaymentParameters, redeemGas: 350_000n }
