import { readdirSync, readFileSync } from 'node:fs'
import { type Abi, type AbiParameter, toEventSelector, toFunctionSelector } from 'viem'
import { describe, expect, test } from 'vitest'
import * as abis from './generated/abis.ts'

type Item = {
  type: string
  name?: string
  inputs?: readonly AbiParameter[]
  outputs?: readonly AbiParameter[]
  stateMutability?: string
  anonymous?: boolean
}

const folder = new URL('../test/fixtures/deployed-abis/', import.meta.url)
const deployed = readdirSync(folder).map((file) => file.replace('.json', ''))
const read = (url: URL): unknown => JSON.parse(readFileSync(url, 'utf8'))
/** What ours have beyond that. */
const additions = read(new URL('../test/fixtures/abi-additions.json', import.meta.url)) as Record<string, Item[]>

describe('an ABI has the functions, names, events and errors of the deployed contract', () => {
  test.each(deployed)('%s', (contract) => {
    const { abi } = read(new URL(`../artifacts/${contract}.json`, import.meta.url)) as { abi: Item[] }
    const expected = [...(read(new URL(`${contract}.json`, folder)) as Item[]), ...(additions[contract] ?? [])]
    expect(lines(abi)).toEqual(lines(expected))
  })

  test('no contract is left out, and every ABI is exported', () => {
    const built = readdirSync(new URL('../artifacts', import.meta.url)).filter((file) => file.endsWith('.json'))
    expect(built.map((file) => file.replace('.json', ''))).toEqual(deployed)
    expect(Object.keys(abis)).toHaveLength(deployed.length)
  })
})

/** Signatures by selector and by topic, of the addresses on Arbitrum One; proxied contracts by the code behind them. */
type Selectors = {
  readonly functions: Readonly<Record<string, string>>
  readonly events: Readonly<Record<string, string>>
}

describe('whoever calls or watches what is deployed can call and watch ours', () => {
  const selectors = read(new URL('../test/fixtures/deployed-selectors.json', import.meta.url))
  test.each(Object.entries(selectors as Record<string, Selectors>))('%s', (contract, { functions, events }) => {
    const { abi } = read(new URL(`../artifacts/${contract}.json`, import.meta.url)) as { abi: Abi }
    const ours = abi.flatMap((item) => {
      if (item.type === 'function') return [toFunctionSelector(item)]
      return item.type === 'event' ? [toEventSelector(item)] : []
    })
    const signatures = { ...functions, ...events }
    expect(Object.keys(signatures).length).toBeGreaterThan(4)
    const missing = Object.entries(signatures).filter(([selector]) => !ours.includes(selector as `0x${string}`))
    expect(missing.map(([, signature]) => signature)).toEqual([])
  })
})

/** One line per entry, with everything but the names of Solidity types, which callers never see. */
function lines(abi: readonly Item[]): string[] {
  return abi.map(line).sort()
}

function line({ type, name = '', inputs = [], outputs = [], stateMutability = '', anonymous }: Item): string {
  const tail = outputs.length > 0 ? ` returns ${parameters(outputs)}` : ''
  return `${anonymous ? 'anonymous ' : ''}${type} ${name}${parameters(inputs)} ${stateMutability}${tail}`
}

function parameters(list: readonly AbiParameter[]): string {
  return `(${list
    .map((parameter) => {
      const { indexed } = parameter as { indexed?: boolean }
      const inner = 'components' in parameter ? parameters(parameter.components) : ''
      return `${parameter.type}${inner} ${indexed ? 'indexed ' : ''}${parameter.name ?? ''}`
    })
    .join(', ')})`
}
