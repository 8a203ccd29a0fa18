import type { Clock } from '@millrace/base'
import { AiError } from '../ai-error.ts'
import { HEALTH_TIMEOUT_MS, MAX_STATUS_BYTES, withinJob } from './job-limits.ts'
import type { RunnerState } from './runner.ts'
import { ServerClient } from './server-client.ts'
import { untilUp } from './until-up.ts'

export type AiRunnerServerOptions = {
  readonly pipeline: string
  readonly modelId: string
  /** Where the container, or a Millrace worker, is: `http://10.0.0.7:8000`. */
  readonly url: string
  readonly token?: string | undefined
  /** How long `load` waits for it. Default 2 minutes. */
  readonly loadTimeoutMs?: number | undefined
}

const MAX_MODELS = 100
const STATES: readonly string[] = ['LOADING', 'OK', 'IDLE', 'ERROR'] satisfies RunnerState[]

/** What every container of ai-runner has, whatever it does: its health, its version, and the model that it says it has (ai spec, section 4). */
export class AiRunnerServer {
  /** What errors call it. */
  readonly what: string
  readonly client: ServerClient
  readonly #options: AiRunnerServerOptions
  readonly #clock: Clock
  #version = ''

  /** Throws `ai_models_invalid` when the address is none. */
  constructor(options: AiRunnerServerOptions, deps: { readonly clock: Clock }) {
    this.#options = options
    this.#clock = deps.clock
    this.what = `the runner of ${options.pipeline} (${options.modelId})`
    this.client = new ServerClient({ url: options.url, token: options.token, what: this.what })
  }

  /** What it says of itself; empty until it was loaded. */
  get version(): string {
    return this.#version
  }

  /** Waits until it is up. Throws `ai_runner_failed` when that takes too long, or it has another model. */
  async load({ signal }: { readonly signal: AbortSignal }): Promise<void> {
    await untilUp(() => this.health(), {
      ...{ what: this.what, signal, clock: this.#clock },
      timeoutMs: this.#options.loadTimeoutMs ?? 120_000,
    })
    const about = await this.#about(signal)
    if (typeof about.version === 'string') this.#version = about.version.slice(0, 100)
    this.#checkModel(about)
  }

  async health(): Promise<RunnerState> {
    const limit = { signal: new AbortController().signal, timeoutMs: HEALTH_TIMEOUT_MS, what: this.what }
    return withinJob(limit, async (signal) => {
      const answer = await this.client.ask('/health', undefined, { signal, maxBytes: MAX_STATUS_BYTES })
      const { status } = ((await answer.json()) ?? {}) as { status?: unknown }
      if (typeof status === 'string' && STATES.includes(status)) return status as RunnerState
      throw new AiError('ai_runner_failed', `${this.what} says nothing of its health that ai-runner would say`)
    })
  }

  /** A container has one model; a Millrace worker lists all that it has. Those that say nothing are believed. */
  #checkModel(about: Readonly<Record<string, unknown>>): void {
    const { pipeline, modelId } = this.#options
    const listed: readonly unknown[] = Array.isArray(about.models) ? about.models.slice(0, MAX_MODELS) : [about]
    const offers = listed.map((offer) => (offer ?? {}) as { readonly pipeline?: unknown; readonly model_id?: unknown })
    const is = (said: unknown, wanted: string) => typeof said !== 'string' || said === '' || said === wanted
    if (offers.some((offer) => is(offer.pipeline, pipeline) && is(offer.model_id, modelId))) return
    const there = offers.map((offer) => `${offer.model_id} for ${offer.pipeline}`.slice(0, 200)).join(', ')
    throw new AiError(
      'ai_runner_failed',
      `${this.what} says that it has ${there || 'no model'}: name one of those in its entry, or start it with PIPELINE=${pipeline} MODEL_ID=${modelId}`,
    )
  }

  async #about(signal: AbortSignal): Promise<Readonly<Record<string, unknown>>> {
    try {
      const answer = await this.client.ask('/version', undefined, { signal, maxBytes: MAX_STATUS_BYTES })
      return ((await answer.json()) ?? {}) as Readonly<Record<string, unknown>>
    } catch (error) {
      if (signal.aborted) throw error
      // Older containers have no such path.
      return {}
    }
  }
}
