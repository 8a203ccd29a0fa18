import { errorText, type Log } from '@millrace/base'
import type { SessionId } from '@millrace/wire'
import type { WorkerLink } from '../ports.ts'

/**
 * The sessions that one registration has brought. With it an orchestrator forgets which sessions its worker has:
 * nobody else would end them, and they would take up the worker's room.
 */
export class WorkerSessions {
  readonly #worker: WorkerLink
  readonly #log: Log
  readonly #open = new Set<SessionId>()
  #over = false

  constructor(worker: WorkerLink, log: Log) {
    this.#worker = worker
    this.#log = log
  }

  /** A segment of the session is done; one that the break of the registration overtook is ended now. */
  used(sessionId: SessionId): void {
    if (this.#over) this.end(sessionId)
    else this.#open.add(sessionId)
  }

  end(sessionId: SessionId): void {
    this.#open.delete(sessionId)
    this.#worker
      .endSession(sessionId)
      .catch((error) => this.#log.debug('ending a session failed', { sessionId, error: errorText(error) }))
  }

  endAll(): void {
    this.#over = true
    for (const sessionId of this.#open) this.end(sessionId)
  }
}
