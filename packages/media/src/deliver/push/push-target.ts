import { AsyncQueue, type Clock, errorText, type Log, MillraceError, systemClock, withTimeout } from '@millrace/base'
import { builtFile } from '@millrace/base/node'
import { forkMediaChild, type MediaChild } from '../../process/child.ts'
import type { FromPush, PushedSegment, ToPush } from './push-messages.ts'

export type PushState = 'connecting' | 'live' | 'waiting' | 'ended'

export type PushTargetOptions = {
  /** rtmp, rtmps or srt; it holds a stream key and is never shown. */
  readonly url: string
  /** The first pause after a failure; each further one doubles, up to a minute. Default 1 second. */
  readonly backOffMs?: number
  /** A server that takes nothing for so long is given up. Default 15 seconds. */
  readonly stallMs?: number
}

export type PushTargetDeps = {
  /** Throws when the address may not be used; asked before each connection. */
  readonly check?: (url: string) => Promise<void>
  readonly onState: (state: PushState, reason?: string) => void
  readonly clock?: Clock
  /** From 0 to 1, for pauses that differ from each other. */
  readonly random?: () => number
  readonly log: Log
}

/** Segments that wait for a target; the oldest go first, since each begins with a key frame. */
const MAX_WAITING = 4
const MAX_BACK_OFF_MS = 60_000
/** After so long without a fault the next fault is a first one. */
const GOOD_AFTER_MS = 30_000
const END_WITHIN_MS = 5_000

/** Throws `bad_push_url` unless the address is one that streams are pushed to; the text does not hold it. */
export function checkPushUrl(url: string): void {
  const isGood = /^(rtmps?|srt):\/\/[^/?#\s]+/i.test(url) && URL.canParse(url) && !/[\s\\]/.test(url)
  if (!isGood)
    throw new MillraceError(
      'bad_push_url',
      'the address of a multistream target begins with rtmp://, rtmps:// or srt://',
    )
}

/** Pushes a source or a rendition to another server, in a process of its own, and tries again when that fails. It never holds the stream back. */
export class PushTarget {
  readonly #options: PushTargetOptions
  readonly #deps: PushTargetDeps
  readonly #clock: Clock
  readonly #random: () => number
  readonly #stop = new AbortController()
  readonly #running: Promise<void>
  #segments: PushedSegment[] = []
  #arrived: () => void = () => {}
  #ending = false

  constructor(options: PushTargetOptions, deps: PushTargetDeps) {
    checkPushUrl(options.url)
    this.#options = options
    this.#deps = deps
    this.#clock = deps.clock ?? systemClock
    this.#random = deps.random ?? Math.random
    this.#running = this.#run()
  }

  /** Takes a segment and returns at once. */
  push(segment: PushedSegment): void {
    if (this.#ending) return
    this.#segments.push(segment)
    if (this.#segments.length > MAX_WAITING) this.#segments.shift()
    this.#arrived()
  }

  /** Sends what waits, a few seconds at most, and closes the connection. */
  async end(): Promise<void> {
    this.#ending = true
    this.#arrived()
    const timer = setTimeout(() => this.#stop.abort(), END_WITHIN_MS)
    await this.#running
    clearTimeout(timer)
  }

  async #run(): Promise<void> {
    const { backOffMs = 1_000 } = this.#options
    let pauseMs = backOffMs
    while (await this.#hasSegment()) {
      const begun = this.#clock.elapsed()
      try {
        await this.#connection()
      } catch (error) {
        if (this.#stop.signal.aborted || this.#ending) break
        if (this.#clock.elapsed() - begun > GOOD_AFTER_MS) pauseMs = backOffMs
        this.#tell('waiting', errorText(error))
        const jittered = pauseMs * (0.75 + this.#random() / 2)
        await this.#clock.sleep(jittered, { signal: this.#stop.signal }).catch(() => {})
        pauseMs = Math.min(MAX_BACK_OFF_MS, 2 * pauseMs)
        // What waited meanwhile is old; the next segment begins where the stream is.
        this.#segments = []
      }
    }
    this.#tell('ended')
  }

  /** One connection, until the stream ends; throws when it fails. */
  async #connection(): Promise<void> {
    this.#tell('connecting')
    await this.#deps.check?.(this.#options.url)
    const child = forkMediaChild(builtFile(import.meta.url, './push-child.js'))
    const answers = answersOf(child)
    const stop = () => child.kill()
    this.#stop.signal.addEventListener('abort', stop, { once: true })
    try {
      send(child, { type: 'open', url: this.#options.url })
      while (await this.#hasSegment()) {
        const segment = this.#segments.shift()
        if (!segment) continue
        send(child, { type: 'segment', ...segment })
        await this.#sent(answers, segment.durationMs)
      }
      send(child, { type: 'end' })
      await this.#answer(answers, 0)
    } finally {
      this.#stop.signal.removeEventListener('abort', stop)
      child.kill()
      await child.exited
    }
  }

  async #sent(answers: AsyncQueue<FromPush>, durationMs: number): Promise<void> {
    for (;;) {
      const answer = await this.#answer(answers, durationMs)
      if (answer.type === 'live') this.#tell('live')
      else if (answer.type === 'failed') throw new MillraceError('target_failed', answer.reason, { retryable: true })
      else return
    }
  }

  /** The child sends a segment at the pace of a clock, and the server may take some time beside that. */
  async #answer(answers: AsyncQueue<FromPush>, durationMs: number): Promise<FromPush> {
    const { stallMs = 15_000 } = this.#options
    const answer = await withTimeout((options) => answers.next(options), {
      timeoutMs: stallMs + 2 * durationMs,
      what: 'the server',
      signal: this.#stop.signal,
    }).catch(() => undefined)
    return answer ?? { type: 'failed', reason: 'the server takes nothing' }
  }

  async #hasSegment(): Promise<boolean> {
    while (this.#segments.length === 0) {
      if (this.#ending || this.#stop.signal.aborted) return false
      await new Promise<void>((resolve) => {
        this.#arrived = resolve
      })
    }
    return !this.#stop.signal.aborted
  }

  #tell(state: PushState, reason?: string): void {
    this.#deps.onState(state, reason)
  }
}

function answersOf(child: MediaChild): AsyncQueue<FromPush> {
  const answers = new AsyncQueue<FromPush>({ capacity: 100 })
  child.onMessage((message: FromPush) => answers.push(message))
  void child.exited.then((how) => {
    answers.push({ type: 'failed', reason: `the process that pushes is gone: ${how}` })
    answers.close()
  })
  return answers
}

const send = (child: MediaChild, message: ToPush): void => child.send(message)
