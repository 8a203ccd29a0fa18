export {
  BALANCE_TTL_MS,
  Balances,
  type Debit,
  GatewayBalances,
  type StagedUpdate,
  type UpdateOutcome,
} from './balance.ts'
export {
  DEVNET_AI_PRICES,
  DEVNET_DEPOSIT_WEI,
  DEVNET_GAS_PRICE_WEI,
  DEVNET_LIVE_AI_PRICE,
  DEVNET_PRICE_PER_BYTE,
  DEVNET_PRICE_PER_PIXEL,
  DEVNET_RESERVE_WEI,
  DEVNET_SEGMENT_PIXELS,
  DEVNET_SEGMENT_SECONDS,
  DEVNET_SOURCE_FPS,
  devnetPaymentParameters,
} from './devnet-parameters.ts'
export { isSenderValidationError, TicketError, type TicketErrorCode } from './errors.ts'
export { ESTIMATE_MARGIN, estimateFee, estimatePixels, feeOf, minCredit, ticketsNeeded } from './fees.ts'
export { type GatewayPlan, type GatewayPlanInput, planGateway, unluckyWins } from './gateway-plan.ts'
export { MemoryTicketStore } from './memory-ticket-store.ts'
export { MemoryNonceTable } from './nonce-table.ts'
export { arbitrumPaymentParameters, mainChainPaymentParameters, type PaymentParameters } from './parameters.ts'
export {
  type Call,
  FINAL_REDEMPTION_CODES,
  type GasPrices,
  type HmacSha256,
  type NonceClaim,
  type NonceEntry,
  type NonceTable,
  type RedemptionOutcome,
  type RoundClock,
  type SenderInfo,
  type SenderReserves,
  type StoredTicket,
  type TicketBroker,
  type TicketSigner,
  type TicketState,
  type TicketStore,
} from './ports.ts'
export {
  autoAdjustPrice,
  PricePolicy,
  type PricePolicyDeps,
  type PricePolicyOptions,
  priceFromFixed,
  priceToFixed,
  tokenAmountToFixed,
  validatePrice,
} from './price.ts'
export { ANY_MODEL, PriceCeilings } from './price-ceilings.ts'
export {
  type ReceivedPayment,
  type ReceivedTicket,
  TicketRecipient,
  type TicketRecipientDeps,
  type TicketRecipientOptions,
} from './recipient.ts'
export { RedemptionQueue, type RedemptionQueueDeps, type RedemptionQueueOptions } from './redemptionQueue.ts'
export { paymentOf, type TicketBatch, TicketSender, type TicketSenderDeps, type TicketSessionId } from './sender.ts'
export { maxFloatOf, reserveAllocation, SenderMonitor, type SenderMonitorDeps } from './senderMonitor.ts'
export {
  MAX_WIN_PROB,
  queueTicketRequestOf,
  recipientRandHash,
  type SignedTicket,
  type Ticket,
  type TicketOrigin,
  ticketAuxData,
  ticketEv,
  ticketHash,
  ticketOf,
  type WinningTicket,
  winningTicket,
  winningTicketOf,
} from './ticket.ts'
export { TicketValidator } from './validator.ts'
export { effectiveTxCostMultiplier, faceValue, isWinning, txCost, winningValue, winProb } from './winProb.ts'
