import { once } from 'node:events'
import { url as inspectorUrl } from 'node:inspector'
import { Worker } from 'node:worker_threads'
import { errorText } from '../errors.ts'
import type { Part } from '../lifecycle.ts'
import type { Log } from '../log.ts'
import { builtFile } from './built-file.ts'

export type WatchdogOptions = {
  /** For how many milliseconds the event loop may stand still. */
  readonly limitMs: number
  /** The file of the log; standard error when left out. */
  readonly logFile?: string | undefined
}

/** What the thread is told at its start; `shared` holds the beats, and whether a debugger is there. */
export type WatchdogData = WatchdogOptions & { readonly shared: SharedArrayBuffer }

/** Places in the shared memory. */
export const BEATS = 0
export const DEBUGGED = 1

const BEAT_MS = 250

/**
 * Ends this process with SIGKILL when its event loop stands still for good, after a last line in the log: a thread of its own looks,
 * because nothing else in such a process runs. Not while a debugger is attached, which stops programs by trade.
 */
export class Watchdog implements Part {
  readonly name = 'watchdog'
  readonly #options: WatchdogOptions
  readonly #log: Log
  #worker: Worker | undefined
  #timer: ReturnType<typeof setInterval> | undefined

  constructor(options: WatchdogOptions, deps: { readonly log: Log }) {
    this.#options = options
    this.#log = deps.log
  }

  async start(): Promise<void> {
    const shared = new SharedArrayBuffer(8)
    const state = new Int32Array(shared)
    const beat = () => {
      Atomics.store(state, DEBUGGED, inspectorUrl() === undefined ? 0 : 1)
      Atomics.add(state, BEATS, 1)
    }
    beat()
    this.#timer = setInterval(beat, BEAT_MS)
    this.#timer.unref()
    const workerData: WatchdogData = { ...this.#options, shared }
    const worker = new Worker(builtFile(import.meta.url, './watchdog-thread.js'), {
      workerData,
      // Not those of the process: a debugger, for one, is not meant for it.
      execArgv: [],
      // It does next to nothing, and a node may have to live in little memory.
      resourceLimits: { maxOldGenerationSizeMb: 8, maxYoungGenerationSizeMb: 1 },
    })
    this.#worker = worker
    await once(worker, 'message')
    worker.on('error', (error) => this.#log.warn('the watchdog has ended', { error: errorText(error) }))
    worker.unref()
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer)
    await this.#worker?.terminate()
  }
}
