import type { Lpt, Perc6, Round, Wei } from '@millrace/base'
import { bondingManagerAbi as abi } from '@millrace/contracts'
import type { Address } from '@millrace/wire'
import { parseEventLogs, type TransactionReceipt } from 'viem'
import type { ChainClient } from '../client.ts'
import type { TxResult, TxSender } from '../transactions/tx-sender.ts'
import {
  getFirstTranscoderInPool,
  getNextTranscoderInPool,
  getTranscoder,
  transcoderTotalStake,
} from './bonding-manager-views.ts'
import { type Call, openContract } from './contract.ts'
import type { At } from './read.ts'

export * from './bonding-manager-calls.ts'
export * from './bonding-manager-views.ts'

const { get, send } = openContract(abi, (client) => client.addresses.bondingManager)

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
  const [transcoder, stake, active] = await Promise.all([
    getTranscoder(client, address, at),
    transcoderTotalStake(client, address, at),
    isActive(client, address, at),
  ])
  const { lastRewardRound, rewardCut, feeShare, activationRound, deactivationRound } = transcoder
  return { address, active, stake, rewardCut, feeShare, lastRewardRound, activationRound, deactivationRound }
}

/** The addresses in the orchestrator pool, highest stake first: the active set of the next round. */
export async function getPool(client: ChainClient, at: At = {}): Promise<readonly Address[]> {
  const pool: Address[] = []
  const size = await poolSize(client, at)
  let next = await getFirstTranscoderInPool(client, at)
  while (BigInt(next) !== 0n && BigInt(pool.length) < size) {
    pool.push(next)
    next = await getNextTranscoderInPool(client, next, at)
  }
  return pool
}

export const poolSize = (client: ChainClient, at: At = {}): Promise<bigint> =>
  get(client, 'getTranscoderPoolSize', [], at)

export const totalBonded = (client: ChainClient, at: At = {}): Promise<Lpt> => get(client, 'getTotalBonded', [], at)

export const isActive = (client: ChainClient, address: Address, at: At = {}): Promise<boolean> =>
  get(client, 'isActiveTranscoder', [address], at)

/** A delegator's stake with rewards up to now; the contract ignores the round argument. */
export const pendingStake = (client: ChainClient, delegator: Address, at: At = {}): Promise<Lpt> =>
  get(client, 'pendingStake', [delegator, 0n], at)

/** A delegator's fees with earnings up to now, in wei. */
export const pendingFees = (client: ChainClient, delegator: Address, at: At = {}): Promise<Wei> =>
  get(client, 'pendingFees', [delegator, 0n], at)

/** Bonds LPT towards an orchestrator; bonding to oneself registers an orchestrator. */
export const bond = (
  client: ChainClient,
  sender: TxSender,
  bonding: { readonly amount: Lpt; readonly to: Address },
  call?: Call,
): Promise<TxResult> => send(client, sender, 'bond', [bonding.amount, bonding.to], call)

/** Sets an orchestrator's reward cut (kept) and fee share (given to delegators). */
export const setCuts = (
  client: ChainClient,
  sender: TxSender,
  cuts: { readonly rewardCut: Perc6; readonly feeShare: Perc6 },
  call?: Call,
): Promise<TxResult> => send(client, sender, 'transcoder', [cuts.rewardCut, cuts.feeShare], call)

/** Mints this round's reward for the sender and its delegators. */
export const reward = (client: ChainClient, sender: TxSender, call?: Call): Promise<TxResult> =>
  send(client, sender, 'reward', [], call)

/** What a reward call minted for the orchestrator and its delegators; the treasury's part is not in it. */
export const rewardAmount = (receipt: TransactionReceipt): Lpt =>
  parseEventLogs({ abi, eventName: 'Reward', logs: receipt.logs }).reduce((sum, log) => sum + log.args.amount, 0n)
