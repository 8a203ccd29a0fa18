import { MillraceError } from '@millrace/base'
import type { AVCodecID } from 'node-av/constants'
import type { CodecContext, Frame } from 'node-av/lib'
import { type Av, EAGAIN } from '../process/av.ts'
import type { DemuxedInput } from './input.ts'

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

  /** Yields the same frame object again and again; its content is valid until the next one. */
  *decode(input: DemuxedInput): Generator<Frame> {
    const { Packet, Frame } = this.#av
    const context = this.#open(input)
    this.#errors = 0
    const packet = new Packet()
    packet.alloc()
    const frame = new Frame()
    frame.alloc()
    try {
      for (const { data, pts, dts, keyFrame } of input.video) {
        packet.data = Buffer.from(data.buffer, data.byteOffset, data.byteLength)
        packet.pts = BigInt(Math.round(pts))
        packet.dts = BigInt(Math.round(dts))
        packet.isKeyframe = keyFrame
        const sent = context.sendPacketSync(packet)
        packet.unref()
        if (sent < 0 && sent !== EAGAIN) this.#errors++
        yield* this.#receive(context, frame)
      }
      context.sendPacketSync(null)
      yield* this.#receive(context, frame)
    } finally {
      // Ready for the next segment also when this one was given up in the middle.
      context.flushBuffers()
      frame.free()
      packet.free()
    }
  }

  close(): void {
    this.#context?.freeContext()
    this.#context = undefined
  }

  *#receive(context: CodecContext, frame: Frame): Generator<Frame> {
    for (;;) {
      const got = context.receiveFrameSync(frame)
      if (got < 0) return
      yield frame
      frame.unref()
    }
  }

  #open(input: DemuxedInput): CodecContext {
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
