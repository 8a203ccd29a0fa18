import { MAX_UNIT_BYTES, type PayloadFormat } from './depacketizer.ts'

/** Pieces of one picture that are put behind one another. */
class Pieces {
  #pieces: Uint8Array[] = []
  #bytes = 0

  get isEmpty(): boolean {
    return this.#pieces.length === 0
  }

  add(piece: Uint8Array): boolean {
    this.#pieces.push(piece)
    this.#bytes += piece.length
    return piece.length > 0 && this.#bytes <= MAX_UNIT_BYTES
  }

  finish(): Uint8Array | undefined {
    const pieces = this.#pieces
    this.#pieces = []
    this.#bytes = 0
    return pieces.length === 0 ? undefined : Buffer.concat(pieces)
  }
}

/** VP8 frames (RFC 7741 section 4.2). */
export class Vp8Format implements PayloadFormat {
  readonly #pieces = new Pieces()

  take(payload: Uint8Array): boolean {
    const first = payload[0]!
    let at = 1
    if (first & 0x80) {
      const extension = payload[at++] ?? 0
      // Picture id of one or two bytes, index of the temporal base layer, temporal layer and key index.
      if (extension & 0x80) at += (payload[at] ?? 0) & 0x80 ? 2 : 1
      if (extension & 0x40) at++
      if (extension & 0x30) at++
    }
    if (at >= payload.length) return false
    const isStart = (first & 0x17) === 0x10
    if (isStart !== this.#pieces.isEmpty && this.#pieces.isEmpty) return false
    return this.#pieces.add(payload.subarray(at))
  }

  finish(): ReturnType<PayloadFormat['finish']> {
    const data = this.#pieces.finish()
    // RFC 6386 section 9.1: the first bit is 0 in key frames.
    return data && { data, keyFrame: (data[0]! & 1) === 0 }
  }
}

/** VP9 frames of the lowest spatial layer (RFC 9628 section 4.2), which is the whole picture where there are no others. */
export class Vp9Format implements PayloadFormat {
  readonly #pieces = new Pieces()
  #keyFrame = false

  take(payload: Uint8Array): boolean {
    const first = payload[0]!
    const has = (bit: number) => (first & bit) !== 0
    let at = 1
    if (has(0x80)) at += (payload[at] ?? 0) & 0x80 ? 2 : 1
    let layer = 0
    if (has(0x20)) {
      layer = ((payload[at++] ?? 0) >> 1) & 7
      if (!has(0x10)) at++
    }
    if (has(0x10) && has(0x40)) for (let i = 0; i < 3 && (payload[at++] ?? 0) & 1; i++);
    if (has(0x02)) at = afterStructure(payload, at)
    if (at >= payload.length) return false
    if (layer > 0) return true
    if (this.#pieces.isEmpty) {
      if (!has(0x08)) return false
      this.#keyFrame = !has(0x40)
    }
    return this.#pieces.add(payload.subarray(at))
  }

  finish(): ReturnType<PayloadFormat['finish']> {
    const data = this.#pieces.finish()
    return data && { data, keyFrame: this.#keyFrame }
  }
}

/** Where the scalability structure ends (RFC 9628 section 4.2.1). */
function afterStructure(payload: Uint8Array, start: number): number {
  let at = start
  const head = payload[at++] ?? 0
  if (head & 0x10) at += ((head >> 5) + 1) * 4
  if (head & 0x08) {
    const pictures = payload[at++] ?? 0
    for (let i = 0; i < pictures && at < payload.length; i++) at += 1 + (((payload[at] ?? 0) >> 2) & 3)
  }
  return at
}
