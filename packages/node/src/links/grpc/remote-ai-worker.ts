import type { ServiceError } from '@grpc/grpc-js'
import {
  type AiFile,
  type AiJob,
  capabilityOf,
  LIVE_PIPELINE,
  type LiveRun,
  type Pipeline,
  pipelineOf,
  readRequest,
} from '@millrace/ai'
import { type Clock, errorText, type Log, MillraceError, type Part, systemClock, utf8 } from '@millrace/base'
import {
  type Capabilities,
  CONTENT_TYPE,
  capabilitiesOf,
  capabilityBits,
  decodeNotifyAiJob,
  encodeRegisterAiWorkerRequest,
  type ModelConstraint,
  type NotifyAiJob,
  type RegisterAiWorkerRequest,
} from '@millrace/wire'
import type { AiWorkerLink, OfferedModel } from '../ai-links.ts'
import { AI_RESULTS_PATH, aiResultBody, aiResultHeaders } from '../http/ai-results.ts'
import { SecureClient } from '../http/secure-fetch.ts'
import { keepRegistered } from './keep-registered.ts'
import { beginLiveTask } from './remote-live.ts'
import { RpcClient, rpcError } from './rpc-client.ts'

export type RemoteAiWorkerOptions = {
  /** The orchestrator's address, https://host:port. */
  readonly orchestratorUri: string
  readonly secret: string
  readonly version: string
}

const INPUT_TIMEOUT_MS = 60_000
const MAX_INPUT_BYTES = 100_000_000
const DELIVERY_TIMEOUT_MS = 10 * 60_000

/** An AI worker's end of its orchestrator: registers its models, fetches inputs, delivers results, and comes back after every break. */
export class RemoteAiWorker implements Part {
  readonly name = 'remote-ai-worker'
  readonly #options: RemoteAiWorkerOptions
  readonly #worker: AiWorkerLink
  readonly #log: Log
  readonly #clock: Clock
  readonly #onFatal: (error: MillraceError) => void
  readonly #http = new SecureClient()
  readonly #stopping = new AbortController()
  readonly #tasks = new Set<Promise<void>>()
  #loop: Promise<void> | undefined

  constructor(
    options: RemoteAiWorkerOptions,
    deps: {
      readonly worker: AiWorkerLink
      readonly log: Log
      readonly clock?: Clock
      readonly onFatal: (error: MillraceError) => void
    },
  ) {
    this.#options = options
    this.#worker = deps.worker
    this.#log = deps.log
    this.#clock = deps.clock ?? systemClock
    this.#onFatal = deps.onFatal
  }

  async start(): Promise<void> {
    const options = { signal: this.#stopping.signal, onFatal: this.#onFatal }
    this.#loop = keepRegistered((signal) => this.#session(signal), options, { clock: this.#clock, log: this.#log })
  }

  async stop(): Promise<void> {
    this.#stopping.abort(new MillraceError('stopped', 'the AI worker is stopping', { retryable: true }))
    await this.#loop
    await Promise.allSettled(this.#tasks)
    this.#http.close()
  }

  /** One registration: ends when the stream ends. */
  #session(signal: AbortSignal): Promise<void> {
    const { orchestratorUri, secret, version } = this.#options
    const client = new RpcClient(orchestratorUri, { defaultPort: 8935 })
    const registration = registrationOf(this.#worker, { secret, version })
    return new Promise((resolve, reject) => {
      const stream = client.serverStream('/net.AIWorker/RegisterAIWorker', encodeRegisterAiWorkerRequest(registration))
      const onAbort = () => stream.cancel()
      signal.addEventListener('abort', onAbort, { once: true })
      const end = (error?: unknown) => {
        signal.removeEventListener('abort', onAbort)
        client.close()
        if (error) reject(error)
        else resolve()
      }
      stream.on('data', (bytes: Uint8Array) => {
        try {
          this.#notified(decodeNotifyAiJob(bytes), signal)
        } catch (error) {
          this.#log.warn('the orchestrator sent a job that cannot be read', { error: errorText(error) })
        }
      })
      stream.on('error', (error: ServiceError) => end(rpcError(error)))
      stream.on('end', () => end())
    })
  }

  #notified(notify: NotifyAiJob, signal: AbortSignal): void {
    const task: Promise<void> = this.#work(notify, signal)
      .catch((error) => this.#log.warn('a result could not be delivered', { error: errorText(error) }))
      .finally(() => this.#tasks.delete(task))
    this.#tasks.add(task)
  }

  async #work(notify: NotifyAiJob, signal: AbortSignal): Promise<void> {
    if (notify.pipeline === LIVE_PIPELINE) return this.#live(notify, signal)
    let job: AiJob
    let pipeline: Pipeline
    try {
      pipeline = knownPipeline(notify)
      job = await this.#jobOf(notify, pipeline, signal)
      if (pipeline.streams && job.request.stream === true) return await this.#stream(notify, pipeline, job, signal)
      const { contentType, body } = aiResultBody(await this.#worker.runAiJob(pipeline, job, { signal }))
      await this.#deliver(notify, contentType, body, signal)
    } catch (error) {
      if (signal.aborted) return
      await this.#deliver(notify, CONTENT_TYPE.aiWorkerError, utf8(errorText(error)), signal)
    }
  }

  /** The stream goes on after the answer, until its channels end or the orchestrator is gone. */
  async #live(notify: NotifyAiJob, signal: AbortSignal): Promise<void> {
    let run: LiveRun | undefined
    try {
      const begun = await beginLiveTask(notify, this.#worker, signal)
      run = begun.run
      const { contentType, body } = aiResultBody(begun.result)
      await this.#deliver(notify, contentType, body, signal)
    } catch (error) {
      await run?.stop()
      if (signal.aborted) return
      await this.#deliver(notify, CONTENT_TYPE.aiWorkerError, utf8(errorText(error)), signal)
    }
  }

  async #jobOf({ requestData, taskId }: NotifyAiJob, pipeline: Pipeline, signal: AbortSignal): Promise<AiJob> {
    const { input_url: url, request } = JSON.parse(Buffer.from(requestData).toString('utf8')) as {
      readonly input_url?: string
      readonly request: Readonly<Record<string, unknown>>
    }
    const [field] = pipeline.files
    const files: Record<string, AiFile> = {}
    if (field && url) files[field.name] = await this.#input(url, field.name, signal)
    return { requestId: String(taskId), request: readRequest(pipeline, request), files }
  }

  async #input(url: string, name: string, signal: AbortSignal): Promise<AiFile> {
    const answer = await this.#http.fetch(url, {
      headTimeoutMs: INPUT_TIMEOUT_MS,
      timeoutMs: INPUT_TIMEOUT_MS,
      maxBytes: MAX_INPUT_BYTES,
      signal,
    })
    if (answer.status !== 200) throw new MillraceError('source_gone', `the input answered ${answer.status}`)
    return { name, type: answer.headers['content-type'] ?? 'application/octet-stream', bytes: answer.body }
  }

  /** Chunks go as they come; what fails before the first is told as an error. */
  async #stream(notify: NotifyAiJob, pipeline: Pipeline, job: AiJob, signal: AbortSignal): Promise<void> {
    let outgoing: ReturnType<SecureClient['request']> | undefined
    let answered: Promise<void> = Promise.resolve()
    const open = () => {
      const request = this.#http.request(this.#resultsUrl(), {
        method: 'POST',
        headers: { ...this.#headers(notify), 'content-type': 'text/event-stream' },
      })
      answered = new Promise((resolve, reject) => {
        request.on('error', reject)
        request.on('response', (answer) => {
          answer.resume()
          answer.on('end', resolve)
        })
      })
      answered.catch(() => {})
      return request
    }
    try {
      await this.#worker.runAiJob(pipeline, job, {
        signal,
        onChunk: (chunk) => {
          outgoing ??= open()
          outgoing.write(`data: ${JSON.stringify(chunk)}\n\n`)
        },
      })
    } catch (error) {
      // An answer that broke off must not look like one that ended.
      outgoing?.destroy()
      throw error
    }
    outgoing ??= open()
    outgoing.end('data: [DONE]\n\n')
    await answered
  }

  #resultsUrl(): string {
    return new URL(AI_RESULTS_PATH, this.#options.orchestratorUri).href
  }

  #headers({ taskId, pipeline }: NotifyAiJob): Record<string, string> {
    return aiResultHeaders({ secret: this.#options.secret, taskId, pipeline })
  }

  async #deliver(notify: NotifyAiJob, contentType: string, body: Uint8Array, signal: AbortSignal): Promise<void> {
    const answer = await this.#http.fetch(this.#resultsUrl(), {
      headers: { ...this.#headers(notify), 'content-type': contentType },
      body,
      headTimeoutMs: DELIVERY_TIMEOUT_MS,
      timeoutMs: DELIVERY_TIMEOUT_MS,
      maxBytes: 64 * 1024,
      signal,
    })
    if (answer.status !== 200)
      throw new MillraceError('result_refused', `the orchestrator answered ${answer.status} to a result`, {
        retryable: true,
      })
  }
}

function knownPipeline({ pipeline }: NotifyAiJob): Pipeline {
  const known = pipelineOf(pipeline)
  if (known) return known
  throw new MillraceError('ai_runner_failed', `this worker does not know the pipeline ${pipeline.slice(0, 100)}`)
}

/** What a worker offers. Models of live video stand apart, where orchestrators that cannot ask a worker for them do not look. */
export function registrationOf(
  worker: Pick<AiWorkerLink, 'offers' | 'startLive'>,
  { secret, version }: { readonly secret: string; readonly version: string },
): RegisterAiWorkerRequest {
  const offers = worker.offers()
  const live = worker.startLive ? offers.filter(({ pipeline }) => pipeline === LIVE_PIPELINE) : []
  const batch = offers.filter(({ pipeline }) => pipeline !== LIVE_PIPELINE)
  return {
    ...{ secret, hardware: [], capabilities: capabilitiesOfModels(batch, version) },
    ...(live.length > 0 && { liveCapabilities: capabilitiesOfModels(live, version) }),
  }
}

/** The models as a registration tells them. */
function capabilitiesOfModels(offers: readonly OfferedModel[], version: string): Capabilities {
  const perCapability = new Map<number, { models: Map<string, ModelConstraint> }>()
  const capacities = new Map<number, number>()
  for (const { pipeline, modelId, warm, capacity, version: runnerVersion } of offers) {
    const capability = capabilityOf(pipeline)
    if (capability === undefined) continue
    const entry = perCapability.get(capability) ?? { models: new Map() }
    entry.models.set(modelId, { warm, capacity, runnerVersion, capacityInUse: 0 })
    perCapability.set(capability, entry)
    capacities.set(capability, (capacities.get(capability) ?? 0) + capacity)
  }
  const constraints = { minVersion: '', perCapability }
  return capabilitiesOf(capabilityBits(perCapability.keys()), { version, capacities, constraints })
}
