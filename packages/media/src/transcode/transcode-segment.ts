import type { EngineSession, PushOptions, RenditionPart, SegmentInput, SegmentOutcome } from './engine.ts'

/** One rendition of a segment as a whole. */
export type RenditionSegment = Pick<
  RenditionPart,
  'data' | 'pts' | 'durationMs' | 'frames' | 'width' | 'height' | 'pixels' | 'signature'
>

/** A session for peers that take whole segments: it gathers the parts of each push. */
export class WholeSegments {
  readonly #session: EngineSession
  readonly #collected = new Map<number, Collected>()
  readonly #reading: Promise<void>

  /** Takes over the session's parts; nobody else may read them. */
  constructor(session: EngineSession) {
    this.#session = session
    this.#reading = this.#read()
    this.#reading.catch(() => {})
  }

  /** Transcodes one segment; the renditions stand in the order of the session's profiles. Throws what the engine reports. */
  async transcode(
    segment: SegmentInput,
    options: PushOptions = {},
  ): Promise<{ readonly outcome: SegmentOutcome & { ok: true }; readonly renditions: RenditionSegment[] }> {
    return this.#collect(segment.seq, undefined, () => this.#session.push(segment, options))
  }

  /**
   * Transcodes a segment while its bytes arrive, whole PES packets at a time; `part` gets each part as it is made.
   * The renditions at the end are those parts joined behind their initialisation segment. Throws what the engine or the bytes' source reports.
   */
  async transcodeLive(
    segment: { readonly seq: number; readonly chunks: AsyncIterable<Uint8Array> },
    options: PushOptions & { readonly part: (part: RenditionPart) => void },
  ): Promise<{ readonly outcome: SegmentOutcome & { ok: true }; readonly renditions: RenditionSegment[] }> {
    return this.#collect(segment.seq, options.part, async () => {
      const push = await this.#session.pushLive(segment, options)
      try {
        for await (const bytes of segment.chunks) {
          options.signal?.throwIfAborted()
          await push.write(bytes)
        }
        options.signal?.throwIfAborted()
      } catch (error) {
        push.abort()
        await push.end().catch(() => {})
        throw error
      }
      return push.end()
    })
  }

  close(): Promise<void> {
    return this.#session.close()
  }

  async #collect(seq: number, onPart: Collected['onPart'], push: () => Promise<SegmentOutcome>) {
    const parts: Collected['renditions'] = new Map()
    this.#collected.set(seq, { renditions: parts, onPart })
    try {
      const outcome = await push()
      if (!outcome.ok) throw outcome.error
      // The reader runs in microtasks behind the engine's queue: let it take what was delivered.
      await new Promise((resolve) => setImmediate(resolve))
      const renditions = [...parts.entries()].sort(([a], [b]) => a - b).map(([, list]) => joinParts(list))
      return { outcome, renditions }
    } finally {
      this.#collected.delete(seq)
    }
  }

  async #read(): Promise<void> {
    for await (const part of this.#session.parts()) {
      const collected = this.#collected.get(part.seq)
      if (!collected) continue
      collected.onPart?.(part)
      const { renditions } = collected
      const list = renditions.get(part.rendition)
      if (list) list.push(part)
      else renditions.set(part.rendition, [part])
    }
  }
}

/** What came of one segment so far, by rendition. */
type Collected = {
  readonly renditions: Map<number, RenditionPart[]>
  readonly onPart: ((part: RenditionPart) => void) | undefined
}

function joinParts(parts: readonly RenditionPart[]): RenditionSegment {
  const first = parts[0]!
  if (parts.length === 1 && !first.init) return first
  const data = Buffer.concat(parts.flatMap((part) => (part.init ? [part.init, part.data] : [part.data])))
  const total = (of: (part: RenditionPart) => number) => parts.reduce((sum, part) => sum + of(part), 0)
  return {
    data,
    pts: first.pts,
    durationMs: total((part) => part.durationMs),
    frames: total((part) => part.frames),
    width: first.width,
    height: first.height,
    pixels: parts.reduce((sum, part) => sum + part.pixels, 0n),
  }
}
