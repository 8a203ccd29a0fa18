import { concatBytes } from '@millrace/base'

/** A box of ISO 14496-12: size, four letters, content. */
export function box(type: string, ...content: readonly Uint8Array[]): Uint8Array {
  const body = concatBytes(...content)
  const out = new Uint8Array(8 + body.length)
  new DataView(out.buffer).setUint32(0, out.length)
  for (let i = 0; i < 4; i++) out[4 + i] = type.charCodeAt(i)
  out.set(body, 8)
  return out
}

/** A box with version and flags. */
export const fullBox = (type: string, version: number, flags: number, ...content: readonly Uint8Array[]): Uint8Array =>
  box(type, u32(version * 2 ** 24 + flags), ...content)

export const u8 = (...values: readonly number[]): Uint8Array => Uint8Array.from(values)

export const u16 = (...values: readonly number[]): Uint8Array => {
  const out = new Uint8Array(values.length * 2)
  const view = new DataView(out.buffer)
  for (const [i, value] of values.entries()) view.setUint16(i * 2, value)
  return out
}

export const u32 = (...values: readonly number[]): Uint8Array => {
  const out = new Uint8Array(values.length * 4)
  const view = new DataView(out.buffer)
  for (const [i, value] of values.entries()) view.setUint32(i * 4, value)
  return out
}

export const i32 = (...values: readonly number[]): Uint8Array => {
  const out = new Uint8Array(values.length * 4)
  const view = new DataView(out.buffer)
  for (const [i, value] of values.entries()) view.setInt32(i * 4, value)
  return out
}

export const u64 = (...values: readonly number[]): Uint8Array => {
  const out = new Uint8Array(values.length * 8)
  const view = new DataView(out.buffer)
  for (const [i, value] of values.entries()) view.setBigUint64(i * 8, BigInt(value))
  return out
}

export const ascii = (text: string): Uint8Array => Uint8Array.from(text, (letter) => letter.charCodeAt(0))
