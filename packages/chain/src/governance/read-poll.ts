import type { Lpt } from '@millrace/base'
import { bondingManagerAbi, pollAbi, pollCreatorAbi } from '@millrace/contracts'
import type { Address } from '@millrace/wire'
import { type AbiEvent, getAbiItem, type Hex } from 'viem'
import { type ChainClient, getHead, headAt } from '../client.ts'
import { totalBonded } from '../contracts/bonding-manager.ts'
import { read } from '../contracts/read.ts'
import { chainError } from '../errors.ts'
import { lastChoices, type PollRules, type PollTally, type PollVoter, tallyPoll } from './poll-tally.ts'

/** A poll as it was created. */
export type Poll = PollRules & {
  readonly address: Address
  /** What is asked, usually an IPFS multihash. */
  readonly proposal: Hex
  /** Last block with votes, in the protocol's count: on Arbitrum an L1 number. */
  readonly endBlock: bigint
  /** The chain's own number of the block that created it. */
  readonly createdAt: bigint
}

/** Where to look for polls; the PollCreator is not registered with the Controller. */
export type PollSource = {
  readonly pollCreator: Address
  /** The chain's own number of a block before the first poll. */
  readonly fromBlock?: bigint
  /** Blocks per request for logs; providers have limits. */
  readonly logSpan?: bigint
}

/** All polls of a network, the oldest first. */
export async function readPolls(client: ChainClient, source: PollSource): Promise<readonly Poll[]> {
  const event = getAbiItem({ abi: pollCreatorAbi, name: 'PollCreated' })
  const to = (await getHead(client)).chainNumber
  const logs = await logsOf(client, source.pollCreator, event, { from: source.fromBlock ?? 0n, to, source })
  return logs.map(({ args, blockNumber }) => ({
    address: args.poll!.toLowerCase() as Address,
    proposal: args.proposal!,
    endBlock: args.endBlock!,
    quorum: args.quorum!,
    quota: args.quota!,
    createdAt: blockNumber,
  }))
}

/**
 * Counts a poll from its events and the stakes in its last block, or in the latest block while it is open.
 * Needs an RPC that still has the state of that block. The quorum is a part of the active stake: stake outside the
 * active set can vote, but nothing on chain adds it up.
 */
export async function readPollTally(
  client: ChainClient,
  poll: Poll,
  source: PollSource,
): Promise<PollTally & { readonly open: boolean; readonly totalStake: Lpt }> {
  const head = await getHead(client)
  const open = head.number <= poll.endBlock
  const block = open ? head.chainNumber : await lastBlockUpTo(client, poll, head.chainNumber)
  const event = getAbiItem({ abi: pollAbi, name: 'Vote' })
  const logs = await logsOf(client, poll.address, event, { from: poll.createdAt, to: block, source })
  const votes = logs.map(({ args }) => ({
    voter: args.voter!.toLowerCase() as Address,
    choiceId: args.choiceID!,
  }))
  const voters = await Promise.all(
    [...lastChoices(votes)].map(async ([voter, choice]) => ({ choice, ...(await stakeOf(client, voter, block)) })),
  )
  const totalStake = await totalBonded(client, { block })
  return { ...tallyPoll(voters, totalStake, poll), open, totalStake }
}

async function stakeOf(client: ChainClient, voter: Address, block: bigint): Promise<Omit<PollVoter, 'choice'>> {
  const call = { address: client.addresses.bondingManager, abi: bondingManagerAbi } as const
  const registered = (who: Address) =>
    read(client, { ...call, functionName: 'isRegisteredTranscoder', args: [who] }, { block })
  const [delegator, pendingStake, isOrchestrator] = await Promise.all([
    read(client, { ...call, functionName: 'getDelegator', args: [voter] }, { block }),
    read(client, { ...call, functionName: 'pendingStake', args: [voter, 0n] }, { block }),
    registered(voter),
  ])
  const [, , delegateAddress, delegatedAmount] = delegator
  const delegate = delegateAddress.toLowerCase() as Address
  const delegateIsOrchestrator = delegate === voter ? isOrchestrator : await registered(delegate)
  return { voter, pendingStake, delegate, isOrchestrator, delegatedAmount, delegateIsOrchestrator }
}

/** The chain's own number of the last block that the protocol counts as at most the poll's end. */
async function lastBlockUpTo(client: ChainClient, { createdAt, endBlock }: Poll, latest: bigint): Promise<bigint> {
  let [low, high] = [createdAt, latest]
  while (low < high) {
    const middle = (low + high + 1n) / 2n
    if ((await headAt(client, middle)).number <= endBlock) low = middle
    else high = middle - 1n
  }
  return low
}

const LOG_SPAN = 10_000n

async function logsOf<const E extends AbiEvent>(
  client: ChainClient,
  address: Address,
  event: E,
  { from, to, source }: { readonly from: bigint; readonly to: bigint; readonly source: PollSource },
) {
  const { logSpan = LOG_SPAN } = source
  const read = (fromBlock: bigint, toBlock: bigint) =>
    client.rpc.getLogs({ address, event, fromBlock, toBlock, strict: false })
  const logs: Awaited<ReturnType<typeof read>> = []
  try {
    for (let start = from; start <= to; start += logSpan) {
      const end = start + logSpan - 1n
      logs.push(...(await read(start, end < to ? end : to)))
    }
  } catch (cause) {
    throw chainError(cause, `reading ${event.name} events`)
  }
  return logs
}
