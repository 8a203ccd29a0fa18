import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { DataFolder, openNodeFolder } from './data-folder.ts'

let path: string
beforeEach(() => {
  path = mkdtempSync(join(tmpdir(), 'millrace-data-'))
})
afterEach(() => rmSync(path, { recursive: true, force: true }))

const codeOf = (work: () => unknown): string => {
  try {
    work()
    return 'no error'
  } catch (error) {
    return (error as { code: string }).code
  }
}

it('a data folder belongs to one at a time and is free again when it is closed', () => {
  const first = DataFolder.open(path)
  expect(codeOf(() => DataFolder.open(path))).toBe('data_folder_in_use')
  first.close()
  DataFolder.open(path).close()
})

it('a folder is free again when its process was killed', async () => {
  const program = `
    const { takeFileLock } = await import(${JSON.stringify(new URL('../../../base/dist/node/index.js', import.meta.url).href)})
    // A lock that nobody holds on to would be collected, and the file with it closed.
    globalThis.lock = takeFileLock(${JSON.stringify(join(path, 'lock.sqlite'))})
    console.log('taken')
    setInterval(() => {}, 1000)`
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = new Promise((resolve) => child.once('exit', resolve))
  try {
    await new Promise((resolve) => child.stdout.once('data', resolve))
    expect(codeOf(() => DataFolder.open(path))).toBe('data_folder_in_use')
  } finally {
    child.kill('SIGKILL')
    await ended
  }
  DataFolder.open(path).close()
})

it('a folder of another version is refused and left as it is', () => {
  DataFolder.open(path).close()
  writeFileSync(join(path, 'version'), '99\n')
  expect(codeOf(() => DataFolder.open(path))).toBe('data_folder_version')
  DataFolder.openAnyVersion(path).close()
})

it('a file in place of the folder gets a sentence, not a stack', () => {
  const file = join(path, 'file')
  writeFileSync(file, '')
  expect(codeOf(() => DataFolder.open(file))).toBe('not_a_folder')
})

it('makes a folder for each node', () => {
  using folder = DataFolder.open(path)
  expect(existsSync(folder.node('gateway'))).toBe(true)
})

describe('the folder of one node', () => {
  it('is shared by nodes of different names, and refused to a second of the same', async () => {
    const [gateway, worker] = await Promise.all([openNodeFolder(path, 'gateway'), openNodeFolder(path, 'worker')])
    expect(gateway.path).toBe(join(path, 'nodes/gateway'))
    await expect(openNodeFolder(path, 'gateway')).rejects.toMatchObject({ code: 'data_folder_in_use' })
    gateway.close()
    using again = await openNodeFolder(path, 'gateway')
    expect(again.path).toBe(gateway.path)
    worker.close()
  })

  it('is refused while a network owns the data folder', async () => {
    using _network = DataFolder.open(path)
    await expect(openNodeFolder(path, 'gateway')).rejects.toMatchObject({ code: 'data_folder_in_use' })
  })

  it('is refused in a data folder of another version', async () => {
    writeFileSync(join(path, 'version'), '99\n')
    await expect(openNodeFolder(path, 'gateway')).rejects.toMatchObject({ code: 'data_folder_version' })
  })
})
