import type { Recorded } from './recording.ts'

/** `[contract, function, args]`. */
export type ViewCall = readonly [string, string, readonly Recorded[]]

/** A network that answers view functions in the language of the recordings. */
export type NetworkReads = {
  /** Calls view functions in one batch. */
  read(calls: readonly ViewCall[]): Promise<Recorded[]>
  ethOf(name: string): Promise<string>
}

/** Accounts of the recordings. */
export const actors = Array.from({ length: 10 }, (_, index) => `A${index}`)

const senders = actors.slice(7)
const claimants = actors.slice(0, 7)

const ofActor = (name: string, past: string): Record<string, ViewCall> => ({
  getDelegator: ['BondingManager', 'getDelegator', [name]],
  pendingStake: ['BondingManager', 'pendingStake', [name, '0']],
  pendingFees: ['BondingManager', 'pendingFees', [name, '0']],
  delegatorStatus: ['BondingManager', 'delegatorStatus', [name]],
  getTranscoder: ['BondingManager', 'getTranscoder', [name]],
  transcoderTotalStake: ['BondingManager', 'transcoderTotalStake', [name]],
  isActiveTranscoder: ['BondingManager', 'isActiveTranscoder', [name]],
  lpt: ['LivepeerToken', 'balanceOf', [name]],
  getVotes: ['BondingVotes', 'getVotes', [name]],
  getPastVotes: ['BondingVotes', 'getPastVotes', [name, past]],
})

const ofSender = (name: string): Record<string, ViewCall> => ({
  getSenderInfo: ['TicketBroker', 'getSenderInfo', [name]],
  isUnlockInProgress: ['TicketBroker', 'isUnlockInProgress', [name]],
  ...Object.fromEntries(claimants.map((who) => [who, ['TicketBroker', 'claimableReserve', [name, who]] as ViewCall])),
})

const ofWhole = (past: string): Record<string, ViewCall> => ({
  roundInitialized: ['RoundsManager', 'currentRoundInitialized', []],
  roundLocked: ['RoundsManager', 'currentRoundLocked', []],
  poolSize: ['BondingManager', 'getTranscoderPoolSize', []],
  totalBonded: ['BondingManager', 'getTotalBonded', []],
  nextRoundTotalActiveStake: ['BondingManager', 'nextRoundTotalActiveStake', []],
  treasuryRewardCutRate: ['BondingManager', 'treasuryRewardCutRate', []],
  nextRoundTreasuryRewardCutRate: ['BondingManager', 'nextRoundTreasuryRewardCutRate', []],
  inflation: ['Minter', 'inflation', []],
  currentMintableTokens: ['Minter', 'currentMintableTokens', []],
  currentMintedTokens: ['Minter', 'currentMintedTokens', []],
  lptTotalSupply: ['LivepeerToken', 'totalSupply', []],
  lptMinter: ['LivepeerToken', 'balanceOf', ['Minter']],
  lptTreasury: ['LivepeerToken', 'balanceOf', ['TREASURY']],
  votesTotalSupply: ['BondingVotes', 'totalSupply', []],
  votesPastTotalSupply: ['BondingVotes', 'getPastTotalSupply', [past]],
})

/** Reads everything that the recordings have read, in their form. */
export async function readState(network: NetworkReads): Promise<{ [read: string]: Recorded }> {
  const round = BigInt((await network.read([['RoundsManager', 'currentRound', []]]))[0] as string)
  const past = String(round - 1n)

  // One batch for everything, taken apart again in the same order.
  const groups = [ofWhole(past), ...actors.map((name) => ofActor(name, past)), ...senders.map(ofSender)]
  const values = await network.read(groups.flatMap((group) => Object.values(group)))
  const [state, ...rest] = groups.map((group) =>
    Object.fromEntries(Object.keys(group).map((key) => [key, values.shift()!])),
  )

  return {
    round: String(round),
    ...state,
    pool: await readPool(network),
    ethMinter: await network.ethOf('Minter'),
    actors: Object.fromEntries(actors.map((name, index) => [name, rest[index]!])),
    senders: Object.fromEntries(
      senders.map((name, index) => {
        const { getSenderInfo, isUnlockInProgress, ...claimable } = rest[actors.length + index]!
        const claimableReserve = Object.fromEntries(Object.entries(claimable).filter(([, amount]) => amount !== '0'))
        return [name, { getSenderInfo: (getSenderInfo as Recorded[]).flat(), isUnlockInProgress, claimableReserve }]
      }),
    ) as Recorded,
  }
}

/** Orchestrators of the next round, the one with most stake first. */
export async function readPool(network: NetworkReads): Promise<string[]> {
  const pool: string[] = []
  let [next] = (await network.read([['BondingManager', 'getFirstTranscoderInPool', []]])) as string[]
  while (next !== 'ZERO') {
    pool.push(next!)
    ;[next] = (await network.read([['BondingManager', 'getNextTranscoderInPool', [next!]]])) as string[]
  }
  return pool
}
