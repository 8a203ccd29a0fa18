import type { BlockNumber, Lpt, Perc6 } from '@millrace/base'
import { pollAbi, pollCreatorAbi } from '@millrace/contracts'
import type { Address } from '@millrace/wire'
import { type Hex, parseEventLogs, type TransactionReceipt } from 'viem'
import type { ChainClient } from '../client.ts'
import type { TxResult, TxSender } from '../transactions/tx-sender.ts'
import { type Call, lower, openContract } from './contract.ts'
import type { At } from './read.ts'

// Polls about the protocol, tallied off chain. The Controller does not know the contract that makes them, so its address is given.

const creator = (address: Address) => openContract(pollCreatorAbi, () => address)
const poll = (address: Address) => openContract(pollAbi, () => address)

/** What a contract that makes polls demands and sets. */
export type PollTerms = {
  /** Stake that the maker of a poll needs. */
  readonly creationCost: Lpt
  /** Blocks that a poll lasts. */
  readonly period: bigint
  /** The part of the stake that must vote. */
  readonly quorum: Perc6
  /** The part of the votes that must be yes. */
  readonly quota: Perc6
  readonly bondingManager: Address
}

export async function pollTerms(client: ChainClient, pollCreator: Address, at: At = {}): Promise<PollTerms> {
  const { get } = creator(pollCreator)
  const [creationCost, period, quorum, quota, bondingManager] = await Promise.all([
    get(client, 'POLL_CREATION_COST', [], at),
    get(client, 'POLL_PERIOD', [], at),
    get(client, 'QUORUM', [], at),
    get(client, 'QUOTA', [], at),
    get(client, 'bondingManager', [], at).then(lower),
  ])
  return { creationCost, period, quorum, quota, bondingManager }
}

/** Makes a poll about a proposal, which is the bytes of its address in IPFS. */
export const createPoll = (
  client: ChainClient,
  sender: TxSender,
  params: { readonly pollCreator: Address; readonly proposal: Hex },
  call?: Call,
): Promise<TxResult> => creator(params.pollCreator).send(client, sender, 'createPoll', [params.proposal], call)

/** The poll that a transaction made. */
export function createdPoll(
  receipt: TransactionReceipt,
): { readonly poll: Address; readonly endBlock: BlockNumber } | undefined {
  const [log] = parseEventLogs({ abi: pollCreatorAbi, eventName: 'PollCreated', logs: receipt.logs })
  return log && { poll: lower(log.args.poll), endBlock: log.args.endBlock }
}

/** The last block in which a poll takes votes. */
export const pollEndBlock = (client: ChainClient, address: Address, at: At = {}): Promise<BlockNumber> =>
  poll(address).get(client, 'endBlock', [], at)

/** Votes in a poll, or votes anew: the last vote counts. */
export const voteInPoll = (
  client: ChainClient,
  sender: TxSender,
  params: { readonly poll: Address; readonly choice: 'yes' | 'no' },
  call?: Call,
): Promise<TxResult> => poll(params.poll).send(client, sender, 'vote', [params.choice === 'yes' ? 0n : 1n], call)

/** Clears a poll away that is over; anybody may. */
export const destroyPoll = (client: ChainClient, sender: TxSender, address: Address, call?: Call): Promise<TxResult> =>
  poll(address).send(client, sender, 'destroy', [], call)
