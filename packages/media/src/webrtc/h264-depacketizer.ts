import { inspectAccessUnit, joinAnnexB, NAL, nalType, prependNals } from '../h264/nal.ts'
import { parseSps } from '../h264/sps.ts'
import type { RtpPiece } from './rtp-order.ts'

const STAP_A = 24
const FU_A = 28
/** A picture larger than this is no picture of a live stream. */
const MAX_UNIT_BYTES = 4 * 1024 * 1024

/** A whole picture as Annex B, with its time stamp as it came. */
export type AccessUnit = { readonly data: Uint8Array; readonly timestamp: number; readonly keyFrame: boolean }

/**
 * Puts H.264 pictures together from RTP payloads (RFC 6184: single NAL units, STAP-A, FU-A), which must come in order.
 * A picture that misses a packet is dropped, and so are those after it until the next key frame: decoders would show them broken.
 */
export class H264Depacketizer {
  #nals: Uint8Array[] = []
  #bytes = 0
  #fragment: Uint8Array[] | undefined
  #timestamp: number | undefined
  #broken = false
  #waitsForKey = true
  #sps: Uint8Array | undefined
  #pps: Uint8Array | undefined

  /** Parameter sets that stand in the offer instead of the stream. */
  constructor(parameterSets: readonly Uint8Array[] = []) {
    for (const nal of parameterSets) this.#remember(nal)
  }

  /** True while pictures are dropped because a key frame is missing. */
  get waitsForKey(): boolean {
    return this.#waitsForKey
  }

  /** Takes the next packet, with the number of packets missing before it; gives the pictures that are complete. */
  push(packet: RtpPiece, lost: number): AccessUnit[] {
    const out: AccessUnit[] = []
    if (lost > 0) {
      this.#broken = true
      this.#fragment = undefined
      this.#waitsForKey = true
    }
    if (this.#timestamp !== undefined && packet.timestamp !== this.#timestamp) {
      const unit = this.#finish()
      if (unit) out.push(unit)
      // Which picture the missing packets belonged to is not known: the one that begins here may lack its head.
      this.#broken = lost > 0
    }
    this.#timestamp = packet.timestamp
    this.#payload(packet.payload)
    if (packet.marker) {
      const unit = this.#finish()
      if (unit) out.push(unit)
      this.#timestamp = undefined
      this.#broken = false
    }
    return out
  }

  #payload(payload: Uint8Array): void {
    if (payload.length < 1) return
    const type = payload[0]! & 0x1f
    if (type === STAP_A) {
      for (let at = 1; at + 2 < payload.length; ) {
        const size = (payload[at]! << 8) | payload[at + 1]!
        if (size === 0 || at + 2 + size > payload.length) return this.#spoil()
        this.#add(payload.subarray(at + 2, at + 2 + size))
        at += 2 + size
      }
    } else if (type === FU_A) {
      if (payload.length < 3) return this.#spoil()
      const head = payload[1]!
      if (head & 0x80) this.#fragment = [Uint8Array.of((payload[0]! & 0xe0) | (head & 0x1f))]
      else if (!this.#fragment) return this.#spoil()
      this.#fragment.push(payload.subarray(2))
      this.#bytes += payload.length
      if (this.#bytes > MAX_UNIT_BYTES) return this.#spoil()
      if (head & 0x40) {
        const nal = Buffer.concat(this.#fragment)
        this.#fragment = undefined
        this.#add(nal)
      }
    } else if (type >= 1 && type <= 23) this.#add(payload)
    else this.#spoil()
  }

  #add(nal: Uint8Array): void {
    this.#bytes += nal.length
    if (this.#bytes > MAX_UNIT_BYTES || this.#nals.length > 1_000) return this.#spoil()
    this.#nals.push(nal)
    this.#remember(nal)
  }

  #remember(nal: Uint8Array): void {
    const type = nalType(nal)
    if (type === NAL.sps) {
      // Refuses sizes that would make decoders allocate gigabytes.
      parseSps(nal)
      this.#sps = Uint8Array.from(nal)
    } else if (type === NAL.pps) this.#pps = Uint8Array.from(nal)
  }

  #spoil(): void {
    this.#broken = true
    this.#fragment = undefined
    this.#waitsForKey = true
  }

  #finish(): AccessUnit | undefined {
    const nals = this.#nals
    const broken = this.#broken || this.#fragment !== undefined
    this.#nals = []
    this.#bytes = 0
    this.#fragment = undefined
    if (broken) {
      this.#waitsForKey = true
      return undefined
    }
    const pictures = nals.filter((nal) => nalType(nal) >= NAL.slice && nalType(nal) <= NAL.idr)
    if (pictures.length === 0) return undefined
    const keyFrame = pictures.some((nal) => nalType(nal) === NAL.idr)
    if (this.#waitsForKey && !keyFrame) return undefined
    let data = joinAnnexB(nals)
    if (keyFrame) {
      const { sps, pps } = inspectAccessUnit(data, 'h264')
      const known = [this.#sps, this.#pps].filter((nal) => nal !== undefined)
      if ((!sps || !pps) && known.length < 2) return undefined
      if (!sps || !pps) data = prependNals(known, data)
      this.#waitsForKey = false
    }
    return { data, timestamp: this.#timestamp!, keyFrame }
  }
}

/** The parameter sets of `sprop-parameter-sets` (RFC 6184 section 8.1). */
export function spropParameterSets(text: string | undefined): readonly Uint8Array[] {
  return (text ?? '')
    .split(',')
    .map((part) => Uint8Array.from(Buffer.from(part, 'base64')))
    .filter((nal) => nal.length > 3 && [NAL.sps, NAL.pps].some((type) => type === nalType(nal)))
}
