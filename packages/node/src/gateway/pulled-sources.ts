import { errorText, type Log } from '@millrace/base'
import { openFileSource, type Publication } from '@millrace/media'
import { manifestId } from '@millrace/wire'
import type { PulledSourceConfig } from '../config/node-config.ts'

export type PulledSourcesDeps = {
  /** Shows a source as a stream until it ends. */
  publish(publication: Publication, options: { readonly manifestId: ReturnType<typeof manifestId> }): Promise<void>
  readonly log: Log
}

const FIRST_WAIT_MS = 1_000
const LONGEST_WAIT_MS = 30_000
/** A source that ran so long was a good one: the next failure is the first again. */
const GOOD_AFTER_MS = 60_000

/** The sources that a gateway fetches by itself: files are shown once, live ones are opened again whenever they end. */
export class PulledSources {
  readonly #deps: PulledSourcesDeps
  readonly #stop = new AbortController()
  readonly #running: Promise<void>[] = []

  constructor(deps: PulledSourcesDeps) {
    this.#deps = deps
  }

  start(sources: readonly PulledSourceConfig[]): void {
    for (const source of sources) this.#running.push(this.#keep(source))
  }

  async stop(): Promise<void> {
    this.#stop.abort()
    await Promise.all(this.#running)
  }

  async #keep({ name, address }: PulledSourceConfig): Promise<void> {
    const { log, publish } = this.#deps
    const { signal } = this.#stop
    let wait = FIRST_WAIT_MS
    while (!signal.aborted) {
      const began = performance.now()
      try {
        const source = await openFileSource({ path: address, allowPrivate: true, name, signal }, { log })
        log.info('a source begins', { name, about: source.about })
        await publish(source, { manifestId: manifestId(name) })
        const { reason } = await source.ended
        if (reason === 'finished' || reason === 'closed') return
        // A listener waits for its next publisher at once.
        if (reason === 'disconnected') wait = FIRST_WAIT_MS / 10
      } catch (error) {
        if (signal.aborted) return
        log.warn('a source cannot be shown', { name, error: errorText(error), again: `in ${wait / 1_000} s` })
      }
      if (performance.now() - began > GOOD_AFTER_MS) wait = FIRST_WAIT_MS
      await rest(wait, signal)
      wait = Math.min(LONGEST_WAIT_MS, Math.max(FIRST_WAIT_MS, wait * 2))
    }
  }
}

function rest(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve()
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, ms)
    signal.addEventListener('abort', done, { once: true })
  })
}
