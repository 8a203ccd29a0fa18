import { MillraceError } from '@millrace/base'
import { builtFile } from '@millrace/base/node'
import { forkMediaChild } from '@millrace/media/process'
import { AiError, isAiErrorCode } from '../../ai-error.ts'
import type { CatalogEntry } from '../../models/catalog.ts'
import type { AiJob, AiResult, LoadProgress } from '../runner.ts'
import type { FromModel, SentError, ToModel } from './embedded-messages.ts'

/** A job in a model's process; `over` resolves once the process is done with it, which may be after its result. */
export type RunningJob = { readonly result: Promise<AiResult>; readonly over: Promise<void> }

export type ProcessOptions = {
  readonly folder: string
  /** A job, or a model, that does not stop within this time is stopped with its process. */
  readonly stopWithinMs: number
  readonly onProgress: (progress: LoadProgress) => void
}

type Waiting = { readonly done: (result: AiResult) => void; readonly failed: (error: unknown) => void }

/** The process of one loaded model, from its start to its end; it is never started again. */
export class ModelProcess {
  /** Rejects when the model cannot be loaded, or its process ends before. */
  readonly loaded: Promise<void>
  /** How the process ended; never rejects. */
  readonly exited: Promise<string>
  readonly #child = forkMediaChild(builtFile(import.meta.url, './embedded-child.js'))
  readonly #modelId: string
  readonly #jobs = new Map<number, Waiting>()
  readonly #stopWithinMs: number
  #jobId = 0
  #residentBytes = 0

  constructor(entry: CatalogEntry, options: ProcessOptions) {
    this.#modelId = entry.card.id
    this.#stopWithinMs = options.stopWithinMs
    this.exited = this.#child.exited
    this.loaded = new Promise((resolve, reject) => {
      this.#child.onMessage((message: FromModel) => {
        if (message.type === 'progress') options.onProgress(message.progress)
        else if (message.type === 'loaded') resolve()
        else if (message.type === 'not-loaded') reject(fromChild(message.error))
        else this.#answered(message)
      })
      void this.exited.then((how) => reject(this.#gone(how)))
    })
    this.loaded.catch(() => {})
    void this.exited.then((how) => {
      for (const { failed } of this.#jobs.values()) failed(this.#gone(how))
    })
    this.#send({ type: 'load', module: entry.module.href, modelId: entry.card.id, folder: options.folder })
  }

  get alive(): boolean {
    return this.#child.alive
  }

  get pid(): number | undefined {
    return this.#child.pid
  }

  /** Its memory after the latest job, in bytes. */
  get residentBytes(): number {
    return this.#residentBytes
  }

  /** Whether this process goes on while the other one lives; an idle model keeps nobody alive. */
  keepAlive(keep: boolean): void {
    if (keep) this.#child.ref()
    else this.#child.unref()
  }

  /** The result rejects with the signal's reason as soon as it aborts; the process has `stopWithinMs` to let go of the job. */
  run(job: AiJob, signal: AbortSignal): RunningJob {
    const id = ++this.#jobId
    let stopping: NodeJS.Timeout | undefined
    const answered = new Promise<AiResult>((done, failed) => {
      this.#jobs.set(id, { done, failed })
      try {
        this.#send({ type: 'run', id, job })
      } catch {
        failed(this.#gone('it was gone before the job began'))
      }
    })
    const over = answered.then(
      () => {},
      () => {},
    )
    const result = new Promise<AiResult>((resolve, reject) => {
      const cancel = () => {
        reject(signal.reason)
        if (!this.alive) return
        this.#send({ type: 'cancel', id })
        stopping = setTimeout(() => this.kill(), this.#stopWithinMs)
      }
      answered.then(resolve, reject)
      signal.addEventListener('abort', cancel, { once: true })
      void over.then(() => {
        clearTimeout(stopping)
        signal.removeEventListener('abort', cancel)
        this.#jobs.delete(id)
      })
      if (signal.aborted) cancel()
    })
    return { result, over }
  }

  /** Ends the process, at the latest within `stopWithinMs`. */
  async close(): Promise<void> {
    this.keepAlive(true)
    const timer = setTimeout(() => this.kill(), this.#stopWithinMs)
    if (this.alive) this.#send({ type: 'close' })
    await this.exited
    clearTimeout(timer)
  }

  kill(): void {
    this.#child.kill()
  }

  #answered(message: Extract<FromModel, { type: 'done' | 'failed' }>): void {
    this.#residentBytes = message.residentBytes
    const waiting = this.#jobs.get(message.id)
    if (message.type === 'done') waiting?.done(message.result)
    else waiting?.failed(asAiError(fromChild(message.error)))
  }

  #send(message: ToModel): void {
    this.#child.send(message)
  }

  #gone(how: string): AiError {
    return new AiError('ai_runner_failed', `the process of ${this.#modelId} is gone: ${how}`, { retryable: true })
  }
}

const fromChild = ({ code, message, retryable }: SentError): MillraceError =>
  isAiErrorCode(code) ? new AiError(code, message, { retryable }) : new MillraceError(code, message, { retryable })

const asAiError = (error: MillraceError): AiError =>
  error instanceof AiError ? error : new AiError('ai_runner_failed', error.message, { cause: error })
