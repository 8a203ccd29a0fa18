import { type Log, MillraceError, type Part } from '@millrace/base'
import { type MediaEngine, type RenditionPart, WholeSegments } from '@millrace/media'
import type { NodeId, SessionId, TellEvent, VideoCodec, VideoProfile } from '@millrace/wire'
import type { LiveRenditionPart, TranscodedSegment, TranscodeJob, TranscodeLive, WorkerLink } from '../links/ports.ts'

export type WorkerOptions = {
  readonly workerId: NodeId
  /** Sessions at once. */
  readonly capacity: number
  /** A session without segments for this long is closed (70 s upstream). */
  readonly idleMs?: number
}

export type WorkerDeps = { readonly engine: MediaEngine; readonly log: Log; readonly tell: TellEvent }

type Session = {
  readonly engine: Promise<WholeSegments>
  readonly profiles: string
  queue: Promise<unknown>
  timer: ReturnType<typeof setTimeout> | undefined
}

type Job = Omit<TranscodeJob, 'data' | 'container'>
type Work = (engine: WholeSegments) => ReturnType<WholeSegments['transcode']>

/** A live segment is finished this long after its last byte, or never. */
const LIVE_END_MS = 12_000

/** Transcodes segments with one engine session a stream; the segments of a session run in the order they came. */
export class Worker implements Part, WorkerLink {
  readonly name = 'worker'
  readonly workerId: NodeId
  readonly capacity: number
  readonly #idleMs: number
  readonly #deps: WorkerDeps
  readonly #sessions = new Map<SessionId, Session>()
  #stopped = false

  constructor(options: WorkerOptions, deps: WorkerDeps) {
    this.workerId = options.workerId
    this.capacity = options.capacity
    this.#idleMs = options.idleMs ?? 70_000
    this.#deps = deps
  }

  /** Sessions open at this moment. */
  get load(): number {
    return this.#sessions.size
  }

  async transcode(
    job: TranscodeJob,
    call: { readonly signal?: AbortSignal | undefined } = {},
  ): Promise<TranscodedSegment> {
    const { seq, data, container, durationMs, signatures } = job
    const deadlineMs = Math.max(12_000, 5 * durationMs)
    return this.#inTurn(job, call.signal, (engine) =>
      engine.transcode({ seq, data, container, signatures }, { signal: call.signal, deadlineMs }),
    )
  }

  get codecs(): readonly VideoCodec[] {
    return this.#deps.engine.info.codecs
  }

  /** Takes segments while they arrive, where the engine does. */
  get transcodeLive(): TranscodeLive | undefined {
    if (!this.#deps.engine.info.live) return undefined
    return (job, { signal, part }) =>
      this.#inTurn(job, signal, (engine) =>
        engine.transcodeLive(job, { signal, deadlineMs: LIVE_END_MS, part: (made) => part(linkPart(made)) }),
      )
  }

  async endSession(sessionId: SessionId): Promise<void> {
    const session = this.#sessions.get(sessionId)
    this.#sessions.delete(sessionId)
    if (!session) return
    clearTimeout(session.timer)
    await session.queue
    await (await session.engine.catch(() => undefined))?.close()
  }

  async stop(): Promise<void> {
    this.#stopped = true
    const engines = [...this.#sessions.values()]
    this.#sessions.clear()
    for (const session of engines) clearTimeout(session.timer)
    await Promise.allSettled(engines.map(async (session) => (await session.engine).close()))
  }

  #inTurn(job: Job, signal: AbortSignal | undefined, work: Work): Promise<TranscodedSegment> {
    const session = this.#session(job)
    const run = session.queue.then(() => this.#run(job, session, signal, work))
    session.queue = run.catch(() => undefined)
    return run
  }

  #session(job: Job): Session {
    if (this.#stopped) throw new MillraceError('worker_stopped', 'the worker is stopping', { retryable: true })
    const profiles = JSON.stringify(job.profiles)
    const known = this.#sessions.get(job.sessionId)
    if (known && known.profiles === profiles) return known
    if (known) void this.endSession(job.sessionId)
    else if (this.#sessions.size >= this.capacity)
      throw new MillraceError('worker_full', `all ${this.capacity} sessions of the worker are in use`, {
        retryable: true,
      })
    const session: Session = {
      engine: this.#open(job.profiles),
      profiles,
      queue: Promise.resolve(),
      timer: undefined,
    }
    session.engine.catch(() => {})
    this.#sessions.set(job.sessionId, session)
    return session
  }

  async #open(profiles: readonly VideoProfile[]): Promise<WholeSegments> {
    return new WholeSegments(await this.#deps.engine.open({ profiles }))
  }

  async #run(job: Job, session: Session, signal: AbortSignal | undefined, work: Work): Promise<TranscodedSegment> {
    const { tell } = this.#deps
    const { manifestId, seq, sessionId, durationMs, traceparent } = job
    clearTimeout(session.timer)
    const began = performance.now()
    tell({ type: 'work_started', manifestId, seq, sessionId, worker: this.workerId, traceparent })
    try {
      signal?.throwIfAborted()
      const engine = await session.engine
      const { outcome, renditions } = await work(engine)
      const pixels = renditions.reduce((sum, rendition) => sum + rendition.pixels, 0n)
      const elapsedMs = Math.round(performance.now() - began)
      tell({
        type: 'work_done',
        manifestId,
        seq,
        sessionId,
        worker: this.workerId,
        elapsedMs,
        durationMs,
        pixels: pixels.toString(),
        traceparent,
      })
      this.#endWhenIdle(sessionId, session)
      return {
        renditions: renditions.map(({ data, pixels, signature }) => ({ data, pixels, signature })),
        decodedPixels: outcome.decodedPixels,
      }
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error)
      tell({ type: 'work_failed', manifestId, seq, sessionId, worker: this.workerId, message, traceparent })
      if (signal?.aborted) {
        // A segment that was given up leaves the engine as it was, and others of the stream wait for it.
        this.#endWhenIdle(sessionId, session)
        throw error
      }
      // A broken engine must not be met by the next segment: the session is opened anew.
      if (this.#sessions.get(sessionId) === session) {
        this.#sessions.delete(sessionId)
        void session.engine
          .then((engine) => engine.close())
          .catch((e) => this.#deps.log.debug('closing an engine failed', { error: String(e) }))
      }
      throw error
    }
  }

  #endWhenIdle(sessionId: SessionId, session: Session): void {
    session.timer = setTimeout(() => void this.endSession(sessionId), this.#idleMs)
    session.timer.unref()
  }
}

const linkPart = (made: RenditionPart): LiveRenditionPart => {
  const { rendition, independent, frames, pts, durationMs, pixels, data: bytes, init } = made
  return { rendition, independent, frames, pts, duration: Math.round(durationMs * 90), pixels, bytes, init }
}
