import { inspectAccessUnit, joinAnnexB, NAL, nalType, prependNals } from '../../h264/nal.ts'
import { parseSps } from '../../h264/sps.ts'
import { Depacketizer, type PayloadFormat } from './depacketizer.ts'
import { NalUnits } from './nal-units.ts'

const STAP_A = 24
const FU_A = 28

/** H.264 pictures as Annex B (RFC 6184: single NAL units, STAP-A, FU-A). `parameterSets` stand in the offer instead of the stream. */
export class H264Depacketizer extends Depacketizer {
  constructor(parameterSets: readonly Uint8Array[] = []) {
    super(new H264Format(parameterSets))
  }
}

class H264Format implements PayloadFormat {
  readonly #units = new NalUnits()
  #sps: Uint8Array | undefined
  #pps: Uint8Array | undefined

  constructor(parameterSets: readonly Uint8Array[]) {
    for (const nal of parameterSets) this.#remember(nal)
  }

  take(payload: Uint8Array): boolean {
    const type = payload[0]! & 0x1f
    if (type === STAP_A) {
      const nals = this.#units.addAll(payload.subarray(1))
      for (const nal of nals ?? []) this.#remember(nal)
      return nals !== undefined
    }
    if (type === FU_A) {
      if (payload.length < 3) return false
      const flags = payload[1]!
      const head = flags & 0x80 ? Uint8Array.of((payload[0]! & 0xe0) | (flags & 0x1f)) : undefined
      const nal = this.#units.fragment(payload.subarray(2), { head, last: (flags & 0x40) !== 0 })
      if (nal instanceof Uint8Array) this.#remember(nal)
      return nal !== false
    }
    if (type < 1 || type > 23 || !this.#units.add(payload)) return false
    this.#remember(payload)
    return true
  }

  finish(): ReturnType<PayloadFormat['finish']> {
    const nals = this.#units.finish()
    const pictures = nals?.filter((nal) => nalType(nal) >= NAL.slice && nalType(nal) <= NAL.idr)
    if (!nals || !pictures || pictures.length === 0) return undefined
    const keyFrame = pictures.some((nal) => nalType(nal) === NAL.idr)
    const data = joinAnnexB(nals)
    if (!keyFrame) return { data, keyFrame }
    const { sps, pps } = inspectAccessUnit(data, 'h264')
    if (sps && pps) return { data, keyFrame }
    return this.#sps && this.#pps ? { data: prependNals([this.#sps, this.#pps], data), keyFrame } : undefined
  }

  #remember(nal: Uint8Array): void {
    const type = nalType(nal)
    if (type === NAL.sps) {
      // Refuses sizes that would make decoders allocate gigabytes.
      parseSps(nal)
      this.#sps = Uint8Array.from(nal)
    } else if (type === NAL.pps) this.#pps = Uint8Array.from(nal)
  }
}

/** The parameter sets of `sprop-parameter-sets` (RFC 6184 section 8.1). */
export function spropParameterSets(text: string | undefined): readonly Uint8Array[] {
  return (text ?? '')
    .split(',')
    .map((part) => Uint8Array.from(Buffer.from(part, 'base64')))
    .filter((nal) => nal.length > 3 && [NAL.sps, NAL.pps].some((type) => type === nalType(nal)))
}
