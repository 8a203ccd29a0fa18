import { builtFile } from '@millrace/base/node'
import { forkMediaChild } from '@millrace/media/process'
import { AiError } from '../ai-error.ts'
import type { LoadProgress } from '../runners/runner.ts'
import type { TimelineState } from './bridge/timeline.ts'
import type { LiveCatalogEntry } from './live-catalog.ts'
import type { FromLive, ToLive } from './live-messages.ts'
import type { LiveParams } from './live-params.ts'

/** Bytes on their way to the process; when it is this far behind, reading waits. */
const MAX_UNREAD_BYTES = 4_000_000
const END_WITHIN_MS = 2_000
/** A process that runs tells four times a second what it does; one that is silent for so long hangs. */
const SILENCE_MS = 10_000

/** What a stream hears of its process. */
export type LiveListener = (
  message: Exclude<FromLive, { type: 'progress' | 'opened' | 'not-opened' | 'taken' }>,
) => void

/** The process of one live stream, from its start to its end; it is never started again. */
export class LiveProcess {
  /** Rejects when the effect cannot be opened, or the process ends before. */
  readonly opened: Promise<void>
  /** How the process ended; never rejects. */
  readonly exited: Promise<string>
  readonly #child = forkMediaChild(builtFile(import.meta.url, './bridge/live-child.js'))
  #listener: LiveListener = () => {}
  #unread = 0
  #room: (() => void)[] = []
  #ended: () => void = () => {}
  #silence: NodeJS.Timeout | undefined

  constructor(entry: LiveCatalogEntry, folder: string, onProgress: (progress: LoadProgress) => void = () => {}) {
    this.exited = this.#child.exited
    this.opened = new Promise((resolve, reject) => {
      this.#child.onMessage((message: FromLive) => {
        if (message.type === 'progress') onProgress(message.progress)
        else if (message.type === 'opened') resolve()
        else if (message.type === 'not-opened') reject(notOpened(entry, message))
        else this.#heard(message)
      })
      void this.exited.then((how) =>
        reject(new AiError('ai_runner_failed', `the process of ${entry.card.id} is gone: ${how}`, { retryable: true })),
      )
    })
    this.opened.catch(() => {})
    void this.exited.then(() => {
      clearTimeout(this.#silence)
      this.#makeRoom()
    })
    this.#send({ type: 'open', module: entry.module.href, modelId: entry.card.id, folder })
  }

  get alive(): boolean {
    return this.#child.alive
  }

  get pid(): number | undefined {
    return this.#child.pid
  }

  /** Whether this process goes on while the other one lives; one that waits keeps nobody alive. */
  keepAlive(keep: boolean): void {
    if (keep) this.#child.ref()
    else this.#child.unref()
  }

  start(params: LiveParams, timeline: TimelineState | undefined, listener: LiveListener): void {
    this.keepAlive(true)
    this.#listener = listener
    this.#silence = setTimeout(() => this.kill(), SILENCE_MS)
    this.#send({ type: 'start', params, timeline })
  }

  /** Hands bytes on at once; resolves when there is room for more. What is sent to a process that is gone is lost. */
  async push(bytes: Uint8Array): Promise<void> {
    this.#unread += bytes.length
    this.#send({ type: 'bytes', bytes })
    while (this.#unread > MAX_UNREAD_BYTES && this.alive)
      await new Promise<void>((resolve) => {
        this.#room.push(resolve)
      })
  }

  endSegment(): void {
    this.#send({ type: 'segment-end' })
  }

  update(params: LiveParams): void {
    this.#send({ type: 'params', params })
  }

  /** Lets what came in go out, for two seconds at most. */
  async end(): Promise<void> {
    const ended = new Promise<void>((resolve) => {
      this.#ended = resolve
    })
    const timer = setTimeout(() => this.kill(), END_WITHIN_MS)
    this.#send({ type: 'end' })
    await Promise.race([ended, this.exited])
    this.kill()
    await this.exited
    clearTimeout(timer)
  }

  kill(): void {
    this.#child.kill()
  }

  #heard(message: Parameters<LiveListener>[0] | Extract<FromLive, { type: 'taken' }>): void {
    this.#silence?.refresh()
    if (message.type === 'taken') {
      this.#unread -= message.bytes
      if (this.#unread <= MAX_UNREAD_BYTES) this.#makeRoom()
      return
    }
    if (message.type === 'ended') this.#ended()
    this.#listener(message)
  }

  #makeRoom(): void {
    for (const resolve of this.#room.splice(0)) resolve()
  }

  #send(message: ToLive): void {
    if (this.alive) this.#child.send(message)
  }
}

const notOpened = (entry: LiveCatalogEntry, { message }: Extract<FromLive, { type: 'not-opened' }>): AiError =>
  new AiError('ai_no_runner', `${entry.card.id} cannot be loaded: ${message}`, { retryable: true })
