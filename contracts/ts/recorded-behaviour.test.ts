import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Anvil, startAnvil } from './testing/anvil.ts'
import { openRecordedNetwork, type RecordedNetwork, type ViewCall } from './testing/recorded-network.ts'
import { type Recorded, type RecordedParameters, readRecording, type Sequence } from './testing/recording.ts'

const actors = Array.from({ length: 10 }, (_, index) => `A${index}`)
const senders = actors.slice(7)
const { sequences } = readRecording('recorded-behaviour')

describe('a sequence recorded on the deployed protocol gives the same results, failures, events and state', () => {
  let anvil: Anvil
  let empty: unknown
  let ready: { parameters: string; network: RecordedNetwork; snapshot: unknown } | undefined

  beforeAll(async () => {
    anvil = await startAnvil(['--gas-price', '0', '--block-base-fee-per-gas', '0'])
    empty = await anvil.rpc.request('evm_snapshot')
  })
  afterAll(() => anvil?.[Symbol.asyncDispose]())

  // Sequences with the same parameters start from a snapshot of the same new network.
  async function newNetwork(recorded: RecordedParameters): Promise<RecordedNetwork> {
    const parameters = JSON.stringify(recorded)
    if (ready?.parameters !== parameters) {
      await anvil.rpc.request('evm_revert', empty)
      empty = await anvil.rpc.request('evm_snapshot')
      ready = { parameters, network: await openRecordedNetwork(anvil, recorded, actors), snapshot: undefined }
    } else await anvil.rpc.request('evm_revert', ready.snapshot)
    ready.snapshot = await anvil.rpc.request('evm_snapshot')
    return ready.network
  }

  const byParameters = sequences.toSorted((a, b) =>
    JSON.stringify(a.parameters) < JSON.stringify(b.parameters) ? -1 : 1,
  )
  test.each(byParameters)('$name', async ({ parameters, steps }) => {
    const network = await newNetwork(parameters)
    for (const [index, step] of steps.entries()) {
      const where = `step ${index}: ${step.sender} ${step.op} ${step.contract}.${step.function}`
      const failure = await network.failureOf(step)
      expect(failure, where).toEqual(step.ok ? undefined : step.revert)
      if (step.ok) {
        const receipt = await network.send(step)
        expect(receipt.status, where).toBe('0x1')
        expect(network.events(receipt), where).toEqual(step.events)
      }
      if (step.reads) expect(await readState(network), where).toEqual(step.reads)
    }
  })

  test('every sequence is replayed to its last step', () => {
    expect(sequences.length).toBe(21)
    expect(sequences.reduce((sum: number, sequence: Sequence) => sum + sequence.steps.length, 0)).toBe(1799)
  })
})

/** Reads everything that the recording has read, in its form. */
async function readState(network: RecordedNetwork): Promise<{ [read: string]: Recorded }> {
  const round = BigInt((await network.read([['RoundsManager', 'currentRound', []]]))[0] as string)
  const past = String(round - 1n)

  const whole: Record<string, ViewCall> = {
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
  }
  const ofActor = (name: string): Record<string, ViewCall> => ({
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
  const claimants = actors.slice(0, 7)
  const ofSender = (name: string): Record<string, ViewCall> => ({
    getSenderInfo: ['TicketBroker', 'getSenderInfo', [name]],
    isUnlockInProgress: ['TicketBroker', 'isUnlockInProgress', [name]],
    ...Object.fromEntries(claimants.map((who) => [who, ['TicketBroker', 'claimableReserve', [name, who]] as ViewCall])),
  })

  // One batch for everything, taken apart again in the same order.
  const groups = [whole, ...actors.map(ofActor), ...senders.map(ofSender)]
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

async function readPool(network: RecordedNetwork): Promise<string[]> {
  const pool: string[] = []
  let [next] = (await network.read([['BondingManager', 'getFirstTranscoderInPool', []]])) as string[]
  while (next !== 'ZERO') {
    pool.push(next!)
    ;[next] = (await network.read([['BondingManager', 'getNextTranscoderInPool', [next!]]])) as string[]
  }
  return pool
}
