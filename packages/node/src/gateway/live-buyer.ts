import { randomBytes } from 'node:crypto'
import { type Clock, MillraceError } from '@millrace/base'
import type { CommitmentDomain, ManifestId, SignedSegmentCommitment, TellEvent, VideoProfile } from '@millrace/wire'
import type { AttemptOutcomes, Spent } from './attempt-outcomes.ts'
import type { BoughtSegment, SourceSegment } from './buyer.ts'
import type { HedgeLedger } from './hedge-ledger.ts'
import { paceMs } from './lateness.ts'
import type { OrchestratorBook } from './orchestrator-book.ts'
import type { PictureChecks } from './picture-checks.ts'
import { boughtFrom, watchSpending } from './purchase-events.ts'
import type { GatewaySession, SessionPool } from './session-pool.ts'
import type { SubmitDeps } from './submit.ts'
import { type BoughtPart, submitLiveSegment } from './submit-live.ts'

/** A segment that is still arriving. */
export type LiveSource = {
  readonly manifestId: ManifestId
  readonly seq: number
  /** What it is expected to last. */
  readonly durationMs: number
  /** Whole PES packets of a transport stream, as they arrive. */
  readonly chunks: AsyncIterable<Uint8Array>
  /** Rejects when the publisher fails before the segment is complete. */
  readonly closed: Promise<SourceSegment>
}

export type LiveOptions = { readonly signal: AbortSignal; readonly part: (part: BoughtPart) => void }

export type LivePurchase = {
  /** What was bought; undefined when it failed or was late, and the segment must be bought as a whole. Never rejects. */
  readonly bought: Promise<BoughtSegment | undefined>
}

export type LiveBuyerOptions = {
  readonly ladder: readonly VideoProfile[]
  readonly domain: CommitmentDomain | undefined
}

export type LiveBuyerDeps = Omit<SubmitDeps, 'session' | 'submitted' | 'debited'> & {
  readonly sessions: Pick<SessionPool, 'take' | 'giveBack' | 'mayTakeLive'>
  readonly outcomes: AttemptOutcomes
  readonly book: OrchestratorBook
  readonly hedges: HedgeLedger
  readonly pictures: Pick<PictureChecks, 'check'>
  readonly keepCommitment: (signed: SignedSegmentCommitment) => void
  readonly tell: TellEvent
  readonly clock: Clock
}

/** The first segment of a session starts an encoder at the other end. */
const FIRST = 2
/** Who was late so often in a row cannot keep up: segments are then bought whole for a while, because to begin each of them twice would only make it worse. */
const TOO_OFTEN = 2
const PAUSE_MS = 60_000
/** One that makes progress is waited for no longer than so many stalls. */
const MOST_STALLS = 3

/** Buys segments while they arrive. It asks one orchestrator; when that fails the whole segment is bought as any other. */
export class LiveBuyer {
  readonly #options: LiveBuyerOptions
  readonly #deps: LiveBuyerDeps
  readonly #known = new WeakSet<GatewaySession>()
  #late = 0
  #pausedUntilMs = 0

  constructor(options: LiveBuyerOptions, deps: LiveBuyerDeps) {
    this.#options = options
    this.#deps = deps
  }

  /** Undefined when everybody takes whole segments only, or was too slow with others. */
  begin(source: LiveSource, options: LiveOptions): LivePurchase | undefined {
    if (!this.#deps.sessions.mayTakeLive || this.#deps.clock.elapsed() < this.#pausedUntilMs) return undefined
    return { bought: this.#buy(source, options).catch(() => undefined) }
  }

  async #buy(source: LiveSource, options: LiveOptions): Promise<BoughtSegment | undefined> {
    const { sessions } = this.#deps
    const { manifestId, seq } = source
    const over = new AbortController()
    const signal = AbortSignal.any([options.signal, over.signal])
    const session = await sessions.take({ manifestId, seq, attempt: 1, exclude: new Set(), live: true, signal })
    if (!session) return undefined
    const pace = this.#watchPace(source, session, (reason) => over.abort(reason), signal)
    try {
      const part: LiveOptions['part'] = (made) => {
        pace.progress()
        options.part(made)
      }
      return await this.#attempt(source, { ...options, part, answered: pace.answered }, session, signal)
    } finally {
      pace.answered()
      over.abort()
      sessions.giveBack(session)
    }
  }

  /**
   * Gives the segment up when nothing of it has come for too long after its end. One that still makes progress is waited for,
   * because to begin it anew would take longer.
   */
  #watchPace(
    { closed }: LiveSource,
    session: GatewaySession,
    giveUp: (reason: MillraceError) => void,
    signal: AbortSignal,
  ): { readonly progress: () => void; readonly answered: () => void } {
    const { clock } = this.#deps
    const done = new AbortController()
    const waiting = AbortSignal.any([signal, done.signal])
    let lastMs = clock.elapsed()
    const watch = async () => {
      const { durationMs } = await closed
      const stallMs = (this.#known.has(session) ? 1 : FIRST) * paceMs(durationMs)
      const closedMs = clock.elapsed()
      lastMs = closedMs
      while (clock.elapsed() - lastMs < stallMs && clock.elapsed() - closedMs < MOST_STALLS * stallMs)
        await clock.sleep(Math.max(10, lastMs + stallMs - clock.elapsed()), { signal: waiting })
      waiting.throwIfAborted()
      this.#wasLate()
      const waitedMs = Math.round(clock.elapsed() - closedMs)
      giveUp(new MillraceError('late', `its result was not here ${waitedMs} ms after the segment's end`))
    }
    watch().catch(() => {})
    return {
      progress: () => {
        lastMs = clock.elapsed()
      },
      // How long our own look at it takes is not the orchestrator's fault.
      answered: () => done.abort(),
    }
  }

  #wasLate(): void {
    if (++this.#late < TOO_OFTEN) return
    this.#late = 0
    this.#pausedUntilMs = this.#deps.clock.elapsed() + PAUSE_MS
  }

  async #attempt(
    source: LiveSource,
    { signal: ended, part, answered }: LiveOptions & { readonly answered: () => void },
    session: GatewaySession,
    signal: AbortSignal,
  ): Promise<BoughtSegment | undefined> {
    const { clock, book, hedges, pictures, outcomes, keepCommitment, tell } = this.#deps
    const { ladder, domain } = this.#options
    const { manifestId, seq } = source
    const { serviceUri } = session
    const traceparent = `00-${randomBytes(16).toString('hex')}-${randomBytes(8).toString('hex')}-01`
    const spent: Spent = { sentWei: 0n, debitedWei: undefined }
    const begunMs = clock.elapsed()
    let closedMs = begunMs
    const closed = source.closed.then((segment) => {
      closedMs = clock.elapsed()
      return segment
    })
    let brokeOff = false
    closed.catch(() => {
      brokeOff = true
    })
    try {
      const about = { manifestId, seq, attempt: 1, session, traceparent }
      const submitted = await submitLiveSegment(
        { segment: source, ladder, domain, traceparent, signal, chunks: source.chunks, closed, part },
        { ...this.#deps, session, ...watchSpending(about, spent, tell) },
      )
      answered()
      if (submitted.result.commitment) keepCommitment(submitted.result.commitment)
      const bought: BoughtSegment = { ...boughtFrom(submitted, session, traceparent), live: true }
      const segment = await closed
      const pace = Math.max(0, clock.elapsed() - closedMs) / paceMs(segment.durationMs)
      book.measured(serviceUri, pace)
      await pictures.check({ ...bought, pictures: submitted.pictures, serviceUri, segment, ladder })
      book.succeeded(serviceUri)
      if (pace > 1 && this.#known.has(session)) this.#wasLate()
      else this.#late = 0
      this.#known.add(session)
      hedges.bought(session.sessionId, bought.feeWei)
      return bought
    } catch (error) {
      // A publisher that vanished in the middle is nobody's fault here.
      if (!ended.aborted && !brokeOff)
        outcomes.failed({ seq, attempt: 1, traceparent, session, error: reasonOf(error, signal), begunMs })
      return undefined
    }
  }
}

/** The reason of the abort says more than what the abort broke. */
const reasonOf = (error: unknown, signal: AbortSignal): unknown => (signal.aborted ? signal.reason : error)
