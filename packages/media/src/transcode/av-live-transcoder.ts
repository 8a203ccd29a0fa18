import { MillraceError } from '@millrace/base'
import type { Frame } from 'node-av/lib'
import { type CutPart, PartCutter } from '../cmaf/part-cutter.ts'
import type { Av } from '../process/av.ts'
import type { CodedFrame } from '../segment/segment.ts'
import { TsDemuxer } from '../ts/demuxer.ts'
import { AvDecoder } from './av-decoder.ts'
import { AvRendition } from './av-rendition.ts'
import { sourceFps, type Transcoded, type TranscodeOptions } from './av-transcoder.ts'
import { Cascade } from './cascade.ts'
import type { RenditionPart } from './engine.ts'

/** As the playlists announce them. */
const PART_MS = 200
/** The rate of the first segment is measured over so many pictures, which wait for it; later ones are known by those before. */
const RATE_FROM_FRAMES = 4

/** One rendition of a live stream. */
type LiveRendition = {
  readonly rendition: AvRendition
  readonly cutter: PartCutter
  parts: number
  /** The initialisation segment that went out last for the open segment. */
  init: Uint8Array | undefined
}

/** The segment that is open. */
type Open = {
  readonly seq: number
  readonly demuxer: TsDemuxer
  /** Pictures that wait until the source's rate is known. */
  held: CodedFrame[] | undefined
  audioFrames: number
  decodedFrames: number
  decodedPixels: bigint
}

/**
 * Transcodes segments while they arrive: every picture is decoded and encoded at once, and its parts are given out every 200 ms.
 * The encoders are never drained; a segment's first picture is an IDR picture of each rendition, so that its parts stand by themselves.
 */
export class AvLiveTranscoder {
  readonly #av: Av
  readonly #decoder: AvDecoder
  readonly #cascade: Cascade
  readonly #renditions: readonly LiveRendition[]
  readonly #emit: (part: RenditionPart) => void
  #fps: number | undefined
  #open: Open | undefined

  constructor(av: Av, options: TranscodeOptions, emit: (part: RenditionPart) => void) {
    this.#av = av
    this.#emit = emit
    this.#decoder = new AvDecoder(av, options.threads)
    this.#renditions = options.profiles.map((profile) => ({
      rendition: new AvRendition(av, profile, { ...options, lowDelay: true }),
      cutter: new PartCutter(() => PART_MS),
      parts: 0,
      init: undefined,
    }))
    this.#cascade = new Cascade(
      av,
      this.#renditions.map(({ rendition }) => rendition),
    )
  }

  begin(seq: number): void {
    this.abort()
    const open: Open = {
      seq,
      demuxer: new TsDemuxer({ frame: (frame) => this.#frame(open, frame) }),
      held: this.#fps === undefined ? [] : undefined,
      audioFrames: 0,
      decodedFrames: 0,
      decodedPixels: 0n,
    }
    this.#open = open
  }

  /** Takes whole PES packets. Throws `unsupported_input`, `encode_failed` and the like. */
  write(bytes: Uint8Array): void {
    const open = this.#opened()
    open.demuxer.push(bytes)
    open.demuxer.flush()
  }

  /** Completes the segment: its last parts are given out. Throws `no_video_frames`. */
  end(): Omit<Transcoded, 'parts'> {
    const open = this.#opened()
    open.demuxer.end()
    this.#release(open)
    if (this.#decoder.started) {
      for (const frame of this.#decoder.drain()) this.#picture(open, frame)
      this.#decoder.reset()
    }
    const { seq, decodedFrames, decodedPixels, audioFrames } = open
    this.#open = undefined
    if (decodedFrames === 0)
      throw new MillraceError('no_video_frames', 'the segment holds no picture that can be decoded', {
        meta: { decodeErrors: this.#decoder.errors, audioFrames },
      })
    for (const [index, live] of this.#renditions.entries()) {
      const rest = live.cutter.flush()
      if (rest) this.#part(seq, index, live, rest, true)
    }
    return { decodedFrames, decodedPixels, decodeErrors: this.#decoder.errors }
  }

  /** Gives the open segment up. */
  abort(): void {
    if (!this.#open) return
    this.#open = undefined
    if (this.#decoder.started) this.#decoder.reset()
    for (const live of this.#renditions) {
      live.rendition.take()
      live.cutter.flush()
    }
  }

  close(): void {
    this.abort()
    this.#decoder.close()
    this.#cascade.close()
  }

  #opened(): Open {
    if (!this.#open) throw new MillraceError('segment_not_open', 'the live segment was given up')
    return this.#open
  }

  #frame(open: Open, frame: CodedFrame): void {
    if (frame.kind === 'audio') {
      open.audioFrames++
      return
    }
    if (frame.codec !== 'h264' && frame.codec !== 'hevc')
      throw new MillraceError('unsupported_input', 'live segments hold H.264 or HEVC')
    if (open.held) {
      open.held.push(frame)
      if (open.held.length >= RATE_FROM_FRAMES) this.#release(open)
    } else this.#decode(open, frame)
  }

  #release(open: Open): void {
    const { held } = open
    if (!held || held.length === 0) return
    open.held = undefined
    this.#fps = sourceFps({ video: held })
    for (const frame of held) this.#decode(open, frame)
  }

  #decode(open: Open, frame: CodedFrame): void {
    const { AV_CODEC_ID_H264, AV_CODEC_ID_HEVC } = this.#av.constants
    const codecId = frame.codec === 'h264' ? AV_CODEC_ID_H264 : AV_CODEC_ID_HEVC
    if (open.decodedFrames === 0) this.#decoder.start({ codecId, extradata: undefined })
    for (const picture of this.#decoder.push(frame)) this.#picture(open, picture)
  }

  #picture(open: Open, picture: Frame): void {
    if (open.decodedFrames === 0) {
      this.#cascade.start(picture, this.#fps ?? 30)
      for (const live of this.#renditions) {
        live.parts = 0
        live.init = undefined
      }
    }
    open.decodedFrames++
    open.decodedPixels += BigInt(picture.width) * BigInt(picture.height)
    this.#cascade.encode(picture)
    for (const [index, live] of this.#renditions.entries()) {
      for (const frame of live.rendition.take()) {
        const part = live.cutter.push(frame)
        if (part) this.#part(open.seq, index, live, part, false)
      }
    }
  }

  #part(seq: number, index: number, live: LiveRendition, part: CutPart, last: boolean): void {
    const { width, height } = live.rendition.size
    const { init, ...rest } = part
    const isNew = init !== live.init
    live.init = init
    this.#emit({
      ...rest,
      seq,
      rendition: index,
      index: live.parts++,
      last,
      ...(isNew && { init }),
      width,
      height,
      pixels: BigInt(width) * BigInt(height) * BigInt(part.frames),
    })
  }
}
