import { describe, expect, test } from 'vitest'
import { actors, readState } from '../../ts/testing/network-state.ts'
import { readRecording } from '../../ts/testing/recording.ts'
import { openModel } from './model/protocol.ts'
import { signed } from './tickets.ts'

const { sequences } = readRecording('recorded-behaviour')

// What the model is worth: it was written from the specification, and these results come from the deployed contracts.
describe('the model gives the results, failures, events and state that were recorded on the deployed protocol', () => {
  test.each(sequences)('$name', async ({ parameters, steps }) => {
    const model = openModel(parameters, [...actors, 'MIGRATOR'], 10_000_000n * 10n ** 18n)
    for (const [index, step] of steps.entries()) {
      const where = `step ${index}: ${step.sender} ${step.op} ${step.contract}.${step.function}`
      const outcome = model.run((await signed(step)).named)
      expect(outcome, where).toEqual(step.ok ? { events: step.events } : { revert: step.revert })
      if (step.reads) expect(await readState(model), where).toEqual(step.reads)
    }
  })

  test('in all 1799 steps', () => {
    expect(sequences.flatMap((sequence) => sequence.steps).length).toBe(1799)
  })
})
