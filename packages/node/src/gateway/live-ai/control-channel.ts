import { TricklePublisher } from '@millrace/ai'
import { errorText, hasCode, MillraceError } from '@millrace/base'

export type ControlChannelDeps = { readonly onGone: (why: string) => void }

const KEEP_ALIVE_MS = 10_000
const KEEP_ALIVE = Buffer.from('{"keep":"alive"}')
const TRIES = 3
const AGAIN_AFTER_MS = 100
/** Changes that wait; nobody moves a slider faster for long. */
const MAX_WAITING = 20

/** The control channel of an orchestrator: a segment each for changed parameters, and a sign of life every ten seconds. */
export class ControlChannel {
  readonly #publisher: TricklePublisher
  readonly #deps: ControlChannelDeps
  readonly #timer: ReturnType<typeof setInterval>
  #last: Promise<void> = Promise.resolve()
  #waiting = 0
  #stopped = false

  constructor(url: string, deps: ControlChannelDeps) {
    this.#publisher = new TricklePublisher({ url, mimeType: 'application/json', anyCertificate: true })
    this.#deps = deps
    this.#timer = setInterval(() => void this.write(KEEP_ALIVE).catch(() => {}), KEEP_ALIVE_MS)
    this.#timer.unref()
  }

  /** One after the other. Throws `control_not_sent` when the orchestrator did not take it, or too many wait. */
  write(message: Uint8Array): Promise<void> {
    if (this.#waiting >= MAX_WAITING)
      return Promise.reject(notSent('too many changes wait already: send fewer of them', undefined))
    this.#waiting++
    const sent = this.#last.then(() => this.#send(message)).finally(() => this.#waiting--)
    this.#last = sent.catch(() => {})
    return sent
  }

  stop(): void {
    this.#stopped = true
    clearInterval(this.#timer)
  }

  async close(): Promise<void> {
    this.stop()
    await this.#publisher.close()
  }

  async #send(message: Uint8Array): Promise<void> {
    for (let left = TRIES - 1; ; left--) {
      if (this.#stopped) throw notSent('the orchestrator is not at work any more', undefined)
      try {
        await this.#publisher.write(message)
        return
      } catch (error) {
        if (hasCode(error, 'channel_not_found') || hasCode(error, 'channel_ended')) {
          if (!this.#stopped) this.#deps.onGone(errorText(error))
          throw notSent(errorText(error), error)
        }
        if (left === 0) throw notSent(errorText(error), error)
        await new Promise((resolve) => setTimeout(resolve, AGAIN_AFTER_MS))
      }
    }
  }
}

const notSent = (why: string, cause: unknown): MillraceError =>
  new MillraceError('control_not_sent', `the parameters did not reach the orchestrator: ${why}`, {
    cause,
    retryable: true,
  })
