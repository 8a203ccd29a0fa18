import type { Lpt } from '@millrace/base'
import { type Address, ZERO_ADDRESS } from '@millrace/wire'
import type { ChainClient } from '../client.ts'
import { mintedByReward } from '../economics/issuance.ts'
import { perc27 } from '../economics/percent.ts'
import { getPool, pendingStake, totalBonded } from './bonding-manager.ts'
import {
  getDelegator,
  getDelegatorUnbondingLock,
  getTranscoder,
  getTranscoderEarningsPoolForRound,
  getTranscoderPoolMaxSize,
  isRegisteredTranscoder,
  transcoderTotalStake,
  treasuryRewardCutRate,
} from './bonding-manager-views.ts'
import { currentMintableTokens } from './minter.ts'
import type { At } from './read.ts'
import { currentRound } from './rounds-manager.ts'

// The pool is a list sorted by stake. A call that changes a stake searches the new place from the head; told its neighbours, it looks only at them.

/** An orchestrator in the pool with the stake it is sorted by. */
export type PoolMember = { readonly address: Address; readonly stake: Lpt }

/** The neighbours that a member will have; the zero address for none, and twice where there is nothing to say. */
export type Hint = { readonly newPosPrev: Address; readonly newPosNext: Address }

/** The pool as it is sorted, and how many fit into it. */
export type Pool = { readonly members: readonly PoolMember[]; readonly maxSize: bigint }

/** Says nothing; the contract searches by itself. */
export const NO_HINT: Hint = { newPosPrev: ZERO_ADDRESS, newPosNext: ZERO_ADDRESS }

/**
 * Hints for stakes that change one after the other in one call; `stake` is what the orchestrator has afterwards.
 * Members stand where the contract would put them without hints: before others of the same stake.
 */
export function poolHints(pool: Pool, changes: readonly PoolMember[]): readonly Hint[] {
  let { members } = pool
  return changes.map((change) => {
    let others = members.filter(({ address }) => address !== change.address)
    if (others.length === members.length && BigInt(members.length) >= pool.maxSize) {
      const last = members.at(-1)
      // Who brings no more than the last one stays outside.
      if (!last || change.stake <= last.stake) return NO_HINT
      others = members.slice(0, -1)
    }
    if (change.stake === 0n) {
      members = others
      return NO_HINT
    }
    const place = others.filter(({ stake }) => stake > change.stake).length
    members = others.toSpliced(place, 0, change)
    return {
      newPosPrev: others[place - 1]?.address ?? ZERO_ADDRESS,
      newPosNext: others[place]?.address ?? ZERO_ADDRESS,
    }
  })
}

/** Reads the pool with all stakes. */
export async function readPool(client: ChainClient, at: At = {}): Promise<Pool> {
  const [addresses, maxSize] = await Promise.all([getPool(client, at), getTranscoderPoolMaxSize(client, at)])
  const members = await Promise.all(
    addresses.map(async (address) => ({ address, stake: await transcoderTotalStake(client, address, at) })),
  )
  return { members, maxSize }
}

/** Hints for `bondWithHint`, as its parameters are named. */
export async function bondHints(
  client: ChainClient,
  bonding: { readonly owner: Address; readonly amount: Lpt; readonly to: Address },
  at: At = {},
) {
  const { owner, amount, to } = bonding
  const { delegateAddress, bondedAmount } = await getDelegator(client, owner, at)
  // Claimed before anything moves, so rewards move along.
  const bonded = bondedAmount > 0n ? await pendingStake(client, owner, at) : 0n
  const moves = bonded > 0n && delegateAddress !== to
  const changes = [
    ...(moves ? [{ address: delegateAddress, by: -bonded }] : []),
    { address: to, by: moves ? amount + bonded : amount },
  ]
  const hints = await hintsFor(client, changes, at, owner === to ? to : undefined)
  const [oldHint, newHint] = moves ? [hints[0]!, hints[1]!] : [NO_HINT, hints[0]!]
  return {
    oldDelegateNewPosPrev: oldHint.newPosPrev,
    oldDelegateNewPosNext: oldHint.newPosNext,
    currDelegateNewPosPrev: newHint.newPosPrev,
    currDelegateNewPosNext: newHint.newPosNext,
  }
}

/** Hint for `unbondWithHint`. */
export async function unbondHint(
  client: ChainClient,
  unbonding: { readonly owner: Address; readonly amount: Lpt },
  at: At = {},
): Promise<Hint> {
  const { owner, amount } = unbonding
  const { delegateAddress } = await getDelegator(client, owner, at)
  // An orchestrator without stake of its own leaves the pool.
  if (delegateAddress === owner && (await pendingStake(client, owner, at)) === amount) return NO_HINT
  const [hint] = await hintsFor(client, [{ address: delegateAddress, by: -amount }], at)
  return hint!
}

/** Hint for `rebondWithHint`, and with `to` for `rebondFromUnbondedWithHint`. */
export async function rebondHint(
  client: ChainClient,
  rebonding: { readonly owner: Address; readonly unbondingLockId: bigint; readonly to?: Address },
  at: At = {},
): Promise<Hint> {
  const { owner, unbondingLockId } = rebonding
  const lock = await getDelegatorUnbondingLock(client, { delegator: owner, unbondingLockId }, at)
  const to = rebonding.to ?? (await getDelegator(client, owner, at)).delegateAddress
  const [hint] = await hintsFor(client, [{ address: to, by: lock.amount }], at, owner === to ? to : undefined)
  return hint!
}

/** Hints for `transferBond` to somebody who keeps its delegate, or takes the sender's. */
export async function transferBondHints(
  client: ChainClient,
  transfer: { readonly sender: Address; readonly delegator: Address; readonly amount: Lpt },
  at: At = {},
) {
  const { sender, delegator, amount } = transfer
  const [from, to] = await Promise.all([getDelegator(client, sender, at), getDelegator(client, delegator, at)])
  const target = to.delegateAddress === ZERO_ADDRESS ? from.delegateAddress : to.delegateAddress
  const changes = [
    { address: from.delegateAddress, by: -amount },
    { address: target, by: amount },
  ]
  const [oldHint, newHint] = await hintsFor(client, changes, at)
  return {
    oldDelegateNewPosPrev: oldHint!.newPosPrev,
    oldDelegateNewPosNext: oldHint!.newPosNext,
    newDelegateNewPosPrev: newHint!.newPosPrev,
    newDelegateNewPosNext: newHint!.newPosNext,
  }
}

/** Hint for `transcoderWithHint`, which lets a registered account join the pool. */
export async function joinHint(client: ChainClient, transcoder: Address, at: At = {}): Promise<Hint> {
  const [pool, stake] = await Promise.all([readPool(client, at), transcoderTotalStake(client, transcoder, at)])
  if (pool.members.some(({ address }) => address === transcoder)) return NO_HINT
  return poolHints(pool, [{ address: transcoder, stake }])[0]!
}

/** Hint for `rewardWithHint` and `rewardForTranscoderWithHint`, for an orchestrator that has not called its reward in this round. */
export async function rewardHint(client: ChainClient, transcoder: Address, at: At = {}): Promise<Hint> {
  const [round, { lastActiveStakeUpdateRound }, bonded, mintable, treasuryCut] = await Promise.all([
    currentRound(client, at),
    getTranscoder(client, transcoder, at),
    totalBonded(client, at),
    currentMintableTokens(client, at),
    treasuryRewardCutRate(client, at),
  ])
  // The stake that earns is that of this round, though it may have changed for the next one since.
  const since = lastActiveStakeUpdateRound < round ? lastActiveStakeUpdateRound : round
  const { totalStake } = await getTranscoderEarningsPoolForRound(client, { transcoder, round: since }, at)
  const minted = bonded > 0n ? mintedByReward(mintable, totalStake, bonded) : 0n
  const [hint] = await hintsFor(client, [{ address: transcoder, by: minted - perc27.of(minted, treasuryCut) }], at)
  return hint!
}

type StakeChange = { readonly address: Address; readonly by: bigint }

/** Hints for changes of stake; `joins` is an account that registers with the call. */
async function hintsFor(
  client: ChainClient,
  changes: readonly StakeChange[],
  at: At,
  joins?: Address,
): Promise<readonly Hint[]> {
  const pool = await readPool(client, at)
  const stakes = new Map<Address, Lpt>(pool.members.map(({ address, stake }) => [address, stake]))
  const hints: Hint[] = []
  const done: PoolMember[] = []
  for (const { address, by } of changes) {
    const inPool = pool.members.some((member) => member.address === address)
    const takesPart = inPool || (by > 0n && (address === joins || (await isRegisteredTranscoder(client, address, at))))
    if (!takesPart) {
      hints.push(NO_HINT)
      continue
    }
    const before = stakes.get(address) ?? (await transcoderTotalStake(client, address, at))
    stakes.set(address, before + by)
    done.push({ address, stake: before + by })
    hints.push(poolHints(pool, done).at(-1)!)
  }
  return hints
}
