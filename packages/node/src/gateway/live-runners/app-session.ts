import { type Clock, errorText, floorRational, type Log, MillraceError } from '@millrace/base'
import { type TellEvent, ZERO_ADDRESS } from '@millrace/wire'
import type { SpendMeter } from '../api-keys/spend-meter.ts'
import type { AppOffer } from './app-market.ts'
import type { SessionPayments } from './session-payments.ts'

export type AppSessionOptions = {
  readonly id: string
  readonly offer: AppOffer
  /** Where requests go. */
  readonly appUrl: string
  /** Headers of the first request, where that is what opens the session. */
  readonly headers: Readonly<Record<string, string>>
  readonly attempts: number
  /** A session without a request for so long is stopped, as nobody would pay for it. */
  readonly idleMs: number
  readonly payEveryMs: number
}

export type AppSessionDeps = {
  /** Undefined where nothing is paid. */
  readonly payments: SessionPayments | undefined
  readonly meter: SpendMeter
  /** Tells the orchestrator that it is over. */
  readonly release: () => Promise<void>
  readonly onEnd: (outcome: SessionOutcome) => void
  readonly tell: TellEvent
  readonly clock: Clock
  readonly log: Log
}

/** `refused` where the orchestrator may not have taken the payment. */
export type SessionOutcome = 'done' | 'failed' | 'refused'

/** After so many payments in a row that were not taken a session is given up. */
const MAX_FAILURES = 3

/** A session with an app at an orchestrator, paid until it ends. */
export class AppSession {
  readonly options: AppSessionOptions
  readonly #deps: AppSessionDeps
  readonly #over = new AbortController()
  readonly #began: number
  readonly #timer: NodeJS.Timeout
  #requests = 0
  #usedAtMs: number
  #failures = 0
  #paying: Promise<void> | undefined

  constructor(options: AppSessionOptions, deps: AppSessionDeps) {
    this.options = options
    this.#deps = deps
    this.#began = deps.clock.elapsed()
    this.#usedAtMs = this.#began
    this.#timer = setInterval(() => this.#tick(), options.payEveryMs)
    this.#timer.unref()
  }

  get id(): string {
    return this.options.id
  }

  /** Aborts when it ends. */
  get signal(): AbortSignal {
    return this.#over.signal
  }

  /** To be called when a request begins; the function when it is over. */
  use(): () => void {
    this.#requests++
    return () => {
      this.#requests--
      this.#usedAtMs = this.#deps.clock.elapsed()
    }
  }

  /** Ends it at the orchestrator too; what failed is not told as bought. */
  async end(reason: string, outcome: SessionOutcome = 'done'): Promise<void> {
    if (this.#over.signal.aborted) return
    clearInterval(this.#timer)
    this.#over.abort(new MillraceError('session_over', `the session ended: ${reason}`))
    const { payments, meter, release, onEnd, tell, clock, log } = this.#deps
    const { offer, attempts } = this.options
    await this.#paying
    const cost = payments?.end(outcome === 'done' ? 'done' : 'failed')
    meter.end(cost ? floorRational(cost.fee) : 0n)
    onEnd(outcome)
    const tookMs = clock.elapsed() - this.#began
    if (outcome === 'done')
      tell({
        type: 'ai_job_bought',
        ...{ pipeline: 'live-runner', modelId: offer.app.app, orchestratorUri: offer.entry.serviceUri },
        orchestrator: offer.entry.address ?? ZERO_ADDRESS,
        units: (cost?.units ?? 0n).toString(),
        feeWei: (cost ? floorRational(cost.fee) : 0n).toString(),
        ...{ tickets: cost?.tickets ?? 0, attempts, tookMs },
      })
    log.info('a session with an app ended', { session: this.id, app: offer.app.app, reason })
    await release().catch((error) =>
      log.info('an orchestrator was not told of the end of a session', { session: this.id, error: errorText(error) }),
    )
  }

  #tick(): void {
    const { clock, payments, meter, log } = this.#deps
    if (this.#requests === 0 && clock.elapsed() - this.#usedAtMs > this.options.idleMs)
      return void this.end('nobody used it')
    if (!payments || this.#paying) return
    try {
      meter.goOn(payments.spentWei)
    } catch (error) {
      return void this.end(errorText(error))
    }
    this.#paying = payments
      .keepPaid({ signal: this.#over.signal })
      .then(
        () => {
          this.#failures = 0
        },
        (error) => {
          if (this.#over.signal.aborted) return
          this.#failures++
          log.info('a session with an app could not be paid for', { session: this.id, error: errorText(error) })
          if (isOver(error) || this.#failures >= MAX_FAILURES) return this.end('it could not be paid for')
        },
      )
      .finally(() => {
        this.#paying = undefined
      })
  }
}

/** The orchestrator does not know the session any more. */
const isOver = (error: unknown): boolean => error instanceof MillraceError && error.meta.status === 404
