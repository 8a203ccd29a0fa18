import type { Lpt, Perc6, Round, Wei } from '@millrace/base'
import { bondingManagerAbi as abi } from '@millrace/contracts'
import type { Address } from '@millrace/wire'
import { parseEventLogs, type TransactionReceipt } from 'viem'
import type { ChainClient } from '../client.ts'
import type { TxResult, TxSender } from '../transactions/tx-sender.ts'
import { type At, read } from './read.ts'

type Call = { readonly signal?: AbortSignal | undefined }

/** An orchestrator as the BondingManager knows it ("transcoder" in the ABI). */
export type Orchestrator = {
  readonly address: Address
  readonly active: boolean
  readonly stake: Lpt
  readonly rewardCut: Perc6
  readonly feeShare: Perc6
  readonly lastRewardRound: Round
  readonly activationRound: Round
  readonly deactivationRound: Round
}

export async function getOrchestrator(client: ChainClient, address: Address, at: At = {}): Promise<Orchestrator> {
  const bondingManager = client.addresses.bondingManager
  const [t, stake, active] = await Promise.all([
    read(client, { address: bondingManager, abi, functionName: 'getTranscoder', args: [address] }, at),
    read(client, { address: bondingManager, abi, functionName: 'transcoderTotalStake', args: [address] }, at),
    read(client, { address: bondingManager, abi, functionName: 'isActiveTranscoder', args: [address] }, at),
  ])
  const [lastRewardRound, rewardCut, feeShare, , activationRound, deactivationRound] = t
  return { address, active, stake, rewardCut, feeShare, lastRewardRound, activationRound, deactivationRound }
}

/** The addresses in the orchestrator pool, highest stake first: the active set of the next round. */
export async function getPool(client: ChainClient, at: At = {}): Promise<readonly Address[]> {
  const address = client.addresses.bondingManager
  const pool: Address[] = []
  const size = await poolSize(client, at)
  let next = await read(client, { address, abi, functionName: 'getFirstTranscoderInPool', args: [] }, at)
  while (BigInt(next) !== 0n && BigInt(pool.length) < size) {
    pool.push(next.toLowerCase() as Address)
    next = await read(client, { address, abi, functionName: 'getNextTranscoderInPool', args: [next] }, at)
  }
  return pool
}

export const poolSize = (client: ChainClient, at: At = {}): Promise<bigint> =>
  read(client, { address: client.addresses.bondingManager, abi, functionName: 'getTranscoderPoolSize', args: [] }, at)

export const totalBonded = (client: ChainClient, at: At = {}): Promise<Lpt> =>
  read(client, { address: client.addresses.bondingManager, abi, functionName: 'getTotalBonded', args: [] }, at)

export const isActive = (client: ChainClient, address: Address, at: At = {}): Promise<boolean> =>
  read(
    client,
    { address: client.addresses.bondingManager, abi, functionName: 'isActiveTranscoder', args: [address] },
    at,
  )

/** A delegator's stake with rewards up to now; the contract ignores the round argument. */
export const pendingStake = (client: ChainClient, delegator: Address, at: At = {}): Promise<Lpt> =>
  read(
    client,
    { address: client.addresses.bondingManager, abi, functionName: 'pendingStake', args: [delegator, 0n] },
    at,
  )

/** A delegator's fees with earnings up to now, in wei. */
export const pendingFees = (client: ChainClient, delegator: Address, at: At = {}): Promise<Wei> =>
  read(
    client,
    { address: client.addresses.bondingManager, abi, functionName: 'pendingFees', args: [delegator, 0n] },
    at,
  )

/** Bonds LPT towards an orchestrator; bonding to oneself registers an orchestrator. */
export const bond = (
  client: ChainClient,
  sender: TxSender,
  bonding: { readonly amount: Lpt; readonly to: Address },
  call?: Call,
): Promise<TxResult> =>
  sender.send(
    { address: client.addresses.bondingManager, abi, functionName: 'bond', args: [bonding.amount, bonding.to] },
    call,
  )

/** Sets an orchestrator's reward cut (kept) and fee share (given to delegators). */
export const setCuts = (
  client: ChainClient,
  sender: TxSender,
  cuts: { readonly rewardCut: Perc6; readonly feeShare: Perc6 },
  call?: Call,
): Promise<TxResult> =>
  sender.send(
    {
      address: client.addresses.bondingManager,
      abi,
      functionName: 'transcoder',
      args: [cuts.rewardCut, cuts.feeShare],
    },
    call,
  )

/** Mints this round's reward for the sender and its delegators. */
export const reward = (client: ChainClient, sender: TxSender, call?: Call): Promise<TxResult> =>
  sender.send({ address: client.addresses.bondingManager, abi, functionName: 'reward', args: [] }, call)

/** What a reward call minted for the orchestrator and its delegators; the treasury's part is not in it. */
export const rewardAmount = (receipt: TransactionReceipt): Lpt =>
  parseEventLogs({ abi, eventName: 'Reward', logs: receipt.logs }).reduce((sum, log) => sum + log.args.amount, 0n)
