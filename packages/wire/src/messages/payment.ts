import type { BlockNumber, Hex, Round, Wei } from '@millrace/base'
import { addressFromBytes, addressToBytes } from '../address.ts'
import {
  checkCount,
  checkInt64,
  checkSignature,
  decodeMessage,
  encodeMessage,
  hashFromBytes,
  hashToBytes,
  required,
  uint256FromBytes,
  uint256ToBytes,
} from '../codec.ts'
import type { Address } from '../identifiers.ts'
import { MAX_TICKETS_PER_PAYMENT } from '../limits.ts'
import {
  PaymentSchema,
  type TicketExpirationParams as TicketExpirationParamsProto,
  type TicketParams as TicketParamsProto,
  type TicketSenderParams as TicketSenderParamsProto,
} from '../proto/generated/lp_rpc_pb.ts'
import { WireError } from '../wire-error.ts'
import { type PriceInfo, priceInfoFromProto, priceInfoToProto } from './priceInfo.ts'

/** The round in which a ticket was made; a ticket can be redeemed only while the chain remembers the round's block hash. */
export type TicketExpirationParams = {
  readonly creationRound: Round
  readonly creationRoundBlockHash: Hex
}

/** What a recipient asks tickets to look like. */
export type TicketParams = {
  readonly recipient: Address
  readonly faceValue: Wei
  /** Wins when a 256-bit number is below it. */
  readonly winProb: bigint
  readonly recipientRandHash: Hex
  /** With the recipient's secret it gives recipientRand again. */
  readonly seed: bigint
  /** L1 block from which these parameters are no longer accepted. */
  readonly expirationBlock: BlockNumber
  /** Present in OrchestratorInfo; left out inside a payment, which carries its own. */
  readonly expirationParams?: TicketExpirationParams
}

/** What differs between the tickets of one payment. */
export type TicketSenderParams = {
  readonly senderNonce: number
  readonly signature: Uint8Array
}

/** One ticket parameter set and the tickets made from it, or only the price a gateway expects. */
export type Payment = {
  readonly sender: Address
  readonly ticketParams?: TicketParams
  /** Always there when ticketParams is. */
  readonly expirationParams?: TicketExpirationParams
  readonly tickets: readonly TicketSenderParams[]
  readonly expectedPrice?: PriceInfo
}

/** Writes the Payment message; throws `missing_field` when ticket parameters come without expiration parameters. */
export function encodePayment(payment: Payment): Uint8Array {
  // Orchestrators of upstream read expiration_params without looking whether they are there.
  if (payment.ticketParams) required(payment.expirationParams, 'expiration_params')
  const { expirationParams: _, ...ticketParams } = payment.ticketParams ?? {}
  return encodeMessage(PaymentSchema, {
    ...(payment.ticketParams && { ticketParams: ticketParamsToProto(ticketParams as TicketParams) }),
    sender: addressToBytes(payment.sender),
    ...(payment.expirationParams && { expirationParams: expirationParamsToProto(payment.expirationParams) }),
    ticketSenderParams: checkCount(payment.tickets, 'ticket_sender_params', MAX_TICKETS_PER_PAYMENT).map(
      ticketSenderParamsToProto,
    ),
    ...(payment.expectedPrice && { expectedPrice: priceInfoToProto(payment.expectedPrice) }),
  })
}

/** Reads the Payment message; throws a WireError for anything that is not one. */
export function decodePayment(bytes: Uint8Array): Payment {
  const message = decodeMessage(PaymentSchema, bytes)
  const expirationParams = message.expirationParams && expirationParamsFromProto(message.expirationParams)
  if (message.ticketParams) required(expirationParams, 'expiration_params')
  if (!message.ticketParams && message.ticketSenderParams.length > 0)
    throw new WireError('missing_field', 'ticket_params is missing', { meta: { field: 'ticket_params' } })
  return {
    sender: addressFromBytes(message.sender),
    ...(message.ticketParams && { ticketParams: ticketParamsFromProto(message.ticketParams) }),
    ...(expirationParams && { expirationParams }),
    tickets: checkCount(message.ticketSenderParams, 'ticket_sender_params', MAX_TICKETS_PER_PAYMENT).map(
      ticketSenderParamsFromProto,
    ),
    ...(message.expectedPrice && { expectedPrice: priceInfoFromProto(message.expectedPrice) }),
  }
}

export const ticketParamsToProto = (params: TicketParams) => ({
  recipient: addressToBytes(params.recipient),
  faceValue: uint256ToBytes(params.faceValue, 'face_value'),
  winProb: uint256ToBytes(params.winProb, 'win_prob'),
  recipientRandHash: hashToBytes(params.recipientRandHash, 'recipient_rand_hash'),
  seed: uint256ToBytes(params.seed, 'seed'),
  expirationBlock: uint256ToBytes(params.expirationBlock, 'expiration_block'),
  ...(params.expirationParams && { expirationParams: expirationParamsToProto(params.expirationParams) }),
})

export const ticketParamsFromProto = (message: TicketParamsProto): TicketParams => ({
  recipient: addressFromBytes(message.recipient),
  faceValue: uint256FromBytes(message.faceValue, 'face_value'),
  winProb: uint256FromBytes(message.winProb, 'win_prob'),
  recipientRandHash: hashFromBytes(message.recipientRandHash, 'recipient_rand_hash'),
  seed: uint256FromBytes(message.seed, 'seed'),
  expirationBlock: uint256FromBytes(message.expirationBlock, 'expiration_block'),
  ...(message.expirationParams && { expirationParams: expirationParamsFromProto(message.expirationParams) }),
})

export const expirationParamsToProto = (params: TicketExpirationParams) => ({
  creationRound: checkInt64(params.creationRound, 'creation_round'),
  creationRoundBlockHash: hashToBytes(params.creationRoundBlockHash, 'creation_round_block_hash'),
})

export const expirationParamsFromProto = (message: TicketExpirationParamsProto): TicketExpirationParams => ({
  creationRound: checkInt64(message.creationRound, 'creation_round'),
  creationRoundBlockHash: hashFromBytes(message.creationRoundBlockHash, 'creation_round_block_hash'),
})

export const ticketSenderParamsToProto = (params: TicketSenderParams) => ({
  senderNonce: params.senderNonce,
  sig: checkSignature(params.signature, 'sig'),
})

export const ticketSenderParamsFromProto = (message: TicketSenderParamsProto): TicketSenderParams => ({
  senderNonce: message.senderNonce,
  signature: checkSignature(message.sig, 'sig'),
})
