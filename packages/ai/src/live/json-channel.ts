import { AsyncQueue, errorText, type Log } from '@millrace/base'
import { TricklePublisher, type TricklePublisherOptions } from '../trickle/trickle-publisher.ts'

const MAX_WAITING = 100
const FLUSH_MS = 1_000

/** A channel of JSON objects, each a segment of its own. What its readers are too slow for is left out. */
export class JsonChannel {
  readonly #publisher: TricklePublisher | undefined
  readonly #queue = new AsyncQueue<Uint8Array>({ capacity: MAX_WAITING })
  readonly #log: Log
  readonly #sending: Promise<void>

  /** Without a target everything is left out. */
  constructor(target: TricklePublisherOptions | undefined, log: Log) {
    this.#log = log
    this.#publisher = target && new TricklePublisher({ mimeType: 'application/json', ...target })
    this.#sending = this.#send()
  }

  write(value: Readonly<Record<string, unknown>>): void {
    if (!this.#publisher) return
    try {
      this.#queue.push(Buffer.from(JSON.stringify(value)))
    } catch {
      this.#log.debug('an object was left out: its channel is too slow')
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
        this.#log.debug('an object could not be sent on its channel', { reason: errorText(error) })
      })
  }
}
