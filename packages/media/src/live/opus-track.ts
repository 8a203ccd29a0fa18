import { errorText, type Log } from '@millrace/base'
import type { AudioProcess } from '../audio/audio-process.ts'
import type { CodedFrame } from '../segment/segment.ts'
import type { FrameFeed } from './live-feed.ts'

/** Sound that fails so often is not tried again. */
const MAX_FAILURES = 3

type Listener = (frame: CodedFrame) => void

/** The sound of a feed as Opus: made once for all who listen, and only while somebody does. */
export class OpusTrack {
  readonly #feed: Pick<FrameFeed, 'frames'>
  readonly #direct: ((listener: Listener) => () => void) | undefined
  readonly #audio: AudioProcess
  readonly #log: Log
  readonly #listeners = new Set<Listener>()
  #stop: (() => void) | undefined

  /** `direct` gives the publisher's own Opus, where there is one. */
  constructor(
    feed: Pick<FrameFeed, 'frames'>,
    deps: {
      readonly audio: AudioProcess
      readonly log: Log
      readonly direct?: ((listener: Listener) => () => void) | undefined
    },
  ) {
    this.#feed = feed
    this.#audio = deps.audio
    this.#log = deps.log
    this.#direct = deps.direct
  }

  /** Calls back with every frame from now on; the result ends it. */
  readonly listen = (listener: Listener): (() => void) => {
    this.#listeners.add(listener)
    this.#stop ??= this.#start()
    return () => {
      this.#listeners.delete(listener)
      if (this.#listeners.size > 0) return
      this.#stop?.()
      this.#stop = undefined
    }
  }

  #start(): () => void {
    const tell = (frame: CodedFrame) => {
      for (const listener of this.#listeners) listener(frame)
    }
    if (this.#direct) return this.#direct(tell)
    const stopping = new AbortController()
    const { signal } = stopping
    void this.#convert(tell, signal).catch((error) => {
      if (!signal.aborted) this.#log.warn('viewers by WebRTC go on without sound', { error: errorText(error) })
    })
    return () => stopping.abort()
  }

  async #convert(tell: Listener, signal: AbortSignal): Promise<void> {
    let conversion: ReturnType<AudioProcess['open']> | undefined
    let failures = 0
    try {
      for await (const frame of this.#feed.frames({ from: 'now', signal })) {
        if (frame.kind !== 'audio') continue
        if (frame.codec === 'opus') tell(frame)
        if (frame.codec !== 'aac' || failures >= MAX_FAILURES) continue
        conversion ??= this.#audio.open({
          from: 'aac',
          to: 'opus',
          onFrame: tell,
          onFailed: (error) => {
            this.#log.warn('viewers by WebRTC hear nothing', { code: error.code, error: error.message })
            conversion = undefined
            failures++
          },
        })
        conversion.write(frame)
      }
    } finally {
      conversion?.close()
    }
  }
}
