import type { LiveRun } from '@millrace/ai'
import { type Clock, type Log, withTimeout } from '@millrace/base'
import { type Address, type ManifestId, PEER_ERROR, type TellEvent } from '@millrace/wire'
import { wholeWei } from '../whole-wei.ts'
import type { ChannelKind, StreamChannels } from './live-channels.ts'
import type { LiveMeter } from './live-meter.ts'

/** Why a stream ended. */
export type LiveEnd =
  /** The gateway ended it, or its input fell silent. */
  | 'input_ended'
  /** The runner ended it, or failed. */
  | 'runner_ended'
  /** The gateway's balance does not cover what was delivered. */
  | 'unpaid'
  /** Nothing came out for long, though something went in. */
  | 'no_output'
  | 'stopping'

type Ending = { readonly end: LiveEnd; readonly reason: string }

export type LiveStreamDeps = {
  readonly channels: StreamChannels
  readonly meter: LiveMeter
  /** Called once, at the very end: the place is free. */
  readonly onEnd: () => void
  readonly clock: Clock
  readonly tell: TellEvent
  readonly log: Log
}

export type LiveStreamOptions = {
  readonly manifestId: ManifestId
  readonly sender: Address
  readonly modelId: string
}

const SAMPLE_MS = 1_000
/** A runner whose input has ended may finish what it has. */
const FINISH_WITHIN_MS = 4_000
/** One whose output has ended may still tell why. */
const LAST_WORD_WITHIN_MS = 500
/** A runner is waited for so long before its place is given to the next. */
const LEAVE_WITHIN_MS = 15_000
const STOP_WITHIN_MS = 3_000
/** As for a runner of upstream, for which it is over then. */
const QUIET_MS = 60_000
const STUCK_MS = 90_000

/** One live stream at an orchestrator: it is charged for while it goes on, and everything that belongs to it goes when it ends. */
export class LiveStream {
  /** Resolves once its channels are gone and its place is free. */
  readonly ended: Promise<LiveEnd>
  readonly #options: LiveStreamOptions
  readonly #deps: LiveStreamDeps
  readonly #began: number
  readonly #timer: ReturnType<typeof setInterval>
  readonly #closed = new Set<ChannelKind>()
  #run: LiveRun | undefined
  #end: (how: Ending) => void = () => {}
  #over = false
  /** What began the end, while the runner finishes. */
  #cause: Ending | undefined

  constructor(options: LiveStreamOptions, deps: LiveStreamDeps, intervalMs: number) {
    this.#options = options
    this.#deps = deps
    this.#began = deps.clock.elapsed()
    const over = new Promise<Ending>((resolve) => {
      this.#end = resolve
    })
    this.ended = over.then((how) => this.#leave(how))
    this.#timer = setInterval(() => this.#tick(), Math.min(SAMPLE_MS, Math.ceil(intervalMs / 2)))
    this.#timer.unref()
  }

  /** Somebody works on it from now on. */
  began(run: LiveRun): void {
    this.#run = run
    if (this.#over) void run.stop()
    void run.ended.then((reason) => this.#finish(this.#cause ?? { end: 'runner_ended', reason }))
    this.#deps.tell({ type: 'live_ai_begun', ...this.#options })
  }

  /** One of its channels has ended, whoever ended it. */
  channelClosed(kind: ChannelKind): void {
    this.#closed.add(kind)
    // A stream goes on as it is without anybody to change it or to listen.
    if (this.#over || !(this.#closed.has('input') || this.#closed.has('output'))) return
    this.#cause ??= { end: kind === 'input' ? 'input_ended' : 'runner_ended', reason: `its ${kind} has ended` }
    const cause = this.#cause
    const isDone = this.#closed.has('output') && this.#closed.has('events')
    if (isDone || !this.#run) return this.#finish(cause)
    const waitMs = this.#closed.has('output') ? LAST_WORD_WITHIN_MS : FINISH_WITHIN_MS
    const timer = setTimeout(() => this.#finish(cause), waitMs)
    void this.ended.then(() => clearTimeout(timer))
  }

  end(end: LiveEnd, reason: string): void {
    this.#finish({ end, reason })
  }

  #finish(how: Ending): void {
    this.#over = true
    this.#end(how)
  }

  #tick(): void {
    const { meter } = this.#deps
    meter.sample()
    if (meter.isDue) this.#charge()
    if (this.#over) return
    if (meter.quietMs(this.#began) > QUIET_MS) this.end('input_ended', 'nothing came in for a minute')
    else if (meter.stuckMs(this.#began) > STUCK_MS)
      this.end('no_output', `nothing came out for ${STUCK_MS / 1_000} seconds`)
  }

  #charge(): void {
    const { meter, tell } = this.#deps
    const { units, fee, balance, isCovered } = meter.charge()
    if (units > 0n)
      tell({
        type: 'live_ai_sold',
        ...this.#options,
        ...{ units: units.toString(), feeWei: wholeWei(fee), balanceWei: wholeWei(balance) },
      })
    if (!isCovered) this.end('unpaid', PEER_ERROR.insufficientBalance)
  }

  async #leave({ end, reason }: Ending): Promise<LiveEnd> {
    const { channels, meter, clock, tell, log, onEnd } = this.#deps
    clearInterval(this.#timer)
    if (end !== 'unpaid') {
      meter.sample()
      this.#charge()
    }
    channels.close()
    const run = this.#run
    const timeoutMs = end === 'stopping' ? STOP_WITHIN_MS : LEAVE_WITHIN_MS
    if (run) await withTimeout(() => run.stop(), { timeoutMs, what: 'its runner' }).catch(() => {})
    onEnd()
    const lastedMs = clock.elapsed() - this.#began
    // One that never began was no stream.
    if (run) tell({ type: 'live_ai_ended', ...this.#options, end, reason: reason.slice(0, 200), lastedMs })
    log.info('a live AI stream has ended', { ...this.#options, end, reason, lastedMs })
    return end
  }
}
