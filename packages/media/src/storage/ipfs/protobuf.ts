import { concatBytes, MillraceError } from '@millrace/base'

/** The few shapes of protobuf that dag-pb and UnixFS are written in. */
export type Field = { readonly number: number; readonly value: number | Uint8Array }

export function varint(value: number): Uint8Array {
  const bytes: number[] = []
  let rest = value
  while (rest >= 0x80) {
    bytes.push((rest % 0x80) | 0x80)
    rest = Math.floor(rest / 0x80)
  }
  return new Uint8Array([...bytes, rest])
}

export const numberField = (number: number, value: number): Uint8Array => concatBytes(varint(number * 8), varint(value))

export const bytesField = (number: number, value: Uint8Array): Uint8Array =>
  concatBytes(varint(number * 8 + 2), varint(value.length), value)

/** Reads the fields in their order; throws `bad_block` for anything that is not of these shapes. */
export function readFields(bytes: Uint8Array): Field[] {
  const fields: Field[] = []
  let at = 0
  const next = (): number => {
    let value = 0
    for (let factor = 1; factor <= 2 ** 49; factor *= 0x80) {
      const byte = bytes[at++]
      if (byte === undefined) break
      value += (byte & 0x7f) * factor
      if (byte < 0x80 && Number.isSafeInteger(value)) return value
    }
    throw badBlock()
  }
  while (at < bytes.length) {
    const tag = next()
    const number = Math.floor(tag / 8)
    if (tag % 8 === 0) fields.push({ number, value: next() })
    else if (tag % 8 === 2) {
      const end = next() + at
      if (end > bytes.length) throw badBlock()
      fields.push({ number, value: bytes.subarray(at, end) })
      at = end
    } else throw badBlock()
  }
  return fields
}

export const badBlock = (): MillraceError => new MillraceError('bad_block', 'a block is not a node of UnixFS')
