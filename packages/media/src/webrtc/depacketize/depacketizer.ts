import type { RtpPiece } from '../rtp-order.ts'

/** A picture larger than this is no picture of a live stream. */
export const MAX_UNIT_BYTES = 4 * 1024 * 1024

/** A whole coded picture, with its time stamp as it came. */
export type AccessUnit = { readonly data: Uint8Array; readonly timestamp: number; readonly keyFrame: boolean }

/** How one codec lies in RTP payloads. */
export type PayloadFormat = {
  /** Takes the payload of the next packet of a picture; false where it is damaged, or the picture too large. */
  take(payload: Uint8Array): boolean
  /** The picture that was taken since the last call, which starts anew; undefined where there is none that is whole. */
  finish(): { readonly data: Uint8Array; readonly keyFrame: boolean } | undefined
}

/**
 * Puts pictures together from RTP packets, which must come in order.
 * A picture that misses a packet is dropped, and so are those after it until the next key frame: decoders would show them broken.
 */
export class Depacketizer {
  readonly #format: PayloadFormat
  #timestamp: number | undefined
  #broken = false
  #waitsForKey = true

  constructor(format: PayloadFormat) {
    this.#format = format
  }

  /** True while pictures are dropped because a key frame is missing. */
  get waitsForKey(): boolean {
    return this.#waitsForKey
  }

  /** Takes the next packet, with the number of packets missing before it; gives the pictures that are complete. */
  push(packet: RtpPiece, lost: number): AccessUnit[] {
    const out: AccessUnit[] = []
    if (lost > 0) this.#spoil()
    if (this.#timestamp !== undefined && packet.timestamp !== this.#timestamp) {
      const unit = this.#finish()
      if (unit) out.push(unit)
      // Which picture the missing packets belonged to is not known: the one that begins here may lack its head.
      this.#broken = lost > 0
    }
    this.#timestamp = packet.timestamp
    if (packet.payload.length > 0 && !this.#format.take(packet.payload)) this.#spoil()
    if (packet.marker) {
      const unit = this.#finish()
      if (unit) out.push(unit)
      this.#timestamp = undefined
      this.#broken = false
    }
    return out
  }

  #spoil(): void {
    this.#broken = true
    this.#waitsForKey = true
  }

  #finish(): AccessUnit | undefined {
    const picture = this.#format.finish()
    if (this.#broken) {
      this.#waitsForKey = true
      return undefined
    }
    if (!picture || (this.#waitsForKey && !picture.keyFrame)) return undefined
    if (picture.keyFrame) this.#waitsForKey = false
    return { ...picture, timestamp: this.#timestamp! }
  }
}
