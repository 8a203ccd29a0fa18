import { type Hex, keccak256, stringToHex } from 'viem'

const names = [
  'Minter',
  'LivepeerToken',
  'BondingManager',
  'BondingManagerTarget',
  'BondingVotes',
  'BondingVotesTarget',
  'RoundsManager',
  'RoundsManagerTarget',
  'TicketBroker',
  'TicketBrokerTarget',
  'JobsManager',
  'ServiceRegistry',
  'ServiceRegistryTarget',
  'Treasury',
  'LivepeerGovernor',
  'LivepeerGovernorTarget',
  'L2LPTDataCache',
  'L2Migrator',
  'L2MigratorTarget',
  'MerkleSnapshot',
  'LivepeerTokenFaucet',
  'Verifier',
  'VerifierTarget',
] as const

/** A name under which a contract is registered with the Controller. */
export type ContractName = (typeof names)[number]

/** Registry id of a contract: keccak256 of its name. */
export const contractId = (name: ContractName): Hex => keccak256(stringToHex(name))

/** Registry ids of all contracts that collaborators ask the Controller for. */
export const contractIds = Object.fromEntries(names.map((name) => [name, contractId(name)])) as Readonly<
  Record<ContractName, Hex>
>
