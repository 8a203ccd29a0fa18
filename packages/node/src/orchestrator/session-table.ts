import type { Clock } from '@millrace/base'
import type { Address, SessionId } from '@millrace/wire'

const IDLE_MS = 70_000

type Session = { readonly sender: Address; running: number; usedAt: number }

/** The sessions an orchestrator has under way; one without segments for 70 s makes room (transcodeLoopTimeout upstream). */
export class SessionTable {
  #capacity: () => number
  readonly #clock: Clock
  readonly #onEnd: (sessionId: SessionId, sender: Address) => void
  readonly #sessions = new Map<SessionId, Session>()

  constructor(
    options: { readonly capacity: number },
    deps: { readonly clock: Clock; readonly onEnd: (sessionId: SessionId, sender: Address) => void },
  ) {
    this.#capacity = () => options.capacity
    this.#clock = deps.clock
    this.#onEnd = deps.onEnd
  }

  /** Sessions that are taken at most. */
  get capacity(): number {
    return this.#capacity()
  }

  /** Takes this many from now on; sessions under way go on. */
  setCapacity(capacity: () => number): void {
    this.#capacity = capacity
  }

  get size(): number {
    return this.#sessions.size
  }

  /** True when no further session can be taken. */
  get full(): boolean {
    this.sweep()
    return this.#sessions.size >= this.capacity
  }

  has(sessionId: SessionId): boolean {
    return this.#sessions.has(sessionId)
  }

  /** Notes that a segment of the session is under way; the returned function ends that, and is safe to call twice. */
  begin(sessionId: SessionId, sender: Address): () => void {
    const session = this.#sessions.get(sessionId) ?? { sender, running: 0, usedAt: 0 }
    this.#sessions.set(sessionId, session)
    session.running++
    session.usedAt = this.#clock.elapsed()
    let done = false
    return () => {
      if (done) return
      done = true
      session.running--
      session.usedAt = this.#clock.elapsed()
    }
  }

  end(sessionId: SessionId): void {
    const session = this.#sessions.get(sessionId)
    if (!session) return
    this.#sessions.delete(sessionId)
    this.#onEnd(sessionId, session.sender)
  }

  /** Ends sessions that nobody uses any more. */
  sweep(): void {
    const limit = this.#clock.elapsed() - IDLE_MS
    for (const [id, session] of this.#sessions) if (session.running === 0 && session.usedAt < limit) this.end(id)
  }
}
