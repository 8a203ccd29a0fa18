import { errorText, MillraceError } from '@millrace/base'
import { type Address, parseAddress } from '@millrace/wire'

/** Reads an address; throws `bad_address`. */
export function readAddress(text: string): Address {
  try {
    return parseAddress(text.trim())
  } catch (cause) {
    throw new MillraceError('bad_address', `"${text.slice(0, 60)}" is not an address: ${errorText(cause)}`, { cause })
  }
}

/** Reads a whole number; throws `bad_number`. */
export function readInteger(text: string): bigint {
  if (!/^\d{1,78}$/.test(text.trim()))
    throw new MillraceError('bad_number', `"${text.slice(0, 60)}" is not a whole number: write digits only`)
  return BigInt(text.trim())
}

/** Reads one of some words; throws `bad_choice`. */
export const readChoice =
  <const T extends string>(...choices: readonly T[]) =>
  (text: string): T => {
    const found = choices.find((choice) => choice === text.trim().toLowerCase())
    if (found) return found
    throw new MillraceError('bad_choice', `"${text.slice(0, 60)}" is none of ${choices.join(', ')}`)
  }

/** Amounts come as numbers while they are small, and as bigints else. */
export const big = (value: number | bigint): bigint => BigInt(value)
