import type { ServiceError } from '@grpc/grpc-js'
import { type Clock, errorText, type Log, MillraceError, type Part, systemClock } from '@millrace/base'
import {
  capabilitiesOf,
  codecCapabilities,
  DEFAULT_CAPABILITIES,
  decodeNotifySegment,
  encodeRegisterRequest,
  HEADER,
  type NotifySegment,
  PEER_ERROR,
} from '@millrace/wire'
import { workLiveTask } from '../http/live-task.ts'
import { SecureClient } from '../http/secure-fetch.ts'
import { transcodeResultRequest } from '../http/transcode-results.ts'
import type { TaskResult } from '../orchestrator-service.ts'
import { WORKER_STOPPING, type WorkerLink } from '../ports.ts'
import { traceOf } from '../trace-context.ts'
import { keepRegistered } from './keep-registered.ts'
import { RpcClient, rpcError } from './rpc-client.ts'
import { WorkerSessions } from './worker-sessions.ts'

export type RemoteWorkerOptions = {
  /** The orchestrator's address, https://host:port. */
  readonly orchestratorUri: string
  readonly secret: string
  readonly version: string
}

/** Work under way may take this long when the worker is told to stop; its process waits 10 s at most. */
const DRAIN_LIMIT_MS = 9_000
const MAX_SOURCE_BYTES = 300_000_000

/**
 * The worker's end of its orchestrator: registers, fetches sources, delivers results, and comes back after every break.
 * A wrong secret or a capacity of zero is final: then `failed` rejects.
 */
export class RemoteWorker implements Part {
  readonly name = 'remote-worker'
  readonly #options: RemoteWorkerOptions
  readonly #worker: WorkerLink
  readonly #log: Log
  readonly #clock: Clock
  readonly #http = new SecureClient()
  readonly #stopping = new AbortController()
  readonly #tasks = new Set<Promise<void>>()
  #draining = false
  #loop: Promise<void> | undefined
  #onFatal: (error: MillraceError) => void

  constructor(
    options: RemoteWorkerOptions,
    deps: {
      readonly worker: WorkerLink
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

  /**
   * Delivers what it holds and takes nothing new, 9 s at most. The registration stays until then,
   * because an orchestrator gives the tasks of a worker that went away to another.
   */
  async drain(): Promise<void> {
    this.#draining = true
    if (this.#tasks.size === 0) return
    this.#log.info('finishing what is under way', { segments: this.#tasks.size })
    const limit = new AbortController()
    const late = this.#clock.sleep(DRAIN_LIMIT_MS, { signal: limit.signal }).catch(() => {})
    await Promise.race([Promise.all(this.#tasks), late])
    limit.abort()
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    await this.#loop
    this.#http.close()
  }

  /** One registration: ends when the stream ends. */
  #session(signal: AbortSignal): Promise<void> {
    const { codecs = [] } = this.#worker
    const known = codecs.filter((codec) => codec !== 'av1')
    const sessions = new WorkerSessions(this.#worker, this.#log)
    const client = new RpcClient(this.#options.orchestratorUri, { defaultPort: 8935 })
    return new Promise((resolve, reject) => {
      const stream = client.serverStream(
        '/net.Transcoder/RegisterTranscoder',
        encodeRegisterRequest({
          secret: this.#options.secret,
          capacity: this.#worker.capacity,
          capabilities: capabilitiesOf(DEFAULT_CAPABILITIES | codecCapabilities(known), {
            version: this.#options.version,
          }),
          ...(codecs.includes('av1') && { encodesAv1: true as const }),
          ...(this.#worker.transcodeLive && { takesLiveSegments: true as const }),
        }),
      )
      const onAbort = () => stream.cancel()
      signal.addEventListener('abort', onAbort, { once: true })
      const end = (error?: unknown) => {
        signal.removeEventListener('abort', onAbort)
        client.close()
        sessions.endAll()
        if (error) reject(error)
        else resolve()
      }
      stream.on('data', (bytes: Uint8Array) => {
        try {
          this.#notified(decodeNotifySegment(bytes), sessions, signal)
        } catch (error) {
          this.#log.warn('the orchestrator sent a task that cannot be read', { error: errorText(error) })
        }
      })
      stream.on('error', (error: ServiceError) => end(rpcError(error)))
      stream.on('end', () => end())
    })
  }

  #notified(notify: NotifySegment, sessions: WorkerSessions, signal: AbortSignal): void {
    if (notify.kind === 'teardown') {
      sessions.end(notify.sessionId)
      return
    }
    const { authToken } = notify.job
    const task: Promise<void> = this.#work(notify, signal)
      .catch((error) =>
        this.#log.warn('a result could not be delivered', { seq: notify.job.seq, error: errorText(error) }),
      )
      .finally(() => {
        this.#tasks.delete(task)
        if (authToken) sessions.used(authToken.sessionId)
      })
    // Refusals are no work to wait for.
    if (!this.#draining) this.#tasks.add(task)
  }

  async #work(task: Extract<NotifySegment, { kind: 'segment' }>, signal: AbortSignal): Promise<void> {
    if (task.live) return this.#workLive(task, signal)
    let result: TaskResult
    try {
      if (this.#draining) throw new MillraceError('worker_stopping', WORKER_STOPPING)
      const source = await this.#http.fetch(task.url, {
        headTimeoutMs: 8_000,
        timeoutMs: 30_000,
        maxBytes: MAX_SOURCE_BYTES,
        signal,
      })
      if (source.status !== 200) throw new MillraceError('source_gone', `the source answered ${source.status}`)
      const { job } = task
      if (!job.authToken) throw new MillraceError('no_session', PEER_ERROR.missingAuthToken)
      result = await this.#worker.transcode(
        {
          manifestId: job.manifestId,
          sessionId: job.authToken.sessionId,
          seq: job.seq,
          durationMs: job.durationMs,
          profiles: job.profiles,
          container: isMp4(source.body) ? 'mp4' : 'mpegts',
          data: source.body,
          signatures: job.calcPerceptualHash,
          traceparent: traceOf(source.headers[HEADER.traceparent] as string | undefined),
        },
        { signal },
      )
    } catch (error) {
      if (signal.aborted) return
      result = { error: errorText(error) }
    }
    const { headers, body } = transcodeResultRequest({ secret: this.#options.secret, taskId: task.taskId, result })
    const answer = await this.#http.fetch(new URL('/transcodeResults', this.#options.orchestratorUri).href, {
      headers,
      body,
      headTimeoutMs: 60_000,
      timeoutMs: 60_000,
      maxBytes: 64 * 1024,
      signal,
    })
    if (answer.status !== 200)
      throw new MillraceError('result_refused', `the orchestrator answered ${answer.status} to a result`, {
        retryable: true,
      })
  }

  async #workLive({ url, job }: Extract<NotifySegment, { kind: 'segment' }>, signal: AbortSignal): Promise<void> {
    const transcode = this.#worker.transcodeLive
    // One that is being stopped does not connect, and the segment is made as a whole elsewhere.
    if (this.#draining || !transcode || !job.authToken) return
    // The address is the orchestrator's word, and the secret goes with it.
    if (new URL(url).origin !== new URL(this.#options.orchestratorUri).origin)
      throw new MillraceError('source_gone', 'a live task must be at the orchestrator that gave it')
    const { manifestId, seq, durationMs, profiles } = job
    const { sessionId } = job.authToken
    await workLiveTask(this.#http, {
      url,
      secret: this.#options.secret,
      job: { manifestId, sessionId, seq, durationMs, profiles },
      transcode,
      signal,
    })
  }
}

/** MP4 starts with a box named ftyp; sources carry no content type of their own. */
const isMp4 = (data: Uint8Array): boolean => Buffer.from(data.subarray(4, 8)).toString('latin1') === 'ftyp'
