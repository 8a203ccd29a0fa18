import { type FallbackReason, type NodeEventOf, PEER_ERROR } from '@millrace/wire'

/** go-livepeer's names for what ends a segment at which nobody delivered. */
export const LOST_ERROR_CODES: Readonly<Record<FallbackReason, string>> = {
  no_orchestrator: 'NoOrchestrators',
  deadline: 'LostSegment',
  all_failed: 'MaxAttempts',
  not_transcodable: 'NonRetryable',
}

const BY_CODE: Readonly<Record<string, string>> = {
  peer_timeout: 'Timeout',
  deadline: 'Timeout',
  session_stale: 'SessionEnded',
  ticket_params_expired: 'SessionEnded',
  too_many_nonces: 'SessionEnded',
  segment_refused: 'UnknownResponse',
  mismatched_segments: 'ParseResponse',
  rendition_missing: 'Download',
  rendition_url_refused: 'Download',
  transcode_failed: 'Transcode',
  not_transcodable: 'NonRetryable',
}

/** Words of a peer's answer that have a name of their own. */
const BY_TEXT: readonly (readonly [string, string])[] = [
  [PEER_ERROR.orchestratorBusy, 'OrchestratorBusy'],
  [PEER_ERROR.orchestratorCapped, 'OrchestratorCapped'],
  [PEER_ERROR.insufficientBalance, 'InsufficientBalance'],
]

/** go-livepeer's name for why one orchestrator did not deliver; never the peer's own words, which could be anything. */
export function attemptErrorCode({ code, message }: NodeEventOf<'segment_attempt_failed'>): string {
  return BY_TEXT.find(([words]) => message.includes(words))?.[1] ?? BY_CODE[code] ?? 'Unknown'
}

const REFUSALS = new Set<string>(Object.values(PEER_ERROR))

/** Why an orchestrator refused a segment: a text of the protocol, or Unknown. */
export const refusalCode = (text: string): string => (REFUSALS.has(text) ? text.replace(/ /g, '') : 'Unknown')
