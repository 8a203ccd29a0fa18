import { bigintToBytes, bytesToBigint, fromHex, toHex } from '@millrace/base'
import {
  addressFromBytes,
  addressToBytes,
  decodeGoJson,
  encodeGoJson,
  type PriceInfo,
  type TicketParams,
} from '@millrace/wire'
import { z } from 'zod'
import { ComputeError } from '../compute-error.ts'

/** What an orchestrator tells a gateway that asks for a capability: its price, how to pay, and how much room there is. */
export type JobToken = {
  /** Who asked, as the orchestrator understood it. */
  readonly sender: JobSender | undefined
  readonly ticketParams: TicketParams | undefined
  /** What the gateway has left for this capability, in whole wei. */
  readonly balanceWei: bigint
  /** Wei a second. */
  readonly price: PriceInfo
  readonly serviceUri: string
  readonly availableCapacity: number
}

/** An account, and its signature of its own address. */
export type JobSender = { readonly addr: string; readonly sig: string }

const int = z.union([z.int(), z.bigint()])
const bytes = z
  .base64()
  .max(100)
  .nullish()
  .transform((text): Uint8Array => new Uint8Array(Buffer.from(text ?? '', 'base64')))
const hash = bytes.refine((value) => value.length === 32, '32 bytes are expected')
const Token = z.object({
  sender_address: z.object({ addr: z.string().max(100), sig: z.string().max(200) }).nullish(),
  ticket_params: z
    .object({
      recipient: bytes.refine((value) => value.length === 20, '20 bytes are expected'),
      face_value: bytes,
      win_prob: bytes,
      recipient_rand_hash: hash,
      seed: bytes,
      expiration_block: bytes,
      expiration_params: z.object({ creation_round: int.nullish(), creation_round_block_hash: hash }).nullish(),
    })
    .nullish(),
  balance: int.nullish(),
  price: z.object({ pricePerUnit: int.nullish(), pixelsPerUnit: int.nullish() }).nullish(),
  service_addr: z.string().max(500).nullish(),
  available_capacity: z.int().nullish(),
})

/** The body of the answer to `GET /process/token`, in the names of go-livepeer. */
export function encodeJobToken(token: JobToken): string {
  const { ticketParams: params, price } = token
  return encodeGoJson({
    sender_address: token.sender,
    ticket_params: params && {
      recipient: base64(addressToBytes(params.recipient)),
      face_value: base64(bigintToBytes(params.faceValue)),
      win_prob: base64(bigintToBytes(params.winProb)),
      recipient_rand_hash: base64(fromHex(params.recipientRandHash)),
      seed: base64(bigintToBytes(params.seed)),
      expiration_block: base64(bigintToBytes(params.expirationBlock)),
      expiration_params: params.expirationParams && {
        creation_round: params.expirationParams.creationRound,
        creation_round_block_hash: base64(fromHex(params.expirationParams.creationRoundBlockHash)),
      },
    },
    balance: token.balanceWei,
    price: { pricePerUnit: price.pricePerUnit, pixelsPerUnit: price.pixelsPerUnit },
    service_addr: token.serviceUri,
    available_capacity: token.availableCapacity,
  })
}

/** Reads a token; a field that Go leaves out is zero. Throws `compute_bad_request`. */
export function decodeJobToken(text: string): JobToken {
  let json: unknown
  try {
    json = decodeGoJson(text)
  } catch (cause) {
    throw new ComputeError('compute_bad_request', 'the token of an orchestrator is not JSON', { cause })
  }
  const { data, error } = Token.safeParse(json)
  if (error) {
    const [issue] = error.issues
    throw new ComputeError(
      'compute_bad_request',
      `the token of an orchestrator: ${issue?.path.join('.')}: ${issue?.message}`,
    )
  }
  const params = data.ticket_params
  const expiration = params?.expiration_params
  return {
    sender: data.sender_address ?? undefined,
    ticketParams: params
      ? {
          recipient: addressFromBytes(params.recipient),
          faceValue: bytesToBigint(params.face_value),
          winProb: bytesToBigint(params.win_prob),
          recipientRandHash: toHex(params.recipient_rand_hash),
          seed: bytesToBigint(params.seed),
          expirationBlock: bytesToBigint(params.expiration_block),
          ...(expiration && {
            expirationParams: {
              creationRound: BigInt(expiration.creation_round ?? 0),
              creationRoundBlockHash: toHex(expiration.creation_round_block_hash),
            },
          }),
        }
      : undefined,
    balanceWei: BigInt(data.balance ?? 0),
    price: {
      pricePerUnit: BigInt(data.price?.pricePerUnit ?? 0),
      pixelsPerUnit: BigInt(data.price?.pixelsPerUnit ?? 1),
    },
    serviceUri: data.service_addr ?? '',
    availableCapacity: data.available_capacity ?? 0,
  }
}

const base64 = (value: Uint8Array): string => Buffer.from(value).toString('base64')
