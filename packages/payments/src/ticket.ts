import {
  type BlockNumber,
  bigintToFixed,
  concatBytes,
  fromHex,
  type Hex,
  keccak256,
  type Rational,
  type Round,
  rational,
  toHex,
  type Wei,
} from '@millrace/base'
import {
  type Address,
  addressToBytes,
  type ManifestId,
  type QueueTicketRequest,
  type SessionId,
  type TicketExpirationParams,
  type TicketParams,
} from '@millrace/wire'

/** The largest winning probability; a ticket with it always wins but for one number in 2^256. */
export const MAX_WIN_PROB = (1n << 256n) - 1n

const ZERO_HASH: Hex = `0x${'00'.repeat(32)}`

/** A promise to pay the face value if the ticket wins. */
export type Ticket = {
  readonly recipient: Address
  readonly sender: Address
  readonly faceValue: Wei
  readonly winProb: bigint
  readonly senderNonce: number
  readonly recipientRandHash: Hex
  readonly creationRound: Round
  readonly creationRoundBlockHash: Hex
  /** L1 block from which the sender can no longer make tickets of these parameters; not part of the hash. */
  readonly paramsExpirationBlock: BlockNumber
}

/** A ticket with what proves that it won; what `redeemWinningTicket` takes. */
export type SignedTicket = {
  readonly ticket: Ticket
  readonly signature: Uint8Array
  readonly recipientRand: bigint
}

/** The segment that a ticket paid for, kept as evidence. */
export type TicketOrigin = {
  readonly manifestId: ManifestId
  readonly seq?: number
  readonly sessionId?: SessionId
}

/** A winning ticket on its way to redemption; `hash` names it. */
export type WinningTicket = SignedTicket & { readonly hash: Hex; readonly origin?: TicketOrigin }

/** Round and block hash in 32 bytes each; nothing at all when both are zero (pm spec, auxData). */
export function ticketAuxData(params: TicketExpirationParams): Uint8Array {
  if (params.creationRound === 0n && params.creationRoundBlockHash === ZERO_HASH) return new Uint8Array(0)
  return concatBytes(bigintToFixed(params.creationRound, 32), fromHex(params.creationRoundBlockHash))
}

/** The hash a sender signs and the chain remembers: keccak256 of the tightly packed fields (pm spec, ticket hash). */
export function ticketHash(ticket: Ticket): Uint8Array {
  return keccak256(
    addressToBytes(ticket.recipient),
    addressToBytes(ticket.sender),
    bigintToFixed(ticket.faceValue, 32),
    bigintToFixed(ticket.winProb, 32),
    bigintToFixed(BigInt(ticket.senderNonce), 32),
    fromHex(ticket.recipientRandHash),
    ticketAuxData(ticket),
  )
}

/** The expected value of a ticket in wei, exact: faceValue × winProb / (2^256 − 1). */
export const ticketEv = (params: { readonly faceValue: Wei; readonly winProb: bigint }): Rational =>
  rational(params.faceValue * params.winProb, MAX_WIN_PROB)

/** keccak256 of recipientRand in 32 bytes, the commitment a ticket carries. */
export const recipientRandHash = (recipientRand: bigint): Hex => toHex(keccak256(bigintToFixed(recipientRand, 32)))

/** The ticket that one sender nonce makes of ticket parameters. */
export const ticketOf = (
  params: TicketParams,
  by: { readonly sender: Address; readonly senderNonce: number; readonly expirationParams: TicketExpirationParams },
): Ticket => ({
  recipient: params.recipient,
  sender: by.sender,
  faceValue: params.faceValue,
  winProb: params.winProb,
  senderNonce: by.senderNonce,
  recipientRandHash: params.recipientRandHash,
  creationRound: by.expirationParams.creationRound,
  creationRoundBlockHash: by.expirationParams.creationRoundBlockHash,
  paramsExpirationBlock: params.expirationBlock,
})

/** A signed ticket with its hash and what it paid for. */
export const winningTicket = (signed: SignedTicket, origin?: TicketOrigin): WinningTicket => ({
  ...signed,
  hash: toHex(ticketHash(signed.ticket)),
  ...(origin && { origin }),
})

/** The message by which a winning ticket goes to a remote redeemer. */
export const queueTicketRequestOf = ({ ticket, signature, recipientRand }: SignedTicket): QueueTicketRequest => ({
  ticketParams: {
    recipient: ticket.recipient,
    faceValue: ticket.faceValue,
    winProb: ticket.winProb,
    recipientRandHash: ticket.recipientRandHash,
    seed: 0n,
    expirationBlock: ticket.paramsExpirationBlock,
  },
  sender: ticket.sender,
  expirationParams: {
    creationRound: ticket.creationRound,
    creationRoundBlockHash: ticket.creationRoundBlockHash,
  },
  senderParams: { senderNonce: ticket.senderNonce, signature },
  recipientRand,
})

/** The winning ticket that a remote orchestrator hands to a redeemer. */
export const winningTicketOf = (request: QueueTicketRequest): WinningTicket =>
  winningTicket({
    ticket: ticketOf(request.ticketParams, {
      sender: request.sender,
      senderNonce: request.senderParams.senderNonce,
      expirationParams: request.expirationParams,
    }),
    signature: request.senderParams.signature,
    recipientRand: request.recipientRand,
  })
