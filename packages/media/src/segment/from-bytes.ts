import type { ManifestId } from '@millrace/wire'
import { readMp4Frames } from '../remux/mp4-reader.ts'
import { demuxTs } from '../ts/demuxer.ts'
import type { Hasher } from './open-segment.ts'
import { realDurationMs } from './real-duration.ts'
import type { ClosedSegment, CodedFrame, Segment } from './segment.ts'

/** A segment that came as a whole, as HTTP push brings it. How long it is said to be counts as long as its frames do not say otherwise. The bytes are kept as they are; frames are read when asked for. */
export function segmentFromBytes(
  facts: {
    readonly manifestId: ManifestId
    readonly seq: number
    readonly data: Uint8Array
    readonly container: 'mpegts' | 'mp4'
    readonly durationMs: number
    readonly discontinuity?: boolean
  },
  deps: { readonly hashing: Hasher },
): Segment {
  let frames: readonly CodedFrame[] | undefined
  const read = () => {
    frames ??= facts.container === 'mpegts' ? demuxTs(facts.data).frames : readMp4Frames(facts.data)
    return frames
  }
  let closed: Promise<ClosedSegment> | undefined
  const close = async (): Promise<ClosedSegment> => {
    const hash = await deps.hashing.keccak256(facts.data)
    let videoFrames = 0
    let audioFrames = 0
    let { durationMs } = facts
    try {
      durationMs = realDurationMs(read(), durationMs)
      for (const frame of read()) frame.kind === 'video' ? videoFrames++ : audioFrames++
    } catch {
      // What cannot be read here may still be read by an engine, which says what is wrong with it.
    }
    return { data: facts.data, hash, durationMs, videoFrames, audioFrames }
  }
  return {
    manifestId: facts.manifestId,
    seq: facts.seq,
    container: facts.container,
    discontinuity: facts.discontinuity ?? false,
    independent: true,
    get closed() {
      closed ??= close()
      return closed
    },
    async *[Symbol.asyncIterator]() {
      yield* read()
    },
  }
}
