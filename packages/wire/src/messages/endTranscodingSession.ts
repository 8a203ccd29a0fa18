import { decodeMessage, encodeMessage, required } from '../codec.ts'
import {
  type EndTranscodingSessionRequest as EndTranscodingSessionRequestProto,
  EndTranscodingSessionRequestSchema,
} from '../proto/generated/lp_rpc_pb.ts'
import { type AuthToken, authTokenFromProto, authTokenToProto } from './authToken.ts'

/** A gateway gives a session back; the answer is empty. */
export type EndTranscodingSessionRequest = { readonly authToken: AuthToken }

export const encodeEndTranscodingSessionRequest = (request: EndTranscodingSessionRequest): Uint8Array =>
  encodeMessage(EndTranscodingSessionRequestSchema, { authToken: authTokenToProto(request.authToken) })

export const decodeEndTranscodingSessionRequest = (bytes: Uint8Array): EndTranscodingSessionRequest =>
  endTranscodingSessionRequestFromProto(decodeMessage(EndTranscodingSessionRequestSchema, bytes))

export const endTranscodingSessionRequestFromProto = (
  message: EndTranscodingSessionRequestProto,
): EndTranscodingSessionRequest => ({ authToken: authTokenFromProto(required(message.authToken, 'auth_token')) })
