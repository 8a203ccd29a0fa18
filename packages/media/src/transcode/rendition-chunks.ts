import { MillraceError, type Ticks90k } from '@millrace/base'
import { cmafChunk } from '../cmaf/chunk.ts'
import { cmafInit } from '../cmaf/init.ts'
import { type CmafTrack, cmafTrackOf, sameTrack } from '../cmaf/track.ts'
import type { CodedFrame } from '../segment/segment.ts'

/** Writes the parts of one rendition's pictures as CMAF chunks. */
export class RenditionChunks {
  #track: CmafTrack | undefined
  #sequence = 0
  #initDue = true

  /** The next chunk comes with its initialisation segment. */
  startSegment(): void {
    this.#initDue = true
  }

  /** `init` comes with the first chunk of a segment, and whenever the coding changes. Throws `encode_failed` before the first key frame. */
  chunk(
    frames: readonly CodedFrame[],
    duration: Ticks90k,
  ): { readonly init: Uint8Array | undefined; readonly data: Uint8Array } {
    const first = frames[0]!
    const track = cmafTrackOf(first)
    if (track && (!this.#track || !sameTrack(this.#track, track))) {
      this.#track = track
      this.#initDue = true
    }
    if (!this.#track)
      throw new MillraceError('encode_failed', 'the encoder gave no parameter sets with its first picture')
    const init = this.#initDue ? cmafInit(this.#track) : undefined
    this.#initDue = false
    const data = cmafChunk(this.#track, frames, { sequence: ++this.#sequence, endDts: first.dts + duration })
    return { init, data }
  }
}
