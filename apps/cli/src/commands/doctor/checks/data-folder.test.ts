import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DataFolder, openNodeFolder } from '@millrace/node'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { dataFolder } from './data-folder.ts'

let home: string
beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'millrace-doctor-folder-'))
})
afterAll(() => rmSync(home, { recursive: true, force: true }))

const look = (path: string, running = false) => dataFolder(path, 'gateway', { running: async () => running })

it('a folder that is not there is not made', async () => {
  const path = join(home, 'new', 'deeper')
  expect(await look(path)).toMatchObject({ verdict: 'ok', found: `${path} will be made at the first start` })
  expect(existsSync(join(home, 'new'))).toBe(false)
})

it('a folder that nobody has is free, and is left as it was', async () => {
  const path = join(home, 'free')
  const folder = await openNodeFolder(path, 'gateway')
  folder.close()
  const before = readdirSync(path, { recursive: true }).length
  expect(await look(path)).toMatchObject({
    verdict: 'ok',
    found: expect.stringContaining('can be written and is free'),
  })
  expect(readdirSync(path, { recursive: true })).toHaveLength(before)
  // Nor is it kept.
  const again = await openNodeFolder(path, 'gateway')
  again.close()
})

it('a folder of a node that runs is in use, which is right where that is the node asked about', async () => {
  const path = join(home, 'taken')
  const folder = await openNodeFolder(path, 'gateway')
  expect(await look(path)).toMatchObject({
    verdict: 'failed',
    found: `${join(path, 'nodes', 'gateway')} is in use by another millrace`,
  })
  expect(await look(path, true)).toMatchObject({
    verdict: 'warning',
    found: expect.stringContaining('the gateway that runs now'),
  })
  folder.close()
})

it('a folder of a whole network is in use', async () => {
  const path = join(home, 'network')
  const folder = DataFolder.open(path)
  expect(await look(path)).toMatchObject({ verdict: 'failed', found: `${path} is in use by another millrace` })
  folder.close()
})

it('a folder of another version is refused', async () => {
  const path = join(home, 'other')
  mkdirSync(path)
  writeFileSync(join(path, 'version'), '99\n')
  expect(await look(path)).toMatchObject({ verdict: 'failed', found: expect.stringContaining('has version 99') })
})

it('a file is no folder', async () => {
  const path = join(home, 'file')
  writeFileSync(path, '')
  expect(await look(path)).toMatchObject({ verdict: 'failed', advice: expect.stringContaining('-dataDir') })
})
