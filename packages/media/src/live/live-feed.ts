import { AsyncQueue, MillraceError } from '@millrace/base'
import type { CodedFrame } from '../segment/segment.ts'
import { BFrameWatch } from './b-frame-watch.ts'

export type LiveFeedOptions = {
  /** What the newest group of pictures may hold, so that a viewer can begin at once; a longer one is not kept. */
  readonly maxGroupFrames?: number
  readonly maxGroupBytes?: number
  /** Frames that may wait for one reader before it is cut off. */
  readonly maxWaiting?: number
  /** Asks whoever makes the pictures for a key frame; it keeps the bounds. */
  requestKey?(): void
}

export type FramesOptions = { readonly from: 'key' | 'now'; readonly signal?: AbortSignal | undefined }

/** Where viewers by WebRTC read a source or one of its renditions, frame by frame as they come. */
export type FrameFeed = {
  /** Begins with the newest key frame, and what came after it, at once; or with what comes now. Throws `slow_viewer` when the reader falls behind. */
  frames(options: FramesOptions): AsyncIterable<CodedFrame>
  /** True when pictures come in another order than they are shown, which WebRTC clients cannot play; undefined while unknown. */
  readonly reordered: boolean | undefined
  requestKey(): void
}

/** A stream that is read by any number of viewers, each at its own place, without holding anybody back. */
export class LiveFeed implements FrameFeed {
  readonly #options: LiveFeedOptions
  readonly #readers = new Set<AsyncQueue<CodedFrame>>()
  readonly #watch = new BFrameWatch()
  #group: CodedFrame[] = []
  #groupBytes = 0
  #ended = false

  constructor(options: LiveFeedOptions = {}) {
    this.#options = options
  }

  get reordered(): boolean | undefined {
    return this.#watch.reordered
  }

  get readers(): number {
    return this.#readers.size
  }

  /** The codec of the pictures so far. */
  get videoCodec(): string | undefined {
    return this.#group.find(({ kind }) => kind === 'video')?.codec
  }

  get ended(): boolean {
    return this.#ended
  }

  push(frame: CodedFrame): void {
    if (this.#ended) return
    this.#keep(frame)
    if (frame.kind === 'video') this.#watch.see(frame)
    for (const reader of this.#readers)
      try {
        reader.push(frame)
      } catch (cause) {
        this.#readers.delete(reader)
        reader.close(new MillraceError('slow_viewer', 'the viewer is too far behind: it is cut off', { cause }))
      }
  }

  /** Ends all readers after what they still have to read. */
  end(): void {
    this.#ended = true
    for (const reader of this.#readers) reader.close()
    this.#readers.clear()
    this.#group = []
  }

  requestKey(): void {
    this.#options.requestKey?.()
  }

  async *frames(options: FramesOptions): AsyncIterable<CodedFrame> {
    const group = options.from === 'key' ? [...this.#group] : []
    const queue = new AsyncQueue<CodedFrame>({ capacity: (this.#options.maxWaiting ?? 600) + group.length })
    for (const frame of group) queue.push(frame)
    if (this.#ended) queue.close()
    else this.#readers.add(queue)
    const stop = () => queue.close()
    options.signal?.addEventListener('abort', stop, { once: true })
    try {
      yield* queue
    } finally {
      options.signal?.removeEventListener('abort', stop)
      this.#readers.delete(queue)
    }
  }

  #keep(frame: CodedFrame): void {
    if (frame.kind === 'video' && frame.keyFrame) {
      this.#group = []
      this.#groupBytes = 0
    } else if (this.#group.length === 0) return
    this.#group.push(frame)
    this.#groupBytes += frame.data.length
    const { maxGroupFrames = 1_200, maxGroupBytes = 16 * 1024 * 1024 } = this.#options
    if (this.#group.length <= maxGroupFrames && this.#groupBytes <= maxGroupBytes) return
    this.#group = []
    this.#groupBytes = 0
  }
}
