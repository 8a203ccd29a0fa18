import { type Clock, compareRational, errorText, type Log, type Rational } from '@millrace/base'
import { isPrivateHost } from '@millrace/base/node'
import {
  type Address,
  type ManifestId,
  type OrchestratorInfo,
  priceToRational,
  type SessionId,
  type TellEvent,
} from '@millrace/wire'
import { type DirectoryEntry, isServiceUri } from './directory.ts'
import { DISCOVERY_TIMEOUT_MS, waitForTerms } from './discovery.ts'
import type { ChoiceLog } from './explain.ts'
import type { HedgeLedger } from './hedge-ledger.ts'
import type { OrchestratorBook } from './orchestrator-book.ts'
import type { PaymentSource } from './payment-source.ts'
import {
  type Candidate,
  DEFAULT_WEIGHTS,
  type SelectionOptions,
  type SelectionWeights,
  selectOrchestrator,
} from './selection.ts'
import { type Requirements, SessionOpener } from './session-opener.ts'

/** One stream's session with one orchestrator. */
export type GatewaySession = {
  readonly entry: DirectoryEntry
  /** How the gateway found it; the key of everything that is remembered of it. */
  readonly serviceUri: string
  readonly sessionId: SessionId
  /** The price this stream first had here, over all its sessions: a later one may not be more than twice as high. */
  readonly initialPrice: Rational | undefined
  /** The latest terms; every result brings new ones. */
  info: OrchestratorInfo
  openedMs: number
  /** Until when its token may be used, by the clock's `elapsed`. */
  readonly tokenUntilMs: number
  inFlight: number
  /** Segments in flight that are late. */
  late: number
  /** Segments since it was chosen last. */
  used: number
}

export type SessionPoolOptions = Omit<SelectionOptions, 'weights' | 'current'> & {
  readonly weights?: SelectionWeights | undefined
  readonly requirements?: Requirements | undefined
  /** -extraNodes: how many further nodes of each orchestrator are asked. */
  readonly extraNodes?: number | undefined
  /** -discoveryTimeout */
  readonly discoveryTimeoutMs?: number | undefined
}

export type SessionPoolDeps = {
  readonly book: OrchestratorBook
  readonly lastSeenBlock: () => bigint
  readonly payer: PaymentSource | undefined
  readonly hedges: HedgeLedger
  readonly choices: ChoiceLog
  /** The performance score of an orchestrator, where a gateway knows any. */
  readonly perfScore?: ((orchestrator: Address, serviceUri: string) => number | undefined) | undefined
  /** Called when credit of a lost hedge cannot be used any more. */
  readonly onCreditLost: (session: GatewaySession, amountWei: bigint) => void
  readonly tell: TellEvent
  readonly clock: Clock
  readonly log: Log
  readonly random: () => number
}

export type TakeOptions = {
  readonly manifestId: ManifestId
  readonly seq: number
  readonly attempt: number
  readonly exclude: ReadonlySet<string>
  /** The segment is still arriving: only those who take such ones. */
  readonly live?: boolean | undefined
  /** Leaves out all others. */
  readonly only?: ((session: GatewaySession) => boolean) | undefined
  readonly signal: AbortSignal
}

/** One stream asks so many orchestrators at most; of a larger network it takes a sample. */
const MAX_SESSIONS = 200
/** Terms of a session that is not used are asked for anew after so long, so that prices are not long out of date. */
const TERMS_AGE_MS = 60_000
const END_TIMEOUT_MS = 500
/** A spare session must be good for so many further blocks. */
const SPARE_BLOCKS = 3n

/** The sessions of one stream: opens one with every orchestrator of the directory, keeps a spare one ready, and chooses. */
export class SessionPool {
  readonly #options: SessionPoolOptions
  readonly #deps: SessionPoolDeps
  readonly #opener: SessionOpener
  readonly #sessions = new Map<string, GatewaySession>()
  /** Nodes that orchestrators named beside their own. */
  readonly #extra = new Map<string, { readonly entry: DirectoryEntry; readonly namedBy: string }>()
  readonly #closing = new AbortController()
  /** Those that are to be ended when their last segment is back. */
  readonly #dropped = new WeakSet<GatewaySession>()
  #last: GatewaySession | undefined

  constructor(options: SessionPoolOptions, deps: SessionPoolDeps) {
    this.#options = options
    this.#deps = deps
    this.#opener = new SessionOpener(options.requirements ?? {}, deps)
  }

  /** A session for the next segment; undefined when no orchestrator is left. Give it back afterwards. */
  async take(options: TakeOptions): Promise<GatewaySession | undefined> {
    await this.#discover(options)
    for (;;) {
      const session = options.signal.aborted ? undefined : this.#choose(options)
      if (!session) return undefined
      const fresh = this.#isFresh(session, 1n) ? session : await unlessAborted(this.#renew(session), options.signal)
      if (!fresh) continue
      this.#last = fresh
      fresh.inFlight++
      fresh.used++
      this.#keepSpare()
      return fresh
    }
  }

  giveBack(session: GatewaySession): void {
    session.inFlight--
    if (this.#dropped.has(session)) this.#endUnused(session)
  }

  /** Forgets a session; the next segment for its orchestrator opens a new one. The orchestrator is told, because until then it keeps room for this one. */
  drop(session: GatewaySession): void {
    this.#forget(session)
    this.#dropped.add(session)
    this.#endUnused(session)
  }

  #forget(session: GatewaySession): void {
    if (this.#sessions.get(session.serviceUri) === session) this.#sessions.delete(session.serviceUri)
    if (this.#last === session) this.#last = undefined
    const lost = this.#deps.hedges.forget(session.sessionId)
    if (lost > 0n) this.#deps.onCreditLost(session, lost)
  }

  async close(): Promise<void> {
    this.#closing.abort(new Error('the stream ended'))
    const sessions = [...this.#sessions.values()]
    for (const session of sessions) this.#forget(session)
    await Promise.all(sessions.map((session) => this.#endAtOrchestrator(session)))
  }

  /** Segments of the session may still be under way; one that never had any takes no room. */
  #endUnused(session: GatewaySession): void {
    if (session.inFlight > 0 || session.used === 0) return
    this.#dropped.delete(session)
    void this.#endAtOrchestrator(session)
  }

  /** Never rejects: an orchestrator that cannot be reached ends the session by itself in time. */
  async #endAtOrchestrator({ entry, info }: GatewaySession): Promise<void> {
    try {
      if (info.authToken) await this.#deps.book.rpc(entry).endSession(info.authToken, { timeoutMs: END_TIMEOUT_MS })
    } catch (error) {
      this.#deps.log.debug('a session could not be ended', { serviceUri: entry.serviceUri, error: errorText(error) })
    }
  }

  /** Sessions that could be used at once. */
  get ready(): number {
    return [...this.#sessions.values()].filter((session) => this.#isFresh(session, 1n) && this.#isWanted(session))
      .length
  }

  /** Opens a session with every orchestrator that has none; waits only while there is nothing to choose from. */
  async #discover({ manifestId, exclude, only, signal }: TakeOptions): Promise<void> {
    const { book, clock, log, random } = this.#deps
    let entries: readonly DirectoryEntry[]
    try {
      entries = this.#withExtra(await book.entries())
    } catch (error) {
      log.warn('orchestrators cannot be looked up', { error: errorText(error) })
      return
    }
    this.#forgetUnlisted(entries)
    const usable = () =>
      [...this.#sessions.values()].filter((session) => !exclude.has(session.serviceUri) && (only?.(session) ?? true))
    const desperate = !usable().some((session) => this.#isWanted(session))
    const missing = entries.filter(
      ({ serviceUri }) =>
        !this.#sessions.has(serviceUri) &&
        !exclude.has(serviceUri) &&
        this.#opener.mayAsk(serviceUri, desperate) &&
        (!book.isSuspended(serviceUri) || desperate),
    )
    const room = Math.max(0, MAX_SESSIONS - this.#sessions.size)
    const asked = missing.length > room ? sample(missing, room, random) : missing
    const opening = asked.map((entry) => this.#open(entry))
    this.#tellFound(manifestId, opening)
    if (opening.length === 0 || !desperate) return
    const timeoutMs = this.#options.discoveryTimeoutMs ?? DISCOVERY_TIMEOUT_MS
    await waitForTerms(opening, { timeoutMs, anybody: () => usable().length > 0, signal }, { clock })
  }

  /** Tells who gave terms, once all have answered or were given up. */
  #tellFound(manifestId: ManifestId, opening: readonly Promise<GatewaySession | undefined>[]): void {
    const { clock, tell } = this.#deps
    const began = clock.elapsed()
    const timed = opening.map(async (asked) => {
      const session = await asked
      return session && { session, latencyMs: clock.elapsed() - began }
    })
    void Promise.allSettled(timed).then((answers) => {
      const found = answers.flatMap((answer) => (answer.status === 'fulfilled' && answer.value ? [answer.value] : []))
      if (found.length === 0) return
      const orchestrators = found
        .sort((a, b) => a.latencyMs - b.latencyMs)
        .map(({ session, latencyMs }) => ({ address: session.info.address, serviceUri: session.serviceUri, latencyMs }))
      tell({ type: 'orchestrators_found', manifestId, orchestrators })
    })
  }

  #withExtra(entries: readonly DirectoryEntry[]): readonly DirectoryEntry[] {
    const listed = new Set(entries.map(({ serviceUri }) => serviceUri))
    for (const [serviceUri, { namedBy }] of this.#extra)
      if (!listed.has(namedBy) || listed.has(serviceUri)) this.#extra.delete(serviceUri)
    return [...entries, ...[...this.#extra.values()].map(({ entry }) => entry)]
  }

  #forgetUnlisted(entries: readonly DirectoryEntry[]): void {
    const listed = new Set(entries.map(({ serviceUri }) => serviceUri))
    this.#opener.keepOnly((serviceUri) => listed.has(serviceUri))
    for (const session of this.#sessions.values()) if (!listed.has(session.serviceUri)) this.drop(session)
  }

  /** False when everybody who gave terms takes whole segments only; true before anybody did. */
  get mayTakeLive(): boolean {
    const sessions = [...this.#sessions.values()]
    return sessions.length === 0 || sessions.some(({ info }) => info.takesLiveSegments)
  }

  #choose({ manifestId, seq, attempt, exclude, live, only }: TakeOptions): GatewaySession | undefined {
    const { clock, choices, random } = this.#deps
    const sessions = [...this.#sessions.values()].filter((session) => only?.(session) ?? true)
    const { weights, upstream, maxPricePerPixel, ignoreMaxPriceIfNeeded, minPerfScore } = this.#options
    const options: SelectionOptions = {
      weights: weights ?? DEFAULT_WEIGHTS,
      upstream,
      maxPricePerPixel,
      ignoreMaxPriceIfNeeded,
      minPerfScore,
      current: this.#last && { serviceUri: this.#last.serviceUri, used: this.#last.used },
    }
    const candidates = sessions.map((session) => this.#candidate(session, sessions, { exclude, live }))
    const number = random()
    const { picked, verdicts } = selectOrchestrator(candidates, options, number)
    choices.add(manifestId, {
      atMs: clock.now(),
      seq,
      attempt,
      random: number,
      options,
      candidates,
      leftOut: this.#opener.leftOut(),
      picked,
      verdicts,
    })
    return picked === undefined ? undefined : this.#sessions.get(picked)
  }

  #candidate(
    session: GatewaySession,
    sessions: readonly GatewaySession[],
    { exclude, live }: Pick<TakeOptions, 'exclude' | 'live'>,
  ): Candidate {
    const { book, hedges, perfScore } = this.#deps
    const { serviceUri, entry, info } = session
    // The nodes of one orchestrator share its stake; naming many must not raise its chances.
    const nodes = entry.address ? sessions.filter((other) => other.entry.address === entry.address).length : 1
    return {
      serviceUri,
      address: entry.address ?? info.address,
      pricePerPixel: priceOf(session),
      latencyScore: book.latencyScore(serviceUri),
      quality: book.quality(serviceUri),
      stakeLpt: entry.stakeLpt / BigInt(nodes),
      suspended: book.isSuspended(serviceUri),
      ...(perfScore && { perfScore: perfScore(info.address, serviceUri) }),
      creditWei: hedges.creditOf(session.sessionId),
      tried: exclude.has(serviceUri),
      ...(live && !info.takesLiveSegments && { wholeOnly: true }),
      late: session.late > 0,
      probed: book.isBroken(serviceUri) && session.inFlight > 0,
    }
  }

  #isFresh(session: GatewaySession, blocks: bigint): boolean {
    const { clock, lastSeenBlock, payer } = this.#deps
    const { ticketParams } = session.info
    if (clock.elapsed() >= session.tokenUntilMs) return false
    return !payer || !ticketParams || ticketParams.expirationBlock - lastSeenBlock() > blocks
  }

  #isWanted({ serviceUri, info }: GatewaySession): boolean {
    const { maxPricePerPixel: max, ignoreMaxPriceIfNeeded } = this.#options
    const affordable = !max || ignoreMaxPriceIfNeeded || compareRational(priceOf({ info }), max) <= 0
    return affordable && !this.#deps.book.isSuspended(serviceUri)
  }

  /**
   * Keeps a session with somebody else ready, so that a late segment can be given to a second orchestrator without asking for terms first.
   * One session with old terms is renewed beside it.
   */
  #keepSpare(): void {
    const others = [...this.#sessions.values()].filter((session) => session !== this.#last && session.inFlight === 0)
    const { book, clock } = this.#deps
    const spares = others
      .filter((session) => this.#isWanted(session))
      .sort((a, b) => (book.latencyScore(a.serviceUri) ?? 0.5) - (book.latencyScore(b.serviceUri) ?? 0.5))
    const spare = spares.some((session) => this.#isFresh(session, SPARE_BLOCKS)) ? undefined : spares[0]
    const stale = others.find(
      ({ openedMs, serviceUri }) => openedMs + TERMS_AGE_MS <= clock.elapsed() && !book.isSuspended(serviceUri),
    )
    for (const session of new Set([spare, stale])) if (session) void this.#renew(session)
  }

  /** The orchestrator's session with new terms; undefined when it does not give any. */
  async #renew(session: GatewaySession): Promise<GatewaySession | undefined> {
    const { clock, hedges } = this.#deps
    const { authToken, priceInfo } = session.info
    const owes = hedges.creditOf(session.sessionId) > 0n
    const opened = await this.#open(session.entry)
    if (!opened) {
      if (session.inFlight === 0 || !this.#isFresh(session, 1n)) this.drop(session)
      return undefined
    }
    // Credit belongs to the session's token: while that holds and the price is the same, only the terms are new.
    const holds = clock.elapsed() < session.tokenUntilMs
    if (owes && authToken && holds && samePrice(priceInfo, opened.info.priceInfo)) {
      session.info = { ...opened.info, authToken }
      session.openedMs = opened.openedMs
      this.#sessions.set(session.serviceUri, session)
      return session
    }
    if (opened !== session) this.drop(session)
    return opened
  }

  async #open(entry: DirectoryEntry): Promise<GatewaySession | undefined> {
    const session = await this.#opener.open(entry, { signal: this.#closing.signal })
    if (!session || this.#closing.signal.aborted) return undefined
    this.#sessions.set(entry.serviceUri, session)
    if (!this.#extra.has(entry.serviceUri)) this.#askNodes(entry, session.info.nodes)
    return session
  }

  /** Other nodes that the orchestrator names are asked too; theirs are not followed. */
  #askNodes(entry: DirectoryEntry, nodes: readonly string[]): void {
    const usable = nodes.filter((uri) => isServiceUri(uri) && uri !== entry.serviceUri)
    for (const serviceUri of usable.slice(0, this.#options.extraNodes ?? 0)) {
      if (this.#sessions.has(serviceUri) || this.#extra.has(serviceUri) || !this.#opener.mayAsk(serviceUri, false))
        continue
      // An orchestrator of this machine or network may have its nodes there too; one of the internet may not point inside.
      const node: DirectoryEntry = { ...entry, serviceUri, hearsay: !isPrivateHost(entry.serviceUri) }
      this.#extra.set(serviceUri, { entry: node, namedBy: entry.serviceUri })
      void this.#open(node)
    }
  }
}

const priceOf = ({ info }: Pick<GatewaySession, 'info'>): Rational =>
  info.priceInfo ? priceToRational(info.priceInfo) : { num: 0n, den: 1n }

function samePrice(a: OrchestratorInfo['priceInfo'], b: OrchestratorInfo['priceInfo']): boolean {
  return a?.pricePerUnit === b?.pricePerUnit && a?.pixelsPerUnit === b?.pixelsPerUnit
}

/** Some of the items, each with the same chance. */
function sample<T>(items: readonly T[], count: number, random: () => number): readonly T[] {
  return items
    .map((item) => ({ item, key: random() }))
    .sort((a, b) => a.key - b.key)
    .slice(0, count)
    .map(({ item }) => item)
}

/** The result of the work, or undefined as soon as the signal aborts. */
function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    const onAbort = () => resolve(undefined)
    signal.addEventListener('abort', onAbort, { once: true })
    if (signal.aborted) onAbort()
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort))
  })
}
