import { AsyncQueue, errorText, type Log } from '@millrace/base'
import { TricklePublisher, type TricklePublisherOptions } from '../trickle/trickle-publisher.ts'

const MAX_WAITING = 100
const FLUSH_MS = 1_000

/** Writes events of a live stream to its events channel, each as one segment, in the envelope of the network (ai spec, section 8.4). */
export class LiveEvents {
  readonly #publisher: TricklePublisher | undefined
  readonly #queue = new AsyncQueue<Uint8Array>({ capacity: MAX_WAITING })
  readonly #log: Log
  readonly #sending: Promise<void>

  constructor(target: TricklePublisherOptions | undefined, log: Log) {
    this.#log = log
    this.#publisher = target && new TricklePublisher({ mimeType: 'application/json', ...target })
    this.#sending = this.#send()
  }

  /** `stream` for status, errors and restarts; `trace` for where the stream has got to. */
  tell(kind: 'stream' | 'trace', event: Readonly<Record<string, unknown>>): void {
    if (!this.#publisher) return
    const queue_event_type = kind === 'trace' ? 'stream_trace' : 'ai_stream_events'
    try {
      this.#queue.push(Buffer.from(JSON.stringify({ event, queue_event_type })))
    } catch {
      this.#log.debug('an event of a live stream was left out: its channel is too slow')
    }
  }

  /** Sends what waits, for a second at most, and ends the channel. */
  async close(): Promise<void> {
    this.#queue.close()
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, FLUSH_MS)
    })
    await Promise.race([this.#sending, late])
    clearTimeout(timer)
    await this.#publisher?.close().catch(() => {})
  }

  async #send(): Promise<void> {
    for await (const bytes of this.#queue)
      await this.#publisher?.write(bytes).catch((error) => {
        this.#log.debug('an event of a live stream could not be told', { reason: errorText(error) })
      })
  }
}
