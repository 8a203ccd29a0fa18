import { type Clock, compareRational, errorText, type Log, type Rational } from '@millrace/base'
import type { TicketSender } from '@millrace/payments'
import {
  type AuthToken,
  authTokenNeedsRefresh,
  type OrchestratorInfo,
  priceToRational,
  type SessionId,
  sessionId as toSessionId,
} from '@millrace/wire'
import type { DirectoryEntry } from './directory.ts'
import type { OrchestratorBook } from './orchestrator-book.ts'
import { DEFAULT_WEIGHTS, type SelectionWeights, selectOrchestrator, type Verdict } from './selection.ts'

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
  inFlight: number
  /** Segments since it was chosen last. */
  used: number
}

export type SessionPoolOptions = {
  readonly maxPricePerPixel: Rational | undefined
  readonly weights?: SelectionWeights
}

export type SessionPoolDeps = {
  readonly book: OrchestratorBook
  readonly lastSeenBlock: () => bigint
  readonly tickets: TicketSender | undefined
  readonly clock: Clock
  readonly log: Log
  readonly random: () => number
}

/** A session is kept for so many segments before the choice is made again, so that the others are measured too. */
const RESELECT_AFTER = 8
const KEEP_VERDICTS = 50

/** The sessions of one stream: opens one with every orchestrator of the directory, refreshes what runs out, and chooses. */
export class SessionPool {
  readonly #options: SessionPoolOptions
  readonly #deps: SessionPoolDeps
  readonly #sessions = new Map<string, GatewaySession>()
  readonly #opening = new Map<string, Promise<GatewaySession | undefined>>()
  readonly #closing = new AbortController()
  readonly #firstPrices = new Map<string, Rational>()
  #last: GatewaySession | undefined
  #verdicts: readonly (readonly Verdict[])[] = []

  constructor(options: SessionPoolOptions, deps: SessionPoolDeps) {
    this.#options = options
    this.#deps = deps
  }

  /** The latest choices and why they were made. */
  get verdicts(): readonly (readonly Verdict[])[] {
    return this.#verdicts
  }

  /** A session for the next segment; undefined when no orchestrator is left. Give it back afterwards. */
  async take(options: {
    readonly exclude: ReadonlySet<string>
    readonly signal: AbortSignal
  }): Promise<GatewaySession | undefined> {
    await this.#discover(options)
    for (;;) {
      const session = options.signal.aborted ? undefined : this.#choose(options.exclude)
      if (!session) return undefined
      const fresh = await this.#fresh(session, options.signal)
      if (!fresh) continue
      this.#last = fresh
      fresh.inFlight++
      fresh.used++
      return fresh
    }
  }

  giveBack(session: GatewaySession): void {
    session.inFlight--
  }

  /** Forgets a session; the next segment for its orchestrator opens a new one. */
  drop(session: GatewaySession): void {
    if (this.#sessions.get(session.serviceUri) === session) this.#sessions.delete(session.serviceUri)
    if (this.#last === session) this.#last = undefined
  }

  async close(): Promise<void> {
    this.#closing.abort(new Error('the stream ended'))
    const sessions = [...this.#sessions.values()]
    this.#sessions.clear()
    await Promise.allSettled(
      sessions.map(async ({ entry, info }) => {
        if (info.authToken) await this.#deps.book.rpc(entry).endSession(info.authToken, { timeoutMs: 500 })
      }),
    )
  }

  /** Opens a session with every orchestrator that has none; waits only while there is nothing to choose from. */
  async #discover(options: { readonly exclude: ReadonlySet<string>; readonly signal: AbortSignal }): Promise<void> {
    let entries: readonly DirectoryEntry[]
    try {
      entries = await this.#deps.book.entries()
    } catch (error) {
      this.#deps.log.warn('orchestrators cannot be looked up', { error: errorText(error) })
      return
    }
    const missing = entries.filter(
      ({ serviceUri }) =>
        !this.#sessions.has(serviceUri) &&
        !options.exclude.has(serviceUri) &&
        (!this.#deps.book.isSuspended(serviceUri) || this.#usable(options.exclude).length === 0),
    )
    const opening = missing.map((entry) => this.#open(entry))
    const ready = this.#usable(options.exclude).some(({ serviceUri }) => !this.#deps.book.isSuspended(serviceUri))
    if (opening.length === 0 || ready) return
    // The first that answers will do; the others join the choice when they are there.
    await unlessAborted(Promise.race([Promise.allSettled(opening), firstOpened(opening)]), options.signal)
  }

  #usable(exclude: ReadonlySet<string>): GatewaySession[] {
    return [...this.#sessions.values()].filter(({ serviceUri }) => !exclude.has(serviceUri))
  }

  #choose(exclude: ReadonlySet<string>): GatewaySession | undefined {
    const { book, random } = this.#deps
    const last = this.#last
    if (
      last &&
      !exclude.has(last.serviceUri) &&
      last.used % RESELECT_AFTER !== 0 &&
      (book.latencyScore(last.serviceUri) ?? 0) <= 1
    )
      return last
    const usable = this.#usable(exclude)
    const byAddress = new Map(usable.map((session) => [session.serviceUri, session]))
    const { picked, verdicts } = selectOrchestrator(
      usable.map((session) => ({
        address: session.serviceUri as `0x${string}`,
        pricePerPixel: session.info.priceInfo ? priceToRational(session.info.priceInfo) : { num: 0n, den: 1n },
        latencyScore: book.latencyScore(session.serviceUri),
        quality: undefined,
        stakeLpt: session.entry.stakeLpt,
        suspended: book.isSuspended(session.serviceUri),
      })),
      { weights: this.#options.weights ?? DEFAULT_WEIGHTS, maxPricePerPixel: this.#options.maxPricePerPixel },
      random(),
    )
    this.#verdicts = [...this.#verdicts, verdicts].slice(-KEEP_VERDICTS)
    return picked === undefined ? undefined : byAddress.get(picked)
  }

  /** The session itself, or a new one when its token or its ticket parameters run out; undefined when that fails. */
  async #fresh(session: GatewaySession, signal: AbortSignal): Promise<GatewaySession | undefined> {
    const { clock, lastSeenBlock, tickets } = this.#deps
    const { authToken, ticketParams } = session.info
    const tokenOk = authToken !== undefined && !authTokenNeedsRefresh(authToken, clock.now() / 1000)
    const paramsOk = !tickets || !ticketParams || ticketParams.expirationBlock - lastSeenBlock() > 1n
    if (tokenOk && paramsOk) return session
    this.drop(session)
    return unlessAborted(this.#open(session.entry), signal)
  }

  /** Several segments may wait for the same session, so it is not given up with any one of them. */
  #open(entry: DirectoryEntry): Promise<GatewaySession | undefined> {
    const running = this.#opening.get(entry.serviceUri)
    if (running) return running
    const opening = this.#opened(entry).finally(() => this.#opening.delete(entry.serviceUri))
    this.#opening.set(entry.serviceUri, opening)
    return opening
  }

  async #opened(entry: DirectoryEntry): Promise<GatewaySession | undefined> {
    const { book, log } = this.#deps
    const { signal } = this.#closing
    try {
      const info = await book.info(entry, { signal })
      const price = info.priceInfo && priceToRational(info.priceInfo)
      // A refreshed session must not forget it, else the price could creep up with every refresh.
      const initialPrice = this.#firstPrices.get(entry.serviceUri) ?? price
      if (initialPrice) this.#firstPrices.set(entry.serviceUri, initialPrice)
      const max = this.#options.maxPricePerPixel
      if (max && price && compareRational(price, max) > 0) {
        log.info('an orchestrator is too dear', { serviceUri: entry.serviceUri })
        return undefined
      }
      // On chain the directory says who this is; another signer behind the address would not be the one that staked.
      if (entry.address !== undefined && info.address !== entry.address) {
        log.warn('an orchestrator answered under another address', { serviceUri: entry.serviceUri })
        return undefined
      }
      const session: GatewaySession = {
        entry,
        serviceUri: entry.serviceUri,
        sessionId: info.authToken?.sessionId ?? toSessionId(''),
        initialPrice,
        info,
        inFlight: 0,
        used: 0,
      }
      this.#sessions.set(entry.serviceUri, session)
      return session
    } catch (error) {
      if (!signal.aborted) {
        log.info('an orchestrator gave no terms', { serviceUri: entry.serviceUri, error: errorText(error) })
        book.failed(entry.serviceUri)
      }
      return undefined
    }
  }
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

/** Resolves with the first session that opens; never when none does. */
function firstOpened(opening: readonly Promise<GatewaySession | undefined>[]): Promise<void> {
  return new Promise((resolve) => {
    for (const one of opening)
      void one.then((session) => {
        if (session) resolve()
      })
  })
}

/** The token every segment of the session carries. */
export const tokenOf = (session: GatewaySession): AuthToken | undefined => session.info.authToken
