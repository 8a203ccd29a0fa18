import { concatBytes } from '@millrace/base'
import type { ManifestId } from '@millrace/wire'
import type { ClosedSegment, CodedFrame, Segment } from './segment.ts'

/** Makes the hash of a segment; `Hashing` of `@millrace/base/node` does it away from the main thread. */
export type Hasher = { keccak256(bytes: Uint8Array): Promise<Uint8Array> }

/** A segment that is being filled. */
export class OpenSegment implements Segment {
  readonly manifestId: ManifestId
  readonly seq: number
  readonly container = 'mpegts'
  readonly discontinuity: boolean
  readonly independent: boolean
  readonly closed: Promise<ClosedSegment>
  readonly #frames: CodedFrame[] = []
  readonly #chunks: Uint8Array[] = []
  #bytes = 0
  #state: 'open' | 'complete' | 'failed' = 'open'
  #error: unknown
  #waiting: (() => void)[] = []
  #resolve!: (closed: ClosedSegment) => void
  #reject!: (error: unknown) => void

  constructor(facts: Pick<Segment, 'manifestId' | 'seq' | 'discontinuity' | 'independent'>) {
    this.manifestId = facts.manifestId
    this.seq = facts.seq
    this.discontinuity = facts.discontinuity
    this.independent = facts.independent
    this.closed = new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
    // Whoever reads only the frames must not be punished for it with an unhandled rejection.
    this.closed.catch(() => {})
  }

  get bytes(): number {
    return this.#bytes
  }

  get frameCount(): number {
    return this.#frames.length
  }

  readonly write = (bytes: Uint8Array): void => {
    this.#chunks.push(bytes)
    this.#bytes += bytes.length
    this.#wake()
  }

  add(frame: CodedFrame): void {
    this.#frames.push(frame)
    this.#wake()
  }

  /** No more frames come: the bytes are joined and hashed, then `closed` resolves. */
  complete(durationMs: number, hasher: Hasher): void {
    if (this.#state !== 'open') return
    this.#state = 'complete'
    this.#wake()
    const data = concatBytes(...this.#chunks)
    const videoFrames = this.#frames.reduce((count, frame) => count + (frame.kind === 'video' ? 1 : 0), 0)
    const audioFrames = this.#frames.length - videoFrames
    hasher
      .keccak256(data)
      .then((hash) => this.#resolve({ data, hash, durationMs, videoFrames, audioFrames }))
      .catch((error) => this.#reject(error))
  }

  fail(error: unknown): void {
    if (this.#state !== 'open') return
    this.#state = 'failed'
    this.#error = error
    this.#reject(error)
    this.#wake()
  }

  [Symbol.asyncIterator](): AsyncIterator<CodedFrame> {
    return this.#follow(this.#frames)
  }

  get chunks(): AsyncIterable<Uint8Array> {
    return { [Symbol.asyncIterator]: () => this.#follow(this.#chunks) }
  }

  /** What a growing list holds, and what is added until the segment is over. */
  async *#follow<T>(list: readonly T[]): AsyncGenerator<T> {
    for (let at = 0; ; at++) {
      while (at >= list.length) {
        if (this.#state === 'complete') return
        if (this.#state === 'failed') throw this.#error
        await new Promise<void>((resolve) => this.#waiting.push(resolve))
      }
      yield list[at]!
    }
  }

  #wake(): void {
    for (const resolve of this.#waiting.splice(0)) resolve()
  }
}
