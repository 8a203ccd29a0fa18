import { type Log, MillraceError } from '@millrace/base'
import { builtFile } from '@millrace/base/node'
import { forkMediaChild, type MediaChild } from '../process/child.ts'
import type { CodedFrame } from '../segment/segment.ts'
import type { FromAudio, SoundFrame, ToAudio } from './audio-messages.ts'

/** The sound of one stream on its way from one codec to the other. */
export type AudioConversion = {
  /** Takes a frame; what becomes of it is told to `onFrame` a little later. */
  write(frame: CodedFrame): void
  close(): void
}

export type AudioConversionOptions = {
  readonly from: 'aac' | 'opus'
  readonly to: 'aac' | 'opus'
  onFrame(frame: CodedFrame): void
  /** Called once when there will be no further frames, with `no_media_engine`, `unsupported_codec` or `engine_died`. */
  onFailed(error: MillraceError): void
}

/** How long the process stays without work. */
const IDLE_MS = 10_000

/** Makes AAC of Opus and Opus of AAC, in one child process for all streams that runs only while there is work. */
export class AudioProcess {
  readonly #log: Log
  readonly #conversions = new Map<number, AudioConversionOptions>()
  #child: MediaChild | undefined
  #nextId = 1
  #idle: ReturnType<typeof setTimeout> | undefined
  #closed = false

  constructor(deps: { readonly log: Log }) {
    this.#log = deps.log
  }

  /** True while the process runs. */
  get running(): boolean {
    return this.#child?.alive ?? false
  }

  open(options: AudioConversionOptions): AudioConversion {
    if (this.#closed) throw new MillraceError('stopping', 'the media server is stopping', { retryable: true })
    const id = this.#nextId++
    clearTimeout(this.#idle)
    this.#conversions.set(id, options)
    this.#send({ type: 'open', id, from: options.from, to: options.to })
    return {
      write: ({ pts, data, config }) => {
        if (this.#conversions.has(id)) this.#send({ type: 'frames', id, frames: [{ pts, data, config }] })
      },
      close: () => {
        if (!this.#conversions.delete(id)) return
        this.#send({ type: 'close', id })
        this.#restIfIdle()
      },
    }
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#conversions.clear()
    clearTimeout(this.#idle)
    const child = this.#child
    this.#child = undefined
    child?.kill()
    await child?.exited
  }

  #send(message: ToAudio): void {
    const child = this.#start()
    if (child.alive) child.send(message)
  }

  #start(): MediaChild {
    if (this.#child) return this.#child
    const child = forkMediaChild(builtFile(import.meta.url, './audio-child.js'))
    this.#child = child
    child.unref()
    child.onMessage((message: FromAudio) => {
      const options = this.#conversions.get(message.id)
      if (!options) return
      if (message.type === 'frames') for (const frame of message.frames) options.onFrame(coded(options.to, frame))
      else this.#failed(message.id, new MillraceError(message.code, message.message))
    })
    void child.exited.then((how) => {
      if (this.#child !== child) return
      this.#child = undefined
      this.#log.warn('the process that converts sound is gone', { reason: how })
      const error = new MillraceError('engine_died', `the process that converts sound is gone: ${how}`, {
        retryable: true,
      })
      for (const id of [...this.#conversions.keys()]) this.#failed(id, error)
    })
    return child
  }

  #failed(id: number, error: MillraceError): void {
    const options = this.#conversions.get(id)
    this.#conversions.delete(id)
    options?.onFailed(error)
  }

  #restIfIdle(): void {
    if (this.#conversions.size > 0) return
    this.#idle = setTimeout(() => {
      const child = this.#child
      this.#child = undefined
      child?.kill()
    }, IDLE_MS)
    this.#idle.unref()
  }
}

const coded = (codec: 'aac' | 'opus', { pts, data, config }: SoundFrame): CodedFrame => ({
  kind: 'audio',
  codec,
  pts,
  dts: pts,
  keyFrame: true,
  data,
  ...(config && { config }),
})
