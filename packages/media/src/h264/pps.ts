import { BitReader } from './bit-reader.ts'
import { withoutEmulation } from './nal.ts'

/** Whether pictures with this parameter set are coded arithmetically (CABAC); throws `bad_bitstream` (ISO 14496-10 section 7.3.2.2). */
export function usesCabac(pps: Uint8Array): boolean {
  const bits = new BitReader(withoutEmulation(pps))
  bits.skip(8)
  bits.ue()
  bits.ue()
  return bits.flag()
}
