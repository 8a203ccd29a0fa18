import { readFileSync } from 'node:fs'
import type { AbiParameter } from 'viem'
import { describe, expect, test } from 'vitest'
import * as abis from './abis.ts'

type Item = {
  type: string
  name?: string
  inputs?: readonly AbiParameter[]
  outputs?: readonly AbiParameter[]
  stateMutability?: string
  anonymous?: boolean
}

const deployed = JSON.parse(
  readFileSync(new URL('../test/fixtures/deployed-abis.json', import.meta.url), 'utf8'),
) as Record<string, Item[]>

const ours: Record<string, readonly unknown[]> = {
  Controller: abis.controllerAbi,
  ManagerProxy: abis.managerProxyAbi,
  ServiceRegistry: abis.serviceRegistryAbi,
  LivepeerToken: abis.livepeerTokenAbi,
  Minter: abis.minterAbi,
  LivepeerTokenFaucet: abis.livepeerTokenFaucetAbi,
  RoundsManager: abis.roundsManagerAbi,
  AdjustableRoundsManager: abis.adjustableRoundsManagerAbi,
  BondingManager: abis.bondingManagerAbi,
  BondingVotes: abis.bondingVotesAbi,
  TicketBroker: abis.ticketBrokerAbi,
  ArbSysStandIn: abis.arbSysStandInAbi,
  StandaloneL2LPTDataCache: abis.standaloneL2LPTDataCacheAbi,
}

describe('an ABI has the functions, names, events and errors of the deployed contract', () => {
  test.each(Object.keys(deployed))('%s', (contract) => {
    expect(lines(ours[contract] as Item[])).toEqual(lines(deployed[contract]!))
  })

  test('no contract is left out', () => {
    expect(Object.keys(deployed).sort()).toEqual(Object.keys(ours).sort())
    const exported = Object.values(abis).map((abi) => abi.length)
    expect(exported.sort()).toEqual(
      Object.values(ours)
        .map((abi) => abi.length)
        .sort(),
    )
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
