import { isIPv4, isIPv6 } from 'node:net'
import { MillraceError } from '@millrace/base'

export type Endpoint = { readonly address: string; readonly port: number }

const COOKIE = Buffer.from([0x21, 0x12, 0xa4, 0x42])

/** An address as XOR-MAPPED-ADDRESS and its like have it (RFC 8489, section 14.2). Throws `bad_stun` for what is no IP address. */
export function encodeXorAddress({ address, port }: Endpoint, transactionId: Uint8Array): Uint8Array {
  const plain = isIPv4(address) ? Buffer.from(address.split('.').map(Number)) : ipv6Bytes(address)
  const bytes = Buffer.alloc(4 + plain.length)
  bytes[1] = plain.length === 4 ? 1 : 2
  bytes.writeUInt16BE(port ^ 0x2112, 2)
  xored(plain, transactionId).copy(bytes, 4)
  return new Uint8Array(bytes)
}

/** Throws `bad_stun`. */
export function decodeXorAddress(value: Uint8Array, transactionId: Uint8Array): Endpoint {
  const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength)
  const size = bytes[1] === 1 ? 4 : bytes[1] === 2 ? 16 : -1
  if (bytes.length !== 4 + size) throw new MillraceError('bad_stun', 'no STUN message: an address of a wrong size')
  const plain = xored(bytes.subarray(4), transactionId)
  const groups = Array.from({ length: size / 2 }, (_, i) => plain.readUInt16BE(i * 2).toString(16))
  return { address: size === 4 ? plain.join('.') : groups.join(':'), port: bytes.readUInt16BE(2) ^ 0x2112 }
}

function xored(plain: Uint8Array, transactionId: Uint8Array): Buffer {
  const mask = Buffer.concat([COOKIE, transactionId])
  return Buffer.from(plain.map((byte, i) => byte ^ mask[i]!))
}

function ipv6Bytes(address: string): Buffer {
  if (!isIPv6(address)) throw new MillraceError('bad_stun', 'an address of a STUN message must be an IP address')
  const [, v4] = /:(\d+\.\d+\.\d+\.\d+)$/.exec(address) ?? []
  const text = v4 === undefined ? address : address.replace(v4, v4Groups(v4))
  const [head = '', tail] = text.replace(/%.*$/, '').split('::')
  const front = head === '' ? [] : head.split(':')
  const back = tail === undefined || tail === '' ? [] : tail.split(':')
  const zeros = Array.from({ length: tail === undefined ? 0 : 8 - front.length - back.length }, () => '0')
  const bytes = Buffer.alloc(16)
  for (const [i, group] of [...front, ...zeros, ...back].entries())
    bytes.writeUInt16BE(Number.parseInt(group, 16), i * 2)
  return bytes
}

function v4Groups(text: string): string {
  const [a = 0, b = 0, c = 0, d = 0] = text.split('.').map(Number)
  return `${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`
}
