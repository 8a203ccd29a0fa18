import { MillraceError, ticksToMs } from '@millrace/base'
import type { VideoProfile } from '@millrace/wire'
import type { Av } from '../process/av.ts'
import { encodeMp4 } from '../remux/mp4-writer.ts'
import type { CodedFrame } from '../segment/segment.ts'
import { muxTs, type TsCounters } from '../ts/muxer.ts'
import { AvDecoder } from './av-decoder.ts'
import { AvRendition } from './av-rendition.ts'
import { Cascade } from './cascade.ts'
import type { RenditionPart, SegmentInput } from './engine.ts'
import { type DemuxedInput, readInput } from './input.ts'

export type TranscodeOptions = {
  readonly profiles: readonly VideoProfile[]
  readonly preset: string
  readonly threads: number
}

export type Transcoded = {
  readonly parts: RenditionPart[]
  readonly decodedFrames: number
  readonly decodedPixels: bigint
  readonly decodeErrors: number
}

/** Transcodes the segments of one stream with FFmpeg's libraries; decoder and scalers live as long as it does. */
export class AvTranscoder {
  readonly #av: Av
  readonly #decoder: AvDecoder
  readonly #renditions: AvRendition[]
  readonly #cascade: Cascade

  constructor(av: Av, options: TranscodeOptions) {
    this.#av = av
    this.#decoder = new AvDecoder(av, options.threads)
    this.#renditions = options.profiles.map((profile) => new AvRendition(av, profile, options))
    this.#cascade = new Cascade(av, this.#renditions)
  }

  /** `pause` is awaited now and then so that an abort can arrive; it throws to give the segment up. */
  async transcode(segment: SegmentInput, pause: () => Promise<void>): Promise<Transcoded> {
    const input = readInput(this.#av, segment.data, segment.container)
    const fps = sourceFps(input)
    for (const rendition of this.#renditions) rendition.sign(segment.signatures ?? false)
    let decodedFrames = 0
    let decodedPixels = 0n
    try {
      for (const frame of this.#decoder.decode(input)) {
        if (decodedFrames === 0) this.#cascade.start(frame, fps)
        decodedFrames++
        decodedPixels += BigInt(frame.width) * BigInt(frame.height)
        this.#cascade.encode(frame)
        if (decodedFrames % 4 === 0) await pause()
      }
      if (decodedFrames === 0)
        throw new MillraceError('no_video_frames', 'the segment holds no picture that can be decoded', {
          meta: { decodeErrors: this.#decoder.errors, audioFrames: input.audio.length },
        })
      const parts: RenditionPart[] = []
      for (const [index, rendition] of this.#renditions.entries()) {
        parts.push(finishPart(segment.seq, index, rendition, input.audio))
        await pause()
      }
      return { parts, decodedFrames, decodedPixels, decodeErrors: this.#decoder.errors }
    } finally {
      for (const rendition of this.#renditions) rendition.abandon()
    }
  }

  close(): void {
    this.#decoder.close()
    this.#cascade.close()
  }
}

function finishPart(seq: number, index: number, rendition: AvRendition, audio: readonly CodedFrame[]): RenditionPart {
  const video = rendition.finish()
  const { width, height } = rendition.size
  const { signature } = rendition
  const part = renditionPart({
    seq,
    index,
    width,
    height,
    format: rendition.profile.format,
    video,
    audio,
    counters: rendition.counters,
  })
  return signature ? { ...part, signature } : part
}

/** Joins the coded pictures of a rendition with the source's sound. */
export function renditionPart(made: {
  readonly seq: number
  readonly index: number
  readonly width: number
  readonly height: number
  readonly format: 'mpegts' | 'mp4'
  readonly video: readonly CodedFrame[]
  readonly audio: readonly CodedFrame[]
  /** Goes on from segment to segment of the rendition. */
  readonly counters: TsCounters
}): RenditionPart {
  const { video, audio, width, height } = made
  const frames = [...video, ...audio].sort((a, b) => a.dts - b.dts)
  const first = video.reduce((least, frame) => Math.min(least, frame.pts), Number.POSITIVE_INFINITY)
  const last = video.reduce((most, frame) => Math.max(most, frame.pts), Number.NEGATIVE_INFINITY)
  const step = video.length > 1 ? (last - first) / (video.length - 1) : 3_000
  return {
    seq: made.seq,
    rendition: made.index,
    index: 0,
    last: true,
    independent: video[0]?.keyFrame ?? false,
    data: made.format === 'mp4' ? encodeMp4(frames) : muxTs(frames, made.counters),
    pts: first,
    durationMs: ticksToMs(last - first + step),
    frames: video.length,
    width,
    height,
    pixels: BigInt(width) * BigInt(height) * BigInt(video.length),
  }
}

/** The source's frame rate by its time stamps: the median distance, because single frames may be missing. */
export function sourceFps(input: Pick<DemuxedInput, 'video'>): number {
  const times = input.video.map((frame) => frame.pts).sort((a, b) => a - b)
  const steps = times
    .slice(1)
    .map((time, i) => time - times[i]!)
    .filter((step) => step > 0)
    .sort((a, b) => a - b)
  const median = steps[steps.length >> 1] ?? 3_000
  return Math.min(240, Math.max(1, 90_000 / median))
}
