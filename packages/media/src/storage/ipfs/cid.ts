import { concatBytes, MillraceError } from '@millrace/base'

/** What a block is: bytes of a file, or a node of UnixFS. */
export type BlockCodec = 'raw' | 'dag-pb'

/** The name of a block: version 1, SHA-256 (the CID specification). */
export type Cid = { readonly codec: BlockCodec; readonly hash: Uint8Array; readonly text: string }

const CODEC = { raw: 0x55, 'dag-pb': 0x70 } as const
const SHA2_256 = 0x12
const HASH_BYTES = 32
const ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567'

export function cidOf(codec: BlockCodec, hash: Uint8Array): Cid {
  return { codec, hash, text: `b${base32(cidBytes({ codec, hash }))}` }
}

export const cidBytes = ({ codec, hash }: Pick<Cid, 'codec' | 'hash'>): Uint8Array =>
  concatBytes(new Uint8Array([1, CODEC[codec], SHA2_256, HASH_BYTES]), hash)

/** Reads a CID of version 1 in base32, or in binary; throws `bad_cid` for other versions, hashes and codecs. */
export function parseCid(cid: string | Uint8Array): Cid {
  const bytes = typeof cid === 'string' ? fromText(cid) : cid
  const [version, code, hashCode, length] = bytes
  const codec = code === CODEC.raw ? 'raw' : code === CODEC['dag-pb'] ? 'dag-pb' : undefined
  if (version !== 1 || !codec || hashCode !== SHA2_256 || length !== HASH_BYTES || bytes.length !== 4 + HASH_BYTES)
    throw badCid()
  return cidOf(codec, bytes.slice(4))
}

function fromText(text: string): Uint8Array {
  if (!/^b[a-z2-7]{58}$/.test(text)) throw badCid()
  const bytes = new Uint8Array(36)
  let bits = 0
  let value = 0
  let at = 0
  for (const c of text.slice(1)) {
    value = (value << 5) | ALPHABET.indexOf(c)
    bits += 5
    if (bits < 8) continue
    bits -= 8
    bytes[at++] = (value >> bits) & 255
    value &= (1 << bits) - 1
  }
  // Two texts must not name the same block.
  if (value !== 0) throw badCid()
  return bytes
}

function base32(bytes: Uint8Array): string {
  let text = ''
  let bits = 0
  let value = 0
  for (const byte of bytes) {
    value = (value << 8) | byte
    bits += 8
    while (bits >= 5) {
      bits -= 5
      text += ALPHABET[(value >> bits) & 31]
    }
    value &= (1 << bits) - 1
  }
  return bits > 0 ? text + ALPHABET[(value << (5 - bits)) & 31] : text
}

const badCid = (): MillraceError =>
  new MillraceError('bad_cid', 'expected a CID of version 1 with SHA-256, raw or dag-pb, in base32: bafy… or bafk…')
