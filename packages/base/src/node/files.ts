import { randomBytes, randomInt } from 'node:crypto'
import { open, rename, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { dirname, join } from 'node:path'
import { MillraceError } from '../errors.ts'

/** Writes a file so that a reader, or a crash, sees the old content or the new, never a part. */
export async function writeFileAtomic(
  path: string,
  data: Uint8Array | string,
  options: { readonly mode?: number } = {},
): Promise<void> {
  const temporary = join(dirname(path), `.${randomBytes(6).toString('hex')}.tmp`)
  try {
    const file = await open(temporary, 'wx', options.mode ?? 0o600)
    try {
      await file.writeFile(data)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(temporary, path)
  } catch (cause) {
    await rm(temporary, { force: true })
    throw diskError(cause, path)
  }
}

/** Turns the errors of a file system into sentences that say what to do. */
export function diskError(cause: unknown, path: string): MillraceError {
  const code = (cause as NodeJS.ErrnoException | undefined)?.code
  if (code === 'ENOSPC')
    return new MillraceError('disk_full', `no space left on the disk of ${path}: free some space and start again`, {
      cause,
    })
  if (code === 'EACCES' || code === 'EPERM')
    return new MillraceError('no_permission', `no permission for ${path}: change its owner or choose another folder`, {
      cause,
    })
  if (code === 'EROFS')
    return new MillraceError('read_only_disk', `the disk of ${path} is read-only: choose another folder`, { cause })
  if (code === 'ENOENT') return new MillraceError('no_such_file', `there is no file ${path}: check the name`, { cause })
  if (code === 'EEXIST' || code === 'ENOTDIR')
    return new MillraceError('not_a_folder', `${path} is a file, or lies below one: name a folder`, { cause })
  return new MillraceError('disk_error', `cannot use ${path}: ${code ?? String(cause)}: check the disk`, { cause })
}

const LOWEST_FREE_PORT = 12_000
/** From here on the system hands out ports to outgoing connections, which may take one between the look and the use. */
export const LOWEST_EPHEMERAL_PORT = 32_768

/** A TCP port that nobody listens on at this moment; for tests and children of the same machine. */
export async function freePort(host = '127.0.0.1'): Promise<number> {
  for (;;) {
    const port = randomInt(LOWEST_FREE_PORT, LOWEST_EPHEMERAL_PORT)
    if (await isFreePort(port, host)) return port
  }
}

/** True when nobody listens on the port at this moment. */
export function isFreePort(port: number, host = '127.0.0.1'): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, host, () => server.close(() => resolve(true)))
  })
}
