import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { keccak256, toHex, utf8 } from '@millrace/base'
import { expect, it } from 'vitest'
import { splitStreamId } from './identifiers.ts'
import { FACT_IDS, fact } from './network-facts.fixture.ts'

it('every golden fact of the network is used by a test of wire or payments', () => {
  const sources = ['.', '../../payments/src'].flatMap((folder) => {
    const path = fileURLToPath(new URL(folder, import.meta.url))
    return readdirSync(path, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.test.ts'))
      .map((name) => readFileSync(`${path}/${name}`, 'utf8'))
  })
  const used = new Set(
    sources.flatMap((text) => [...text.matchAll(/\bfact(?:<[\s\S]*?>)?\(\s*'([\w-]+)'/g)].map((match) => match[1]!)),
  )
  expect(FACT_IDS.filter((id) => !used.has(id))).toEqual([])
  expect(new Set(FACT_IDS).size).toBe(FACT_IDS.length)
})

it('splits stream paths as upstream does', () => {
  const { input, expected } = fact<string[], [string, string][]>('stream-id-split')
  expect(input.map((path) => splitStreamId(path)).map(({ manifestId, rest }) => [manifestId, rest])).toEqual(expected)
})

it('names the events of the contracts by the hash of their signatures', () => {
  const { input, expected } = fact<string[], Record<string, string>>('log-topics')
  for (const signature of input) expect(toHex(keccak256(utf8(signature)))).toBe(expected[signature])
})
