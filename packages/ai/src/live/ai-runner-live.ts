import { type Clock, type Log, systemClock } from '@millrace/base'
import { AiRunnerServer, type AiRunnerServerOptions } from '../runners/ai-runner-server.ts'
import { jsonBody } from '../runners/form-body.ts'
import { MAX_STATUS_BYTES, withinJob } from '../runners/job-limits.ts'
import type { RunnerState } from '../runners/runner.ts'
import { AiRunnerLiveSession } from './ai-runner-live-session.ts'
import { runnerLiveRequestJson } from './live-messages-json.ts'
import { LIVE_PIPELINE } from './live-pipeline.ts'
import type { LiveRequest, LiveRunner } from './live-runner.ts'

export type AiRunnerLiveOptions = Omit<AiRunnerServerOptions, 'pipeline'> & {
  /** Streams at once; a container takes one, which is the default. */
  readonly capacity?: number | undefined
  /** How long it may take to accept a stream. Default 10 s. */
  readonly startTimeoutMs?: number | undefined
}

/**
 * A container of ai-runner that works on live streams (ai spec, section 4), or whatever speaks its API. It reads and writes the channels
 * itself; that a stream is over is seen by its channels, and by its health: a container that has nothing to do says IDLE.
 */
export class AiRunnerLive implements LiveRunner {
  readonly kind = 'ai-runner'
  readonly pipeline = LIVE_PIPELINE
  readonly modelId: string
  readonly capacity: number
  /** A container does not tell. */
  readonly params = undefined
  readonly #server: AiRunnerServer
  readonly #options: AiRunnerLiveOptions
  readonly #clock: Clock
  readonly #log: Log
  readonly #sessions = new Set<AiRunnerLiveSession>()

  constructor(options: AiRunnerLiveOptions, deps: { readonly log: Log; readonly clock?: Clock }) {
    this.#options = options
    this.#clock = deps.clock ?? systemClock
    this.#log = deps.log
    this.modelId = options.modelId
    this.capacity = options.capacity ?? 1
    this.#server = new AiRunnerServer({ ...options, pipeline: LIVE_PIPELINE }, { clock: this.#clock })
  }

  get version(): string {
    return this.#server.version
  }

  get streams(): number {
    return this.#sessions.size
  }

  load(options: { readonly signal: AbortSignal }): Promise<void> {
    return this.#server.load(options)
  }

  async health(): Promise<RunnerState> {
    const state = await this.#server.health()
    // One that takes several streams cannot say which of them it means.
    const tells = this.capacity === 1
    for (const session of this.#sessions) if (tells || state === 'ERROR') session.observed(state)
    return state
  }

  async start(request: LiveRequest, { signal }: { readonly signal: AbortSignal }): Promise<AiRunnerLiveSession> {
    const { what, client } = this.#server
    const body = jsonBody(runnerLiveRequestJson({ modelId: this.modelId, request }))
    const limit = { signal, timeoutMs: this.#options.startTimeoutMs ?? 10_000, what }
    await withinJob(limit, async (inTime) => {
      const answer = await client.ask(`/${LIVE_PIPELINE}`, body, { signal: inTime, maxBytes: MAX_STATUS_BYTES })
      await answer.bytes()
    })
    const session = new AiRunnerLiveSession({
      clock: this.#clock,
      health: () => this.health(),
      settles: this.capacity === 1,
    })
    this.#sessions.add(session)
    void session.ended.then((why) => {
      this.#sessions.delete(session)
      this.#log.info('a live stream has left its runner', { requestId: request.requestId, reason: why })
    })
    return session
  }

  async unload(): Promise<void> {
    // The container is not ours to stop; whoever has a stream with it must know.
    for (const session of this.#sessions) session.lost('its runner is down')
  }
}
