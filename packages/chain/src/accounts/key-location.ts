import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { diskError } from '@millrace/base/node'
import type { Address } from '@millrace/wire'
import { ChainError } from '../errors.ts'
import { decryptKey, openKeystore, type UnlockedKey } from './keystore.ts'

const MAX_FILES = 10_000
const MAX_FILE_BYTES = 1 << 20

/**
 * Opens the key of a file, or one of a folder: that of `account`, or the first by name. `made` is true when the key is new.
 * Key files of geth and go-livepeer open as they are. Throws `keystore_unreadable` that says what is wrong, or a disk error.
 */
export async function openKeyAt(
  path: string,
  password: string,
  options: { readonly account?: Address; readonly create?: boolean } = {},
): Promise<UnlockedKey & { readonly made: boolean }> {
  const kind = await kindOf(path)
  if (kind?.isFile()) return { ...(await openFile(path, password)), made: false }
  const names = kind?.isDirectory() ? await keyFiles(path) : []
  if (names.length === 0) {
    const create = options.create && options.account === undefined
    if (!create) throw unreadable(`there is no key file in ${path}: check --eth-keystore-path`)
    return { ...(await openKeystore(path, password, { create: 'random' })), made: true }
  }
  if (options.account === undefined) return { ...(await openFile(join(path, names[0]!), password)), made: false }
  for (const name of names)
    if ((await addressIn(join(path, name))) === options.account)
      return { ...(await openFile(join(path, name), password)), made: false }
  throw unreadable(`none of the ${names.length} key files in ${path} is of ${options.account}: check --eth-acct-addr`)
}

/** Undefined where there is nothing; what cannot be looked at is not the same. */
async function kindOf(path: string): Promise<Awaited<ReturnType<typeof stat>> | undefined> {
  try {
    return await stat(path)
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw diskError(cause, path)
  }
}

async function keyFiles(folder: string): Promise<readonly string[]> {
  try {
    const names = (await readdir(folder)).filter((name) => !name.startsWith('.')).sort()
    return names.slice(0, MAX_FILES)
  } catch (cause) {
    throw unreadable(`the keystore ${folder} cannot be read: check its owner and permissions`, cause)
  }
}

async function openFile(path: string, password: string): Promise<UnlockedKey> {
  return decryptKey(await read(path), password, path)
}

async function read(path: string): Promise<string> {
  try {
    if ((await stat(path)).size > MAX_FILE_BYTES) throw new Error('over 1 MB')
    return await readFile(path, 'utf8')
  } catch (cause) {
    throw unreadable(`the key file ${path} cannot be read: check its owner and permissions`, cause)
  }
}

/** The address that a key file says it is for; undefined for what is no key file. */
async function addressIn(path: string): Promise<string | undefined> {
  try {
    const { address } = JSON.parse(await readFile(path, 'utf8')) as { address?: unknown }
    return typeof address === 'string' ? `0x${address.replace(/^0x/i, '').toLowerCase()}` : undefined
  } catch {
    return undefined
  }
}

const unreadable = (message: string, cause?: unknown): ChainError =>
  new ChainError('keystore_unreadable', message, cause === undefined ? {} : { cause })
