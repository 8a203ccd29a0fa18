import { randomBytes } from 'node:crypto'
import { type Clock, hasCode, type Log, MillraceError, toHex } from '@millrace/base'
import type { PictureCount, PictureJudge } from '@millrace/media'
import { isSenderValidationError } from '@millrace/payments'
import type {
  Address,
  CommitmentDomain,
  FallbackReason,
  ManifestId,
  SessionId,
  SignedSegmentCommitment,
  TellEvent,
  VideoProfile,
} from '@millrace/wire'
import { AttemptOutcomes, isNotTranscodable, type Spent } from './attempt-outcomes.ts'
import { type Attempt, HEDGE_LOST, runAttempts } from './attempts.ts'
import type { ChoiceLog } from './explain.ts'
import { FastVerification, type Whom } from './fast-verification.ts'
import type { HedgeLedger } from './hedge-ledger.ts'
import { giveUpMs, hedgeAfterMs, paceMs } from './lateness.ts'
import { LiveBuyer, type LiveOptions, type LivePurchase, type LiveSource } from './live-buyer.ts'
import type { OrchestratorBook } from './orchestrator-book.ts'
import { type PictureChecks, WRONG_PICTURES } from './picture-checks.ts'
import { boughtFrom, watchSpending } from './purchase-events.ts'
import { type GatewaySession, SessionPool, type SessionPoolOptions } from './session-pool.ts'
import { isSignerFault } from './signer-payments.ts'
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
  /** Where those are that lie in the gateway's object store already. */
  readonly stored?: readonly (string | undefined)[]
  /** True when the renditions came in parts: then they are CMAF, with pictures only. */
  readonly live?: true
  readonly pixels: bigint
  readonly feeWei: bigint
  readonly tickets: number
  /** The ledger of the session stayed at zero or above. */
  readonly paid: boolean
  readonly commitment: SignedSegmentCommitment | undefined
  readonly traceparent: string
}

export type BuyerOptions = SessionPoolOptions & {
  readonly manifestId: ManifestId
  readonly ladder: readonly VideoProfile[]
  readonly maxAttempts: number
  /** When everybody has failed at a segment, they are asked once more after so long; not at all when undefined. */
  readonly againAfterMs?: number | undefined
  /** Above 0, and where both trusted and other orchestrators are there, results are compared with a trusted one's (wire spec 6.7). */
  readonly verificationFreq?: number | undefined
  readonly domain: CommitmentDomain | undefined
}

export type BuyerDeps = Omit<SubmitDeps, 'session' | 'submitted' | 'debited'> & {
  readonly book: OrchestratorBook
  readonly hedges: HedgeLedger
  readonly choices: ChoiceLog
  readonly pictures: Pick<PictureChecks, 'check'>
  /** Is told of results that were signed and are other than asked for: the evidence of a dispute. */
  readonly lied?: ((lie: SignedLie) => void) | undefined
  /** Compares results with a trusted one's; without it that is not done. */
  readonly judge?: Pick<PictureJudge, 'match'> | undefined
  readonly perfScore?: ((orchestrator: Address, serviceUri: string) => number | undefined) | undefined
  readonly keepCommitment: (signed: SignedSegmentCommitment) => void
  readonly tell: TellEvent
  readonly clock: Clock
  readonly log: Log
  readonly random: () => number
}

/** What an orchestrator signed, and what it signed for, where that is other than what was asked. */
export type SignedLie = {
  readonly commitment: SignedSegmentCommitment
  readonly source: Uint8Array
  readonly profiles: readonly VideoProfile[]
  readonly renditions: readonly Uint8Array[]
}

/** A result with what its bytes hold, for comparison with others of the same segment. */
export type ComparableResult = {
  readonly bought: BoughtSegment
  readonly pictures: readonly PictureCount[]
  readonly serviceUri: string
}

/** One segment on its way through its attempts. */
type Purchase = {
  readonly segment: SourceSegment
  readonly traceparent: string
  /** Who was asked, by service URI. */
  readonly tried: Set<string>
  /** Who showed something else. */
  readonly cheats: Set<string>
  /** Orchestrators that have it now. */
  asked: number
  /** Who delivered first. */
  winner?: Address
  /** Only one of these is asked, once, and video signatures are asked for. */
  readonly only?: ((session: GatewaySession) => boolean) | undefined
}

/**
 * Buys the transcoding of one stream's segments: chooses an orchestrator, pays it, checks what it delivers, and goes on to the next when it fails.
 * When a result is late a second orchestrator is asked, and the first good result wins.
 */
export class SegmentBuyer {
  readonly #options: BuyerOptions
  readonly #deps: BuyerDeps
  readonly #sessions: SessionPool
  readonly #outcomes: AttemptOutcomes
  readonly #live: LiveBuyer
  readonly #fast: FastVerification | undefined
  #taking: Promise<unknown> = Promise.resolve()

  constructor(options: BuyerOptions, deps: BuyerDeps) {
    this.#options = options
    this.#deps = deps
    const onCreditLost = (session: GatewaySession, amountWei: bigint) => this.#outcomes.spentTwice(session, amountWei)
    this.#sessions = new SessionPool(options, { ...deps, onCreditLost })
    this.#outcomes = new AttemptOutcomes(options.manifestId, { ...deps, sessions: this.#sessions })
    const { verificationFreq = 0, ladder } = options
    this.#fast = verificationFreq > 0 ? new FastVerification({ freq: verificationFreq, ladder }) : undefined
    this.#live = new LiveBuyer(options, { ...deps, sessions: this.#sessions, outcomes: this.#outcomes })
  }

  /** Sessions that could take a segment at once; two or more while a spare is there. */
  get ready(): number {
    return this.#sessions.ready
  }

  /** Never rejects: when nobody delivers it says why. */
  async buy(
    segment: SourceSegment,
    options: { readonly signal: AbortSignal },
  ): Promise<BoughtSegment | { readonly lost: FallbackReason }> {
    const { clock, hedges } = this.#deps
    const traceparent = `00-${randomBytes(16).toString('hex')}-${randomBytes(8).toString('hex')}-01`
    const purchase: Purchase = { segment, traceparent, tried: new Set(), cheats: new Set(), asked: 0 }
    if (options.signal.aborted) return { lost: 'deadline' }
    const verified = await this.#buyVerified(purchase, options.signal)
    if (verified) return verified
    if (options.signal.aborted) return { lost: 'deadline' }
    const result = await runAttempts<BoughtSegment>(
      { maxAttempts: this.#options.maxAttempts, giveUpMs: giveUpMs(segment.durationMs), signal: options.signal },
      {
        clock,
        run: (attempt) => this.#attempt(purchase, attempt),
        mayHedge: () => hedges.mayHedge(),
        isFinal: (error) => isNotTranscodable(error) || isSenderValidationError(error) || isSignerFault(error),
      },
    )
    if ('won' in result) return result.won
    if (options.signal.aborted || result.lost === 'deadline') return { lost: 'deadline' }
    if (isNotTranscodable(result.error)) return { lost: 'not_transcodable' }
    if (result.lost === 'nobody' || isSenderValidationError(result.error) || isSignerFault(result.error))
      return { lost: 'no_orchestrator' }
    return { lost: 'all_failed' }
  }

  /** Buys a segment while it arrives; undefined when nobody takes such ones, so that it must be bought when it is complete. */
  buyLive(segment: LiveSource, options: LiveOptions): LivePurchase | undefined {
    // Parts go to viewers at once, before anything could be compared.
    if (this.#fast) return undefined
    return this.#live.begin(segment, options)
  }

  /** Gives all sessions back to their orchestrators. */
  async close(): Promise<void> {
    await this.#sessions.close()
  }

  /** By fast verification; undefined when it is not asked for, or nobody whom it could use delivered. */
  async #buyVerified(purchase: Purchase, signal: AbortSignal): Promise<BoughtSegment | undefined> {
    const { judge, log, random, tell } = this.#deps
    const fast = this.#fast
    if (!fast || !judge || !(await this.#canVerify())) return undefined
    const { segment, traceparent, tried, cheats } = purchase
    const within = AbortSignal.any([signal, AbortSignal.timeout(giveUpMs(segment.durationMs))])
    const sessions = new Map<ComparableResult, GatewaySession>()
    const result = await fast.buy({
      judge,
      log,
      random,
      buyFrom: async (whom) => {
        // Each is a purchase of its own: nobody loses a race here, and all are paid.
        const only = (session: GatewaySession) => isWanted(whom, session)
        const one: Purchase = { segment, traceparent, tried, cheats, asked: 0, only }
        const attempt: Attempt = { number: 1, signal: within, late: () => {}, answered: () => {} }
        const made = await this.#attemptFully(one, attempt).catch(() => undefined)
        if (!made) return undefined
        const { session, ...comparable } = made
        sessions.set(comparable, session)
        return comparable
      },
      mismatch: (made, fault) => {
        cheats.add(made.serviceUri)
        const session = sessions.get(made)!
        this.#sessions.drop(session)
        this.#outcomes.cheated(session, new MillraceError(WRONG_PICTURES, fault))
      },
    })
    if (result) tell({ type: 'fast_verified', manifestId: segment.manifestId, seq: segment.seq, traceparent })
    return result?.bought
  }

  /** Where all are trusted, or none, nobody could be compared. */
  async #canVerify(): Promise<boolean> {
    try {
      const entries = await this.#deps.book.entries()
      return entries.some(({ trusted }) => trusted) && !entries.every(({ trusted }) => trusted)
    } catch {
      return false
    }
  }

  /** Those that are asked at once are chosen one after the other, so that none is asked twice. */
  #takeInTurn(purchase: Purchase, attempt: Attempt): Promise<GatewaySession | undefined> {
    const taken = this.#taking.then(async () => {
      const session = await this.#take(purchase, attempt)
      if (session) purchase.tried.add(session.serviceUri)
      return session
    })
    this.#taking = taken.catch(() => {})
    return taken
  }

  /** One orchestrator, chosen and asked; undefined when nobody is left. */
  async #attempt(purchase: Purchase, attempt: Attempt): Promise<BoughtSegment | undefined> {
    return (await this.#attemptFully(purchase, attempt))?.bought
  }

  async #attemptFully(
    purchase: Purchase,
    attempt: Attempt,
  ): Promise<(ComparableResult & { readonly session: GatewaySession }) | undefined> {
    const session = purchase.only
      ? await this.#takeInTurn(purchase, attempt)
      : ((await this.#take(purchase, attempt)) ?? (await this.#takeAgain(purchase, attempt)))
    if (!session) return undefined
    const { serviceUri } = session
    purchase.tried.add(serviceUri)
    purchase.asked++
    const lateness = this.#watchLateness(purchase, session, attempt)
    const spent: Spent = { sentWei: 0n, debitedWei: undefined }
    const began = this.#deps.clock.elapsed()
    try {
      const { bought, pictures } = await this.#submit(purchase, session, attempt, spent)
      // How long our own look at it takes is not the orchestrator's fault.
      lateness.end()
      attempt.answered()
      this.#deps.book.measured(serviceUri, (this.#deps.clock.elapsed() - began) / paceMs(purchase.segment.durationMs))
      const { segment } = purchase
      await this.#check(segment, bought, pictures, serviceUri)
      attempt.signal.throwIfAborted()
      this.#deps.book.succeeded(serviceUri)
      if (purchase.winner) this.#outcomes.lostHedge(segment.seq, purchase.winner, session, spent)
      else this.#deps.hedges.bought(session.sessionId, bought.feeWei)
      purchase.winner ??= bought.orchestrator
      return { bought, pictures, serviceUri, session }
    } catch (error) {
      if (hasCode(attempt.signal.reason, HEDGE_LOST)) {
        this.#outcomes.lostHedge(purchase.segment.seq, purchase.winner, session, spent)
        if (hasCode(error, WRONG_PICTURES)) this.#outcomes.cheated(session, error)
        if (lateness.isLate()) {
          // It took at least so long; how long it would have taken nobody knows.
          this.#deps.book.measured(
            serviceUri,
            (this.#deps.clock.elapsed() - began) / paceMs(purchase.segment.durationMs),
          )
          this.#outcomes.suspend(
            session,
            new MillraceError('late', 'its result was late and another one delivered first'),
            began,
          )
        }
      } else if (hasCode(attempt.signal.reason, 'deadline'))
        this.#outcomes.suspend(session, attempt.signal.reason, began)
      else if (!attempt.signal.aborted) {
        const { traceparent } = purchase
        const failed = {
          seq: purchase.segment.seq,
          attempt: attempt.number,
          traceparent,
          session,
          error,
          begunMs: began,
        }
        const blame = this.#outcomes.failed(failed)
        if (blame === 'stale') purchase.tried.delete(serviceUri)
        if (blame === 'cheated') purchase.cheats.add(serviceUri)
      }
      throw error
    } finally {
      lateness.end()
      purchase.asked--
      this.#sessions.giveBack(session)
    }
  }

  async #check(
    segment: SourceSegment,
    bought: BoughtSegment,
    pictures: readonly PictureCount[],
    serviceUri: string,
  ): Promise<void> {
    const { ladder } = this.#options
    try {
      await this.#deps.pictures.check({ ...bought, pictures, serviceUri, segment, ladder })
    } catch (error) {
      const { commitment, renditions } = bought
      if (commitment && hasCode(error, WRONG_PICTURES) && (error as MillraceError).meta.evident !== false)
        this.#deps.lied?.({ commitment, source: segment.data, profiles: ladder, renditions })
      throw error
    }
  }

  #take({ segment, tried, only }: Purchase, attempt: Attempt): Promise<GatewaySession | undefined> {
    const { manifestId, seq } = segment
    return this.#sessions.take({
      manifestId,
      seq,
      attempt: attempt.number,
      exclude: tried,
      only,
      signal: attempt.signal,
    })
  }

  /** Everybody has failed, as when the network broke off for a moment: after a pause those who did not cheat get another chance. */
  async #takeAgain(purchase: Purchase, attempt: Attempt): Promise<GatewaySession | undefined> {
    const { againAfterMs } = this.#options
    const { tried, cheats } = purchase
    if (againAfterMs === undefined || purchase.asked > 0 || tried.size === cheats.size) return undefined
    try {
      await this.#deps.clock.sleep(againAfterMs, { signal: attempt.signal })
    } catch {
      return undefined
    }
    for (const serviceUri of tried) if (!cheats.has(serviceUri)) tried.delete(serviceUri)
    return this.#take(purchase, attempt)
  }

  /** Marks the session while its segment is late, so that the stream's next segments go elsewhere. */
  #watchLateness({ segment }: Purchase, session: GatewaySession, attempt: Attempt) {
    const { clock, book } = this.#deps
    const over = new AbortController()
    let late = false
    const afterMs = hedgeAfterMs(segment.durationMs, book.pace(session.serviceUri))
    attempt.late(afterMs)
    void clock.sleep(afterMs, { signal: over.signal }).then(
      () => {
        late = true
        session.late++
      },
      () => {},
    )
    return {
      isLate: () => late,
      end: () => {
        if (over.signal.aborted) return
        over.abort()
        if (late) session.late--
      },
    }
  }

  async #submit(
    { segment, traceparent, only }: Purchase,
    session: GatewaySession,
    attempt: Attempt,
    spent: Spent,
  ): Promise<{ readonly bought: BoughtSegment; readonly pictures: readonly PictureCount[] }> {
    const { tell, keepCommitment } = this.#deps
    const { manifestId, seq } = segment
    const about = { manifestId, seq, attempt: attempt.number, session, traceparent }
    const submitted = await submitSegment(
      {
        segment: { ...segment, hash: toHex(segment.hash) },
        ladder: this.#options.ladder,
        domain: this.#options.domain,
        signatures: only !== undefined,
        traceparent,
        signal: attempt.signal,
      },
      { ...this.#deps, session, ...watchSpending(about, spent, tell) },
    )
    // Also when the pictures turn out to be others: what it signed is the evidence.
    if (submitted.result.commitment) keepCommitment(submitted.result.commitment)
    return { bought: boughtFrom(submitted, session, traceparent), pictures: submitted.pictures }
  }
}

function isWanted(whom: Whom, { entry, serviceUri }: GatewaySession): boolean {
  if (typeof whom === 'object') return serviceUri === whom.serviceUri
  return (entry.trusted ?? false) === (whom === 'trusted')
}
