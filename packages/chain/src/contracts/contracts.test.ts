import { readFileSync } from 'node:fs'
import * as contracts from '@millrace/contracts'
import type { Abi } from 'viem'
import { expect, it } from 'vitest'

const source = (file: string) => readFileSync(new URL(`${file}.ts`, import.meta.url), 'utf8')

// Functions that refuse everybody but another contract, or everybody: nobody has a use for them.
const USELESS = ['checkpointBondingState', 'checkpointTotalActiveStake', 'delegate', 'delegateBySig']
// Tokens ask these of a contract that gets them.
const RECEIVERS = ['onERC1155BatchReceived', 'onERC1155Received', 'onERC721Received']
// Only a message of the bridge's end on the other layer may call these.
const MESSAGES = {
  gateway: ['finalizeInboundTransfer'],
  dataCache: ['finalizeCacheTotalSupply'],
  l2Migrator: ['finalizeMigrateDelegator', 'finalizeMigrateUnbondingLocks', 'finalizeMigrateSender'],
}
// Only the bridge's contract beside them may call these: the gateway, the gateway and the L1Migrator, the L2Migrator.
const NEIGHBOURS = {
  dataCache: ['increaseL2SupplyFromL1', 'decreaseL2SupplyFromL1'],
  bridgeMinter: ['bridgeMint', 'withdrawETHToL1Migrator', 'withdrawLPTToL1Migrator'],
  delegatorPool: ['initialize', 'claim'],
}

const {
  bondingManagerAbi,
  bondingVotesAbi,
  bridgeMinterAbi,
  controllerAbi,
  delegatorPoolAbi,
  governorAbi,
  l1EscrowAbi,
  l1LPTDataCacheAbi,
  l1LPTGatewayAbi,
  l1MigratorAbi,
  l2LPTDataCacheAbi,
  l2LPTGatewayAbi,
  l2MigratorAbi,
  livepeerGovernorAbi,
  livepeerTokenAbi,
  livepeerTokenFaucetAbi,
  livepeerTokenL1Abi,
  managerAbi,
  managerProxyAbi,
  merkleSnapshotAbi,
  minterAbi,
  pollAbi,
  pollCreatorAbi,
  roundsManagerAbi,
  serviceRegistryAbi,
  ticketBrokerAbi,
  treasuryAbi,
  verifierAbi,
} = contracts

const CALLABLE: readonly (readonly [files: readonly string[], abi: Abi, leftOut: readonly string[]])[] = [
  [['bonding-manager', 'bonding-manager-calls', 'bonding-manager-views', 'manager'], bondingManagerAbi, []],
  [['bonding-votes', 'manager'], bondingVotesAbi, USELESS],
  [['controller'], controllerAbi, []],
  [['livepeer-token'], livepeerTokenAbi, []],
  [['livepeer-token-faucet'], livepeerTokenFaucetAbi, []],
  [['livepeer-token', 'livepeer-token-l1'], livepeerTokenL1Abi, []],
  [['manager'], managerAbi, []],
  [['manager'], managerProxyAbi, []],
  [['minter', 'manager'], minterAbi, []],
  [['rounds-manager', 'manager'], roundsManagerAbi, []],
  [['service-registry', 'manager'], serviceRegistryAbi, []],
  [['ticket-broker', 'manager'], ticketBrokerAbi, []],
  [['governor'], governorAbi, []],
  [['livepeer-governor', 'manager'], livepeerGovernorAbi, [...RECEIVERS, 'eip712Domain']],
  [['treasury'], treasuryAbi, RECEIVERS],
  [['merkle-snapshot', 'manager'], merkleSnapshotAbi, []],
  [['poll'], pollAbi, []],
  [['poll'], pollCreatorAbi, []],
  [['verifier', 'manager'], verifierAbi, []],
  [['l1-lpt-gateway', 'access-control'], l1LPTGatewayAbi, MESSAGES.gateway],
  [['l2-lpt-gateway', 'access-control'], l2LPTGatewayAbi, MESSAGES.gateway],
  [['l1-lpt-data-cache'], l1LPTDataCacheAbi, []],
  [['l2-lpt-data-cache'], l2LPTDataCacheAbi, [...MESSAGES.dataCache, ...NEIGHBOURS.dataCache]],
  [['l1-escrow', 'access-control'], l1EscrowAbi, []],
  [['l1-migrator', 'access-control'], l1MigratorAbi, []],
  [['l2-migrator', 'manager'], l2MigratorAbi, MESSAGES.l2Migrator],
  [['delegator-pool'], delegatorPoolAbi, NEIGHBOURS.delegatorPool],
  [['bridge-minter', 'manager'], bridgeMinterAbi, NEIGHBOURS.bridgeMinter],
]

const NOT_CALLED: Readonly<Record<string, string>> = {
  adjustableRoundsManagerAbi: 'a RoundsManager for tests',
  aliasedSenderStandInAbi: 'stands in for Arbitrum',
  arbSysStandInAbi: 'stands in for Arbitrum',
  bridgeStandInAbi: 'stands in for Arbitrum',
  inboxStandInAbi: 'stands in for Arbitrum',
  outboxStandInAbi: 'stands in for Arbitrum',
  retryablesStandInAbi: 'stands in for Arbitrum',
  priceFeedStandInAbi: 'stands in for Chainlink; the feed itself is read by getPriceFeed',
  standaloneL2LPTDataCacheAbi: 'answers the Minter where there is no bridge',
  genesisAbi: 'used once, by runGenesis of @millrace/contracts',
  genesisClaimsAbi: 'belongs to the first tokens, see runGenesis',
  tokenVestingAbi: 'belongs to the first tokens, see runGenesis',
}

it.each(CALLABLE)('every function of the ABI can be called through %s', (files, abi, leftOut) => {
  const text = files.map(source).join('\n')
  const functions = abi.flatMap((item) => (item.type === 'function' ? [item.name] : []))
  expect(functions.length).toBeGreaterThan(0)
  const missing = functions.filter((name) => !text.includes(`'${name}'`) && !leftOut.includes(name))
  expect(missing).toEqual([])
  // What is left out must be there to be left out, and not be callable after all.
  expect(leftOut.filter((name) => !functions.includes(name) || text.includes(`'${name}'`))).toEqual([])
})

it('every contract can be called, or there is a reason why not', () => {
  const callable = CALLABLE.map(([, abi]) => abi)
  const without = Object.entries(contracts).flatMap(([name, value]) =>
    name.endsWith('Abi') && !callable.includes(value as Abi) ? [name] : [],
  )
  expect(without.sort()).toEqual(Object.keys(NOT_CALLED).sort())
})
