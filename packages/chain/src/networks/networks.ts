import type { Address } from '@millrace/wire'
import {
  arbitrumOneContracts,
  arbitrumOneStartBlocks,
  ethereumMainnetContracts,
  ethereumMainnetStartBlocks,
} from './address-book.ts'

/** What a client must know of a network before it can ask the Controller for everything else. */
export type Network = {
  readonly name: string
  readonly chainId: number
  readonly controller: Address
  /** The block where the protocol's history begins, for log scans. */
  readonly startBlock: bigint
  /** How often new blocks are looked for. */
  readonly pollMs: number
}

/** Where the live network runs since Confluence (LIP-73). */
export const arbitrumOne: Network & {
  readonly contracts: typeof arbitrumOneContracts
  readonly startBlocks: typeof arbitrumOneStartBlocks
} = {
  name: 'arbitrum-one-mainnet',
  chainId: 42161,
  controller: '0xd8e8328501e9645d16cf49539efc04f734606ee4',
  startBlock: 5856334n,
  pollMs: 5_000,
  contracts: arbitrumOneContracts,
  startBlocks: arbitrumOneStartBlocks,
}

/** The old home of the protocol; its Controller is paused. */
export const ethereumMainnet: Network & {
  readonly contracts: typeof ethereumMainnetContracts
  readonly startBlocks: typeof ethereumMainnetStartBlocks
} = {
  name: 'mainnet',
  chainId: 1,
  controller: '0xf96d54e490317c557a967abfa5d6e33006be69b3',
  startBlock: 0n,
  pollMs: 5_000,
  contracts: ethereumMainnetContracts,
  startBlocks: ethereumMainnetStartBlocks,
}

/** The chain id of the embedded network; well-known test keys refuse every other. */
export const DEVNET_CHAIN_ID = 31337
