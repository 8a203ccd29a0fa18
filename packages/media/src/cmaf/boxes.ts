import { BadMediaError } from '../h264/errors.ts'

/** A box inside some bytes, its content between `start` and `end`. */
export type FoundBox = { readonly type: string; readonly start: number; readonly end: number }

const MAX_BOXES = 1_000

export const badCmaf = (what: string) => new BadMediaError('bad_cmaf', `the CMAF bytes are damaged: ${what}`)

/** Reads numbers and boxes with every access checked; throws `bad_cmaf`. */
export class BoxReader {
  readonly data: Uint8Array
  readonly #view: DataView
  #boxes = 0

  constructor(data: Uint8Array) {
    this.data = data
    this.#view = new DataView(data.buffer, data.byteOffset, data.byteLength)
  }

  /** The boxes of a stretch; one that runs over its end is damage. */
  children(start: number, end: number): FoundBox[] {
    const found: FoundBox[] = []
    for (let at = start; at < end; ) {
      if (++this.#boxes > MAX_BOXES) throw badCmaf('it has too many boxes')
      if (at + 8 > end) throw badCmaf('a box is cut off')
      let size = this.u32(at)
      let head = 8
      if (size === 1) {
        size = this.u64(at + 8)
        head = 16
      } else if (size === 0) size = end - at
      if (size < head || at + size > end) throw badCmaf('a box is larger than what holds it, or smaller than its head')
      found.push({ type: String.fromCharCode(...this.data.subarray(at + 4, at + 8)), start: at + head, end: at + size })
      at += size
    }
    return found
  }

  /** The box at the end of a path of types; undefined when one is missing. */
  find(inside: FoundBox, ...path: readonly string[]): FoundBox | undefined {
    let box: FoundBox | undefined = inside
    for (const type of path) {
      box = this.children(box.start, box.end).find((child) => child.type === type)
      if (!box) return undefined
    }
    return box
  }

  u8(at: number): number {
    return this.data[this.#within(at, 1)]!
  }

  u16(at: number): number {
    return this.#view.getUint16(this.#within(at, 2))
  }

  u32(at: number): number {
    return this.#view.getUint32(this.#within(at, 4))
  }

  i32(at: number): number {
    return this.#view.getInt32(this.#within(at, 4))
  }

  /** Throws for numbers that a double cannot hold. */
  u64(at: number): number {
    const value = this.#view.getBigUint64(this.#within(at, 8))
    if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw badCmaf('a number is too large')
    return Number(value)
  }

  /** A copy of these bytes. */
  bytes(start: number, end: number): Uint8Array {
    if (end < start) throw badCmaf('a field has less than no bytes')
    this.#within(start, end - start)
    return Uint8Array.from(this.data.subarray(start, end))
  }

  #within(at: number, bytes: number): number {
    if (!(at >= 0) || at + bytes > this.data.length) throw badCmaf('it ends inside a field')
    return at
  }
}
