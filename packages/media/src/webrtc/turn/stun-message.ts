import { createHmac, timingSafeEqual } from 'node:crypto'
import { crc32 } from 'node:zlib'
import { MillraceError } from '@millrace/base'

/** RFC 8489, section 5: the number that tells these messages from others of the same port. */
const MAGIC_COOKIE = 0x2112a442
const HEADER_BYTES = 20
const INTEGRITY_BYTES = 20
const FINGERPRINT_XOR = 0x5354554e
/** A relayed packet and its attributes fit in here, since it came as one datagram. */
export const MAX_STUN_BYTES = 65_535
const MAX_ATTRIBUTES = 32

export const METHOD = {
  binding: 0x001,
  allocate: 0x003,
  refresh: 0x004,
  send: 0x006,
  data: 0x007,
  createPermission: 0x008,
  channelBind: 0x009,
} as const

/** RFC 8489, section 18.3; RFC 8656, section 18. */
export const ATTRIBUTE = {
  username: 0x0006,
  messageIntegrity: 0x0008,
  errorCode: 0x0009,
  unknownAttributes: 0x000a,
  channelNumber: 0x000c,
  lifetime: 0x000d,
  xorPeerAddress: 0x0012,
  data: 0x0013,
  realm: 0x0014,
  nonce: 0x0015,
  xorRelayedAddress: 0x0016,
  requestedAddressFamily: 0x0017,
  evenPort: 0x0018,
  requestedTransport: 0x0019,
  dontFragment: 0x001a,
  reservationToken: 0x0022,
  xorMappedAddress: 0x0020,
  software: 0x8022,
  fingerprint: 0x8028,
} as const

const CLASSES = ['request', 'indication', 'success', 'error'] as const
export type StunClass = (typeof CLASSES)[number]

export type StunAttribute = { readonly type: number; readonly value: Uint8Array }

/** A STUN message; the attributes of integrity and fingerprint are made and checked here and are not in the list. */
export type StunMessage = {
  readonly method: number
  readonly kind: StunClass
  /** Twelve bytes. */
  readonly transactionId: Uint8Array
  readonly attributes: readonly StunAttribute[]
}

/** A message that came, with what is needed to check who sent it. */
export type ReceivedStun = StunMessage & {
  /** True when the message is signed with this key (HMAC-SHA1, RFC 8489, section 14.5). */
  isSignedWith(key: Uint8Array): boolean
}

/** Writes a message; with a key it is signed, with `fingerprint` it ends in one. */
export function encodeStun(
  message: StunMessage,
  options: { readonly key?: Uint8Array | undefined; readonly fingerprint?: boolean } = {},
): Uint8Array {
  const parts: Uint8Array[] = message.attributes.map(({ type, value }) => encodeAttribute(type, value))
  const length = () => parts.reduce((sum, part) => sum + part.length, 0)
  const head = (bodyBytes: number) => encodeHeader(message, bodyBytes)
  if (options.key) {
    const signed = Buffer.concat([head(length() + 4 + INTEGRITY_BYTES), ...parts])
    parts.push(encodeAttribute(ATTRIBUTE.messageIntegrity, hmac(options.key, signed)))
  }
  if (options.fingerprint) {
    const checked = Buffer.concat([head(length() + 8), ...parts])
    parts.push(encodeAttribute(ATTRIBUTE.fingerprint, uint32((crc32(checked) ^ FINGERPRINT_XOR) >>> 0)))
  }
  return new Uint8Array(Buffer.concat([head(length()), ...parts]))
}

/**
 * Reads one whole message. What follows the signature is not signed and is left out, as is what follows the fingerprint.
 * Throws `bad_stun` for everything that is no message or has a wrong fingerprint.
 */
export function decodeStun(bytes: Uint8Array): ReceivedStun {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (view.length < HEADER_BYTES || (view[0]! & 0xc0) !== 0) throw bad('no header')
  if (view.readUInt32BE(4) !== MAGIC_COOKIE) throw bad('no magic cookie')
  if (view.readUInt16BE(2) !== view.length - HEADER_BYTES || view.length % 4 !== 0) throw bad('a wrong length')
  const type = view.readUInt16BE(0)
  const attributes: StunAttribute[] = []
  let signedTo: number | undefined
  for (let at = HEADER_BYTES; at < view.length; ) {
    if (attributes.length >= MAX_ATTRIBUTES) throw bad('too many attributes')
    if (at + 4 > view.length) throw bad('half an attribute')
    const attribute = view.readUInt16BE(at)
    const size = view.readUInt16BE(at + 2)
    const value = view.subarray(at + 4, at + 4 + size)
    if (value.length !== size) throw bad('an attribute beyond the end')
    if (attribute === ATTRIBUTE.fingerprint) {
      if (size !== 4 || at + 8 !== view.length) throw bad('a fingerprint that is not at the end')
      const expected = (crc32(view.subarray(0, at)) ^ FINGERPRINT_XOR) >>> 0
      if (value.readUInt32BE(0) !== expected) throw bad('a wrong fingerprint')
    } else if (attribute === ATTRIBUTE.messageIntegrity && signedTo === undefined) {
      if (size !== INTEGRITY_BYTES) throw bad('a signature of a wrong size')
      signedTo = at
    } else if (signedTo === undefined) attributes.push({ type: attribute, value: new Uint8Array(value) })
    at += 4 + size + padding(size)
    if (at > view.length) throw bad('an attribute without its padding')
  }
  const copy = Buffer.from(view)
  return {
    method: (type & 0x000f) | ((type & 0x00e0) >> 1) | ((type & 0x3e00) >> 2),
    kind: CLASSES[((type >> 4) & 1) | ((type >> 7) & 2)]!,
    transactionId: new Uint8Array(copy.subarray(8, 20)),
    attributes,
    isSignedWith: (key) => {
      if (signedTo === undefined) return false
      const signed = Buffer.from(copy.subarray(0, signedTo))
      // The length is that up to the signature, whatever came after it.
      signed.writeUInt16BE(signedTo + 4 + INTEGRITY_BYTES - HEADER_BYTES, 2)
      return timingSafeEqual(hmac(key, signed), copy.subarray(signedTo + 4, signedTo + 4 + INTEGRITY_BYTES))
    },
  }
}

/** The value of an attribute; undefined when there is none. */
export const attributeOf = ({ attributes }: StunMessage, type: number): Uint8Array | undefined =>
  attributes.find((attribute) => attribute.type === type)?.value

function encodeHeader({ method, kind, transactionId }: StunMessage, bodyBytes: number): Buffer {
  const header = Buffer.alloc(HEADER_BYTES)
  const number = CLASSES.indexOf(kind)
  const bits = (method & 0x000f) | ((method & 0x0070) << 1) | ((method & 0x0f80) << 2)
  header.writeUInt16BE(bits | ((number & 1) << 4) | ((number & 2) << 7), 0)
  header.writeUInt16BE(bodyBytes, 2)
  header.writeUInt32BE(MAGIC_COOKIE, 4)
  header.set(transactionId.subarray(0, 12), 8)
  return header
}

function encodeAttribute(type: number, value: Uint8Array): Buffer {
  const bytes = Buffer.alloc(4 + value.length + padding(value.length))
  bytes.writeUInt16BE(type, 0)
  bytes.writeUInt16BE(value.length, 2)
  bytes.set(value, 4)
  return bytes
}

export const padding = (size: number): number => (4 - (size % 4)) % 4

export function uint32(value: number): Uint8Array {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return new Uint8Array(bytes)
}

const hmac = (key: Uint8Array, bytes: Uint8Array): Buffer => createHmac('sha1', key).update(bytes).digest()

const bad = (what: string): MillraceError => new MillraceError('bad_stun', `no STUN message: ${what}`)
