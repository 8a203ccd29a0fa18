import { errorText, type Log } from '@millrace/base'
import {
  type CmafOrigin,
  type CodedFrame,
  readCmafChunk,
  type Segment,
  type TsCounters,
  withSound,
} from '@millrace/media'
import type { ManifestId, VideoProfile } from '@millrace/wire'
import type { BoughtSegment } from './buyer.ts'
import type { StreamFeeds } from './stream-feeds.ts'
import type { BoughtPart } from './submit-live.ts'

export type LiveRenditionsDeps = {
  readonly cmaf: Pick<CmafOrigin, 'putPart' | 'completeSegment'>
  /** Where viewers by WebRTC read. */
  readonly feeds?: Pick<StreamFeeds, 'part'>
  readonly log: Log
}

/** The renditions of one stream that come back in parts: viewers of low latency get each part at once, the others whole segments with sound. */
export class LiveRenditions {
  readonly #manifestId: ManifestId
  readonly #ladder: readonly VideoProfile[]
  readonly #deps: LiveRenditionsDeps
  readonly #counters: readonly TsCounters[]
  /** The segment of each rendition that parts came of last. */
  readonly #open: (number | undefined)[]

  constructor(manifestId: ManifestId, ladder: readonly VideoProfile[], deps: LiveRenditionsDeps) {
    this.#manifestId = manifestId
    this.#ladder = ladder
    this.#deps = deps
    this.#counters = ladder.map(() => new Map())
    this.#open = ladder.map(() => undefined)
  }

  /** Shows a part. One that cannot be read is left out; the segment as a whole is judged when it is complete. */
  readonly part = ({ seq, index, rendition, independent, duration, bytes, init }: BoughtPart): void => {
    const { cmaf, feeds, log } = this.#deps
    const before = this.#open[rendition]
    if (before !== undefined && before !== seq) this.#complete(before, rendition)
    this.#open[rendition] = seq
    const part = { seq, index, independent, durationMs: duration / 90, data: bytes, init }
    try {
      cmaf.putPart(this.#manifestId, this.#facts(rendition), part)
      feeds?.part(this.#facts(rendition).name, readCmafChunk(init, bytes))
    } catch (error) {
      log.warn('a part of a rendition cannot be shown', { seq, error: errorText(error) })
    }
  }

  /** All parts of the segment have come. */
  complete(seq: number): void {
    for (const rendition of this.#ladder.keys()) if (this.#open[rendition] === seq) this.#complete(seq, rendition)
  }

  /** The renditions of a segment that came in parts, with the source's sound, as they stand in playlists of whole segments. */
  async whole(segment: Segment, { renditions }: Pick<BoughtSegment, 'renditions'>) {
    const sound: CodedFrame[] = []
    for await (const frame of segment) if (frame.kind === 'audio') sound.push(frame)
    return renditions.map((pictures, i) => {
      const profile = this.#ladder[i] as VideoProfile
      const { format: container } = profile
      const data = withSound(pictures, sound, { container, counters: this.#counters[i] as TsCounters })
      return { profile, data, container }
    })
  }

  #complete(seq: number, rendition: number): void {
    this.#open[rendition] = undefined
    this.#deps.cmaf.completeSegment(this.#manifestId, this.#facts(rendition), seq)
  }

  #facts(rendition: number) {
    const { name, bitrateBps: bandwidthBps } = this.#ladder[rendition] as VideoProfile
    return { name, kind: 'video' as const, bandwidthBps }
  }
}
