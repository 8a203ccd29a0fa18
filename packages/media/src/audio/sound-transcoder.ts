import type { Av } from '../process/av.ts'
import { SourceAudioEncoder } from '../source/av-encoder.ts'
import type { SoundFrame } from './audio-messages.ts'
import { OpusEncoder } from './opus-encoder.ts'
import { type Samples, SoundDecoder } from './sound-decoder.ts'

const TICKS_PER_SAMPLE = 90_000 / 48_000
/** Sound that is off by less is left as it is: senders round their times. */
const TOLERANCE = 90 * 30
/** A longer silence is a break, after which the times begin anew. */
const MAX_FILL = 90_000
const BITRATE = 128_000

type Encoder = { encode(samples: Samples): SoundFrame[]; close(): void }

/** Makes AAC of Opus, or Opus of AAC, and keeps the times: what is missing becomes silence, what overlaps is dropped. */
export class SoundTranscoder {
  readonly #av: Av
  readonly #decoder: SoundDecoder
  readonly #to: 'aac' | 'opus'
  readonly #frameSamples: number
  #encoder: Encoder | undefined
  #origin = 0
  /** Samples since `origin` that were taken. */
  #taken = 0
  #left = new Float32Array(0)
  #right = new Float32Array(0)

  constructor(av: Av, from: 'aac' | 'opus', to: 'aac' | 'opus') {
    this.#av = av
    this.#decoder = new SoundDecoder(av, from)
    this.#to = to
    this.#frameSamples = to === 'aac' ? SourceAudioEncoder.frameSamples : OpusEncoder.frameSamples
  }

  read(frame: SoundFrame): SoundFrame[] {
    const out: SoundFrame[] = []
    for (const samples of this.#decoder.decode(frame)) {
      const aligned = this.#align(samples, frame.pts)
      if (!aligned) continue
      this.#left = joined(this.#left, aligned.left)
      this.#right = joined(this.#right, aligned.right)
      this.#taken += aligned.left.length
      out.push(...this.#encode())
    }
    return out
  }

  close(): void {
    this.#decoder.close()
    this.#encoder?.close()
  }

  /** The samples with silence in front, or without their beginning, so that they go on where the last ones ended. */
  #align(samples: Samples, pts: number): Samples | undefined {
    const error = pts - (this.#origin + this.#taken * TICKS_PER_SAMPLE)
    if (!this.#encoder || Math.abs(error) > MAX_FILL) {
      this.#restart(pts)
      return samples
    }
    if (Math.abs(error) < TOLERANCE) return samples
    const count = Math.round(Math.abs(error) / TICKS_PER_SAMPLE)
    if (error > 0) {
      const silence = new Float32Array(count)
      return { left: joined(silence, samples.left), right: joined(silence, samples.right) }
    }
    if (count >= samples.left.length) return undefined
    return { left: samples.left.slice(count), right: samples.right.slice(count) }
  }

  #restart(pts: number): void {
    this.#encoder?.close()
    this.#origin = pts
    this.#taken = 0
    this.#left = new Float32Array(0)
    this.#right = new Float32Array(0)
    const options = { bitrateBps: BITRATE, origin: pts }
    if (this.#to === 'opus') this.#encoder = new OpusEncoder(this.#av, options)
    else {
      const aac = new SourceAudioEncoder(this.#av, options)
      this.#encoder = { encode: ({ left, right }) => aac.encode(left, right), close: () => aac.close() }
    }
  }

  #encode(): SoundFrame[] {
    const size = this.#frameSamples
    const out: SoundFrame[] = []
    let at = 0
    for (; at + size <= this.#left.length; at += size) {
      const left = this.#left.slice(at, at + size)
      const right = this.#right.slice(at, at + size)
      for (const { pts, data, config } of this.#encoder!.encode({ left, right })) out.push({ pts, data, config })
    }
    this.#left = this.#left.slice(at)
    this.#right = this.#right.slice(at)
    return out
  }
}

function joined(a: Float32Array, b: Float32Array): Float32Array<ArrayBuffer> {
  const out = new Float32Array(a.length + b.length)
  out.set(a)
  out.set(b, a.length)
  return out
}
