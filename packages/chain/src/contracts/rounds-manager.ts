import type { BlockNumber, Perc6, Round } from '@millrace/base'
import { roundsManagerAbi } from '@millrace/contracts'
import type { Hex } from 'viem'
import type { ChainClient } from '../client.ts'
import type { TxResult, TxSender } from '../transactions/tx-sender.ts'
import { type Call, openContract } from './contract.ts'
import type { At } from './read.ts'

const { get, send } = openContract(roundsManagerAbi, (client) => client.addresses.roundsManager)

/** Hash of one of the last 256 blocks, as the contract sees it. */
export const blockHash = (client: ChainClient, block: BlockNumber, at: At = {}): Promise<Hex> =>
  get(client, 'blockHash', [block], at)

/** The hash recorded when the round was initialised; 32 zero bytes when it never was. */
export const blockHashForRound = (client: ChainClient, round: Round, at: At = {}): Promise<Hex> =>
  get(client, 'blockHashForRound', [round], at)

/** The block number as the contract sees it: on Arbitrum that of the other layer. */
export const blockNum = (client: ChainClient, at: At = {}): Promise<BlockNumber> => get(client, 'blockNum', [], at)

/** The round that the current block belongs to. */
export const currentRound = (client: ChainClient, at: At = {}): Promise<Round> => get(client, 'currentRound', [], at)

/** False from the first block of a round until somebody initialises it. */
export const currentRoundInitialized = (client: ChainClient, at: At = {}): Promise<boolean> =>
  get(client, 'currentRoundInitialized', [], at)

/** True near the end of a round, where orchestrators cannot change their terms. */
export const currentRoundLocked = (client: ChainClient, at: At = {}): Promise<boolean> =>
  get(client, 'currentRoundLocked', [], at)

/** First block of the current round. */
export const currentRoundStartBlock = (client: ChainClient, at: At = {}): Promise<BlockNumber> =>
  get(client, 'currentRoundStartBlock', [], at)

/** Initialises the current round; reverts with "round already initialized" when somebody was faster. */
export const initializeRound = (client: ChainClient, sender: TxSender, call?: Call): Promise<TxResult> =>
  send(client, sender, 'initializeRound', [], call)

/** The newest round that was initialised. */
export const lastInitializedRound = (client: ChainClient, at: At = {}): Promise<Round> =>
  get(client, 'lastInitializedRound', [], at)

/** The round in which the length of rounds changed last. */
export const lastRoundLengthUpdateRound = (client: ChainClient, at: At = {}): Promise<Round> =>
  get(client, 'lastRoundLengthUpdateRound', [], at)

/** First block of the round in which the length of rounds changed last. */
export const lastRoundLengthUpdateStartBlock = (client: ChainClient, at: At = {}): Promise<BlockNumber> =>
  get(client, 'lastRoundLengthUpdateStartBlock', [], at)

/** The round from which an improvement proposal counts; 0 for none. */
export const lipUpgradeRound = (client: ChainClient, lip: bigint, at: At = {}): Promise<Round> =>
  get(client, 'lipUpgradeRound', [lip], at)

/** Blocks per round. */
export const roundLength = (client: ChainClient, at: At = {}): Promise<BlockNumber> =>
  get(client, 'roundLength', [], at)

/** The part of a round, at its end, in which orchestrators cannot change their terms. */
export const roundLockAmount = (client: ChainClient, at: At = {}): Promise<Perc6> =>
  get(client, 'roundLockAmount', [], at)

/** Sets the round from which an improvement proposal counts. For the Controller's owner. */
export const setLIPUpgradeRound = (
  client: ChainClient,
  sender: TxSender,
  upgrade: { readonly lip: bigint; readonly round: Round },
  call?: Call,
): Promise<TxResult> => send(client, sender, 'setLIPUpgradeRound', [upgrade.lip, upgrade.round], call)

/** Sets the blocks per round. For the Controller's owner. */
export const setRoundLength = (
  client: ChainClient,
  sender: TxSender,
  roundLength: BlockNumber,
  call?: Call,
): Promise<TxResult> => send(client, sender, 'setRoundLength', [roundLength], call)

/** Sets the locked part of a round. For the Controller's owner. */
export const setRoundLockAmount = (
  client: ChainClient,
  sender: TxSender,
  roundLockAmount: Perc6,
  call?: Call,
): Promise<TxResult> => send(client, sender, 'setRoundLockAmount', [roundLockAmount], call)

/** Where the protocol's clock stands. */
export type RoundState = {
  readonly currentRound: Round
  readonly initialized: boolean
  readonly lastInitializedRound: Round
  readonly startBlock: bigint
  readonly roundLength: bigint
  /** The hash that tickets of the last initialised round carry. */
  readonly lastInitializedBlockHash: Hex
}

export async function roundState(client: ChainClient, at: At = {}): Promise<RoundState> {
  const [round, initialized, lastInitialized, startBlock, length] = await Promise.all([
    currentRound(client, at),
    currentRoundInitialized(client, at),
    lastInitializedRound(client, at),
    currentRoundStartBlock(client, at),
    roundLength(client, at),
  ])
  return {
    currentRound: round,
    initialized,
    lastInitializedRound: lastInitialized,
    startBlock,
    roundLength: length,
    lastInitializedBlockHash: await blockHashForRound(client, lastInitialized, at),
  }
}
