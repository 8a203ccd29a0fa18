import { actors, type NetworkReads, readState, type ViewCall } from '../../ts/testing/network-state.ts'
import type { Recorded } from '../../ts/testing/recording.ts'

const accounts = [...actors, 'OWNER', 'MIGRATOR', 'TREASURY', 'ZERO']

/** Reads everything there is to know about a network: what the recordings read, and all that they leave out. */
export async function readWholeState(network: NetworkReads): Promise<Record<string, Recorded>> {
  const state = await readState(network)
  const round = BigInt(state.round as string)
  const perAccount = accounts.flatMap((name): ViewCall[] => [
    ['BondingManager', 'transcoderToRewardCaller', [name]],
    ['BondingManager', 'transcoderStatus', [name]],
    ['BondingVotes', 'delegates', [name]],
    ['BondingVotes', 'delegatedAt', [name, String(round - 1n)]],
    ['BondingVotes', 'hasCheckpoint', [name]],
    ['BondingVotes', 'getPastVotes', [name, String(round > 6n ? round - 6n : 0n)]],
    ['BondingVotes', 'getVotes', [name]],
    ['LivepeerToken', 'balanceOf', [name]],
    ...[1n, 0n, -1n].map(
      (back): ViewCall => ['BondingManager', 'getTranscoderEarningsPoolForRound', [name, String(round - back)]],
    ),
    ...actors.slice(7).map((holder): ViewCall => ['TicketBroker', 'claimedReserve', [holder, name]]),
    ...locksOf(state, name),
  ])
  const settings: ViewCall[] = [
    ['RoundsManager', 'lastInitializedRound', []],
    ['RoundsManager', 'currentRoundStartBlock', []],
    ['RoundsManager', 'blockHashForRound', [String(round)]],
    ['BondingManager', 'getTranscoderPoolMaxSize', []],
    ['BondingManager', 'unbondingPeriod', []],
    ['BondingManager', 'treasuryBalanceCeiling', []],
    ['TicketBroker', 'unlockPeriod', []],
    ['TicketBroker', 'ticketValidityPeriod', []],
    ['Controller', 'paused', []],
    ['BondingVotes', 'getPastTotalSupply', [String(round > 6n ? round - 6n : 0n)]],
  ]
  const calls = [...settings, ...perAccount]
  const values = await network.read(calls)
  const rest = Object.fromEntries(calls.map((call, index) => [JSON.stringify(call), values[index]!]))
  const ether = await Promise.all(actors.map(async (name) => [`ether of ${name}`, await network.ethOf(name)]))
  return { ...state, ...rest, ...Object.fromEntries(ether) }
}

function locksOf(state: Record<string, Recorded>, name: string): ViewCall[] {
  const actor = (state.actors as Record<string, { getDelegator: string[] }>)[name]
  const count = Number(actor?.getDelegator[6] ?? 0)
  const ids = Array.from({ length: count }, (_, id) => String(id))
  return ids.slice(-12).map((id) => ['BondingManager', 'getDelegatorUnbondingLock', [name, id]])
}
