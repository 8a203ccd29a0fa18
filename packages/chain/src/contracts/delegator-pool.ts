import type { Lpt } from '@millrace/base'
import { delegatorPoolAbi } from '@millrace/contracts'
import type { Address } from '@millrace/wire'
import type { ChainClient } from '../client.ts'
import { lower, openContract } from './contract.ts'
import type { At } from './read.ts'

/** Stake of an orchestrator's delegators who have not moved from layer 1 yet. */
export type DelegatorPool = {
  /** Stake at the start. */
  readonly initialStake: Lpt
  /** The part of it that delegators have got. */
  readonly claimedInitialStake: Lpt
  /** Where the stake is bonded. */
  readonly bondingManager: Address
  /** The L2Migrator, which gives it out. */
  readonly migrator: Address
}

/** Reads a pool; `delegatorPools` of the L2Migrator tells its address. */
export async function readDelegatorPool(client: ChainClient, pool: Address, at: At = {}): Promise<DelegatorPool> {
  const { get } = openContract(delegatorPoolAbi, () => pool)
  const [initialStake, claimedInitialStake, bondingManager, migrator] = await Promise.all([
    get(client, 'initialStake', [], at),
    get(client, 'claimedInitialStake', [], at),
    get(client, 'bondingManager', [], at).then(lower),
    get(client, 'migrator', [], at).then(lower),
  ])
  return { initialStake, claimedInitialStake, bondingManager, migrator }
}
