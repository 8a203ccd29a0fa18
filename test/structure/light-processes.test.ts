import { expect, it } from 'vitest'
import { reachedFrom } from './import-graph.ts'

// What an idle process must not hold: each of these libraries costs it 5 to 13 MB (docs/benchmarks.md, "Memory").
const LIGHT: readonly [entry: string, what: string, without: readonly string[]][] = [
  [
    'packages/node/src/index.ts',
    'a node before it knows its roles',
    ['viem', '@millrace/chain', '@millrace/contracts', 'node-av'],
  ],
  [
    'packages/media/src/transcode/session-child.ts',
    'a process of one session',
    ['@millrace/wire', '@bufbuild/protobuf'],
  ],
  ['packages/base/src/node/index.ts', 'every process', ['hash-wasm', 'tiny-secp256k1']],
]

it.each(LIGHT)('%s (%s) does without %j', (entry, _, without) => {
  const seen = reachedFrom(entry)
  const heavy = [...seen].flatMap(([file, names]) =>
    names.filter((name) => without.includes(name)).map((name) => `${file} imports ${name}`),
  )
  expect(heavy).toEqual([])
  expect(seen.size).toBeGreaterThan(4)
})
