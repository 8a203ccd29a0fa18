import { expect, it } from 'vitest'
import { importsOf, reachedFrom } from './import-graph.ts'

// What a page in a browser may import: nothing of it may reach for a module of Node.
const ENTRIES = [
  'packages/base/src/index.ts',
  'packages/wire/src/index.ts',
  'contracts/ts/index.ts',
  'packages/chain/src/index.ts',
  'packages/chain/src/economics/index.ts',
]

it.each(ENTRIES)('%s runs without Node', (entry) => {
  const seen = reachedFrom(entry, { later: true })
  const forbidden = [...seen].flatMap(([file, names]) =>
    names
      .filter((name) => name.startsWith('node:') || /^@millrace\/[a-z]+\/node$/.test(name))
      .map((name) => `${file} imports ${name}`),
  )
  expect(forbidden).toEqual([])
  expect(seen.size).toBeGreaterThan(4)
})

it('a module of Node would be found', () => {
  expect(importsOf('packages/base/src/node/index.ts').atOnce.length).toBeGreaterThan(2)
  expect(importsOf('packages/base/src/node/files.ts').atOnce.some((name) => name.startsWith('node:'))).toBe(true)
})
