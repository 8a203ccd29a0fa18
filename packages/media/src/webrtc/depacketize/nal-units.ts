import { MAX_UNIT_BYTES } from './depacketizer.ts'

const MAX_NALS = 1_000

/** The NAL units of one picture, of which one may be coming in fragments. */
export class NalUnits {
  #nals: Uint8Array[] = []
  #fragment: Uint8Array[] | undefined
  #bytes = 0

  /** False where the picture becomes too large. */
  add(nal: Uint8Array): boolean {
    this.#bytes += nal.length
    this.#nals.push(nal)
    return nal.length > 0 && this.#bytes <= MAX_UNIT_BYTES && this.#nals.length <= MAX_NALS
  }

  /** Takes units with their lengths in two bytes before them (RFC 6184 section 5.7.1, RFC 7798 section 4.4.2). */
  addAll(bytes: Uint8Array): readonly Uint8Array[] | undefined {
    const found: Uint8Array[] = []
    for (let at = 0; at + 2 < bytes.length; ) {
      const size = (bytes[at]! << 8) | bytes[at + 1]!
      if (size === 0 || at + 2 + size > bytes.length) return undefined
      const nal = bytes.subarray(at + 2, at + 2 + size)
      if (!this.add(nal)) return undefined
      found.push(nal)
      at += 2 + size
    }
    return found
  }

  /** Takes one fragment, behind its headers; `head` begins a unit. The unit comes back with its last fragment, false where none began. */
  fragment(
    body: Uint8Array,
    way: { readonly head: Uint8Array | undefined; readonly last: boolean },
  ): Uint8Array | boolean {
    if (way.head) this.#fragment = [way.head]
    if (!this.#fragment) return false
    this.#fragment.push(body)
    this.#bytes += body.length
    if (this.#bytes > MAX_UNIT_BYTES) return false
    if (!way.last) return true
    const nal = Buffer.concat(this.#fragment)
    this.#fragment = undefined
    this.#bytes -= nal.length
    return this.add(nal) && nal
  }

  /** The units of the picture, after which the next one begins; undefined where the last is cut off. */
  finish(): Uint8Array[] | undefined {
    const nals = this.#nals
    const isCut = this.#fragment !== undefined
    this.#nals = []
    this.#fragment = undefined
    this.#bytes = 0
    return isCut ? undefined : nals
  }
}
