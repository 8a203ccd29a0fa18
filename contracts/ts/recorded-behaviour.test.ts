import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Anvil, startAnvil } from './testing/anvil.ts'
import { actors, readState } from './testing/network-state.ts'
import { openRecordedNetwork, type RecordedNetwork } from './testing/recorded-network.ts'
import { type RecordedParameters, readRecording, type Sequence } from './testing/recording.ts'

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
