import { MillraceError } from '@millrace/base'
import {
  FRAME_BYTES,
  type FrameSignature,
  type VideoSignature,
  WINDOW_STEP,
  WORD_VALUES,
  WORDS,
  windowsOf,
} from './video-signature.ts'

/** More than five minutes at 120 frames a second are no segment. */
const MAX_FRAMES = 36_000
const HEADER_BITS = 32 + 1 + 32 + 16 + 16 + 32 + 32 + 16 + 1 + 32 + 32 + 32
const SEGMENT_BITS = 4 * 32 + 1 + WORDS * WORD_VALUES
const FRAME_BITS = 1 + 32 + 8 + 8 * WORDS + 8 * FRAME_BYTES

/** Writes a signature in the binary form of ISO/IEC 15938-3 Amd 4, uncompressed, one region: the whole picture. */
export function encodeSignature({ width, height, timeUnit, frames }: VideoSignature): Uint8Array {
  const windows = windowsOf(frames.length)
  const out = new BitWriter(HEADER_BITS + windows.length * SEGMENT_BITS + 1 + frames.length * FRAME_BITS)
  out.put(1, 32)
  // The region is given by its corners.
  out.put(1, 1)
  out.put(0, 32)
  out.put(width - 1, 16)
  out.put(height - 1, 16)
  out.put(0, 32)
  out.put(frames.length, 32)
  out.put(timeUnit, 16)
  out.put(1, 1)
  out.put(0, 32)
  out.put(frames.at(-1)?.pts ?? 0, 32)
  out.put(windows.length, 32)
  for (const [first, last] of windows) {
    out.put(first, 32)
    out.put(last, 32)
    out.put(1, 1)
    out.put(frames[first]!.pts, 32)
    out.put(frames[last]!.pts, 32)
    for (let word = 0; word < WORDS; word++) {
      const seen = new Set(frames.slice(first, last + 1).map(({ words }) => words[word]!))
      for (let value = 0; value < WORD_VALUES; value++) out.put(seen.has(value) ? 1 : 0, 1)
    }
  }
  // Not compressed.
  out.put(0, 1)
  for (const { pts, confidence, words, elements } of frames) {
    out.put(1, 1)
    out.put(pts, 32)
    out.put(confidence, 8)
    for (const word of words) out.put(word, 8)
    for (const byte of elements) out.put(byte, 8)
  }
  return out.bytes
}

/**
 * Reads a signature as it comes from a peer; the coarse part is passed over, since it follows from the frames.
 * Throws `bad_signature` for what is cut off, compressed, or no signature.
 */
export function decodeSignature(bytes: Uint8Array): VideoSignature {
  const input = new BitReader(bytes)
  if (input.take(32) !== 1) throw bad('it must have one region')
  // The corners are there only when the flag says so; without them the region is the whole picture.
  const [width, height] = input.take(1) === 1 ? corners(input) : [0, 0]
  input.skip(32)
  const count = input.take(32)
  const timeUnit = input.take(16)
  if (input.take(1) === 1) input.skip(64)
  const segments = input.take(32)
  if (count > MAX_FRAMES || segments > Math.ceil(count / WINDOW_STEP)) throw bad(`it claims ${count} frames`)
  for (let i = 0; i < segments; i++) {
    input.skip(64)
    if (input.take(1) === 1) input.skip(64)
    input.skip(WORDS * WORD_VALUES)
  }
  if (input.take(1) === 1) throw bad('compressed signatures are not read')
  const frames: FrameSignature[] = []
  for (let i = 0; i < count; i++) {
    const pts = input.take(1) === 1 ? input.take(32) : i
    const confidence = input.take(8)
    const words = input.bytes(WORDS)
    const elements = input.bytes(FRAME_BYTES)
    if ([...words, ...elements].some((value) => value >= WORD_VALUES)) throw bad('a frame has values that cannot be')
    frames.push({ pts, confidence, words, elements })
  }
  return { width, height, timeUnit, frames }
}

function corners(input: BitReader): readonly [number, number] {
  input.skip(32)
  return [input.take(16) + 1, input.take(16) + 1]
}

const bad = (why: string): MillraceError =>
  new MillraceError(
    'bad_video_signature',
    `this is no video signature: ${why}; expected one as FFmpeg's signature filter writes it`,
  )

class BitWriter {
  readonly bytes: Uint8Array
  #at = 0

  constructor(bits: number) {
    this.bytes = new Uint8Array(Math.ceil(bits / 8))
  }

  /** Writes the lowest bits of a number, the highest of them first. */
  put(value: number, bits: number): void {
    for (let bit = bits - 1; bit >= 0; bit--, this.#at++) {
      if (Math.floor(value / 2 ** bit) % 2 === 0) continue
      this.bytes[this.#at >> 3] = this.bytes[this.#at >> 3]! | (128 >> (this.#at & 7))
    }
  }
}

class BitReader {
  readonly #bytes: Uint8Array
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  take(bits: number): number {
    this.#need(bits)
    let value = 0
    for (let i = 0; i < bits; i++, this.#at++)
      value = value * 2 + ((this.#bytes[this.#at >> 3]! >> (7 - (this.#at & 7))) & 1)
    return value
  }

  bytes(count: number): Uint8Array {
    return Uint8Array.from({ length: count }, () => this.take(8))
  }

  skip(bits: number): void {
    this.#need(bits)
    this.#at += bits
  }

  #need(bits: number): void {
    if (this.#at + bits > this.#bytes.length * 8) throw bad('it is cut off')
  }
}
