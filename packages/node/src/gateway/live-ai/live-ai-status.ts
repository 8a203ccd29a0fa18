/** What a runner told last, as JSON. */
type Event = Readonly<Record<string, unknown>>

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Runners tell these once and leave them out after that (ai spec 8.4). */
const TOLD_ONCE = ['last_params', 'last_restart_logs'] as const
const MAX_ERROR_LENGTH = 500

/** What is known of a live stream: the newest status of its runner, and what its gateway knows itself. */
export class LiveAiStatus {
  #event: Event | undefined
  readonly #gateway: Record<string, unknown>

  constructor(whepUrl: string) {
    this.#gateway = { whep_url: whepUrl }
  }

  /** Keeps an event, where it is a status. */
  heard(event: Event): void {
    if (event.type !== 'status') return
    const before = isObject(this.#event?.inference_status) ? this.#event.inference_status : {}
    const now = isObject(event.inference_status) ? event.inference_status : {}
    const kept = Object.fromEntries(
      TOLD_ONCE.filter((name) => now[name] == null && before[name] != null).map((name) => [name, before[name]]),
    )
    this.#event = { ...event, inference_status: { ...now, ...kept }, last_status_timestamp: Date.now() }
  }

  failed(message: string): void {
    this.#gateway.error = { error_message: message.slice(0, MAX_ERROR_LENGTH), error_time: Date.now() }
  }

  /** A fact of the gateway's own, or what tells it when it is asked for. */
  set(name: string, value: unknown): void {
    this.#gateway[name] = value
  }

  toJSON(): Event {
    return { ...this.#event, gateway_status: Object.fromEntries(Object.entries(this.#gateway).map(told)) }
  }
}

const told = ([name, value]: [string, unknown]): [string, unknown] => [
  name,
  typeof value === 'function' ? value() : value,
]
