import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, it } from 'vitest'

// What a page in a browser may import: nothing of it may reach for a module of Node.
const ENTRIES = [
  'packages/base/src/index.ts',
  'packages/wire/src/index.ts',
  'contracts/ts/index.ts',
  'packages/chain/src/index.ts',
  'packages/chain/src/economics/index.ts',
]

const PACKAGES: Record<string, string> = {
  base: 'packages/base/src',
  wire: 'packages/wire/src',
  contracts: 'contracts/ts',
  chain: 'packages/chain/src',
}

it.each(ENTRIES)('%s runs without Node', (entry) => {
  const seen = new Map<string, readonly string[]>()
  const visit = (file: string): void => {
    if (seen.has(file)) return
    const imported = importsOf(file)
    seen.set(file, imported)
    for (const name of imported) {
      const own = /^@millrace\/([a-z]+)$/.exec(name)?.[1]
      if (name.startsWith('.')) visit(join(dirname(file), name))
      else if (own) visit(`${PACKAGES[own]}/index.ts`)
    }
  }
  visit(entry)
  const forbidden = [...seen].flatMap(([file, names]) =>
    names
      .filter((name) => name.startsWith('node:') || /^@millrace\/[a-z]+\/node$/.test(name))
      .map((name) => `${file} imports ${name}`),
  )
  expect(forbidden).toEqual([])
  expect(seen.size).toBeGreaterThan(4)
})

it('a module of Node would be found', () => {
  expect(importsOf('packages/base/src/node/index.ts').length).toBeGreaterThan(2)
  expect(importsOf('packages/base/src/node/files.ts').some((name) => name.startsWith('node:'))).toBe(true)
})

/** What a file needs when it runs; types alone are gone by then. */
function importsOf(file: string): readonly string[] {
  const source = readFileSync(file, 'utf8')
  const statements = source.matchAll(/^(?:import|export)\s(?!type\s)[^'"]*?from\s+['"]([^'"]+)['"]/gm)
  const bare = source.matchAll(/^import\s+['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]/gm)
  return [...[...statements].map((match) => match[1]), ...[...bare].map((match) => match[1] ?? match[2])] as string[]
}
