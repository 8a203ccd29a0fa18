import { readFileSync } from 'node:fs'
import { getAddress } from 'viem'
import { describe, expect, it } from 'vitest'
import { arbitrumOne, ethereumMainnet } from './networks.ts'

type Facts = Record<string, { readonly address: string; readonly block?: number }>
const deployed = JSON.parse(
  readFileSync(new URL('fixtures/deployed-contracts.json', import.meta.url), 'utf8'),
) as Record<'arbitrumOne' | 'ethereum', Facts>

/** Names in the deployment's records that are not those of the address book. */
const arbitrumNames: Record<string, keyof typeof arbitrumOne.contracts> = {
  // The record is older than the three upgrades since.
  BondingManagerTarget: 'bondingManagerTargetV9',
  BondingManagerProxy: 'bondingManager',
  BondingVotesProxy: 'bondingVotes',
  LivepeerGovernorProxy: 'livepeerGovernor',
  RoundsManagerProxy: 'roundsManager',
  ServiceRegistryProxy: 'serviceRegistry',
  TicketBrokerProxy: 'ticketBroker',
  L2MigratorProxy: 'l2Migrator',
  // The last proxy that was deployed.
  ManagerProxy: 'serviceRegistry',
}

const ours = (name: string) => arbitrumNames[name] ?? (`${name[0]!.toLowerCase()}${name.slice(1)}` as never)

describe.each([
  ['Arbitrum One', arbitrumOne],
  ['Ethereum', ethereumMainnet],
] as const)('the address book of %s', (_, network) => {
  it('has addresses with valid checksums, each once', () => {
    const addresses: string[] = Object.values(network.contracts)
    for (const address of addresses) expect(address).toBe(getAddress(address))
    expect(new Set(addresses).size).toBe(addresses.length)
  })

  it('has the Controller that clients start from', () => {
    expect(network.contracts.controller.toLowerCase()).toBe(network.controller)
  })
})

describe('the records of the deployment', () => {
  it.each(Object.entries(deployed.arbitrumOne))('on Arbitrum One agree about %s', (name, { address, block }) => {
    const key = ours(name)
    expect(arbitrumOne.contracts[key]).toBe(address)
    const start = (arbitrumOne.startBlocks as Record<string, bigint | undefined>)[key]
    if (start !== undefined) expect(start).toBe(BigInt(block!))
  })

  it.each(Object.entries(deployed.ethereum))('on Ethereum agree about %s', (name, { address, block }) => {
    const key = `${name[0]!.toLowerCase()}${name.slice(1)}` as keyof typeof ethereumMainnet.contracts
    expect(ethereumMainnet.contracts[key]).toBe(address)
    const start = (ethereumMainnet.startBlocks as Record<string, bigint | undefined>)[key]
    if (start !== undefined) expect(start).toBe(BigInt(block!))
  })

  it('begin where history is read from', () => {
    const blocks = Object.values(arbitrumOne.startBlocks)
    expect(arbitrumOne.startBlock).toBe(arbitrumOne.startBlocks.controller)
    // Only the token is older than the Controller.
    expect(blocks.filter((block) => block < arbitrumOne.startBlock)).toEqual([arbitrumOne.startBlocks.livepeerToken])
  })
})
