import type { Wei } from '@millrace/base'
import { addressFromBytes, addressToBytes } from '../address.ts'
import { decodeMessage, encodeMessage, required, uint256FromBytes, uint256ToBytes } from '../codec.ts'
import type { Address } from '../identifiers.ts'
import {
  MaxFloatReqSchema,
  MaxFloatUpdateSchema,
  type Ticket as TicketProto,
  TicketSchema,
} from '../proto/generated/redeemer_pb.ts'
import {
  expirationParamsFromProto,
  expirationParamsToProto,
  type TicketExpirationParams,
  type TicketParams,
  type TicketSenderParams,
  ticketParamsFromProto,
  ticketParamsToProto,
  ticketSenderParamsFromProto,
  ticketSenderParamsToProto,
} from './payment.ts'

/** A winning ticket on its way from an orchestrator to its redeemer (TicketRedeemer/QueueTicket). */
export type QueueTicketRequest = {
  readonly ticketParams: TicketParams
  readonly sender: Address
  readonly expirationParams: TicketExpirationParams
  readonly senderParams: TicketSenderParams
  readonly recipientRand: bigint
}

export const encodeQueueTicketRequest = (request: QueueTicketRequest): Uint8Array =>
  encodeMessage(TicketSchema, {
    ticketParams: ticketParamsToProto(request.ticketParams),
    sender: addressToBytes(request.sender),
    expirationParams: expirationParamsToProto(request.expirationParams),
    senderParams: ticketSenderParamsToProto(request.senderParams),
    recipientRand: uint256ToBytes(request.recipientRand, 'recipient_rand'),
  })

export const decodeQueueTicketRequest = (bytes: Uint8Array): QueueTicketRequest =>
  queueTicketRequestFromProto(decodeMessage(TicketSchema, bytes))

export const queueTicketRequestFromProto = (message: TicketProto): QueueTicketRequest => ({
  ticketParams: ticketParamsFromProto(required(message.ticketParams, 'ticket_params')),
  sender: addressFromBytes(message.sender),
  expirationParams: expirationParamsFromProto(required(message.expirationParams, 'expiration_params')),
  senderParams: ticketSenderParamsFromProto(required(message.senderParams, 'sender_params')),
  recipientRand: uint256FromBytes(message.recipientRand, 'recipient_rand'),
})

/** Asks how much of a sender's funds the recipient may count on. */
export type MaxFloatRequest = { readonly sender: Address }

export const encodeMaxFloatRequest = (request: MaxFloatRequest): Uint8Array =>
  encodeMessage(MaxFloatReqSchema, { sender: addressToBytes(request.sender) })

export const decodeMaxFloatRequest = (bytes: Uint8Array): MaxFloatRequest => ({
  sender: addressFromBytes(decodeMessage(MaxFloatReqSchema, bytes).sender),
})

/** The answer, and each change of it. */
export type MaxFloatUpdate = { readonly maxFloat: Wei }

export const encodeMaxFloatUpdate = (update: MaxFloatUpdate): Uint8Array =>
  encodeMessage(MaxFloatUpdateSchema, { maxFloat: uint256ToBytes(update.maxFloat, 'max_float') })

export const decodeMaxFloatUpdate = (bytes: Uint8Array): MaxFloatUpdate => ({
  maxFloat: uint256FromBytes(decodeMessage(MaxFloatUpdateSchema, bytes).maxFloat, 'max_float'),
})
