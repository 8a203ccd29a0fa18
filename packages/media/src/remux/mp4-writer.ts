import { concatBytes } from '@millrace/base'
import type { CodedFrame } from '../segment/segment.ts'
import { ascii, box, fullBox, u16, u32, u64 } from './mp4-boxes.ts'
import { Mp4Track } from './mp4-track.ts'

/** The brand box of our files. */
export const ftyp = (): Uint8Array => box('ftyp', ascii('isom'), u32(0x200), ascii('isomiso2avc1mp41'))

/** The tracks of a file that is being written. */
export class Mp4Tracks {
  readonly video = new Mp4Track('video')
  readonly audio = new Mp4Track('audio')
  #bytes = 0

  /** Size of the samples so far. */
  get bytes(): number {
    return this.#bytes
  }

  get durationTicks(): number {
    return Math.max(this.video.duration, this.audio.duration)
  }

  /** Notes a frame and returns the bytes to write behind those before. */
  add(frame: CodedFrame): Uint8Array | undefined {
    const data = (frame.kind === 'video' ? this.video : this.audio).add(frame, this.#bytes)
    if (data) this.#bytes += data.length
    return data
  }

  /** The `moov` box for samples that begin at this offset of the file. */
  moov(mediaOffset: number): Uint8Array {
    const tracks = [this.video, this.audio].filter((track) => track.samples > 0)
    const origin = tracks.reduce((least, track) => Math.min(least, track.firstPts), Number.POSITIVE_INFINITY)
    const matrix = u32(0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)
    return box(
      'moov',
      fullBox(
        'mvhd',
        1,
        0,
        u64(0, 0),
        u32(90_000),
        u64(this.durationTicks),
        u32(0x10000),
        u16(0x0100, 0),
        u32(0, 0),
        matrix,
        u32(0, 0, 0, 0, 0, 0, tracks.length + 1),
      ),
      ...tracks.map((track, i) => track.trak(i + 1, mediaOffset, origin)),
    )
  }

  /** Everything that stands before the samples: `ftyp`, `moov`, and the head of `mdat` (faststart). */
  head(): Uint8Array {
    const brand = ftyp()
    // The offsets have 64 bits, so that the size of `moov` does not depend on them.
    const size = this.moov(0).length
    const mediaOffset = brand.length + size + 16
    return concatBytes(brand, this.moov(mediaOffset), u32(1), ascii('mdat'), u64(this.#bytes + 16))
  }
}

/** Writes frames, sorted by decoding time, as one MP4 file in memory. */
export function encodeMp4(frames: readonly CodedFrame[]): Uint8Array {
  const tracks = new Mp4Tracks()
  const samples: Uint8Array[] = []
  for (const frame of frames) {
    const data = tracks.add(frame)
    if (data) samples.push(data)
  }
  return concatBytes(tracks.head(), ...samples)
}
