import { isDeepStrictEqual } from 'node:util'
import type { Anvil } from '../../ts/testing/anvil.ts'
import { actors } from '../../ts/testing/network-state.ts'
import { openRecordedNetwork } from '../../ts/testing/recorded-network.ts'
import type { Recorded, RecordedParameters } from '../../ts/testing/recording.ts'
import { openModel } from './model/protocol.ts'
import { type Operation, openOperations } from './operations.ts'
import { openRandom, type Random } from './random.ts'
import { signed } from './tickets.ts'
import { readWholeState } from './whole-state.ts'

/** How long a comparison goes on, and what it says on the way. */
export type Comparison = {
  seed: number
  operations: number
  /** The whole state is compared after every so many operations. */
  compareEvery: number
  progress?(done: Counts): void
}

/** What was tried. */
export type Counts = {
  operations: number
  succeeded: number
  rounds: number
  stateComparisons: number
  reasons: Map<string, number>
}

/** Does the same random operations to the contracts and to the model; throws at the first difference. */
export async function compare(anvil: Anvil, comparison: Comparison): Promise<Counts> {
  const random = openRandom(comparison.seed)
  // Without rewards stakes stay equal.
  const equalStakes = random.chance(0.4)
  const parameters = parametersFrom(random, equalStakes)
  const network = await openRecordedNetwork(anvil, parameters, actors)
  const model = openModel(parameters, [...actors, 'MIGRATOR'], 10_000_000n * 10n ** 18n)
  const { next } = openOperations(random, model, equalStakes)
  const counts: Counts = { operations: 0, succeeded: 0, rounds: 0, stateComparisons: 0, reasons: new Map() }
  const start = String(1000n * BigInt(parameters.roundLength))
  const first: Operation[] = ['setBlockHash', 'setBlockNum', 'initializeRound'].map((name, index) => ({
    op: name,
    contract: 'RoundsManager',
    function: name,
    sender: 'OWNER',
    args: [[random.hex(32)], [start], []][index]!,
  }))

  while (counts.operations < comparison.operations) {
    const operation = first.shift() ?? (await next())
    const where = `operation ${counts.operations} of seed ${comparison.seed}: ${JSON.stringify(operation)}`
    const { raw, named } = await signed(operation)
    const expected = model.run(named)
    const receipt = await network.send(raw)
    // A call that failed changed nothing, so it fails in the same way once more.
    const actual =
      receipt.status === '0x1' ? { events: network.events(receipt) } : { revert: await network.failureOf(raw) }
    demandEqual(actual, expected, where)

    counts.operations++
    if (expected.events) counts.succeeded++
    else {
      const reason = JSON.stringify(expected.revert)
      counts.reasons.set(reason, (counts.reasons.get(reason) ?? 0) + 1)
    }
    if (expected.events && operation.function === 'initializeRound') counts.rounds++
    if (counts.operations % comparison.compareEvery === 0 || counts.operations === comparison.operations) {
      demandEqual(await readWholeState(network), await readWholeState(model), `the state after ${where}`)
      counts.stateComparisons++
    }
    comparison.progress?.(counts)
  }
  return counts
}

/** Parameters that make much happen in few rounds. */
function parametersFrom({ pick, below, upTo }: Random, still: boolean): RecordedParameters {
  return {
    inflation: still ? '0' : String(upTo(5_000_000n)),
    inflationChange: still ? '0' : String(upTo(100_000n)),
    targetBondingRate: String(pick([200_000_000, 500_000_000, 500_000])),
    unbondingPeriod: String(1 + below(4)),
    numActiveTranscoders: String(2 + below(3)),
    treasuryRewardCutRate: String(pick([0n, 10n ** 26n, 333_333_333_333_333_333_333_333_333n])),
    treasuryBalanceCeiling: String(pick([0n, 40n * 10n ** 18n])),
    roundLength: String(20 + below(60)),
    roundLockAmount: String(pick([100_000, 500_000])),
    unlockPeriod: String(1 + below(2)),
    ticketValidityPeriod: String(1 + below(3)),
    initialLPT: String(10_000n * 10n ** 18n),
    ownerLPT: String(50_000n * 10n ** 18n),
  }
}

function demandEqual(contracts: unknown, model: unknown, where: string): void {
  if (isDeepStrictEqual(contracts, model)) return
  const lines = differences(contracts as Recorded, model as Recorded)
  throw new Error(`contracts and model differ at ${where}\n${lines.join('\n')}`)
}

function differences(contracts: Recorded, model: Recorded, path = ''): string[] {
  if (isDeepStrictEqual(contracts, model)) return []
  if (typeof contracts !== 'object' || typeof model !== 'object' || !contracts || !model) {
    return [`${path}: contracts ${JSON.stringify(contracts)}, model ${JSON.stringify(model)}`]
  }
  const [left, right] = [contracts, model] as Record<string, Recorded>[]
  const keys = new Set([...Object.keys(left!), ...Object.keys(right!)])
  return [...keys].flatMap((key) => differences(left![key]!, right![key]!, `${path}/${key}`))
}
