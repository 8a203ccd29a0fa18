import type { EngineSession, PushOptions, RenditionPart, SegmentInput, SegmentOutcome } from './engine.ts'

/** One rendition of a segment as a whole. */
export type RenditionSegment = Pick<
  RenditionPart,
  'data' | 'pts' | 'durationMs' | 'frames' | 'width' | 'height' | 'pixels'
>

/** A session for peers that take whole segments: it gathers the parts of each push. */
export class WholeSegments {
  readonly #session: EngineSession
  readonly #collected = new Map<number, Map<number, RenditionPart[]>>()
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
    this.#collected.set(segment.seq, new Map())
    try {
      const outcome = await this.#session.push(segment, options)
      if (!outcome.ok) throw outcome.error
      // The reader runs in microtasks behind the engine's queue: let it take what was delivered.
      await new Promise((resolve) => setImmediate(resolve))
      const parts = this.#collected.get(segment.seq)!
      const renditions = [...parts.entries()].sort(([a], [b]) => a - b).map(([, list]) => joinParts(list))
      return { outcome, renditions }
    } finally {
      this.#collected.delete(segment.seq)
    }
  }

  close(): Promise<void> {
    return this.#session.close()
  }

  async #read(): Promise<void> {
    for await (const part of this.#session.parts()) {
      const renditions = this.#collected.get(part.seq)
      if (!renditions) continue
      const list = renditions.get(part.rendition)
      if (list) list.push(part)
      else renditions.set(part.rendition, [part])
    }
  }
}

function joinParts(parts: readonly RenditionPart[]): RenditionSegment {
  const first = parts[0]!
  if (parts.length === 1) return first
  const data = Buffer.concat(parts.map((part) => part.data))
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
