import { type Hex, type Log, type Part, toHex, utf8 } from '@millrace/base'
import {
  BlockFeed,
  type ChainClient,
  connectChain,
  GasPriceWatcher,
  OrchestratorWatcher,
  PriceFeedWatcher,
  RoundWatcher,
  refuseTestKey,
  SenderWatcher,
  TxSender,
} from '@millrace/chain'
import { openKeyAt } from '@millrace/chain/node'
import { DEVNET_GAS_PRICE_WEI, type RoundClock, type SenderReserves } from '@millrace/payments'
import type { Address, Signer } from '@millrace/wire'
import { createKeySigner, hmacSha256 } from '@millrace/wire/node'
import { privateKeyToAccount } from 'viem/accounts'
import type { KeystoreConfig, NetworkConfig } from './config/node-config.ts'

/** All that a node does on its chain: one connection, one feed, the watchers on it, and the account that signs. */
export type ChainAccess = {
  readonly client: ChainClient
  readonly feed: BlockFeed
  readonly rounds: RoundWatcher
  readonly senders: SenderWatcher
  readonly orchestrators: OrchestratorWatcher
  readonly gasPrices: GasPriceWatcher
  readonly signer: Signer
  readonly txSender: TxSender
  readonly address: Address
  /** 32 bytes that only this account can know, the same every time for the same purpose. */
  readonly secretFor: (purpose: string) => Hex
  /** The same watchers in the words of payments. */
  readonly clock: RoundClock
  readonly reserves: SenderReserves
  /** A watcher of a price feed, which its owner starts and stops. */
  watchPrice(options: { readonly feed: Address; readonly currency: string }): PriceFeedWatcher
  readonly parts: readonly Part[]
}

/** Connects a node to its chain with the key of its keystore; nothing runs until the parts are started. */
export async function openChainAccess(
  network: Extract<NetworkConfig, { kind: 'chain' }>,
  keystore: KeystoreConfig & { readonly password: string },
  options: {
    /** Whose claims on reserves count; the account itself unless it redeems for somebody else. */ readonly claimant?: Address
  },
  deps: { readonly log: Log },
): Promise<ChainAccess> {
  const { log } = deps
  const { address, privateKey, made } = await openKeyAt(keystore.path, keystore.password, keystore)
  if (made) log.info('a new account was made', { address, keystore: keystore.path })
  // Before anything is asked of a real network, and again when the chain has said what it is.
  if (network.chainId !== undefined) refuseTestKey(address, network.chainId)
  const { ethUrl: url, controller, chainId } = network
  const client = await connectChain({ url, controller, ...(chainId === undefined ? {} : { chainId }) }, { log })
  refuseTestKey(address, client.chainId)
  const feed = new BlockFeed({ pollMs: network.pollMs }, { client, log })
  const { minGasPriceWei: floor, ...transactions } = network.transactions ?? {}
  const minGasPriceWei = floor ?? (network.payments === 'devnet' ? DEVNET_GAS_PRICE_WEI : 0n)
  const gasPrices = new GasPriceWatcher({ minGasPriceWei }, { client, feed })
  const rounds = new RoundWatcher({ client, feed })
  const senders = new SenderWatcher({ claimant: options.claimant ?? address }, { client, feed })
  const orchestrators = new OrchestratorWatcher({ client, feed })
  const listeners = new Set<(block: bigint) => void>()
  // Registered last, so that the watchers have caught up when others are told of the block.
  feed.onBlock(({ head }) => {
    for (const listener of listeners) listener(head.number)
  })
  return {
    client,
    feed,
    rounds,
    senders,
    orchestrators,
    gasPrices,
    address,
    signer: createKeySigner(privateKey),
    secretFor: (purpose) => toHex(hmacSha256(privateKey, utf8(purpose))),
    txSender: new TxSender(
      { ...transactions, account: privateKeyToAccount(toHex(privateKey) as Hex), minGasPriceWei },
      { client, log },
    ),
    clock: {
      lastInitializedRound: () => rounds.lastInitializedRound(),
      blockHashForRound: (round) => toHex(rounds.blockHashForRound(round)),
      lastSeenL1Block: () => rounds.lastSeenBlock(),
      transcoderPoolSize: () => rounds.poolSize(),
      onL1Block: (listener) => {
        listeners.add(listener)
        return () => listeners.delete(listener)
      },
    },
    reserves: {
      senderInfo: (sender) => senders.get(sender),
      claimedReserve: async (sender) => (await senders.get(sender)).claimedByMe,
    },
    watchPrice: (watched) => new PriceFeedWatcher(watched, { client, log }),
    parts: [feed],
  }
}
