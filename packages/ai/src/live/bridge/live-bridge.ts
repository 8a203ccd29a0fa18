import { errorText } from '@millrace/base'
import type { CodedFrame } from '@millrace/media'
import { type Av, AvDecoder, TsDemuxer, TsMuxer } from '@millrace/media/process'
import type { Frame } from 'node-av/lib'
import type { OpenEffect } from '../live-effect.ts'
import type { BridgeCounts, StageTimes } from '../live-messages.ts'
import type { LiveParams } from '../live-params.ts'
import { FrameGate } from './frame-gate.ts'
import { PictureEncoder } from './picture-encoder.ts'
import { PictureShape } from './picture-shape.ts'
import { Timeline, type TimelineState } from './timeline.ts'

/** As upstream's runners: more than this nobody sees, and every picture costs. */
const MAX_FPS = 24
const SECOND = 90_000
const KEY_FRAME_EVERY = 2 * SECOND
/** A backlog of coded pictures longer than this is left out up to its newest key frame. */
const MAX_BACKLOG = 5 * SECOND
/** So many pictures in a row that the effect cannot do are the end of its process. */
const MAX_EFFECT_ERRORS = 10
const NEWEST = 0.1

export type BridgeOutput = {
  /** What follows is the next segment: it begins with a key frame. */
  segment(): void
  bytes(bytes: Uint8Array): void
  /** Told before the bytes of a picture, so that nobody who has them can believe that it is still to come. */
  shown(timeline: TimelineState): void
  facts(pts: number, facts: Readonly<Record<string, unknown>>): void
  params(params: LiveParams): void
  /** An effect could not do a picture. */
  error(message: string): void
}

type Coded = { readonly frame: CodedFrame; readonly stale: () => boolean }

/**
 * A stream through an effect: transport stream in, decoded, at most 24 pictures a second, scaled and cropped, worked on, encoded with a
 * key frame every two seconds, transport stream out; sound goes through as it is. It lives in a child process.
 */
export class LiveBridge {
  readonly #av: Av
  readonly #effect: OpenEffect
  readonly #out: BridgeOutput
  readonly #demuxer = new TsDemuxer({ frame: (frame) => this.#received(frame) })
  readonly #muxer: TsMuxer
  readonly #decoder: AvDecoder
  readonly #timeline: Timeline
  readonly #gate = new FrameGate(MAX_FPS)
  #backlog: Coded[] = []
  #newParams: LiveParams | undefined
  #working: Promise<void> | undefined
  /** Counts changes of parameters: pictures of an earlier one are flushed. */
  #epoch = 0
  #needsKey = true
  #codec = ''
  #shape: PictureShape
  #encoder: PictureEncoder
  #size: LiveParams
  #lastKey = Number.NEGATIVE_INFINITY
  #sounding: number
  #errorsInARow = 0
  readonly #counts = { received: 0, shown: 0, dropped: 0, decodeErrors: 0, effectErrors: 0 }
  readonly #stages = { decode: 0, effect: 0, encode: 0 }

  constructor(
    av: Av,
    effect: OpenEffect,
    start: { readonly params: LiveParams; readonly timeline: TimelineState | undefined },
    out: BridgeOutput,
  ) {
    this.#av = av
    this.#effect = effect
    this.#out = out
    this.#timeline = new Timeline(start.timeline)
    this.#sounding = start.timeline?.last ?? Number.NEGATIVE_INFINITY
    this.#decoder = new AvDecoder(av, 1)
    this.#muxer = new TsMuxer({ write: (bytes) => out.bytes(bytes), opus: true })
    this.#size = start.params
    this.#shape = new PictureShape(av, start.params)
    this.#encoder = new PictureEncoder(av, start.params)
    this.update(start.params)
  }

  get counts(): BridgeCounts {
    return { ...this.#counts }
  }

  get stages(): StageTimes {
    return { ...this.#stages }
  }

  /** Takes any number of bytes. */
  push(bytes: Uint8Array): void {
    this.#demuxer.push(bytes)
    this.#work()
  }

  /** What the last segment held back is complete. */
  endSegment(): void {
    this.#demuxer.flush()
    this.#work()
  }

  /** From the next picture on; those that wait are left out, so that the change is seen at once. */
  update(params: LiveParams): void {
    this.#newParams = params
    this.#epoch++
    this.#work()
  }

  /** Resolves when all that came in has gone out. */
  async end(): Promise<void> {
    this.#demuxer.end()
    this.#work()
    await this.#working
    this.#muxer.flush()
  }

  #received(frame: CodedFrame): void {
    if (frame.kind === 'video') this.#counts.received++
    const epoch = this.#epoch
    this.#backlog.push({ frame, stale: () => epoch !== this.#epoch })
    if (frame.kind === 'video') this.#bound(frame)
  }

  /** Drops the oldest, in whole groups of pictures, because those that are left must still be decodable. */
  #bound(newest: CodedFrame): void {
    const oldest = this.#backlog.find(({ frame }) => frame.kind === 'video')
    if (!oldest || Math.abs(newest.dts - oldest.frame.dts) <= MAX_BACKLOG) return
    const from = this.#backlog.findLastIndex(({ frame }) => frame.kind === 'video' && frame.keyFrame)
    const left = from < 0 ? this.#backlog.splice(0) : this.#backlog.splice(0, from)
    this.#counts.dropped += left.filter(({ frame }) => frame.kind === 'video').length
    this.#needsKey = true
  }

  #work(): void {
    this.#working ??= this.#run().finally(() => {
      this.#working = undefined
    })
  }

  async #run(): Promise<void> {
    while (this.#newParams || this.#backlog.length > 0) {
      await this.#change()
      const coded = this.#backlog.shift()
      if (!coded) continue
      if (coded.frame.kind === 'audio') this.#sound(coded.frame)
      else await this.#video(coded)
      // What arrives meanwhile, a change of parameters above all, is heard between two pictures.
      await new Promise((resolve) => setImmediate(resolve))
    }
  }

  async #change(): Promise<void> {
    const params = this.#newParams
    if (!params) return
    this.#newParams = undefined
    if (params.width !== this.#size.width || params.height !== this.#size.height) {
      this.#shape.close()
      this.#encoder.close()
      this.#shape = new PictureShape(this.#av, params)
      this.#encoder = new PictureEncoder(this.#av, params)
      this.#lastKey = Number.NEGATIVE_INFINITY
    }
    this.#size = params
    try {
      const { width: _width, height: _height, ...own } = params
      await this.#effect.update(own)
      this.#out.params(params)
    } catch (error) {
      this.#out.error(errorText(error))
    }
  }

  async #video(coded: Coded): Promise<void> {
    const { frame } = coded
    if (frame.codec !== 'h264' && frame.codec !== 'hevc') return
    if (this.#needsKey && !frame.keyFrame) {
      this.#counts.dropped++
      return
    }
    if (this.#needsKey || this.#codec !== frame.codec) {
      const { AV_CODEC_ID_H264, AV_CODEC_ID_HEVC } = this.#av.constants
      if (this.#decoder.started) this.#decoder.reset()
      const codecId = frame.codec === 'h264' ? AV_CODEC_ID_H264 : AV_CODEC_ID_HEVC
      this.#decoder.start({ codecId, extradata: undefined })
      this.#codec = frame.codec
      this.#needsKey = false
    }
    const began = performance.now()
    const before = this.#decoder.errors
    let others = 0
    for (const picture of this.#decoder.push(frame)) {
      const decoded = performance.now()
      await this.#picture(picture, coded.stale)
      others += performance.now() - decoded
    }
    this.#counts.decodeErrors += this.#decoder.errors - before
    this.#mean('decode', performance.now() - began - others)
  }

  async #picture(picture: Frame, stale: () => boolean): Promise<void> {
    const pts = this.#timeline.picture(Number(picture.pts))
    if (pts === undefined) return
    if (stale() || !this.#gate.takes(pts)) {
      // Above the cap nothing is lost that was wanted.
      if (stale() || this.#gate.costMs * MAX_FPS > 1_000) this.#counts.dropped++
      return
    }
    const began = performance.now()
    try {
      const done = await this.#effect.picture(this.#shape.shape(picture))
      const worked = performance.now()
      this.#mean('effect', worked - began)
      this.#show(done, pts)
      if (done.facts) this.#out.facts(pts, done.facts)
      this.#mean('encode', performance.now() - worked)
      this.#errorsInARow = 0
    } catch (error) {
      this.#counts.effectErrors++
      this.#out.error(errorText(error))
      if (++this.#errorsInARow >= MAX_EFFECT_ERRORS) throw error
    }
    this.#gate.cost(performance.now() - began + this.#stages.decode)
  }

  #show(picture: Parameters<PictureEncoder['encode']>[0], pts: number): void {
    const key = pts - this.#lastKey >= KEY_FRAME_EVERY
    for (const coded of this.#encoder.encode(picture, pts, key)) {
      if (coded.keyFrame) {
        this.#lastKey = coded.pts
        this.#muxer.flush()
        this.#out.segment()
        this.#muxer.startSegment((bytes) => this.#out.bytes(bytes))
      }
      this.#out.shown(this.#timeline.state as TimelineState)
      this.#muxer.frame(coded)
      this.#counts.shown++
    }
  }

  #sound(frame: CodedFrame): void {
    const pts = this.#timeline.sound(frame.pts)
    // Readers expect a segment to begin with its picture.
    if (pts === undefined || pts <= this.#sounding || this.#counts.shown === 0) return
    this.#sounding = pts
    this.#muxer.frame({ ...frame, pts, dts: pts })
  }

  #mean(stage: keyof StageTimes, ms: number): void {
    this.#stages[stage] += (ms - this.#stages[stage]) * NEWEST
  }
}
