import { createCipheriv, createDecipheriv, pbkdf2 } from 'node:crypto'
import { promisify } from 'node:util'
import type { KeySlot } from './packet.ts'

const derive = promisify(pbkdf2)

/** RFC 3394 section 2.2.3.1. */
const WRAP_IV = Buffer.alloc(8, 0xa6)
const ROUNDS = 2_048
const SALT = 16
const HEAD = 16
const AES_CTR = 2

/** The keys of one sender, as its key material messages give them. */
export class SrtKeys {
  readonly #passphrase: string
  readonly #keys = new Map<KeySlot, { readonly key: Buffer; readonly salt: Buffer }>()

  constructor(passphrase: string) {
    this.#passphrase = passphrase
  }

  /**
   * Takes a key material message (draft-sharabayko-srt-01 section 3.2.2).
   * False where the passphrase is another one, or the message asks for what is not spoken: only AES in counter mode is.
   */
  async take(message: Buffer): Promise<boolean> {
    if (message.length < HEAD + SALT + 16 || message[0] !== 0x12 || message.readUInt16BE(1) !== 0x2029) return false
    const slots = message[3]! & 3
    const keyBytes = message[15]! * 4
    if (message[8] !== AES_CTR || message[14] !== SALT / 4 || ![16, 24, 32].includes(keyBytes) || slots === 0)
      return false
    const salt = Buffer.from(message.subarray(HEAD, HEAD + SALT))
    const wrapped = message.subarray(HEAD + SALT)
    const count = slots === 3 ? 2 : 1
    if (wrapped.length !== count * keyBytes + 8) return false
    const wrappingKey = await derive(this.#passphrase, salt.subarray(8), ROUNDS, keyBytes, 'sha1')
    const keys = unwrap(wrappingKey, wrapped)
    if (!keys) return false
    if (slots & 1) this.#keys.set(1, { key: keys.subarray(0, keyBytes), salt })
    if (slots & 2) this.#keys.set(2, { key: keys.subarray(keys.length - keyBytes), salt })
    return true
  }

  /** The payload in clear; undefined where its key is not known (section 6.1). */
  open(slot: KeySlot, seq: number, payload: Buffer): Buffer | undefined {
    const held = this.#keys.get(slot)
    if (!held) return undefined
    return createDecipheriv(cipherOf(held.key), held.key, counterStart(held.salt, seq)).update(payload)
  }

  /** A payload as its sender encrypts it. */
  seal(slot: KeySlot, seq: number, payload: Buffer): Buffer | undefined {
    const held = this.#keys.get(slot)
    if (!held) return undefined
    return createCipheriv(cipherOf(held.key), held.key, counterStart(held.salt, seq)).update(payload)
  }
}

const cipherOf = (key: Buffer): string => `aes-${key.length * 8}-ctr`

function counterStart(salt: Buffer, seq: number): Buffer {
  const iv = Buffer.alloc(16)
  salt.copy(iv, 0, 0, 14)
  iv.writeUInt32BE((iv.readUInt32BE(10) ^ seq) >>> 0, 10)
  return iv
}

function unwrap(wrappingKey: Buffer, wrapped: Buffer): Buffer | undefined {
  try {
    const decipher = createDecipheriv(`id-aes${wrappingKey.length * 8}-wrap`, wrappingKey, WRAP_IV)
    return Buffer.concat([decipher.update(wrapped), decipher.final()])
  } catch {
    // The check value inside is wrong: another passphrase.
    return undefined
  }
}
