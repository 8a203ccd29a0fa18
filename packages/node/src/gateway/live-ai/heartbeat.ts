import { errorText, type Log } from '@millrace/base'
import { z } from 'zod'
import { fetchJson } from '../../links/http/fetch-json.ts'

export type HeartbeatOptions = {
  readonly url: string
  readonly headers?: Readonly<Record<string, string>> | undefined
  /** Default 5 s. */
  readonly intervalMs?: number | undefined
}

export type HeartbeatDeps = {
  /** The streamIds of those that run. */
  readonly running: () => readonly string[]
  readonly end: (streamId: string, reason: string) => void
  readonly log: Log
}

const INTERVAL_MS = 5_000
const MAX_BYTES = 1 << 20
const reply = z.object({ terminatedStreamIds: z.array(z.string()).nullish() })

/** -liveAIHeartbeatURL: tells a service every few seconds which live AI streams run, and ends those whose time it says is over. */
export class Heartbeat {
  readonly #options: HeartbeatOptions
  readonly #deps: HeartbeatDeps
  readonly #timer: ReturnType<typeof setInterval>
  readonly #stop = new AbortController()
  #beating = false

  constructor(options: HeartbeatOptions, deps: HeartbeatDeps) {
    this.#options = options
    this.#deps = deps
    this.#timer = setInterval(() => void this.#beat(), options.intervalMs ?? INTERVAL_MS)
    this.#timer.unref()
  }

  stop(): void {
    clearInterval(this.#timer)
    this.#stop.abort()
  }

  async #beat(): Promise<void> {
    if (this.#beating) return
    this.#beating = true
    const { url, headers, intervalMs = INTERVAL_MS } = this.#options
    const { running, end, log } = this.#deps
    try {
      const sent = { timeoutMs: Math.max(1_000, intervalMs), maxBytes: MAX_BYTES, headers, signal: this.#stop.signal }
      const answer = await fetchJson(url, { ...sent, body: { ids: running() } })
      for (const id of reply.parse(answer ?? {}).terminatedStreamIds ?? []) end(id, 'credit_exhaustion')
    } catch (error) {
      // A service that is away ends no stream.
      if (!this.#stop.signal.aborted) log.warn('-liveAIHeartbeatURL failed', { error: errorText(error) })
    } finally {
      this.#beating = false
    }
  }
}
