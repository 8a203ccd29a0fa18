import { MillraceError } from '@millrace/base'
import type { AVCodecID } from 'node-av/constants'
import type { CodecContext, Frame } from 'node-av/lib'
import { type Av, EAGAIN } from '../process/av.ts'
import type { DemuxedInput } from './input.ts'
import type { AvPacket } from './libav-input.ts'

/** As LPMS encodes at most: 8192 by 4320. */
const MAX_PIXELS = 8_192 * 4_320

/** Decodes the pictures of one segment after the other; the decoder stays open as long as the coding stays the same. */
export class AvDecoder {
  readonly #av: Av
  readonly #threads: number
  #context: CodecContext | undefined
  #key = ''
  #errors = 0

  constructor(av: Av, threads: number) {
    this.#av = av
    this.#threads = threads
  }

  /** Pictures of this segment that could not be decoded. */
  get errors(): number {
    return this.#errors
  }

  /** Whether a segment was ever begun. */
  get started(): boolean {
    return this.#context !== undefined
  }

  /** Yields the same frame object again and again; its content is valid until the next one. */
  *decode(input: DemuxedInput): Generator<Frame> {
    this.start(input)
    try {
      for (const packet of input.video) yield* this.push(packet)
      yield* this.drain()
    } finally {
      this.reset()
    }
  }

  /** Makes ready for a segment; the decoder is opened anew only when the coding changed. */
  start(coding: Pick<DemuxedInput, 'codecId' | 'extradata'>): void {
    this.#open(coding)
    this.#errors = 0
  }

  /** Decodes one coded picture of the started segment; yields what is complete by it. */
  *push({ data, pts, dts, keyFrame }: AvPacket): Generator<Frame> {
    const { Packet } = this.#av
    const packet = new Packet()
    packet.alloc()
    try {
      packet.data = Buffer.from(data.buffer, data.byteOffset, data.byteLength)
      packet.pts = BigInt(Math.round(pts))
      packet.dts = BigInt(Math.round(dts))
      packet.isKeyframe = keyFrame
      const sent = this.#context!.sendPacketSync(packet)
      if (sent < 0 && sent !== EAGAIN) this.#errors++
    } finally {
      packet.free()
    }
    yield* this.#receive(this.#context!)
  }

  /** Yields the pictures that the decoder still holds back. */
  *drain(): Generator<Frame> {
    this.#context!.sendPacketSync(null)
    yield* this.#receive(this.#context!)
  }

  /** Ready for the next segment, also when this one was given up in the middle. */
  reset(): void {
    this.#context?.flushBuffers()
  }

  close(): void {
    this.#context?.freeContext()
    this.#context = undefined
  }

  *#receive(context: CodecContext): Generator<Frame> {
    const frame = new this.#av.Frame()
    frame.alloc()
    try {
      for (;;) {
        const got = context.receiveFrameSync(frame)
        if (got < 0) return
        yield frame
        frame.unref()
      }
    } finally {
      frame.free()
    }
  }

  #open(input: Pick<DemuxedInput, 'codecId' | 'extradata'>): CodecContext {
    const key = `${input.codecId}:${input.extradata ? Buffer.from(input.extradata).toString('base64') : ''}`
    if (this.#context && this.#key === key) return this.#context
    this.close()
    const { Codec, CodecContext, Rational } = this.#av
    const codec = Codec.findDecoder(input.codecId as AVCodecID)
    if (!codec) throw new MillraceError('unsupported_input', 'there is no decoder for the codec of this segment')
    const context = new CodecContext()
    context.allocContext3(codec)
    context.pktTimebase = new Rational(1, 90_000)
    context.threadCount = this.#threads
    // Parameter sets of a few bytes must not make the decoder reserve gigabytes.
    context.setOption('max_pixels', String(MAX_PIXELS))
    if (input.extradata) context.extraData = Buffer.from(input.extradata)
    const opened = context.open2Sync(codec, null)
    if (opened < 0) {
      context.freeContext()
      throw new MillraceError('unsupported_input', `the decoder does not open: ${opened}`)
    }
    this.#context = context
    this.#key = key
    return context
  }
}
