import { errorText, type Log } from '@millrace/base'
import { type AudioProcess, type CodedFrame, type Publication, PublicationFeed, type TsDemuxer } from '@millrace/media'
import { OutputLine } from './output-line.ts'

export type LiveAiOutputDeps = {
  readonly audio: () => Pick<AudioProcess, 'open'>
  /** Shows it to viewers until it ends. */
  readonly show: (publication: Publication) => Promise<void>
  /** A picture that is about to be shown, with the time that it had in the source. */
  readonly onPicture?: (pts: number) => void
  readonly log: Log
}

type Announced = TsDemuxer['announced']
type Conversion = ReturnType<AudioProcess['open']>

/** Frames that may wait to be shown; more come only if nobody takes them. */
const MAX_WAITING = 480
const MAX_AUDIO_FAILURES = 3

/** What comes out of a live stream, over all orchestrators that worked on it: one publication, on one time line. */
export class LiveAiOutput {
  readonly #name: string
  readonly #deps: LiveAiOutputDeps
  readonly #line = new OutputLine()
  readonly #opusListeners = new Set<(frame: CodedFrame) => void>()
  #feed: PublicationFeed | undefined
  #shown: Promise<void> | undefined
  #toAac: Conversion | undefined
  #audioFailures = 0
  #needsKey = true
  #ended = false

  constructor(name: string, deps: LiveAiOutputDeps) {
    this.#name = name
    this.#deps = deps
    this.begun = new Promise((resolve) => {
      this.#tellBegun = resolve
    })
  }

  /** Resolves once there is something to show. */
  readonly begun: Promise<void>
  #tellBegun: () => void = () => {}

  /** What comes now is another orchestrator's. */
  next(): void {
    this.#line.next()
    this.#needsKey = true
  }

  frame(frame: CodedFrame, announced: Announced, sourcePts: number): void {
    if (this.#ended) return
    if (this.#needsKey && !(frame.kind === 'video' && frame.keyFrame)) return
    this.#needsKey = false
    const placed = this.#line.place(frame, sourcePts)
    if (!placed) return
    if (placed.kind === 'video' && this.#line.hasSourceTimes) this.#deps.onPicture?.(placed.pts)
    this.#feed ??= this.#begin(announced)
    if (placed.codec === 'opus') this.#opus(placed)
    else this.#write(placed)
  }

  /** Ends it for its viewers. */
  async end(): Promise<void> {
    this.#ended = true
    this.#toAac?.close()
    this.#opusListeners.clear()
    this.#feed?.end({ reason: 'finished' })
    await this.#shown
  }

  #begin(announced: Announced): PublicationFeed {
    const hasOpus = announced?.audio === 'opus'
    const feed = new PublicationFeed(
      { kind: 'pull', app: '', name: this.#name, remoteAddress: undefined },
      {
        onClose: () => {},
        ...(hasOpus && {
          direct: {
            // Viewers by WebRTC are sent the runner's own Opus.
            opus: (listener) => {
              this.#opusListeners.add(listener)
              return () => this.#opusListeners.delete(listener)
            },
            requestKey: () => {},
          },
        }),
      },
    )
    this.#shown = this.#deps.show(feed.publication).catch((error) => {
      this.#deps.log.warn('what comes out of a live stream is not shown', { error: errorText(error) })
    })
    this.#tellBegun()
    return feed
  }

  /** Players of HLS are sent AAC. */
  #opus(frame: CodedFrame): void {
    for (const listener of this.#opusListeners) listener(frame)
    if (!this.#toAac && this.#audioFailures < MAX_AUDIO_FAILURES)
      this.#toAac = this.#deps.audio().open({
        from: 'opus',
        to: 'aac',
        onFrame: (made) => this.#write(made),
        onFailed: (error) => {
          this.#toAac = undefined
          this.#audioFailures++
          this.#deps.log.warn('the sound of a live stream cannot be made into AAC', { error: error.message })
        },
      })
    this.#toAac?.write(frame)
  }

  #write(frame: CodedFrame): void {
    const feed = this.#feed
    if (!feed || this.#ended) return
    if (feed.waiting >= MAX_WAITING) {
      // Nobody takes them: what is left out ends with the next key frame.
      this.#needsKey = true
      return
    }
    void feed.write(frame).catch(() => {})
  }
}
