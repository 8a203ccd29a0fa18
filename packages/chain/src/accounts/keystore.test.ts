import { chmod, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fromHex, toHex } from '@millrace/base'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { addressOfKey, decryptKey, encryptKey, openKeystore } from './keystore.ts'

const KEY = fromHex('0x4646464646464646464646464646464646464646464646464646464646464646')
const N = 1024

/** A key file in the form that geth writes with its light parameters, made with Python's scrypt and OpenSSL's cipher. */
const GETH = {
  key: '0x7a28b5ba57c53603b0b07b56bba752f7784bf506fa95edc395f5cf6c7514fe9d',
  password: 'testpassword',
  json: {
    crypto: {
      cipher: 'aes-128-ctr',
      cipherparams: { iv: '83dbcc02d8ccb40e466191a123791e0e' },
      ciphertext: '584f4eb2783472ec149b334c22d77ddbf118a0783ea24e66ca8a7883cd2b4bf5',
      kdf: 'scrypt',
      kdfparams: {
        dklen: 32,
        n: 4096,
        r: 8,
        p: 6,
        salt: 'ab0c7876052600dd703518d6fc3fe8984592145b591fc8fb5c6d43190334ba19',
      },
      mac: '860ad3ce9642f99d709abc696e25ede7cd35daf6a6041e975d14c53dae118886',
    },
    id: '3198bc9c-6672-5ab3-d995-4942343ae5b6',
    version: 3,
  },
}

const unreadable = (more: string) =>
  expect.objectContaining({ code: 'keystore_unreadable', message: expect.stringContaining(more) })

describe('a key', () => {
  it('comes back from its file as it was, with its address', async () => {
    const store = await encryptKey(KEY, 'password', { n: N })
    expect(await decryptKey(JSON.stringify(store), 'password')).toEqual({ privateKey: KEY, address: addressOfKey(KEY) })
    expect(`0x${store.address}`).toBe('0x9d8a62f656a8d1615c1294fd71e9cfb3e4855a4f')
    expect(JSON.stringify(store)).not.toContain(toHex(KEY).slice(2))
  })

  it('is never encrypted the same way twice', async () => {
    const [a, b] = [await encryptKey(KEY, 'password', { n: N }), await encryptKey(KEY, 'password', { n: N })]
    expect(a.crypto.ciphertext).not.toBe(b.crypto.ciphertext)
    expect(a.crypto.kdfparams.salt).not.toBe(b.crypto.kdfparams.salt)
  })

  it('stays closed to another password', async () => {
    const json = JSON.stringify(await encryptKey(KEY, 'password', { n: N }))
    for (const wrong of ['Password', 'password ', ''])
      await expect(decryptKey(json, wrong, 'my.key')).rejects.toEqual(unreadable('does not open my.key'))
  })

  it('may have a password of any letters', async () => {
    const password = 'Grüße 🔑 \u0000 end'
    const json = JSON.stringify(await encryptKey(KEY, password, { n: N }))
    expect((await decryptKey(json, password)).privateKey).toEqual(KEY)
  })

  it('that geth wrote is opened', async () => {
    const { privateKey } = await decryptKey(JSON.stringify(GETH.json), GETH.password)
    expect(toHex(privateKey)).toBe(GETH.key)
  })
})

describe('a damaged key file', () => {
  /** A good file with one field set, or left out where the value is undefined. */
  const changed = async (field: string, value: unknown): Promise<string> => {
    const store = JSON.parse(JSON.stringify(await encryptKey(KEY, 'password', { n: N }))) as Record<string, unknown>
    const names = field.split('.')
    let at = store
    for (const name of names.slice(0, -1)) at = at[name] as Record<string, unknown>
    at[names.at(-1)!] = value
    return JSON.stringify(store)
  }

  it.each(['', 'not json', 'null', '[]', '{}', '{"version":3}', '"a key"'])('%j is none', async (json) => {
    await expect(decryptKey(json, 'password', 'my.key')).rejects.toEqual(unreadable('my.key'))
  })

  it.each([
    ['another version', 'version', 1],
    ['another kdf', 'crypto.kdf', 'pbkdf2'],
    ['another cipher', 'crypto.cipher', 'aes-256-gcm'],
    ['no ciphertext', 'crypto.ciphertext', undefined],
    ['a ciphertext cut short', 'crypto.ciphertext', 'abcd'],
    ['a ciphertext that is no hex', 'crypto.ciphertext', 'xyz'],
    ['another mac', 'crypto.mac', '00'.repeat(32)],
    ['no mac', 'crypto.mac', undefined],
    ['no salt', 'crypto.kdfparams.salt', undefined],
    ['a salt that is a number', 'crypto.kdfparams.salt', 5],
    ['no cipher parameters', 'crypto.cipherparams', undefined],
    ['an iv cut short', 'crypto.cipherparams', { iv: 'ab' }],
  ])('with %s is told as one', async (_, field, value) => {
    await expect(decryptKey(await changed(field, value), 'password', 'my.key')).rejects.toEqual(unreadable('my.key'))
  })

  it.each([
    ['n', 0],
    ['n', -1],
    ['n', 1000],
    ['n', 2 ** 21],
    ['n', 2 ** 40],
    ['n', '1024'],
    ['r', 0],
    ['r', 2 ** 20],
    ['r', 1.5],
    ['p', 0],
    ['p', 1_000],
    ['dklen', 16],
    ['dklen', 2 ** 31],
    ['dklen', -1],
  ])('that asks scrypt for %s = %j is refused before any work', async (name, value) => {
    const json = await changed(`crypto.kdfparams.${name}`, value)
    const began = Date.now()
    await expect(decryptKey(json, 'password', 'my.key')).rejects.toEqual(unreadable('my.key'))
    expect(Date.now() - began).toBeLessThan(500)
  })

  it('that asks scrypt for more than a gigabyte is refused, though each number is allowed', async () => {
    const json = await changed('crypto.kdfparams', { n: 2 ** 20, r: 32, p: 1, dklen: 32, salt: 'ab' })
    await expect(decryptKey(json, 'password')).rejects.toEqual(unreadable('format 3'))
  })
})

describe('a keystore folder', () => {
  let folder: string
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'millrace-keystore-'))
  })
  afterEach(() => rm(folder, { recursive: true, force: true }))

  it('makes its first key when it is told to, for its owner only, and opens it afterwards', async () => {
    const path = join(folder, 'new')
    const made = await openKeystore(path, 'password', { create: 'random', n: N })
    const [name] = await readdir(path)
    expect(name).toMatch(new RegExp(`^UTC--.*--${made.address.slice(2)}$`))
    expect((await stat(join(path, name!))).mode & 0o777).toBe(0o600)
    expect((await stat(path)).mode & 0o777).toBe(0o700)
    expect(await openKeystore(path, 'password')).toEqual(made)
    expect(await openKeystore(path, 'password', { create: KEY, n: N })).toEqual(made)
  })

  it('makes another key each time', async () => {
    const a = await openKeystore(join(folder, 'a'), 'p', { create: 'random', n: N })
    const b = await openKeystore(join(folder, 'b'), 'p', { create: 'random', n: N })
    expect(a.address).not.toBe(b.address)
  })

  it('that is empty says how to name another', async () => {
    await expect(openKeystore(folder, 'password')).rejects.toEqual(unreadable('--eth-keystore-path'))
  })

  it('names the file that is damaged', async () => {
    await writeFile(join(folder, 'UTC--broken'), '{')
    await expect(openKeystore(folder, 'password')).rejects.toEqual(unreadable('UTC--broken'))
  })

  it('passes over what other programs hide in it', async () => {
    await writeFile(join(folder, '.DS_Store'), 'x')
    const made = await openKeystore(folder, 'password', { create: KEY, n: N })
    expect(await openKeystore(folder, 'password')).toEqual(made)
  })

  it('that is a file is told as one', async () => {
    const path = join(folder, 'file')
    await writeFile(path, '')
    await expect(openKeystore(path, 'password')).rejects.toMatchObject({ code: 'not_a_folder' })
  })

  it.skipIf(process.getuid?.() === 0)('whose file may not be read says so', async () => {
    await openKeystore(folder, 'password', { create: KEY, n: N })
    const [name] = await readdir(folder)
    await chmod(join(folder, name!), 0)
    await expect(openKeystore(folder, 'password')).rejects.toEqual(unreadable('permissions'))
  })
})
