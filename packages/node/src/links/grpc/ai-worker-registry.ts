import { randomBytes, timingSafeEqual } from 'node:crypto'
import {
  AiError,
  type AiFile,
  type AiJob,
  type AiResult,
  LIVE_CAPABILITY,
  LIVE_PIPELINE,
  PIPELINES,
  type Pipeline,
  type RunContext,
} from '@millrace/ai'
import { AsyncQueue, type Log, MillraceError, utf8 } from '@millrace/base'
import { type Capabilities, type NotifyAiJob, nodeId, PEER_ERROR, type RegisterAiWorkerRequest } from '@millrace/wire'
import type { AiWorkerLink, OfferedModel } from '../ai-links.ts'
import type { AiResultDoor, AiTaskResult } from '../http/ai-results.ts'
import { liveTaskRequest, RemoteLiveStreams } from './remote-live.ts'

export type AiWorkerRegistryOptions = {
  readonly secret: string
  /** Where workers fetch inputs: the orchestrator's own address. */
  readonly serviceUri: () => string
  /** How long a result may take. Default 15 minutes, as upstream. */
  readonly jobTimeoutMs?: number
}

type Task = { settle(result: AiTaskResult | MillraceError): void; readonly onChunk: RunContext['onChunk'] }

/** What a worker is asked, and where it waits to be asked. */
type Asked = {
  readonly taskId: number
  readonly pipeline: string
  readonly inputUrl?: string
  readonly request: object
  readonly notifications: AsyncQueue<NotifyAiJob>
}

const JOB_TIMEOUT_MS = 15 * 60_000
/** A worker says by then that it works on a live stream. A gateway waits for five seconds, and models may be loaded. */
const LIVE_START_TIMEOUT_MS = 30_000
const MAX_WORKERS = 1_000
const MAX_CAPACITY = 10_000
export const AI_INPUT_PATH = '/stream/ai-input/'

/** The orchestrator's end of remote AI workers: they register by a stream, fetch inputs by HTTP and post results (ai.md section 6). */
export class AiWorkerRegistry implements AiResultDoor {
  readonly #options: AiWorkerRegistryOptions
  readonly #join: (link: AiWorkerLink) => () => void
  readonly #log: Log
  readonly #tasks = new Map<number, Task>()
  readonly #inputs = new Map<string, AiFile>()
  #workers = 0
  #nextTask = 1
  #nextWorker = 1

  constructor(
    options: AiWorkerRegistryOptions,
    deps: {
      /** Adds a worker to the choice; returns how it leaves. */
      readonly join: (link: AiWorkerLink) => () => void
      readonly log: Log
    },
  ) {
    this.#options = options
    this.#join = deps.join
    this.#log = deps.log
  }

  authorized(credentials: string): boolean {
    const given = utf8(credentials)
    const wanted = utf8(this.#options.secret)
    return given.length === wanted.length && timingSafeEqual(given, wanted)
  }

  async *register(
    request: RegisterAiWorkerRequest,
    remote: string | undefined,
    signal: AbortSignal,
  ): AsyncGenerator<NotifyAiJob> {
    if (!this.authorized(request.secret)) throw new MillraceError('invalid_secret', PEER_ERROR.invalidSecret)
    const offers = offersOf(request)
    if (offers.length === 0) throw new MillraceError('zero_capacity', PEER_ERROR.zeroCapacity)
    if (this.#workers >= MAX_WORKERS) throw new MillraceError('too_many_workers', `at most ${MAX_WORKERS} workers`)
    const notifications = new AsyncQueue<NotifyAiJob>({ capacity: 1_000 })
    const link = this.#link(offers, notifications)
    const leave = this.#join(link)
    this.#workers++
    this.#log.info('an AI worker joined', { worker: link.workerId, models: offers.length, remote })
    const onAbort = () => notifications.close()
    signal.addEventListener('abort', onAbort, { once: true })
    try {
      yield* notifications
    } finally {
      signal.removeEventListener('abort', onAbort)
      this.#workers--
      leave()
      notifications.close()
      link.gone()
      this.#log.info('an AI worker left', { worker: link.workerId })
    }
  }

  chunk(taskId: number, chunk: Readonly<Record<string, unknown>>): void {
    this.#tasks.get(taskId)?.onChunk?.(chunk)
  }

  result(taskId: number, result: AiTaskResult): void {
    // The result of a job that nobody waits for any more is dropped, as upstream does.
    this.#tasks.get(taskId)?.settle(result)
  }

  /** The input of a job that waits to be fetched. */
  input(path: string): AiFile | undefined {
    return this.#inputs.get(path)
  }

  #link(offers: readonly OfferedModel[], notifications: AsyncQueue<NotifyAiJob>): AiWorkerLink & { gone(): void } {
    const running = new Map<number, string>()
    const warm = new Set(offers.filter((offer) => offer.warm).map(keyOf))
    const inUse = (key: string) => [...running.values()].filter((one) => one === key).length
    const live = new RemoteLiveStreams()
    return {
      workerId: nodeId(`remote-ai-worker-${this.#nextWorker++}`),
      offers: () => offers.map((offer) => ({ ...offer, warm: warm.has(keyOf(offer)), inUse: inUse(keyOf(offer)) })),
      runAiJob: async (pipeline, job, context) => {
        const key = keyOf({ pipeline: pipeline.name, modelId: String(job.request[pipeline.modelField]) })
        const result = await this.#run(pipeline, job, context, { running, key, notifications })
        // A model that has answered is loaded.
        warm.add(key)
        return result
      },
      startLive: async (job, { signal }) => {
        const taskId = this.#nextTask++
        const key = keyOf({ pipeline: LIVE_PIPELINE, modelId: job.modelId })
        running.set(taskId, key)
        try {
          const asked = { taskId, pipeline: LIVE_PIPELINE, request: liveTaskRequest(job), notifications }
          await this.#ask(asked, { signal }, LIVE_START_TIMEOUT_MS)
        } catch (error) {
          running.delete(taskId)
          throw error
        }
        warm.add(key)
        return live.begun(() => running.delete(taskId))
      },
      gone: () => {
        for (const taskId of running.keys()) this.#tasks.get(taskId)?.settle(workerGone())
        live.gone()
      },
    }
  }

  async #run(
    pipeline: Pipeline,
    job: AiJob,
    context: RunContext,
    worker: {
      readonly running: Map<number, string>
      readonly key: string
      readonly notifications: AsyncQueue<NotifyAiJob>
    },
  ): Promise<AiResult> {
    const { running, key, notifications } = worker
    const taskId = this.#nextTask++
    const [file] = Object.values(job.files)
    // The name cannot be guessed: whoever knows it may read the input.
    const path = `${AI_INPUT_PATH}${randomBytes(16).toString('hex')}`
    const inputUrl = file ? new URL(path, this.#options.serviceUri()).href : ''
    if (file) this.#inputs.set(path, file)
    running.set(taskId, key)
    try {
      const asked = { taskId, pipeline: pipeline.name, inputUrl, request: job.request, notifications }
      return await this.#ask(asked, context, this.#options.jobTimeoutMs ?? JOB_TIMEOUT_MS)
    } finally {
      this.#inputs.delete(path)
      running.delete(taskId)
    }
  }

  /** Hands a task to a worker and waits for its answer. */
  async #ask(asked: Asked, { signal, onChunk }: RunContext, limitMs: number): Promise<AiResult> {
    const { taskId, pipeline, inputUrl = '', request, notifications } = asked
    signal.throwIfAborted()
    if (notifications.closed) throw workerGone()
    let timer: ReturnType<typeof setTimeout> | undefined
    let onAbort: (() => void) | undefined
    try {
      const answer = await new Promise<AiTaskResult | MillraceError>((resolve) => {
        this.#tasks.set(taskId, { settle: resolve, onChunk })
        timer = setTimeout(() => resolve(new AiError('ai_timed_out', 'the AI worker did not answer in time')), limitMs)
        onAbort = () => resolve(new AiError('ai_timed_out', 'the job was abandoned', { cause: signal.reason }))
        signal.addEventListener('abort', onAbort, { once: true })
        notifications.push({ taskId, pipeline, requestData: utf8(JSON.stringify({ input_url: inputUrl, request })) })
      })
      if (answer instanceof MillraceError) throw answer
      if ('error' in answer) throw failure(answer.error)
      return answer
    } finally {
      clearTimeout(timer)
      if (onAbort) signal.removeEventListener('abort', onAbort)
      this.#tasks.delete(taskId)
    }
  }
}

/** A worker tells its errors as texts; one that has no room is the one that matters to who asks. */
const failure = (text: string): AiError =>
  text.startsWith('insufficient capacity')
    ? new AiError('ai_no_capacity', text, { retryable: true })
    : new AiError('ai_runner_failed', text)

const workerGone = (): MillraceError => new MillraceError('worker_gone', 'the AI worker went away', { retryable: true })

const keyOf = ({ pipeline, modelId }: Pick<OfferedModel, 'pipeline' | 'modelId'>): string => `${pipeline} ${modelId}`

/** The models of a registration: those of pipelines that are known here, with places. */
function offersOf({ capabilities, liveCapabilities }: RegisterAiWorkerRequest): readonly OfferedModel[] {
  const batch = PIPELINES.flatMap(({ name, capability }) => modelsOf(capabilities, name, capability))
  return [...batch, ...modelsOf(liveCapabilities, LIVE_PIPELINE, LIVE_CAPABILITY)]
}

const modelsOf = (of: Capabilities | undefined, pipeline: string, capability: number): readonly OfferedModel[] =>
  [...(of?.constraints?.perCapability.get(capability)?.models ?? [])]
    .map(([modelId, model]) => ({
      ...{ pipeline, modelId, warm: model.warm, inUse: 0, version: model.runnerVersion },
      capacity: Math.min(MAX_CAPACITY, model.capacity),
    }))
    .filter(({ capacity }) => capacity > 0)
