import { checkInt64, checkText, int64ToNumber, numberToInt64 } from '../codec.ts'
import { type SessionId, sessionId } from '../identifiers.ts'
import { MAX_ID_BYTES } from '../limits.ts'
import type { AuthToken as AuthTokenProto } from '../proto/generated/lp_rpc_pb.ts'
import { WireError } from '../wire-error.ts'

/** What an orchestrator hands a gateway for one session; opaque to the gateway. */
export type AuthToken = {
  /** HMAC-SHA256 of session id and expiration under the orchestrator's secret. */
  readonly token: Uint8Array
  readonly sessionId: SessionId
  /** Seconds since the Unix epoch. */
  readonly expiration: number
}

/** Seconds for which an orchestrator's token is valid. */
export const AUTH_TOKEN_VALIDITY_S = 1800

/**
 * True when the session should be refreshed before the next segment:
 * the token is in the last tenth of its life, as upstream's gateways count it.
 */
export const authTokenNeedsRefresh = (token: AuthToken, nowS: number): boolean =>
  nowS >= token.expiration - AUTH_TOKEN_VALIDITY_S / 10

/**
 * For how many seconds a gateway may use a token that it was given just now, by its own clock, before it refreshes the session.
 * A token that says it has run out already, or lasts longer than any does, shows that the two clocks disagree: it was fresh when it was given.
 */
export function freshAuthTokenValidS(token: AuthToken, nowS: number): number {
  const margin = AUTH_TOKEN_VALIDITY_S / 10
  const left = token.expiration - nowS
  return (left <= margin || left > AUTH_TOKEN_VALIDITY_S ? AUTH_TOKEN_VALIDITY_S : left) - margin
}

export const authTokenToProto = (token: AuthToken) => ({
  token: token.token,
  sessionId: checkText(token.sessionId, 'session_id', MAX_ID_BYTES),
  expiration: checkInt64(numberToInt64(token.expiration, 'expiration'), 'expiration'),
})

export function authTokenFromProto(message: AuthTokenProto): AuthToken {
  if (message.token.length > 64)
    throw new WireError('wrong_length', `the auth token has ${message.token.length} bytes, at most 64`)
  return {
    token: message.token,
    sessionId: sessionId(checkText(message.sessionId, 'session_id', MAX_ID_BYTES)),
    expiration: int64ToNumber(message.expiration, 'expiration'),
  }
}
