import { randomBytes, timingSafeEqual } from 'node:crypto'
import { AsyncQueue, type Log, MillraceError, utf8 } from '@millrace/base'
import {
  codecsOf,
  LEGACY_CAPABILITIES,
  type NotifySegment,
  nodeId,
  PEER_ERROR,
  type RegisterRequest,
  type SegmentJob,
  type SessionId,
} from '@millrace/wire'
import { LIVE_TASK_PATH, LiveWork } from '../http/live-task.ts'
import type { LiveTask, TaskResult, TaskSource, WorkerService } from '../orchestrator-service.ts'
import {
  type LiveTranscodeJob,
  type TranscodedSegment,
  type TranscodeJob,
  type TranscodeLive,
  WORKER_STOPPING,
  type WorkerLink,
} from '../ports.ts'

export type WorkerRegistryOptions = {
  readonly secret: string
  /** Where workers fetch sources: the orchestrator's own address. */
  readonly serviceUri: () => string
  readonly orchestratorId: string
}

export type WorkerRegistryDeps = {
  /** Adds a worker to the choice; returns how it leaves. */
  readonly join: (link: WorkerLink) => () => void
  readonly log: Log
}

type Task = { readonly source: string; settle(result: TaskResult | MillraceError): void }

const MAX_CAPACITY = 10_000
const MAX_WORKERS = 1_000
/** A worker that has not connected for a live segment by then does not. */
const CONNECT_WITHIN_MS = 5_000

/** The orchestrator's end of remote workers: they register by a stream, fetch sources by HTTP and post results (wire spec 4). */
export class WorkerRegistry implements WorkerService {
  readonly #options: WorkerRegistryOptions
  readonly #deps: WorkerRegistryDeps
  readonly #tasks = new Map<number, Task>()
  readonly #sources = new Map<string, TaskSource>()
  readonly #live = new Map<string, LiveTask>()
  #workers = 0
  #nextTask = 1
  #nextWorker = 1

  constructor(options: WorkerRegistryOptions, deps: WorkerRegistryDeps) {
    this.#options = options
    this.#deps = deps
  }

  authorized(credentials: string): boolean {
    const given = utf8(credentials)
    const wanted = utf8(this.#options.secret)
    return given.length === wanted.length && timingSafeEqual(given, wanted)
  }

  async *register(
    request: RegisterRequest,
    remote: string | undefined,
    signal: AbortSignal,
  ): AsyncGenerator<NotifySegment> {
    if (!this.authorized(request.secret)) throw new MillraceError('invalid_secret', PEER_ERROR.invalidSecret)
    if (request.capacity <= 0) throw new MillraceError('zero_capacity', PEER_ERROR.zeroCapacity)
    if (this.#workers >= MAX_WORKERS) throw new MillraceError('too_many_workers', `at most ${MAX_WORKERS} workers`)
    const notifications = new AsyncQueue<NotifySegment>({ capacity: 1_000 })
    const workerId = nodeId(`remote-worker-${this.#nextWorker++}`)
    const capacity = Math.min(MAX_CAPACITY, request.capacity)
    const { capabilities, encodesAv1, takesLiveSegments: takesLive = false } = request
    const codecs = [...codecsOf(capabilities?.bits ?? LEGACY_CAPABILITIES), ...(encodesAv1 ? (['av1'] as const) : [])]
    const facts = { workerId, capacity, codecs, address: remote, takesLive }
    const link = this.#link(facts, notifications)
    const leave = this.#deps.join(link)
    this.#workers++
    this.#deps.log.info('a worker joined', { worker: workerId, capacity: link.capacity, remote })
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
      this.#deps.log.info('a worker left', { worker: workerId })
    }
  }

  result(taskId: number, result: TaskResult): void {
    // The result of a task that nobody waits for any more is dropped, as upstream does.
    this.#tasks.get(taskId)?.settle(result)
  }

  liveTask(path: string): LiveTask | undefined {
    const task = this.#live.get(path)
    this.#live.delete(path)
    return task
  }

  source(path: string): TaskSource | undefined {
    return this.#sources.get(path)
  }

  #link(
    {
      takesLive,
      ...facts
    }: Pick<WorkerLink, 'workerId' | 'capacity' | 'codecs' | 'address'> & {
      readonly takesLive: boolean
    },
    notifications: AsyncQueue<NotifySegment>,
  ): WorkerLink & { gone(): void } {
    const running = new Set<number>()
    const live = new Set<LiveWork>()
    return {
      ...facts,
      transcode: (job, call) => this.#run(job, running, notifications, call?.signal),
      ...(takesLive && { transcodeLive: (job, call) => this.#runLive(job, live, notifications, call) }),
      endSession: async (sessionId: SessionId) => {
        if (!notifications.closed) notifications.push({ kind: 'teardown', sessionId })
      },
      gone: () => {
        for (const taskId of running) this.#tasks.get(taskId)?.settle(workerGone())
        for (const work of live) work.fail(workerGone())
      },
    }
  }

  /** The worker connects to a path that cannot be guessed; over that connection go the source and the parts. */
  async #runLive(
    job: LiveTranscodeJob,
    running: Set<LiveWork>,
    notifications: AsyncQueue<NotifySegment>,
    { signal: given, part }: Parameters<TranscodeLive>[1],
  ): Promise<TranscodedSegment> {
    given?.throwIfAborted()
    if (notifications.closed) throw workerGone()
    const over = new AbortController()
    const signal = AbortSignal.any(given ? [given, over.signal] : [over.signal])
    const work = new LiveWork(job.profiles.length, part)
    const path = `${LIVE_TASK_PATH}${randomBytes(16).toString('hex')}`
    const { chunks, traceparent } = job
    this.#live.set(path, {
      chunks,
      traceparent,
      signal,
      message: (message) => work.take(message),
      ended: (error) => work.fail(error ?? workerGone()),
    })
    running.add(work)
    const onAbort = () =>
      work.fail(new MillraceError('aborted', 'the segment was abandoned', { retryable: true, cause: signal.reason }))
    signal.addEventListener('abort', onAbort, { once: true })
    const timer = setTimeout(() => {
      if (this.#live.has(path)) work.fail(workerGone())
    }, CONNECT_WITHIN_MS)
    try {
      notifications.push({
        kind: 'segment',
        url: new URL(path, this.#options.serviceUri()).href,
        taskId: this.#nextTask++,
        orchId: this.#options.orchestratorId,
        job: segmentJob(job),
        live: true,
      })
      return await work.done
    } catch (error) {
      over.abort(error)
      throw error
    } finally {
      clearTimeout(timer)
      signal.removeEventListener('abort', onAbort)
      this.#live.delete(path)
      running.delete(work)
    }
  }

  async #run(
    job: TranscodeJob,
    running: Set<number>,
    notifications: AsyncQueue<NotifySegment>,
    signal: AbortSignal | undefined,
  ): Promise<TranscodedSegment> {
    signal?.throwIfAborted()
    if (notifications.closed) throw workerGone()
    const taskId = this.#nextTask++
    // The name cannot be guessed: whoever knows it may read the source.
    const path = `/stream/${job.sessionId}/${randomBytes(16).toString('hex')}.tempfile`
    this.#sources.set(path, { data: job.data, traceparent: job.traceparent })
    running.add(taskId)
    const limitMs = Math.max(14_000, 5.5 * job.durationMs)
    let timer: ReturnType<typeof setTimeout> | undefined
    let onAbort: (() => void) | undefined
    try {
      const answer = await new Promise<TaskResult | MillraceError>((resolve) => {
        this.#tasks.set(taskId, { source: path, settle: resolve })
        timer = setTimeout(
          () => resolve(new MillraceError('worker_timeout', PEER_ERROR.remoteTranscoderTimeout, { retryable: true })),
          limitMs,
        )
        onAbort = () =>
          resolve(new MillraceError('aborted', 'the segment was abandoned', { retryable: true, cause: signal?.reason }))
        signal?.addEventListener('abort', onAbort, { once: true })
        notifications.push({
          kind: 'segment',
          url: new URL(path, this.#options.serviceUri()).href,
          taskId,
          orchId: this.#options.orchestratorId,
          job: segmentJob(job),
        })
      })
      if (answer instanceof MillraceError) {
        // A worker that hangs must not be given more work.
        if (answer.code === 'worker_timeout') notifications.close()
        throw answer
      }
      if ('error' in answer && answer.error === WORKER_STOPPING)
        throw new MillraceError('worker_gone', 'the worker is being stopped', { retryable: true })
      if ('error' in answer) throw new MillraceError('transcode_failed', answer.error)
      if (answer.renditions.length !== job.profiles.length)
        throw new MillraceError('mismatched_segments', PEER_ERROR.mismatchedSegments)
      return answer
    } finally {
      clearTimeout(timer)
      if (onAbort) signal?.removeEventListener('abort', onAbort)
      this.#tasks.delete(taskId)
      this.#sources.delete(path)
      running.delete(taskId)
    }
  }
}

const workerGone = (): MillraceError => new MillraceError('worker_gone', 'the worker went away', { retryable: true })

const segmentJob = ({
  manifestId,
  seq,
  profiles,
  durationMs,
  sessionId,
  signatures = false,
}: Omit<LiveTranscodeJob, 'chunks'> & Pick<TranscodeJob, 'signatures'>): SegmentJob => ({
  manifestId,
  seq,
  profiles,
  durationMs,
  authToken: { token: new Uint8Array(0), sessionId, expiration: 0 },
  calcPerceptualHash: signatures,
  forceSessionReinit: false,
})
