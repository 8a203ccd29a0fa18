import { fromHex, keccak256, toHex, utf8 } from '@millrace/base'
import type { Address } from './identifiers.ts'
import { WireError } from './wire-error.ts'

/** The address of nobody; an orchestrator without a chain sends it as its own. */
export const ZERO_ADDRESS: Address = '0x0000000000000000000000000000000000000000'

/** Reads an address in any letter case into our lower-case form; throws `invalid_address`. */
export function parseAddress(text: string): Address {
  if (!/^0x[0-9a-fA-F]{40}$/.test(text))
    throw new WireError('invalid_address', 'expected an address: 0x and 40 hexadecimal digits')
  return text.toLowerCase() as Address
}

/** The 20 bytes of an address. */
export const addressToBytes = (address: Address): Uint8Array => fromHex(parseAddress(address))

/** The address of 20 bytes; no bytes are the zero address, as in Go. Throws `wrong_length`. */
export function addressFromBytes(bytes: Uint8Array): Address {
  if (bytes.length === 0) return ZERO_ADDRESS
  if (bytes.length !== 20)
    throw new WireError('wrong_length', `expected an address of 20 bytes, got ${bytes.length}`, {
      meta: { length: bytes.length },
    })
  return toHex(bytes)
}

/** The address with letter case as a checksum (EIP-55), the form that people read and that discovery requests sign. */
export function checksumAddress(address: Address): Address {
  const digits = parseAddress(address).slice(2)
  const hash = keccak256(utf8(digits))
  let out = '0x'
  for (let i = 0; i < digits.length; i++) {
    const nibble = i % 2 === 0 ? hash[i >> 1]! >> 4 : hash[i >> 1]! & 15
    out += nibble > 7 ? digits[i]!.toUpperCase() : digits[i]!
  }
  return out as Address
}
