import { HEVC_NAL, hevcNalType, joinAnnexB } from '../../h264/nal.ts'
import type { PayloadFormat } from './depacketizer.ts'
import { NalUnits } from './nal-units.ts'

const AGGREGATION = 48
const FRAGMENT = 49
const PARAMETERS: readonly number[] = [HEVC_NAL.vps, HEVC_NAL.sps, HEVC_NAL.pps]

/** HEVC pictures as Annex B (RFC 7798, without decoding order numbers). */
export class HevcFormat implements PayloadFormat {
  readonly #units = new NalUnits()
  readonly #parameters = new Map<number, Uint8Array>()

  /** `parameters` are those of the offer (RFC 7798 section 7.1), where parameter sets may stand instead of in the stream. */
  constructor(parameters: Readonly<Record<string, string>> = {}) {
    for (const name of ['sprop-vps', 'sprop-sps', 'sprop-pps'])
      for (const text of (parameters[name] ?? '').split(',')) {
        const nal = Buffer.from(text, 'base64')
        if (nal.length > 2) this.#remember(nal)
      }
  }

  take(payload: Uint8Array): boolean {
    if (payload.length < 3) return false
    const type = hevcNalType(payload)
    if (type === AGGREGATION) {
      const nals = this.#units.addAll(payload.subarray(2))
      for (const nal of nals ?? []) this.#remember(nal)
      return nals !== undefined
    }
    if (type === FRAGMENT) {
      const flags = payload[2]!
      const head = flags & 0x80 ? Uint8Array.of((payload[0]! & 0x81) | ((flags & 0x3f) << 1), payload[1]!) : undefined
      const nal = this.#units.fragment(payload.subarray(3), { head, last: (flags & 0x40) !== 0 })
      if (nal instanceof Uint8Array) this.#remember(nal)
      return nal !== false
    }
    if (type > FRAGMENT || !this.#units.add(payload)) return false
    this.#remember(payload)
    return true
  }

  finish(): ReturnType<PayloadFormat['finish']> {
    const nals = this.#units.finish()
    const pictures = nals?.filter((nal) => hevcNalType(nal) < 32)
    if (!nals || !pictures || pictures.length === 0) return undefined
    const keyFrame = pictures.some((nal) => {
      const type = hevcNalType(nal)
      return type >= HEVC_NAL.blaFirst && type <= HEVC_NAL.irapLast
    })
    if (!keyFrame) return { data: joinAnnexB(nals), keyFrame }
    const missing = PARAMETERS.filter((type) => !nals.some((nal) => hevcNalType(nal) === type))
    const known = missing.map((type) => this.#parameters.get(type)).filter((nal) => nal !== undefined)
    return known.length === missing.length ? { data: joinAnnexB([...known, ...nals]), keyFrame } : undefined
  }

  #remember(nal: Uint8Array): void {
    const type = hevcNalType(nal)
    // Real parameter sets have some hundred bytes at most.
    if (PARAMETERS.includes(type) && nal.length < 4_096) this.#parameters.set(type, Uint8Array.from(nal))
  }
}
