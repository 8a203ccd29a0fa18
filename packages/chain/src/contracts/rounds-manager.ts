import type { Round } from '@millrace/base'
import { roundsManagerAbi as abi } from '@millrace/contracts'
import type { ChainClient } from '../client.ts'
import type { TxResult, TxSender } from '../transactions/tx-sender.ts'
import { type At, read } from './read.ts'

/** Where the protocol's clock stands. */
export type RoundState = {
  readonly currentRound: Round
  readonly initialized: boolean
  readonly lastInitializedRound: Round
  readonly startBlock: bigint
  readonly roundLength: bigint
  /** The hash that tickets of the last initialised round carry. */
  readonly lastInitializedBlockHash: `0x${string}`
}

export async function roundState(client: ChainClient, at: At = {}): Promise<RoundState> {
  const address = client.addresses.roundsManager
  const [currentRound, initialized, lastInitializedRound, startBlock, roundLength] = await Promise.all([
    read(client, { address, abi, functionName: 'currentRound', args: [] }, at),
    read(client, { address, abi, functionName: 'currentRoundInitialized', args: [] }, at),
    read(client, { address, abi, functionName: 'lastInitializedRound', args: [] }, at),
    read(client, { address, abi, functionName: 'currentRoundStartBlock', args: [] }, at),
    read(client, { address, abi, functionName: 'roundLength', args: [] }, at),
  ])
  return {
    currentRound,
    initialized,
    lastInitializedRound,
    startBlock,
    roundLength,
    lastInitializedBlockHash: await blockHashForRound(client, lastInitializedRound, at),
  }
}

/** The hash recorded when the round was initialised; 32 zero bytes when it never was. */
export const blockHashForRound = (client: ChainClient, round: Round, at: At = {}): Promise<`0x${string}`> =>
  read(client, { address: client.addresses.roundsManager, abi, functionName: 'blockHashForRound', args: [round] }, at)

/** Initialises the current round; reverts with "round already initialized" when somebody was faster. */
export const initializeRound = (
  client: ChainClient,
  sender: TxSender,
  options?: { signal?: AbortSignal | undefined },
): Promise<TxResult> =>
  sender.send({ address: client.addresses.roundsManager, abi, functionName: 'initializeRound', args: [] }, options)
