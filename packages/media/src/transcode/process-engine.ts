import { AsyncQueue, errorText, type Log, MillraceError } from '@millrace/base'
import { builtFile } from '@millrace/base/node'
import { forkMediaChild, type MediaChild } from '../process/child.ts'
import { CODEC_NAMES, encoderSettings } from './encoder-settings.ts'
import type {
  EngineInfo,
  EngineSession,
  EngineSessionOptions,
  LivePush,
  MediaEngine,
  PushOptions,
  RenditionPart,
  SegmentInput,
  SegmentOutcome,
} from './engine.ts'
import type { FromSession, ToSession } from './session-messages.ts'

export type ProcessEngineOptions = {
  readonly name: EngineInfo['name']
  /** The ffmpeg program, for the engine of this name. */
  readonly ffmpegPath?: string | undefined
  readonly preset?: string | undefined
  /** Threads of each decoder and encoder. Default 1, which costs the least CPU in all; sessions run side by side anyway. */
  readonly threads?: number | undefined
  /** Segments after which a session's process is replaced, because native memory creeps up. Default 100, some minutes. */
  readonly recycleAfter?: number | undefined
  /** Keeps one process ready for the next session. Default true. */
  readonly spare?: boolean | undefined
}

const READY_WITHIN_MS = 20_000
const DEADLINE_MS = 60_000
/** A process that was told to give up a live segment has so long to hear it. */
const ABORT_WITHIN_MS = 5_000
/** Bytes of a live segment that the process may not have taken yet. */
const MAX_UNTAKEN_BYTES = 4 << 20
/** go-livepeer takes five minutes of 8 Mb/s at most. */
const MAX_SEGMENT_BYTES = 300_000_000

/** Runs a transcoder in child processes, one a session: FFmpeg's libraries through node-av, or the ffmpeg program. */
export class ProcessEngine implements MediaEngine {
  readonly info: EngineInfo
  readonly #options: ProcessEngineOptions
  readonly #log: Log
  readonly #sessions = new Set<ProcessSession>()
  #spare: Promise<MediaChild> | undefined
  #closed = false

  private constructor(info: EngineInfo, first: MediaChild, options: ProcessEngineOptions, log: Log) {
    this.info = info
    this.#options = options
    this.#log = log
    if (options.spare === false) first.kill()
    else this.#spare = Promise.resolve(first)
  }

  /** Starts a process to see whether the engine works here; throws `no_media_engine`. */
  static async load(options: ProcessEngineOptions, deps: { readonly log: Log }): Promise<ProcessEngine> {
    const { child, info } = await startChild(options)
    return new ProcessEngine(info, child, options, deps.log)
  }

  async open(options: EngineSessionOptions): Promise<EngineSession> {
    if (this.#closed) throw new MillraceError('engine_closed', 'the media engine was closed')
    options.signal?.throwIfAborted()
    const preset = options.preset ?? this.#options.preset ?? 'veryfast'
    for (const profile of options.profiles) {
      encoderSettings(profile, preset)
      if (!this.info.codecs.includes(profile.codec))
        throw new MillraceError(
          'unsupported_profile',
          `${this.info.name} ${this.info.version} on this machine does not encode ${CODEC_NAMES[profile.codec]}`,
        )
    }
    const open: ToSession = {
      type: 'open',
      options: { profiles: options.profiles, preset, threads: this.#options.threads ?? 1 },
    }
    const session = new ProcessSession({
      open,
      recycleAfter: this.#options.recycleAfter ?? 100,
      live: this.info.live,
      signal: options.signal,
      take: () => this.#take(),
      log: this.#log,
      onClose: () => this.#sessions.delete(session),
    })
    this.#sessions.add(session)
    try {
      await session.begin()
    } catch (error) {
      await session.close()
      throw error
    }
    return session
  }

  async close(): Promise<void> {
    this.#closed = true
    const spare = this.#spare
    this.#spare = undefined
    await Promise.all([...this.#sessions].map((session) => session.close()))
    const child = await spare?.catch(() => undefined)
    // An idle process does not keep this one alive, but its end is waited for.
    child?.ref()
    child?.kill()
    await child?.exited
  }

  /** A process that is ready; another one is warmed up behind it. */
  async #take(): Promise<MediaChild> {
    const spare = this.#spare
    this.#spare = undefined
    let child = await spare?.catch(() => undefined)
    if (!child?.alive) child = (await startChild(this.#options)).child
    child.ref()
    if (this.#closed) {
      child.kill()
      throw new MillraceError('engine_closed', 'the media engine was closed')
    }
    this.#warmUp()
    return child
  }

  /** Sessions that begin at the same moment all come here, and must not leave a process behind each. */
  #warmUp(): void {
    if (this.#options.spare === false || this.#spare) return
    this.#spare = startChild(this.#options).then((started) => started.child)
    this.#spare.catch((error) => this.#log.warn('no spare media process', { error: errorText(error) }))
  }
}

/** Starts a session process and waits until its libraries are loaded. An idle one does not keep this process alive. */
async function startChild(
  options: ProcessEngineOptions,
): Promise<{ readonly child: MediaChild; readonly info: EngineInfo }> {
  const child = forkMediaChild(builtFile(import.meta.url, './session-child.js'), [
    options.name,
    ...(options.ffmpegPath ? [options.ffmpegPath] : []),
  ])
  const failed = (why: string) =>
    new MillraceError('no_media_engine', `the media process of ${options.name} did not start: ${why}`)
  const message = await new Promise<FromSession>((resolve, reject) => {
    const timer = setTimeout(() => {
      child.kill()
      reject(failed(`it was not ready after ${READY_WITHIN_MS / 1000} s`))
    }, READY_WITHIN_MS)
    child.onMessage((first: FromSession) => {
      clearTimeout(timer)
      resolve(first)
    })
    void child.exited.then((how) => {
      clearTimeout(timer)
      reject(failed(how))
    })
  })
  if (message.type !== 'ready') {
    child.kill()
    throw failed(message.type === 'unusable' ? message.message : 'it answered nonsense')
  }
  child.unref()
  const { version, license, live, codecs } = message
  return { child, info: { name: options.name, version, license, live, codecs } }
}

type SessionDeps = {
  readonly open: ToSession
  readonly recycleAfter: number
  readonly live: boolean
  readonly signal: AbortSignal | undefined
  take(): Promise<MediaChild>
  readonly log: Log
  onClose(): void
}

type Job = {
  readonly id: number
  readonly seq: number
  deliver: Promise<void>
  /** Of a live segment: so many more bytes were taken. */
  took?(bytes: number): void
  resolve(outcome: SegmentOutcome): void
  reject(error: unknown): void
}

class ProcessSession implements EngineSession {
  readonly #deps: SessionDeps
  readonly #parts = new AsyncQueue<RenditionPart>({ capacity: 64 })
  #child: MediaChild | undefined
  #job: Job | undefined
  #nextJob = 1
  #done = 0
  #dead: MillraceError | undefined
  #closed = false
  #turn: Promise<unknown> = Promise.resolve()
  readonly #onAbort = () => void this.close()

  constructor(deps: SessionDeps) {
    this.#deps = deps
    deps.signal?.addEventListener('abort', this.#onAbort, { once: true })
  }

  async begin(): Promise<void> {
    const child = await this.#deps.take()
    if (this.#closed) {
      child.kill()
      throw new MillraceError('aborted', 'the session was closed while it was opened')
    }
    this.#child = child
    child.onMessage((message: FromSession) => this.#onMessage(child, message))
    void child.exited.then((how) => this.#onExit(child, how))
    child.send(this.#deps.open)
  }

  push(segment: SegmentInput, options: PushOptions = {}): Promise<SegmentOutcome> {
    // A session is one stream: its segments go through one after the other.
    const run = this.#turn.then(() => this.#run(segment, options))
    this.#turn = run.catch(() => {})
    return run
  }

  async pushLive(segment: { readonly seq: number }, options: PushOptions = {}): Promise<LivePush> {
    if (!this.#deps.live)
      throw new MillraceError('live_unsupported', 'this media engine takes whole segments only: use the engine node-av')
    let leave: () => void = () => {}
    const before = this.#turn
    this.#turn = new Promise<void>((resolve) => {
      leave = resolve
    })
    await before
    try {
      if (this.#dead) throw this.#dead
      if (this.#closed) throw new MillraceError('engine_closed', 'the session was closed')
      options.signal?.throwIfAborted()
      if (this.#done >= this.#deps.recycleAfter) await this.#recycle()
      return this.#beginLive(segment.seq, options, leave)
    } catch (error) {
      leave()
      throw error
    }
  }

  parts(): AsyncIterable<RenditionPart> {
    return this.#parts
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    this.#deps.signal?.removeEventListener('abort', this.#onAbort)
    const child = this.#child
    this.#child = undefined
    this.#job?.reject(new MillraceError('aborted', 'the session was closed'))
    this.#job = undefined
    child?.kill()
    this.#parts.close()
    this.#deps.onClose()
    await child?.exited
  }

  async #run(segment: SegmentInput, options: PushOptions): Promise<SegmentOutcome> {
    if (this.#dead) throw this.#dead
    if (this.#closed) throw new MillraceError('engine_closed', 'the session was closed')
    const { signal } = options
    if (signal?.aborted) return failedOutcome(segment.seq, abortError(signal))
    if (segment.data.length > MAX_SEGMENT_BYTES) return failedOutcome(segment.seq, tooLarge(segment.data.length))
    if (this.#done >= this.#deps.recycleAfter) await this.#recycle()
    const child = this.#child!
    const id = this.#nextJob++
    let timer: NodeJS.Timeout | undefined
    const onAbort = () => {
      if (child.alive) child.send({ type: 'abort', job: id } satisfies ToSession)
    }
    try {
      const outcome = await new Promise<SegmentOutcome>((resolve, reject) => {
        this.#job = { id, seq: segment.seq, deliver: Promise.resolve(), resolve, reject }
        const deadline = options.deadlineMs ?? DEADLINE_MS
        timer = setTimeout(() => this.#die(tooSlow(segment.seq, deadline)), deadline)
        signal?.addEventListener('abort', onAbort, { once: true })
        child.send({ type: 'push', job: id, segment } satisfies ToSession)
      })
      this.#done++
      return outcome
    } finally {
      clearTimeout(timer)
      signal?.removeEventListener('abort', onAbort)
      this.#job = undefined
    }
  }

  #beginLive(seq: number, options: PushOptions, leave: () => void): LivePush {
    const child = this.#child!
    const id = this.#nextJob++
    const { signal, deadlineMs = DEADLINE_MS } = options
    let timer: NodeJS.Timeout | undefined
    const send = (message: ToSession) => {
      if (child.alive) child.send(message)
    }
    let untaken = 0
    let wake: () => void = () => {}
    const outcome = new Promise<SegmentOutcome>((resolve, reject) => {
      const took = (bytes: number) => {
        untaken -= bytes
        wake()
      }
      this.#job = { id, seq, deliver: Promise.resolve(), took, resolve, reject }
    }).finally(() => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', onAbort)
      this.#job = undefined
      this.#done++
      untaken = 0
      wake()
      leave()
    })
    outcome.catch(() => {})
    const abort = () => {
      // A process that hangs does not hear it.
      timer ??= setTimeout(() => this.#die(tooSlow(seq, ABORT_WITHIN_MS)), ABORT_WITHIN_MS)
      send({ type: 'abort', job: id })
    }
    const onAbort = () => abort()
    signal?.addEventListener('abort', onAbort, { once: true })
    send({ type: 'begin', job: id, seq })
    return {
      write: async (bytes) => {
        untaken += bytes.length
        send({ type: 'write', job: id, bytes })
        while (untaken > MAX_UNTAKEN_BYTES)
          await new Promise<void>((resolve) => {
            wake = resolve
          })
      },
      end: () => {
        timer ??= setTimeout(() => this.#die(tooSlow(seq, deadlineMs)), deadlineMs)
        send({ type: 'end', job: id })
        return outcome
      },
      abort,
    }
  }

  async #recycle(): Promise<void> {
    const old = this.#child
    this.#child = undefined
    this.#done = 0
    old?.kill()
    await this.begin()
    this.#deps.log.debug('a media process was replaced after its share of segments')
  }

  #onMessage(child: MediaChild, message: FromSession): void {
    const job = this.#job
    if (child !== this.#child || !job || !('job' in message) || message.job !== job.id) return
    if (message.type === 'part') {
      const { part } = message
      job.deliver = job.deliver.then(() => this.#parts.pushWait(part))
    } else if (message.type === 'took') job.took?.(message.bytes)
    else if (message.type === 'done') {
      const { decodedFrames, decodedPixels, decodeErrors, elapsedMs } = message
      void job.deliver.then(() =>
        job.resolve({ seq: job.seq, ok: true, decodedFrames, decodedPixels, decodeErrors, elapsedMs }),
      )
    } else if (message.type === 'failed') {
      const error = new MillraceError(message.code, message.message, { meta: message.meta })
      void job.deliver.then(() => job.resolve({ seq: job.seq, ok: false, error }))
    }
  }

  #onExit(child: MediaChild, how: string): void {
    if (child !== this.#child) return
    this.#die(new MillraceError('engine_died', `the media process is gone: ${how}`, { retryable: true }))
  }

  #die(error: MillraceError): void {
    if (this.#dead || this.#closed) return
    this.#dead = error
    this.#deps.log.warn('a transcoding session lost its process', { code: error.code, reason: error.message })
    const child = this.#child
    this.#child = undefined
    child?.kill()
    this.#job?.reject(error)
    this.#parts.close(error)
    this.#deps.onClose()
  }
}

const tooSlow = (seq: number, ms: number): MillraceError =>
  new MillraceError('engine_timeout', `the media process did not finish the segment within ${ms} ms`, {
    retryable: true,
    meta: { seq },
  })

const failedOutcome = (seq: number, error: Error): SegmentOutcome => ({ seq, ok: false, error })

const tooLarge = (bytes: number) =>
  new MillraceError('unsupported_input', `a segment of ${bytes} bytes is larger than ${MAX_SEGMENT_BYTES}`)

const abortError = (signal: AbortSignal) =>
  new MillraceError('aborted', 'the segment was given up', { cause: signal.reason })
