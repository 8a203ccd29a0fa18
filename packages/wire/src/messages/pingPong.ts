import { decodeMessage, encodeMessage } from '../codec.ts'
import { PingPongSchema } from '../proto/generated/lp_rpc_pb.ts'

/** A value to be signed, and in the answer its signature. */
export type PingPong = { readonly value: Uint8Array }

export const encodePingPong = (ping: PingPong): Uint8Array => encodeMessage(PingPongSchema, { value: ping.value })

export const decodePingPong = (bytes: Uint8Array): PingPong => ({ value: decodeMessage(PingPongSchema, bytes).value })
