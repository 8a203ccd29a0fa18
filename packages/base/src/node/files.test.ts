import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { diskError, freePort, writeFileAtomic } from './files.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-files-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

describe('a file that is written at once', () => {
  it('holds the new content, for its owner only unless told otherwise', async () => {
    await writeFileAtomic(join(folder, 'a'), 'first')
    await writeFileAtomic(join(folder, 'a'), new Uint8Array([1, 2]))
    await writeFileAtomic(join(folder, 'b'), 'open', { mode: 0o644 })
    expect(await readFile(join(folder, 'a'))).toEqual(Buffer.from([1, 2]))
    expect((await stat(join(folder, 'a'))).mode & 0o777).toBe(0o600)
    expect((await stat(join(folder, 'b'))).mode & 0o777).toBe(0o644)
    expect((await readdir(folder)).sort()).toEqual(['a', 'b'])
  })

  it('is never seen in parts, however many write it', async () => {
    const path = join(folder, 'a')
    const contents = ['a', 'b', 'c', 'd'].map((letter) => letter.repeat(200_000))
    await writeFileAtomic(path, contents[0]!)
    const writing = Promise.all(contents.map((content) => writeFileAtomic(path, content)))
    for (let i = 0; i < 20; i++) expect(contents).toContain(await readFile(path, 'utf8'))
    await writing
    expect(await readdir(folder)).toEqual(['a'])
  })

  it('keeps its old content, and leaves nothing beside it, when writing fails', async () => {
    const path = join(folder, 'taken')
    await mkdir(path)
    await writeFile(join(path, 'old'), 'old')
    await expect(writeFileAtomic(path, 'new')).rejects.toMatchObject({ code: expect.stringMatching(/disk|folder/) })
    expect(await readdir(folder)).toEqual(['taken'])
    expect(await readFile(join(path, 'old'), 'utf8')).toBe('old')
  })

  it('in a folder that is not there says so', async () => {
    await expect(writeFileAtomic(join(folder, 'nothing/a'), 'x')).rejects.toMatchObject({ code: 'no_such_file' })
  })
})

describe('an error of the disk says what to do', () => {
  it.each([
    ['ENOSPC', 'disk_full', 'no space left on the disk of /data: free some space and start again'],
    ['EACCES', 'no_permission', 'no permission for /data: change its owner or choose another folder'],
    ['EPERM', 'no_permission', 'no permission for /data: change its owner or choose another folder'],
    ['EROFS', 'read_only_disk', 'the disk of /data is read-only: choose another folder'],
    ['ENOENT', 'no_such_file', 'there is no file /data: check the name'],
    ['EEXIST', 'not_a_folder', '/data is a file, or lies below one: name a folder'],
    ['ENOTDIR', 'not_a_folder', '/data is a file, or lies below one: name a folder'],
    ['EIO', 'disk_error', 'cannot use /data: EIO: check the disk'],
  ])('%s', (code, ours, message) => {
    const cause = Object.assign(new Error('low level'), { code })
    expect(diskError(cause, '/data')).toMatchObject({ code: ours, message, cause })
  })

  it('whatever was thrown', () => {
    expect(diskError('odd', '/data')).toMatchObject({
      code: 'disk_error',
      message: 'cannot use /data: odd: check the disk',
    })
    expect(diskError(undefined, '/data').code).toBe('disk_error')
  })
})

it('a free port can be listened on', async () => {
  const port = await freePort()
  const server = createServer()
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', resolve)
  })
  await new Promise((resolve) => server.close(resolve))
})
