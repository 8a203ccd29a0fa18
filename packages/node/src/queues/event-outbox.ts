import { type Clock, errorText, type Log, type Part } from '@millrace/base'

/** A connection to a message broker. */
export type Broker<Message> = {
  /** Resolves once the broker has taken all of them. */
  send(messages: readonly Message[]): Promise<void>
  close(): Promise<void>
}

export type EventOutboxOptions = {
  /** What it is called in the log. */
  readonly name: string
  /** How long what is told may wait for company. */
  readonly everyMs: number
  /** As many as are sent together. */
  readonly maxBatch: number
  /** The broker may take so long for a batch. */
  readonly timeoutMs: number
  /** Messages that wait while a broker is away; older ones make room. Default 1,000. */
  readonly maxWaiting?: number
}

const CONNECT_TIMEOUT_MS = 10_000
const FIRST_RETRY_MS = 1_000
const LONGEST_RETRY_MS = 60_000

/**
 * Sends messages to a broker in the order in which they are told, in the background. A broker that is away costs a node nothing
 * but messages: the newest of them are kept until it is back.
 */
export class EventOutbox<Message> implements Part {
  readonly name: string
  readonly #options: Required<EventOutboxOptions>
  readonly #connect: () => Promise<Broker<Message>>
  readonly #onDropped: (message: Message) => void
  readonly #clock: Clock
  readonly #log: Log
  readonly #stopping = new AbortController()
  #waiting: Message[] = []
  #dropped = 0
  #wake: () => void = () => {}
  #broker: Broker<Message> | undefined
  #running: Promise<void> = Promise.resolve()

  constructor(
    options: EventOutboxOptions,
    deps: {
      readonly connect: () => Promise<Broker<Message>>
      /** Is given each message that made room for newer ones. */
      readonly dropped?: (message: Message) => void
      readonly clock: Clock
      readonly log: Log
    },
  ) {
    this.name = options.name
    this.#options = { maxWaiting: 1_000, ...options }
    this.#connect = deps.connect
    this.#onDropped = deps.dropped ?? (() => {})
    this.#clock = deps.clock
    this.#log = deps.log
  }

  tell(message: Message): void {
    this.#waiting.push(message)
    this.#forgetOld()
    this.#wake()
  }

  async start(): Promise<void> {
    this.#running = this.#run()
  }

  /** Sends what still waits, once, and closes the connection. */
  async stop(): Promise<void> {
    this.#stopping.abort()
    this.#wake()
    await this.#running
    if (this.#waiting.length > 0)
      await this.#sendSome().catch((error) =>
        this.#log.warn('messages were lost when the node stopped', {
          broker: this.name,
          messages: this.#waiting.length,
          error: errorText(error),
        }),
      )
    await this.#disconnect()
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping
    let failures = 0
    while (!signal.aborted) {
      if (this.#waiting.length === 0) await this.#somethingWaits()
      if (signal.aborted) return
      try {
        if (this.#waiting.length < this.#options.maxBatch) await this.#sleep(this.#options.everyMs)
        await this.#sendSome()
        if (failures > 0) this.#log.info('the broker takes messages again', { broker: this.name, lost: this.#dropped })
        failures = 0
        this.#dropped = 0
      } catch (error) {
        // One line for a whole outage; an address may hold a password and is not part of it.
        if (failures === 0 && !signal.aborted)
          this.#log.warn('messages cannot be sent, trying again', { broker: this.name, error: errorText(error) })
        await this.#disconnect()
        await this.#sleep(Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** failures++))
      }
    }
  }

  async #sendSome(): Promise<void> {
    this.#broker ??= await this.#connectInTime()
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.slice(0, this.#options.maxBatch)
      await this.#inTime(this.#broker.send(batch), this.#options.timeoutMs)
      // What was told meanwhile may have pushed some of the batch out already.
      const sent = new Set(batch)
      this.#waiting = this.#waiting.filter((message) => !sent.has(message))
    }
  }

  async #connectInTime(): Promise<Broker<Message>> {
    const connecting = this.#connect()
    try {
      return await this.#inTime(connecting, CONNECT_TIMEOUT_MS)
    } catch (error) {
      // One that is there after all has nobody who would close it.
      void connecting.then((broker) => broker.close()).catch(() => {})
      throw error
    }
  }

  async #inTime<T>(work: Promise<T>, timeoutMs: number): Promise<T> {
    const over = new AbortController()
    try {
      return await Promise.race([
        work,
        this.#clock.sleep(timeoutMs, { signal: over.signal }).then(() => {
          throw new Error(`the broker did not answer within ${timeoutMs} ms`)
        }),
      ])
    } finally {
      over.abort()
      // A late failure is nobody's any more.
      work.catch(() => {})
    }
  }

  async #disconnect(): Promise<void> {
    const broker = this.#broker
    this.#broker = undefined
    await broker?.close().catch(() => {})
  }

  #somethingWaits(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = () => {
        if (this.#waiting.length > 0 || this.#stopping.signal.aborted) resolve()
      }
      this.#wake()
    })
  }

  async #sleep(ms: number): Promise<void> {
    await this.#clock.sleep(ms, { signal: this.#stopping.signal }).catch(() => {})
  }

  #forgetOld(): void {
    const extra = this.#waiting.length - this.#options.maxWaiting
    if (extra <= 0) return
    for (const message of this.#waiting.splice(0, extra)) this.#onDropped(message)
    this.#dropped += extra
  }
}
