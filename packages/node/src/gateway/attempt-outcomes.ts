import { errorText, type Log, MillraceError } from '@millrace/base'
import { isSenderValidationError } from '@millrace/payments'
import { type Address, isNonRetryableTranscodeError, type ManifestId, type TellEvent } from '@millrace/wire'
import type { HedgeLedger } from './hedge-ledger.ts'
import type { OrchestratorBook } from './orchestrator-book.ts'
import { WRONG_PICTURES } from './picture-checks.ts'
import type { GatewaySession, SessionPool } from './session-pool.ts'
import { isSignerFault } from './signer-payments.ts'

/** What one attempt has cost so far, in wei. */
export type Spent = { sentWei: bigint; debitedWei: bigint | undefined }

export type AttemptOutcomesDeps = {
  readonly book: OrchestratorBook
  readonly hedges: HedgeLedger
  readonly sessions: Pick<SessionPool, 'drop'>
  readonly tell: TellEvent
  readonly log: Log
}

/** An attempt that did not end well. */
export type FailedAttempt = {
  readonly seq: number
  readonly attempt: number
  readonly traceparent: string
  readonly session: GatewaySession
  readonly error: unknown
  readonly begunMs: number
}

/** What a failure says of the orchestrator: `stale` is cured by a fresh session, `innocent` is not its fault. */
export type Blame = 'innocent' | 'stale' | 'cheated' | 'failed'

/** Draws the consequences of attempts that did not deliver: who is told, who is left alone for a while, what was spent for nothing. */
export class AttemptOutcomes {
  readonly #manifestId: ManifestId
  readonly #deps: AttemptOutcomesDeps

  constructor(manifestId: ManifestId, deps: AttemptOutcomesDeps) {
    this.#manifestId = manifestId
    this.#deps = deps
  }

  /** Somebody else was first: what was sent stays as credit, what was worked for is spent twice. */
  lostHedge(seq: number, winner: Address | undefined, session: GatewaySession, spent: Spent): void {
    const { hedges, tell } = this.#deps
    const orchestrator = session.info.address
    if (spent.debitedWei === undefined) hedges.lost(session.sessionId, spent.sentWei)
    else hedges.wasted(spent.debitedWei)
    const creditWei = spent.debitedWei === undefined ? spent.sentWei : 0n
    if (winner)
      tell({
        type: 'segment_hedged',
        manifestId: this.#manifestId,
        seq,
        winner,
        loser: orchestrator,
        creditWei: creditWei.toString(),
      })
    if (spent.debitedWei !== undefined && spent.debitedWei > 0n) this.spentTwice(session, spent.debitedWei)
  }

  spentTwice({ info, sessionId }: GatewaySession, amountWei: bigint): void {
    this.#deps.tell({
      type: 'duplicate_spent',
      manifestId: this.#manifestId,
      orchestrator: info.address,
      sessionId,
      amountWei: amountWei.toString(),
    })
  }

  failed({ seq, attempt, traceparent, session, error, begunMs }: FailedAttempt): Blame {
    const { tell, log, sessions } = this.#deps
    const manifestId = this.#manifestId
    const orchestrator = session.info.address
    const code = error instanceof MillraceError ? error.code : 'failed'
    const message = errorText(error)
    log.warn('an orchestrator did not deliver', { manifestId, seq, orchestrator, attempt, code, error: message })
    tell({
      type: 'segment_attempt_failed',
      manifestId,
      seq,
      orchestrator,
      orchestratorUri: session.serviceUri,
      code,
      message,
      traceparent,
    })
    if (isNotTranscodable(error)) return 'innocent'
    if (isSenderValidationError(error) || isSignerFault(error)) {
      const fix = isSenderValidationError(error) ? '; fund its deposit and reserve' : ''
      tell({ type: 'warning', code, message: `this gateway cannot pay: ${message}${fix}` })
      return 'innocent'
    }
    sessions.drop(session)
    // A session that only ran out of date is simply opened anew; an orchestrator that failed is left alone for a while.
    if (STALE.has(code)) return 'stale'
    if (code === WRONG_PICTURES) {
      this.cheated(session, error)
      return 'cheated'
    }
    this.suspend(session, error, begunMs)
    return 'failed'
  }

  suspend(session: GatewaySession, error: unknown, begunMs: number): void {
    this.#tellSuspended(session, error, this.#deps.book.failed(session.serviceUri, begunMs))
  }

  cheated(session: GatewaySession, error: unknown): void {
    this.#tellSuspended(session, error, this.#deps.book.cheated(session.serviceUri))
  }

  #tellSuspended(session: GatewaySession, error: unknown, ms: number): void {
    this.#deps.tell({
      type: 'orchestrator_suspended',
      orchestrator: session.info.address,
      reason: `${errorText(error)} (left alone for ${Math.round(ms / 1000)} s)`,
    })
  }
}

export const isNotTranscodable = (error: unknown): boolean => isNonRetryableTranscodeError(errorText(error))

/** Failures that a fresh session cures: secrets of a restarted orchestrator, expired parameters, used-up nonces, ledgers that differ. */
const STALE = new Set(['session_stale', 'ticket_params_expired', 'too_many_nonces', 'insufficient_balance'])
