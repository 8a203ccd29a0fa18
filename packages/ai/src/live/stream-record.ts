import type { TimelineState } from './bridge/timeline.ts'
import type { BridgeCounts, FromLive, StageTimes } from './live-messages.ts'
import { type LiveState, liveState } from './live-state.ts'
import { type LiveStatus, paramsHash, Rate } from './live-status.ts'

/** A pause longer than this interrupts what comes in. */
const INPUT_FLOWS_MS = 2_000
const NOTHING: BridgeCounts = { received: 0, shown: 0, dropped: 0, decodeErrors: 0, effectErrors: 0 }

/** What happened to a live stream so far, over all its processes. Times are in milliseconds since 1970. */
export class StreamRecord {
  /** Where the next process goes on. */
  timeline: TimelineState | undefined
  readonly #pipeline: string
  readonly #startedAt = Date.now()
  #readyAt: number | undefined
  #inputAt: number | undefined
  #outputAt: number | undefined
  /** Since when there was no pause in what comes in. */
  #flowingSince = 0
  #errorAt: number | undefined
  #error: string | null = null
  #restartAt: number | undefined
  #restarts = 0
  #restartLog: readonly string[] | undefined
  #recentRestarts: number[] = []
  #params: Readonly<Record<string, unknown>>
  #paramsAt: number | undefined
  #tellParams = true
  #input = new Rate()
  #output = new Rate()
  /** Of the processes before this one. */
  #before: BridgeCounts = NOTHING
  #counts: BridgeCounts = NOTHING
  #stages: StageTimes = { decode: 0, effect: 0, encode: 0 }
  #state: LiveState = 'LOADING'
  #stateAt = Date.now()

  constructor(pipeline: string, params: Readonly<Record<string, unknown>>) {
    this.#pipeline = pipeline
    this.#params = params
  }

  opened(at: number): void {
    this.#readyAt = at
  }

  /** True for the first bytes of all. */
  received(at: number): boolean {
    const isFirst = this.#inputAt === undefined
    if (at - (this.#inputAt ?? 0) > INPUT_FLOWS_MS) this.#flowingSince = at
    this.#inputAt = at
    return isFirst
  }

  /** True for the first bytes of all. */
  sent(at: number): boolean {
    const isFirst = this.#outputAt === undefined
    this.#outputAt = at
    return isFirst
  }

  counted(at: number, { counts, stages }: Extract<FromLive, { type: 'stats' }>): void {
    this.#counts = counts
    this.#stages = stages
    this.#input.add(at, counts.received)
    this.#output.add(at, counts.shown)
  }

  failed(at: number, message: string): void {
    this.#errorAt = at
    this.#error = message
  }

  /** How often it was begun anew within so many milliseconds. */
  restarted(at: number, how: string, withinMs: number): number {
    this.#restartAt = at
    this.#restarts++
    this.#restartLog = [how]
    this.#before = this.#total()
    this.#counts = NOTHING
    this.#input = new Rate()
    this.#output = new Rate()
    this.#recentRestarts = [...this.#recentRestarts.filter((time) => at - time < withinMs), at]
    return this.#recentRestarts.length
  }

  paramsChanged(params: Readonly<Record<string, unknown>>): void {
    this.#params = params
    this.#paramsAt = Date.now()
    this.#tellParams = true
  }

  /** How long nothing has come in. */
  idleMs(now: number): number {
    return now - (this.#inputAt ?? this.#startedAt)
  }

  /** How long nothing has come out though something goes in. */
  stalledMs(now: number): number {
    if (this.#readyAt === undefined || this.#inputAt === undefined || now - this.#inputAt > INPUT_FLOWS_MS) return 0
    return now - Math.max(this.#readyAt, this.#outputAt ?? 0, this.#flowingSince)
  }

  stateChanged(now: number): boolean {
    const state = liveState({
      now,
      readyAt: this.#readyAt,
      loadingSince: this.#startedAt,
      lastInputAt: this.#inputAt,
      inputFps: this.#input.perSecond(now),
      lastOutputAt: this.#outputAt,
      outputFps: this.#output.perSecond(now),
      lastErrorAt: this.#errorAt,
      lastRestartAt: this.#restartAt,
    })
    if (state === this.#state) return false
    this.#state = state
    this.#stateAt = now
    return true
  }

  /** In brief, parameters and the log of a restart are told once and left out after that. */
  status(now: number, { brief = false } = {}): LiveStatus {
    this.stateChanged(now)
    const tellParams = !brief || this.#tellParams
    const status: LiveStatus = {
      type: 'status',
      pipeline: this.#pipeline,
      start_time: this.#startedAt,
      state: this.#state,
      last_state_update_time: this.#stateAt,
      input_status: { last_input_time: this.#inputAt ?? null, fps: this.#input.perSecond(now) },
      inference_status: {
        last_output_time: this.#outputAt ?? null,
        fps: this.#output.perSecond(now),
        last_params_update_time: this.#paramsAt ?? null,
        ...(tellParams && { last_params: this.#params }),
        last_params_hash: paramsHash(this.#params),
        last_error_time: this.#errorAt ?? null,
        last_error: this.#error,
        last_restart_time: this.#restartAt ?? null,
        ...(this.#restartLog && { last_restart_logs: this.#restartLog }),
        restart_count: this.#restarts,
        counts: this.#total(),
        stages_ms: this.#stages,
      },
      timestamp: now,
    }
    if (brief) {
      this.#tellParams = false
      this.#restartLog = undefined
    }
    return status
  }

  #total(): BridgeCounts {
    const sum = (name: keyof BridgeCounts) => this.#before[name] + this.#counts[name]
    return {
      received: sum('received'),
      shown: sum('shown'),
      dropped: sum('dropped'),
      decodeErrors: sum('decodeErrors'),
      effectErrors: sum('effectErrors'),
    }
  }
}
