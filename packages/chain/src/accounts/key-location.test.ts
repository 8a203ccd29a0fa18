import { chmod, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { openKeyAt } from './key-location.ts'
import { addressOfKey, encryptKey } from './keystore.ts'

const KEYS = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)] as const
const ADDRESSES = KEYS.map(addressOfKey)

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-keys-'))
  for (const [i, key] of KEYS.entries())
    await writeFile(join(folder, `UTC--${i}`), JSON.stringify(await encryptKey(key, `password ${i}`, { n: 1024 })))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const unreadable = (more: string) =>
  expect.objectContaining({ code: 'keystore_unreadable', message: expect.stringContaining(more) })

it('a file is opened itself', async () => {
  expect(await openKeyAt(join(folder, 'UTC--1'), 'password 1')).toEqual({
    address: ADDRESSES[1],
    privateKey: KEYS[1],
    made: false,
  })
})

it('a folder gives the key of the account that is named, else its first', async () => {
  await writeFile(join(folder, 'AAA-notes'), 'no key')
  expect((await openKeyAt(folder, 'password 1', { account: ADDRESSES[1]! })).address).toBe(ADDRESSES[1])
  await rm(join(folder, 'AAA-notes'))
  expect((await openKeyAt(folder, 'password 0')).address).toBe(ADDRESSES[0])
})

it('an account without a key file is told, and none is made for it', async () => {
  const account = `0x${'ab'.repeat(20)}` as const
  await expect(openKeyAt(folder, '', { account, create: true })).rejects.toEqual(unreadable('check --eth-acct-addr'))
  await rm(folder, { recursive: true })
  await expect(openKeyAt(folder, '', { account, create: true })).rejects.toEqual(unreadable('no key file'))
})

it('an empty folder gets a key only when that is wished', async () => {
  const empty = join(folder, 'empty')
  await mkdir(empty)
  await expect(openKeyAt(empty, 'new')).rejects.toEqual(unreadable('check --eth-keystore-path'))
  const made = await openKeyAt(join(folder, 'absent'), 'new', { create: true })
  expect(made.made).toBe(true)
  expect(await readdir(join(folder, 'absent'))).toHaveLength(1)
  expect(await openKeyAt(join(folder, 'absent'), 'new', { create: true })).toEqual({ ...made, made: false })
}, 30_000)

it('a place that cannot be looked at is not taken for an empty one', async () => {
  const below = join(folder, 'UTC--0', 'keystore')
  await expect(openKeyAt(below, 'password 0')).rejects.toMatchObject({ code: 'not_a_folder' })
})

it('a wrong password and a damaged file are told with the name of the file', async () => {
  await expect(openKeyAt(folder, 'password 1')).rejects.toEqual(unreadable('UTC--0: check --eth-password'))
  await writeFile(join(folder, 'UTC--0'), '{"crypto":')
  await expect(openKeyAt(folder, 'password 0')).rejects.toEqual(unreadable('UTC--0 is not a key file'))
})

it.skipIf(process.getuid?.() === 0)('a file or a folder that may not be read says so', async () => {
  await chmod(join(folder, 'UTC--0'), 0)
  await expect(openKeyAt(folder, 'password 0')).rejects.toEqual(unreadable('permissions'))
  await chmod(folder, 0)
  await expect(openKeyAt(folder, 'password 0')).rejects.toEqual(unreadable('permissions'))
  await chmod(folder, 0o700)
})
