import { randomBytes } from 'node:crypto'
import { type Clock, errorText, hasCode, type Log, MillraceError, type Rational, toHex } from '@millrace/base'
import { isSenderValidationError } from '@millrace/payments'
import {
  type Address,
  type CommitmentDomain,
  type FallbackReason,
  isNonRetryableTranscodeError,
  type ManifestId,
  type SessionId,
  type SignedSegmentCommitment,
  type TellEvent,
  type VideoProfile,
} from '@millrace/wire'
import type { OrchestratorBook } from './orchestrator-book.ts'
import type { SelectionWeights } from './selection.ts'
import { type GatewaySession, SessionPool } from './session-pool.ts'
import { type SubmitDeps, submitSegment } from './submit.ts'

/** A complete source segment that is to be transcoded. */
export type SourceSegment = {
  readonly manifestId: ManifestId
  readonly seq: number
  readonly data: Uint8Array
  readonly hash: Uint8Array
  readonly durationMs: number
  readonly container: 'mpegts' | 'mp4'
}

/** What was bought for one segment. */
export type BoughtSegment = {
  readonly orchestrator: Address
  readonly orchestratorUri?: string
  /** As it tells it with its capabilities. */
  readonly orchestratorVersion?: string | undefined
  readonly sessionId: SessionId
  /** In the order of the ladder. */
  readonly renditions: readonly Uint8Array[]
  readonly pixels: bigint
  readonly feeWei: bigint
  readonly tickets: number
  /** The ledger of the session stayed at zero or above. */
  readonly paid: boolean
  readonly commitment: SignedSegmentCommitment | undefined
  readonly traceparent: string
}

export type BuyerOptions = {
  readonly ladder: readonly VideoProfile[]
  readonly maxAttempts: number
  readonly maxPricePerPixel: Rational | undefined
  readonly weights?: SelectionWeights
  readonly domain: CommitmentDomain | undefined
}

export type BuyerDeps = Omit<SubmitDeps, 'session'> & {
  readonly book: OrchestratorBook
  readonly keepCommitment: (signed: SignedSegmentCommitment) => void
  readonly tell: TellEvent
  readonly clock: Clock
  readonly log: Log
  readonly random: () => number
}

/** Buys the transcoding of one stream's segments: chooses an orchestrator, pays it, checks what it delivers, and goes on to the next when it fails. */
export class SegmentBuyer {
  readonly #options: BuyerOptions
  readonly #deps: BuyerDeps
  readonly #sessions: SessionPool

  constructor(options: BuyerOptions, deps: BuyerDeps) {
    this.#options = options
    this.#deps = deps
    this.#sessions = new SessionPool(options, deps)
  }

  /** Never rejects: when nobody delivers it says why. */
  async buy(
    segment: SourceSegment,
    options: { readonly signal: AbortSignal },
  ): Promise<BoughtSegment | { readonly lost: FallbackReason }> {
    const { tell, log, book } = this.#deps
    const { manifestId, seq } = segment
    const traceparent = `00-${randomBytes(16).toString('hex')}-${randomBytes(8).toString('hex')}-01`
    const tried = new Set<string>()
    for (let attempt = 1; attempt <= this.#options.maxAttempts; attempt++) {
      if (options.signal.aborted) return { lost: 'deadline' }
      const session = await this.#sessions.take({ exclude: tried, signal: options.signal })
      if (!session) break
      tried.add(session.serviceUri)
      try {
        const bought = await this.#attempt(segment, session, attempt, traceparent, options.signal)
        book.succeeded(session.serviceUri)
        return bought
      } catch (error) {
        if (options.signal.aborted) return { lost: 'deadline' }
        const orchestrator = session.info.address
        const code = error instanceof MillraceError ? error.code : 'failed'
        log.warn('an orchestrator did not deliver', {
          manifestId,
          seq,
          orchestrator,
          attempt,
          code,
          error: errorText(error),
        })
        tell({
          type: 'segment_attempt_failed',
          manifestId,
          seq,
          orchestrator,
          code,
          message: errorText(error),
          traceparent,
        })
        if (isNonRetryableTranscodeError(errorText(error)) || hasCode(error, 'not_transcodable'))
          return { lost: 'not_transcodable' }
        if (isSenderValidationError(error)) {
          tell({
            type: 'warning',
            code,
            message: `this gateway cannot pay: ${errorText(error)}; fund its deposit and reserve`,
          })
          return { lost: 'no_orchestrator' }
        }
        this.#sessions.drop(session)
        // A session that only ran out of date is simply opened anew; an orchestrator that failed is left alone for a while.
        if (STALE.has(code)) tried.delete(session.serviceUri)
        else {
          const ms = book.failed(session.serviceUri)
          tell({
            type: 'orchestrator_suspended',
            orchestrator,
            reason: `${errorText(error)} (left alone for ${Math.round(ms / 1000)} s)`,
          })
        }
      } finally {
        this.#sessions.giveBack(session)
      }
    }
    return { lost: tried.size === 0 ? 'no_orchestrator' : 'all_failed' }
  }

  /** Gives all sessions back to their orchestrators. */
  async close(): Promise<void> {
    await this.#sessions.close()
  }

  async #attempt(
    segment: SourceSegment,
    session: GatewaySession,
    attempt: number,
    traceparent: string,
    signal: AbortSignal,
  ): Promise<BoughtSegment> {
    const { tell, book, clock, keepCommitment } = this.#deps
    const { manifestId, seq, durationMs } = segment
    const began = clock.now()
    const { result, renditions, pixels } = await submitSegment(
      {
        segment: { ...segment, hash: toHex(segment.hash) },
        ladder: this.#options.ladder,
        domain: this.#options.domain,
        traceparent,
        signal,
      },
      {
        ...this.#deps,
        session,
        submitted: ({ tickets, expectedValueWei }) =>
          tell({
            type: 'segment_submitted',
            manifestId,
            seq,
            orchestrator: session.info.address,
            orchestratorUri: session.serviceUri,
            sessionId: session.sessionId,
            attempt,
            tickets,
            expectedValueWei: expectedValueWei.toString(),
            traceparent,
          }),
      },
    )
    book.measured(session.serviceUri, (clock.now() - began) / Math.max(1_500, durationMs))
    if (result.commitment) keepCommitment(result.commitment)
    return {
      orchestrator: session.info.address,
      orchestratorUri: session.serviceUri,
      orchestratorVersion: session.info.capabilities?.version,
      sessionId: session.sessionId,
      renditions,
      pixels,
      feeWei: result.feeWei,
      tickets: result.tickets,
      paid: result.paid,
      commitment: result.commitment,
      traceparent,
    }
  }
}

/** Failures that a fresh session cures: secrets of a restarted orchestrator, expired parameters, used-up nonces. */
const STALE = new Set(['session_stale', 'ticket_params_expired', 'too_many_nonces'])
