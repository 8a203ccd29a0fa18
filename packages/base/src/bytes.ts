import { MillraceError } from './errors.ts'

/** Bytes in lower-case hexadecimal with 0x in front. */
export type Hex = `0x${string}`

const HEX = Array.from({ length: 256 }, (_, i) => i.toString(16).padStart(2, '0'))

/** Writes bytes as 0x-hex. */
export function toHex(bytes: Uint8Array): Hex {
  let out = '0x'
  for (const byte of bytes) out += HEX[byte]
  return out as Hex
}

/** Reads hex with or without 0x; throws `bad_hex` when it is not hex of an even length. */
export function fromHex(hex: string): Uint8Array {
  const from = hex.startsWith('0x') || hex.startsWith('0X') ? 2 : 0
  const out = new Uint8Array((hex.length - from) >> 1)
  for (let i = 0, at = from; i < out.length; i++, at += 2) {
    // Not a digit is −1, and so is what comes of it.
    const byte = (digit(hex, at) << 4) | digit(hex, at + 1)
    if (byte < 0) throw badHex()
    out[i] = byte
  }
  if (hex.length % 2 !== 0) throw badHex()
  return out
}

const badHex = () => new MillraceError('bad_hex', 'expected an even number of hexadecimal digits')

const DIGITS = new Int8Array(128).fill(-1)
for (let value = 0; value < 16; value++) {
  const text = value.toString(16)
  for (const form of [text, text.toUpperCase()]) DIGITS[form.charCodeAt(0)] = value
}
const digit = (text: string, at: number): number => DIGITS[text.charCodeAt(at)] ?? -1

/** The shortest big-endian form of a non-negative integer; zero is empty, as Go's big.Int.Bytes. */
export function bigintToBytes(value: bigint): Uint8Array {
  if (value < 0n) throw new MillraceError('negative_integer', `expected a non-negative integer, got ${value}`)
  if (value === 0n) return new Uint8Array(0)
  const digits = value.toString(16)
  return fromHex(digits.length % 2 ? `0${digits}` : digits)
}

/** A non-negative integer as big-endian bytes of fixed length; throws `integer_too_large` when it does not fit. */
export function bigintToFixed(value: bigint, length: number): Uint8Array {
  const bytes = bigintToBytes(value)
  if (bytes.length > length)
    throw new MillraceError('integer_too_large', `expected an integer of at most ${length} bytes, got ${bytes.length}`)
  const out = new Uint8Array(length)
  out.set(bytes, length - bytes.length)
  return out
}

/** Reads big-endian bytes as a non-negative integer. */
export function bytesToBigint(bytes: Uint8Array): bigint {
  return bytes.length === 0 ? 0n : BigInt(toHex(bytes))
}

/** Joins byte arrays into one. */
export function concatBytes(...parts: readonly Uint8Array[]): Uint8Array {
  let length = 0
  for (const part of parts) length += part.length
  const out = new Uint8Array(length)
  let at = 0
  for (const part of parts) {
    out.set(part, at)
    at += part.length
  }
  return out
}

/** True when both arrays hold the same bytes; takes the same time wherever they differ. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false
  let difference = 0
  for (let i = 0; i < a.length; i++) difference |= a[i]! ^ b[i]!
  return difference === 0
}

const encoder = new TextEncoder()

/** The UTF-8 bytes of a text. */
export const utf8 = (text: string): Uint8Array => encoder.encode(text)
