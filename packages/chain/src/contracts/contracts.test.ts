import { readdirSync, readFileSync } from 'node:fs'
import {
  bondingManagerAbi,
  bondingVotesAbi,
  controllerAbi,
  governorAbi,
  livepeerGovernorAbi,
  livepeerTokenAbi,
  livepeerTokenFaucetAbi,
  merkleSnapshotAbi,
  minterAbi,
  pollAbi,
  pollCreatorAbi,
  roundsManagerAbi,
  serviceRegistryAbi,
  ticketBrokerAbi,
  treasuryAbi,
} from '@millrace/contracts'
import type { Abi } from 'viem'
import { expect, it } from 'vitest'

const folder = new URL('.', import.meta.url)
const sources = (file: string) =>
  readdirSync(folder)
    .filter((name) => name.startsWith(file) && name.endsWith('.ts') && !name.includes('.test.'))
    .map((name) => readFileSync(new URL(name, folder), 'utf8'))
    .join('\n')

// Functions that refuse everybody but another contract, or everybody: nobody has a use for them.
const USELESS = ['checkpointBondingState', 'checkpointTotalActiveStake', 'delegate', 'delegateBySig']
// Tokens ask these of a contract that gets them.
const RECEIVERS = ['onERC1155BatchReceived', 'onERC1155Received', 'onERC721Received']

it.each<[string, Abi, string[]]>([
  ['bonding-manager', bondingManagerAbi, []],
  ['bonding-votes', bondingVotesAbi, USELESS],
  ['controller', controllerAbi, []],
  ['livepeer-token', livepeerTokenAbi, []],
  ['livepeer-token-faucet', livepeerTokenFaucetAbi, []],
  ['minter', minterAbi, []],
  ['rounds-manager', roundsManagerAbi, []],
  ['service-registry', serviceRegistryAbi, []],
  ['ticket-broker', ticketBrokerAbi, []],
  ['governor', governorAbi, []],
  ['livepeer-governor', livepeerGovernorAbi, [...RECEIVERS, 'eip712Domain']],
  ['treasury', treasuryAbi, RECEIVERS],
  ['merkle-snapshot', merkleSnapshotAbi, []],
  ['poll', [...pollAbi, ...pollCreatorAbi], []],
])('every function of the ABI can be called through %s', (file, abi, useless) => {
  const source = sources(file) + (abi === controllerAbi ? '' : sources('manager'))
  const functions = abi.filter((item) => item.type === 'function').map(({ name }) => name)
  expect(functions.length).toBeGreaterThan(3)
  const missing = functions.filter((name) => !source.includes(`'${name}'`) && !useless.includes(name))
  expect(missing).toEqual([])
})
