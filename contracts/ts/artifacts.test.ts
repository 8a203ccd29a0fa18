import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { hasForge, runScript } from './testing/scripts.ts'

type Layout = { slots: string[]; structs: Record<string, string[]> }
const home = fileURLToPath(new URL('..', import.meta.url))

describe('committed artifacts', () => {
  test.runIf(hasForge())('equal what the sources compile to', { timeout: 120_000 }, () => {
    const out = mkdtempSync(join(tmpdir(), 'millrace-artifacts-'))
    try {
      const { status, output } = runScript('build.js', ['--out', out])
      expect(status, output).toBe(0)
      expect(readFolder(join(home, 'artifacts'))).toEqual(readFolder(join(out, 'artifacts')))
      expect(readFolder(join(home, 'ts/generated'))).toEqual(readFolder(join(out, 'generated')))
    } finally {
      rmSync(out, { recursive: true, force: true })
    }
  })

  test('hold no contract within 500 bytes of the size that a chain accepts', () => {
    const files = Object.entries(readFolder(join(home, 'artifacts'))).filter(([file]) => !file.startsWith('storage'))
    const sizes = files.map(([file, text]) => [file, (JSON.parse(text).deployedBytecode.length - 2) / 2] as const)
    expect(sizes.length).toBeGreaterThan(12)
    expect(sizes.filter(([, bytes]) => bytes > 24_576 - 500)).toEqual([])
  })

  test('name no folder of the machine they were made on', () => {
    const texts = Object.values({ ...readFolder(join(home, 'artifacts')), ...readFolder(join(home, 'ts/generated')) })
    expect(texts.filter((text) => text.includes(home) || text.includes('node_modules'))).toEqual([])
  })
})

describe('storage stays where the deployed contracts have it, so that code behind a proxy can be exchanged', () => {
  const deployed = readFolder(join(home, 'test/fixtures/deployed-storage'))
  const built = readFolder(join(home, 'artifacts/storage'))

  test.each(Object.keys(deployed))('%s', (file) => {
    const { slots, structs } = JSON.parse(deployed[file]!) as Layout
    const ours = JSON.parse(built[file]!) as Layout
    // New variables may only come after the deployed ones.
    expect(ours.slots.slice(0, slots.length)).toEqual(slots)
    expect(ours.structs).toMatchObject(structs)
  })
})

/** Texts of all files of a folder and of its folders. */
function readFolder(folder: string): Record<string, string> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  const paths = files.map((entry) => relative(folder, join(entry.parentPath, entry.name))).sort()
  return Object.fromEntries(paths.map((path) => [path, readFileSync(join(folder, path), 'utf8')]))
}
