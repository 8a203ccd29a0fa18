import { WireError } from './wire-error.ts'

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
const PADDING = 0x3d
const CODES = Uint8Array.from(ALPHABET, (digit) => digit.charCodeAt(0))
const VALUE = new Int8Array(128).fill(-1)
for (const [value, code] of CODES.entries()) VALUE[code] = value
const decoder = new TextDecoder()

/** Writes standard base64 with padding (RFC 4648 section 4). */
export function encodeBase64(bytes: Uint8Array): string {
  const out = new Uint8Array(Math.ceil(bytes.length / 3) * 4)
  for (let i = 0, at = 0; i < bytes.length; i += 3, at += 4) {
    const bits = (bytes[i]! << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0)
    out[at] = CODES[bits >> 18]!
    out[at + 1] = CODES[(bits >> 12) & 63]!
    out[at + 2] = i + 1 < bytes.length ? CODES[(bits >> 6) & 63]! : PADDING
    out[at + 3] = i + 2 < bytes.length ? CODES[bits & 63]! : PADDING
  }
  // A text that was put together digit by digit would have to be flattened by whoever reads it.
  return decoder.decode(out)
}

/**
 * Reads standard base64; throws `malformed_base64`.
 * Only the one form that an encoder writes is accepted, so no two header values mean the same bytes.
 */
export function decodeBase64(text: string): Uint8Array {
  if (text.length % 4 !== 0) throw malformed()
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0
  const out = new Uint8Array((text.length / 4) * 3 - padding)
  let at = 0
  const whole = padding > 0 ? text.length - 4 : text.length
  for (let i = 0; i < whole; i += 4) {
    // Not a digit is −1, and so is what comes of it.
    const bits = (digit(text, i) << 18) | (digit(text, i + 1) << 12) | (digit(text, i + 2) << 6) | digit(text, i + 3)
    if (bits < 0) throw malformed()
    out[at] = bits >> 16
    out[at + 1] = bits >> 8
    out[at + 2] = bits
    at += 3
  }
  if (padding === 0) return out
  const third = padding === 1 ? digit(text, whole + 2) : 0
  const bits = (digit(text, whole) << 18) | (digit(text, whole + 1) << 12) | (third << 6)
  // What the last digit holds beyond the last byte must be nothing.
  if (bits < 0 || (bits & (padding === 1 ? 0xff : 0xffff)) !== 0) throw malformed()
  out[at] = bits >> 16
  if (padding === 1) out[at + 1] = bits >> 8
  return out
}

const digit = (text: string, at: number): number => VALUE[text.charCodeAt(at)] ?? -1

const malformed = () => new WireError('malformed_base64', 'expected standard base64 with padding')
