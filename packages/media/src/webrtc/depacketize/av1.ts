import { MAX_UNIT_BYTES, type PayloadFormat } from './depacketizer.ts'

/** Types of open bitstream units (AV1 specification section 6.2.2). */
const OBU = { sequenceHeader: 1, temporalDelimiter: 2, tileList: 8, padding: 15 } as const
const MAX_OBUS = 1_000

/** AV1 temporal units of OBUs with sizes (RTP Payload Format For AV1, section 4). */
export class Av1Format implements PayloadFormat {
  #obus: Uint8Array[] = []
  #open: Uint8Array[] | undefined
  #bytes = 0

  take(payload: Uint8Array): boolean {
    const head = payload[0]!
    const count = (head >> 4) & 3
    const continues = (head & 0x80) !== 0
    const goesOn = (head & 0x40) !== 0
    if (continues !== (this.#open !== undefined)) return false
    this.#bytes += payload.length
    if (this.#bytes > MAX_UNIT_BYTES) return false
    let at = 1
    for (let i = 1; at < payload.length; i++) {
      let end = payload.length
      if (i !== count) {
        const size = readLeb128(payload, at)
        if (!size) return false
        at = size.end
        end = at + size.value
      }
      if (end > payload.length || end === at) return false
      const piece = payload.subarray(at, end)
      at = end
      const isLast = at === payload.length
      this.#open = [...(this.#open ?? []), piece]
      if (isLast && goesOn) return true
      this.#obus.push(Buffer.concat(this.#open))
      this.#open = undefined
      if (this.#obus.length > MAX_OBUS || (count > 0 && i === count && !isLast)) return false
    }
    return true
  }

  finish(): ReturnType<PayloadFormat['finish']> {
    const obus = this.#obus
    const isCut = this.#open !== undefined
    this.#obus = []
    this.#open = undefined
    this.#bytes = 0
    if (isCut || obus.length === 0) return undefined
    let keyFrame = false
    const out: Uint8Array[] = []
    for (const obu of obus) {
      const type = (obu[0]! >> 3) & 15
      if (type === OBU.sequenceHeader) keyFrame = true
      if (type === OBU.temporalDelimiter || type === OBU.tileList || type === OBU.padding) continue
      out.push(withSize(obu))
    }
    return out.length === 0 ? undefined : { data: Buffer.concat(out), keyFrame }
  }
}

/** An OBU with its size behind its header (AV1 specification section 5.3). */
function withSize(obu: Uint8Array): Uint8Array {
  const head = obu[0]!
  if (head & 2) return obu
  const headBytes = head & 4 ? 2 : 1
  const body = obu.subarray(headBytes)
  return Buffer.concat([Uint8Array.of(head | 2), obu.subarray(1, headBytes), writeLeb128(body.length), body])
}

function readLeb128(bytes: Uint8Array, start: number): { readonly value: number; readonly end: number } | undefined {
  let value = 0
  for (let i = 0; i < 4; i++) {
    const byte = bytes[start + i]
    if (byte === undefined) return undefined
    value += (byte & 0x7f) * 2 ** (7 * i)
    if (byte < 0x80) return { value, end: start + i + 1 }
  }
  return undefined
}

function writeLeb128(value: number): Uint8Array {
  const out: number[] = []
  for (let rest = value; ; rest >>= 7) {
    if (rest < 0x80) return Uint8Array.of(...out, rest)
    out.push((rest & 0x7f) | 0x80)
  }
}
