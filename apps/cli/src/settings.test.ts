import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ArgsDef } from 'citty'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { settings } from './settings.ts'

const args: ArgsDef = {
  source: { type: 'string' },
  loop: { type: 'boolean' },
  'web-port': { type: 'string' },
  config: { type: 'string' },
}

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-settings-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const file = (text: string): string => {
  const path = join(folder, 'config')
  writeFileSync(path, text)
  return path
}

it('a flag beats the environment, which beats the file', () => {
  const config = file('{ "source": "file", "loop": true, "web-port": 1 }')
  const environment = { MILLRACE_SOURCE: 'environment', MILLRACE_WEB_PORT: '2' }
  expect(settings({ config, 'web-port': '3' }, args, environment)).toEqual({
    config,
    source: 'environment',
    loop: true,
    'web-port': '3',
  })
})

it('the file may be lines of names and values', () => {
  const config = file('# my network\nsource film with spaces.mp4\nloop\n\nweb-port 8081\n')
  expect(settings({ config }, args, {})).toEqual({
    config,
    source: 'film with spaces.mp4',
    loop: true,
    'web-port': '8081',
  })
})

it.each([
  ['a name that is no flag', '{ "sorce": "x" }', 'unknown_flag'],
  ['broken JSON', '{ "source": ', 'bad_config'],
  ['a switch that is neither on nor off', 'loop maybe', 'bad_flag'],
])('a file with %s is refused', (_, text, code) => {
  expect(() => settings({ config: file(text) }, args, {})).toThrow(expect.objectContaining({ code }))
})

it('a missing file is named', () => {
  expect(() => settings({ config: '/nowhere' }, args, {})).toThrow(/there is no file \/nowhere/)
})
