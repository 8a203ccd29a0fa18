import { execFileSync } from 'node:child_process'
import { mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { FolderStore } from './folder.ts'

it('a full disk is an error for the new object and leaves the old ones whole', async ({ skip }) => {
  const path = await mkdtemp(join(tmpdir(), 'millrace-full-'))
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'none', path], { stdio: 'ignore' })
  } catch {
    await rm(path, { recursive: true })
    return skip('NOT RUN: this machine lets nobody mount a small disk')
  }
  try {
    const store = new FolderStore({ path })
    const old = new Uint8Array(400_000).fill(7)
    await store.save('rec/0.ts', old)
    await expect(store.save('rec/0.ts', new Uint8Array(900_000))).rejects.toMatchObject({ code: 'disk_full' })
    await expect(store.save('rec/1.ts', new Uint8Array(900_000))).rejects.toMatchObject({ code: 'disk_full' })
    expect(Buffer.compare((await store.read('rec/0.ts'))!, old)).toBe(0)
    expect(await readdir(join(path, 'rec'))).toEqual(['0.ts'])
    // What is removed makes room again.
    await store.save('rec/1.ts', new Uint8Array(400_000))
    expect(await store.list('')).toEqual(['rec/0.ts', 'rec/1.ts'])
  } finally {
    execFileSync('umount', [path])
    await rm(path, { recursive: true })
  }
})

it('a read-only disk is an error that names the disk', async ({ skip }) => {
  const path = await mkdtemp(join(tmpdir(), 'millrace-ro-'))
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m,ro', 'none', path], { stdio: 'ignore' })
  } catch {
    await rm(path, { recursive: true })
    return skip('NOT RUN: this machine lets nobody mount a disk')
  }
  await expect(new FolderStore({ path }).save('a', new Uint8Array(1))).rejects.toMatchObject({ code: 'read_only_disk' })
  execFileSync('umount', [path])
  await rm(path, { recursive: true })
})

it('what a killed process left half-written is never listed, and goes away in time', async () => {
  const path = await mkdtemp(join(tmpdir(), 'millrace-torn-'))
  await writeFile(join(path, '.0123456789ab.tmp'), 'half')
  await writeFile(join(path, '.ba9876543210.tmp'), 'half')
  await utimes(join(path, '.ba9876543210.tmp'), 1_000, 1_000)
  const store = new FolderStore({ path })
  await store.save('a', new Uint8Array(1))
  expect(await store.list('')).toEqual(['a'])
  expect((await readdir(path)).sort()).toEqual(['.0123456789ab.tmp', 'a'])
  await rm(path, { recursive: true })
})
