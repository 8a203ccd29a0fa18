import { createHmac, randomBytes } from 'node:crypto'
import { ComputeError, type DiscoveredUnit, type RunnerSettings } from '@millrace/ai'
import { MillraceError, type Rational } from '@millrace/base'
import type { Address } from '@millrace/wire'

/** What a session is paid by: the account, and what was agreed on when it began. */
export type SessionTerms = { readonly sender: Address; readonly price: Rational; readonly unit: DiscoveredUnit }

/** A trickle channel of a session. */
export type SessionChannel = {
  readonly name: string
  readonly channel_name: string
  readonly url: string
  readonly internal_url: string
  readonly mime_type: string
}

const BASE32 = 'abcdefghijklmnopqrstuvwxyz234567'

/** Text of so many random bytes that nobody can guess, good for names in URLs. */
export const randomName = (bytes: number): string => base32(randomBytes(bytes))

/** A session with an app: one place of its capacity, until it is released. */
export class RunnerSession {
  readonly id: string
  readonly terms: SessionTerms | undefined
  readonly createdAtMs: number
  readonly channels = new Map<string, SessionChannel>()
  /** Addresses that lead to the app, by the name in them. */
  readonly proxies = new Map<string, string>()
  /** Until when it was paid for. */
  chargedAtMs: number
  /** Requests that are under way. */
  requests = 0
  readonly #ended = new AbortController()
  readonly #onEnd: (reason: string) => void

  constructor(options: {
    readonly id: string
    readonly terms: SessionTerms | undefined
    readonly nowMs: number
    /** Called once. */
    readonly onEnd: (reason: string) => void
  }) {
    this.id = options.id
    this.terms = options.terms
    this.createdAtMs = options.nowMs
    this.chargedAtMs = options.nowMs
    this.#onEnd = options.onEnd
  }

  /** Aborts when it ends; what is under way is cut then. */
  get signal(): AbortSignal {
    return this.#ended.signal
  }

  end(reason: string): void {
    if (this.#ended.signal.aborted) return
    this.#ended.abort(new MillraceError('session_over', `the session ended: ${reason}`))
    this.#onEnd(reason)
  }
}

/** An app behind an orchestrator, with its sessions. */
export class LiveRunner {
  readonly id: string
  readonly isStatic: boolean
  readonly heartbeatSecret: string
  readonly sessions = new Map<string, RunnerSession>()
  readonly #seed = randomBytes(32)
  settings: RunnerSettings
  /** What clients name it by. */
  route: string
  /** Wei for a unit that is counted; undefined where nothing is paid. */
  priceWei: bigint | undefined
  isReady = false
  lastBeatMs = 0
  /** Where an app with a health address is asked, and what it must answer. */
  health: { readonly url: string; readonly status: number } | undefined
  /** Told of sessions that begin and end, where the app listens. */
  told: ((event: 'reserved' | 'released', sessionId: string) => void) | undefined

  constructor(options: { readonly id: string; readonly isStatic: boolean; readonly settings: RunnerSettings }) {
    this.id = options.id
    this.isStatic = options.isStatic
    this.settings = options.settings
    this.route = options.id
    this.heartbeatSecret = this.derive('heartbeat')
  }

  /** A secret of this runner for one purpose. */
  derive(purpose: string): string {
    return base32(createHmac('sha256', this.#seed).update(purpose).digest())
  }

  sessionToken(sessionId: string): string {
    return this.derive(`session:${sessionId}`)
  }

  /** Throws `compute_not_found` when there is none of that name. */
  session(id: string): RunnerSession {
    const session = this.sessions.get(id)
    if (!session) throw new ComputeError('compute_not_found', 'runner session not found')
    return session
  }

  /** The sessions in the order in which they began. */
  get sessionIds(): readonly string[] {
    return [...this.sessions.values()].sort((a, b) => a.createdAtMs - b.createdAtMs).map(({ id }) => id)
  }

  /** Takes a place; throws `compute_conflict` or `compute_no_capacity`. */
  reserve(options: {
    readonly id: string
    readonly terms: SessionTerms | undefined
    readonly nowMs: number
    readonly onEnd: (session: RunnerSession, reason: string) => void
  }): RunnerSession {
    const { id, terms, nowMs, onEnd } = options
    if (this.sessions.has(id)) throw new ComputeError('compute_conflict', 'session already exists')
    if (this.sessions.size >= this.settings.capacity)
      throw new ComputeError('compute_no_capacity', 'no capacity available for runner', { retryable: true })
    const session: RunnerSession = new RunnerSession({
      ...{ id, terms, nowMs },
      onEnd: (reason) => {
        this.sessions.delete(id)
        this.told?.('released', id)
        onEnd(session, reason)
      },
    })
    this.sessions.set(id, session)
    this.told?.('reserved', id)
    return session
  }

  endSessions(reason: string): void {
    for (const session of [...this.sessions.values()]) session.end(reason)
  }
}

function base32(bytes: Uint8Array): string {
  let out = ''
  let bits = 0
  let value = 0
  for (const byte of bytes) {
    value = (value << 8) | byte
    bits += 8
    while (bits >= 5) {
      bits -= 5
      out += BASE32[(value >> bits) & 31]
    }
    value &= (1 << bits) - 1
  }
  return bits > 0 ? out + BASE32[(value << (5 - bits)) & 31] : out
}
