import { createCipheriv, createDecipheriv, randomBytes, randomUUID, scrypt } from 'node:crypto'
import { mkdir, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { bytesToBigint, equalBytes, fromHex, keccak256, toHex } from '@millrace/base'
import { addressOfPublicKey, curve, diskError, writeFileAtomic } from '@millrace/base/node'
import type { Address } from '@millrace/wire'
import { ChainError } from '../errors.ts'

type KeystoreV3 = {
  readonly version: 3
  readonly id: string
  readonly address: string
  readonly crypto: {
    readonly cipher: 'aes-128-ctr'
    readonly ciphertext: string
    readonly cipherparams: { readonly iv: string }
    readonly kdf: 'scrypt'
    readonly kdfparams: {
      readonly n: number
      readonly r: number
      readonly p: number
      readonly dklen: number
      readonly salt: string
    }
    readonly mac: string
  }
}

/** A private key with its address; the key is never logged. */
export type UnlockedKey = { readonly address: Address; readonly privateKey: Uint8Array }

/** The address of a private key. */
export const addressOfKey = (privateKey: Uint8Array): Address =>
  toHex(addressOfPublicKey(curve.publicKey(privateKey))) as Address

/** Encrypts a key in the Web3 Secret Storage format, version 3 (scrypt, aes-128-ctr), readable by geth and go-livepeer. */
export async function encryptKey(
  privateKey: Uint8Array,
  password: string,
  options: { readonly n?: number } = {},
): Promise<KeystoreV3> {
  const salt = randomBytes(32)
  const iv = randomBytes(16)
  const kdfparams = { n: options.n ?? 2 ** 18, r: 8, p: 1, dklen: 32, salt: salt.toString('hex') }
  const derived = await derive(password, kdfparams)
  const cipher = createCipheriv('aes-128-ctr', derived.subarray(0, 16), iv)
  const ciphertext = Buffer.concat([cipher.update(privateKey), cipher.final()])
  return {
    version: 3,
    id: randomUUID(),
    address: addressOfKey(privateKey).slice(2),
    crypto: {
      cipher: 'aes-128-ctr',
      ciphertext: ciphertext.toString('hex'),
      cipherparams: { iv: iv.toString('hex') },
      kdf: 'scrypt',
      kdfparams,
      mac: toHex(keccak256(derived.subarray(16, 32), ciphertext)).slice(2),
    },
  }
}

/** Opens a version 3 keystore; throws `keystore_unreadable` for a wrong password or a damaged file. */
export async function decryptKey(json: string, password: string, path = 'keystore'): Promise<UnlockedKey> {
  let locked: LockedKey
  let derived: Uint8Array
  try {
    locked = readStore(JSON.parse(json) as KeystoreV3)
    derived = await derive(password, locked.kdfparams)
  } catch (cause) {
    throw new ChainError(
      'keystore_unreadable',
      `${path} is not a key file of format 3 (scrypt): restore it from a backup`,
      { cause },
    )
  }
  const { ciphertext, iv, mac } = locked
  if (!equalBytes(keccak256(derived.subarray(16, 32), ciphertext), mac))
    throw new ChainError('keystore_unreadable', `the password does not open ${path}: check --eth-password`)
  const decipher = createDecipheriv('aes-128-ctr', derived.subarray(0, 16), iv)
  const privateKey = new Uint8Array(Buffer.concat([decipher.update(ciphertext), decipher.final()]))
  return { address: addressOfKey(privateKey), privateKey }
}

type LockedKey = {
  readonly kdfparams: KeystoreV3['crypto']['kdfparams']
  readonly ciphertext: Uint8Array
  readonly iv: Uint8Array
  readonly mac: Uint8Array
}

/** scrypt needs 128·n·r bytes: a hostile file must not take the machine's memory. */
const MAX_SCRYPT_BYTES = 2 ** 30

/** Throws when anything in the file is not as format 3 has it. */
function readStore(store: KeystoreV3): LockedKey {
  const { kdfparams, ciphertext, cipherparams, mac, kdf, cipher } = store.crypto
  if (store.version !== 3 || kdf !== 'scrypt' || cipher !== 'aes-128-ctr') throw new Error('unknown format')
  const { n, r, p, dklen, salt } = kdfparams
  const whole = [n, r, p].every((value) => Number.isSafeInteger(value) && value > 0)
  if (!whole || n < 2 || n > 2 ** 20 || !Number.isInteger(Math.log2(n)) || r > 32 || p > 16 || dklen !== 32)
    throw new Error('absurd scrypt parameters')
  if (128 * n * r > MAX_SCRYPT_BYTES) throw new Error('scrypt parameters that need more than a gigabyte')
  fromHex(salt)
  const locked = { kdfparams, ciphertext: fromHex(ciphertext), iv: fromHex(cipherparams.iv), mac: fromHex(mac) }
  if (locked.ciphertext.length !== 32 || locked.iv.length !== 16 || locked.mac.length !== 32)
    throw new Error('fields of a wrong length')
  return locked
}

/** Opens the first key of a keystore folder, or makes one when the folder is empty. */
export async function openKeystore(
  folder: string,
  password: string,
  options: { readonly create?: Uint8Array | 'random'; readonly n?: number } = {},
): Promise<UnlockedKey> {
  let names: string[]
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    names = (await readdir(folder)).filter((name) => !name.startsWith('.')).sort()
  } catch (cause) {
    throw diskError(cause, folder)
  }
  const name = names[0]
  if (name !== undefined) {
    const path = join(folder, name)
    let json: string
    try {
      json = await readFile(path, 'utf8')
    } catch (cause) {
      throw new ChainError(
        'keystore_unreadable',
        `the key file ${path} cannot be read: check its owner and permissions`,
        { cause },
      )
    }
    return decryptKey(json, password, path)
  }
  if (options.create === undefined)
    throw new ChainError('keystore_unreadable', `there is no key file in ${folder}: pass --eth-keystore-path`)
  const privateKey = options.create === 'random' ? randomKey() : options.create
  const store = await encryptKey(privateKey, password, options)
  const stamp = new Date().toISOString().replace(/:/g, '-')
  await writeFileAtomic(join(folder, `UTC--${stamp}--${store.address}`), JSON.stringify(store), { mode: 0o600 })
  return { address: addressOfKey(privateKey), privateKey }
}

const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n

/** A fresh private key. */
function randomKey(): Uint8Array {
  for (;;) {
    const key = new Uint8Array(randomBytes(32))
    const value = bytesToBigint(key)
    if (value > 0n && value < ORDER) return key
  }
}

function derive(password: string, params: KeystoreV3['crypto']['kdfparams']): Promise<Uint8Array> {
  const { n, r, p, dklen, salt } = params
  return new Promise((resolve, reject) => {
    scrypt(password, fromHex(salt), dklen, { N: n, r, p, maxmem: 256 * n * r }, (error, key) =>
      error ? reject(error) : resolve(new Uint8Array(key)),
    )
  })
}
