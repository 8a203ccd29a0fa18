import { AsyncQueue, MillraceError } from '@millrace/base'

/** Chunks of a segment that wait to be sent. */
const MAX_CHUNKS = 4_096
/** Segments that wait to be sent; older ones are of no use to anybody who watches live. */
const MAX_WAITING = 3
const MAX_FAILURES = 5

export type SegmentSink = { write(data: AsyncIterable<Uint8Array>): Promise<number> }

/** Sends segments one after the other, as their bytes come; where it cannot keep up the oldest that waits is left out. */
export class OutputSegments {
  /** Resolves with why when there is nobody to send to any more; never rejects. */
  readonly gone: Promise<string>
  readonly #sink: SegmentSink
  readonly #waiting: AsyncQueue<Uint8Array>[] = []
  #current: AsyncQueue<Uint8Array> | undefined
  #sending: Promise<void> | undefined
  #failures = 0
  #tellGone: (why: string) => void = () => {}

  constructor(sink: SegmentSink) {
    this.#sink = sink
    this.gone = new Promise((resolve) => {
      this.#tellGone = resolve
    })
  }

  /** Ends the open segment and begins the next. */
  next(): void {
    this.end()
    const segment = new AsyncQueue<Uint8Array>({ capacity: MAX_CHUNKS })
    this.#current = segment
    this.#waiting.push(segment)
    if (this.#waiting.length > MAX_WAITING) this.#waiting.shift()
    this.#send()
  }

  write(bytes: Uint8Array): void {
    try {
      this.#current?.push(bytes)
    } catch {
      // Half a segment would be shown broken.
      this.#current?.close(new MillraceError('queue_full', 'the segment could not be sent in time'))
      this.#current = undefined
    }
  }

  end(): void {
    this.#current?.close()
    this.#current = undefined
  }

  /** Resolves when all that waited was sent. */
  async sent(): Promise<void> {
    await this.#sending
  }

  #send(): void {
    this.#sending ??= this.#sendAll().finally(() => {
      this.#sending = undefined
    })
  }

  async #sendAll(): Promise<void> {
    for (;;) {
      const segment = this.#waiting.shift()
      if (!segment) return
      try {
        await this.#sink.write(segment)
        this.#failures = 0
      } catch (error) {
        const code = error instanceof MillraceError ? error.code : ''
        if (code === 'channel_ended' || code === 'channel_not_found')
          return this.#tellGone('its output channel has ended')
        if (++this.#failures > MAX_FAILURES) return this.#tellGone('its output channel cannot be reached')
      }
    }
  }
}
