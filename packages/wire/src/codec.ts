import {
  create,
  type DescMessage,
  fromBinary,
  type MessageInitShape,
  type MessageShape,
  toBinary,
} from '@bufbuild/protobuf'
import { bigintToBytes, bytesToBigint, fromHex, type Hex, toHex } from '@millrace/base'
import { MAX_LIST_ITEMS, MAX_MESSAGE_BYTES } from './limits.ts'
import { WireError } from './wire-error.ts'
import { checkWireTypes } from './wire-types.ts'

/** Builds and writes a protobuf message; throws `unencodable` when a value does not fit its field. */
export function encodeMessage<Desc extends DescMessage>(schema: Desc, message: MessageInitShape<Desc>): Uint8Array {
  try {
    return toBinary(schema, create(schema, message))
  } catch (cause) {
    throw new WireError('unencodable', `cannot write ${schema.name}: a value does not fit its field`, { cause })
  }
}

/** Reads a protobuf message, skipping unknown fields; throws `malformed_message` or `message_too_large`. */
export function decodeMessage<Desc extends DescMessage>(schema: Desc, bytes: Uint8Array): MessageShape<Desc> {
  if (bytes.length > MAX_MESSAGE_BYTES)
    throw new WireError('message_too_large', `${schema.name} has ${bytes.length} bytes, at most ${MAX_MESSAGE_BYTES}`)
  try {
    checkWireTypes(schema, bytes)
    return fromBinary(schema, bytes, { readUnknownFields: false })
  } catch (cause) {
    throw new WireError('malformed_message', `the bytes are not a ${schema.name} message`, { cause })
  }
}

/** An int64 as a number; throws `number_out_of_range` unless it is 0 to 2^53-1. */
export function int64ToNumber(value: bigint, field: string): number {
  if (value < 0n || value > BigInt(Number.MAX_SAFE_INTEGER))
    throw new WireError('number_out_of_range', `${field} must be 0 to 2^53-1, got ${value}`, { meta: { field } })
  return Number(value)
}

/** A whole number as int64; throws `number_out_of_range` unless it is 0 to 2^53-1. */
export function numberToInt64(value: number, field: string): bigint {
  if (!Number.isSafeInteger(value) || value < 0)
    throw new WireError('number_out_of_range', `${field} must be a whole number from 0 to 2^53-1, got ${value}`, {
      meta: { field },
    })
  return BigInt(value)
}

/** A non-negative int64 as it is. */
export function checkInt64(value: bigint, field: string): bigint {
  if (value < 0n || value > 0x7fffffffffffffffn)
    throw new WireError('number_out_of_range', `${field} must be 0 to 2^63-1, got ${value}`, { meta: { field } })
  return value
}

/** A uint256 as minimal big-endian bytes; throws `integer_too_large`. */
export function uint256ToBytes(value: bigint, field: string): Uint8Array {
  if (value < 0n || value >> 256n)
    throw new WireError('integer_too_large', `${field} must be 0 to 2^256-1`, { meta: { field } })
  return bigintToBytes(value)
}

/** Reads big-endian bytes of at most 32; throws `integer_too_large`. */
export function uint256FromBytes(bytes: Uint8Array, field: string): bigint {
  if (bytes.length > 32)
    throw new WireError('integer_too_large', `${field} has ${bytes.length} bytes, at most 32`, { meta: { field } })
  return bytesToBigint(bytes)
}

/** The 32 bytes of a hash; throws `wrong_length`. */
export function hashToBytes(hash: Hex, field: string): Uint8Array {
  if (!/^0x[0-9a-fA-F]{64}$/.test(hash))
    throw new WireError('wrong_length', `${field} must be 0x and 64 hexadecimal digits`, { meta: { field } })
  return fromHex(hash)
}

/** A hash of 32 bytes as 0x-hex; throws `wrong_length`. */
export function hashFromBytes(bytes: Uint8Array, field: string): Hex {
  if (bytes.length !== 32)
    throw new WireError('wrong_length', `${field} must have 32 bytes, got ${bytes.length}`, { meta: { field } })
  return toHex(bytes)
}

/** A signature of 65 bytes, or none from a node without a chain; throws `wrong_length`. */
export function checkSignature(bytes: Uint8Array, field: string): Uint8Array {
  if (bytes.length !== 65 && bytes.length !== 0)
    throw new WireError('wrong_length', `${field} must have 65 bytes or none, got ${bytes.length}`, { meta: { field } })
  return bytes
}

/** The list itself when it is not too long; throws `too_many_items`. */
export function checkCount<Item>(
  items: readonly Item[],
  field: string,
  most: number = MAX_LIST_ITEMS,
): readonly Item[] {
  if (items.length > most)
    throw new WireError('too_many_items', `${field} has ${items.length} items, at most ${most}`, { meta: { field } })
  return items
}

const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Reads UTF-8 strictly; throws `invalid_text`. */
export function textFromBytes(bytes: Uint8Array, field: string, most: number): string {
  if (bytes.length > most)
    throw new WireError('invalid_text', `${field} has ${bytes.length} bytes, at most ${most}`, { meta: { field } })
  try {
    return strictUtf8.decode(bytes)
  } catch (cause) {
    throw new WireError('invalid_text', `${field} is not UTF-8`, { cause, meta: { field } })
  }
}

/** The text when its UTF-8 form is short enough; throws `invalid_text`. */
export function checkText(text: string, field: string, most: number): string {
  if (text.length > most || new TextEncoder().encode(text).length > most)
    throw new WireError('invalid_text', `${field} is longer than ${most} bytes`, { meta: { field } })
  return text
}

/** The field when it is there; throws `missing_field`. */
export function required<Value>(value: Value | undefined, field: string): Value {
  if (value === undefined) throw new WireError('missing_field', `${field} is missing`, { meta: { field } })
  return value
}
