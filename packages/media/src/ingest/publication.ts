import { AsyncQueue } from '@millrace/base'
import type { CodedFrame } from '../segment/segment.ts'

/** How a stream came in. */
export type IngestKind = 'rtmp' | 'http' | 'whip' | 'srt' | 'rtsp' | 'pull' | 'file' | 'generated'

/** Why a publication is over; `error` says more when something went wrong. */
export type PublicationEnd = {
  readonly reason: 'finished' | 'disconnected' | 'timeout' | 'replaced' | 'closed' | 'failed'
  readonly error?: Error
}

/** What a publisher by WebRTC has beside its frames, for viewers by WebRTC. */
export type DirectMedia = {
  /** Calls back with the publisher's own Opus frames, which need no second encoding; the result ends it. */
  opus(listener: (frame: CodedFrame) => void): () => void
  /** Asks the publisher for a key frame, within bounds. */
  requestKey(): void
}

/**
 * One live stream that comes in, whatever the way.
 * A publisher that vanishes ends `frames` without an error; only damaged input (`ended.reason` failed) makes the iteration throw.
 */
export type Publication = {
  readonly kind: IngestKind
  /** The application part of the publishing path; may be empty. */
  readonly app: string
  /** The stream name as the publisher sent it, without its query: for RTMP `manifestId/key`. */
  readonly name: string
  readonly remoteAddress: string | undefined
  /** One reader; bounded: a slow reader holds back the publisher. */
  readonly frames: AsyncIterable<CodedFrame>
  readonly ended: Promise<PublicationEnd>
  readonly direct?: DirectMedia
  /** Ends the stream from our side; safe to call more than once. */
  close(): Promise<void>
}

/** The writing end of a publication, for ingests. */
export class PublicationFeed {
  readonly publication: Publication
  readonly #queue: AsyncQueue<CodedFrame>
  #end!: (end: PublicationEnd) => void
  #ended = false

  constructor(
    facts: Pick<Publication, 'kind' | 'app' | 'name' | 'remoteAddress'>,
    options: { readonly capacity?: number; readonly direct?: DirectMedia; onClose(): void | Promise<void> },
  ) {
    const queue = new AsyncQueue<CodedFrame>({ capacity: options.capacity ?? 512 })
    this.#queue = queue
    const ended = new Promise<PublicationEnd>((resolve) => {
      this.#end = resolve
    })
    this.publication = {
      ...facts,
      frames: queue,
      ended,
      ...(options.direct && { direct: options.direct }),
      close: async () => {
        this.end({ reason: 'closed' })
        await options.onClose()
      },
    }
  }

  get ended(): boolean {
    return this.#ended
  }

  /** Resolves when the reader has room for more. */
  async write(frame: CodedFrame, options: { readonly signal?: AbortSignal | undefined } = {}): Promise<void> {
    if (!this.#ended) await this.#queue.pushWait(frame, options)
  }

  /** The number of frames that wait for the reader. */
  get waiting(): number {
    return this.#queue.size
  }

  /** Ends the frames; only the first call counts. */
  end(end: PublicationEnd): void {
    if (this.#ended) return
    this.#ended = true
    this.#queue.close(end.reason === 'failed' ? end.error : undefined)
    this.#end(end)
  }
}
