import { expect, it } from 'vitest'
import { type LiveFacts, liveState } from './live-state.ts'

const healthy: LiveFacts = {
  now: 200_000,
  loadingSince: 0,
  readyAt: 1_000,
  lastInputAt: 199_900,
  inputFps: 30,
  lastOutputAt: 199_900,
  outputFps: 24,
  lastErrorAt: undefined,
  lastRestartAt: undefined,
}
const stateWith = (change: Partial<LiveFacts>) => liveState({ ...healthy, ...change })

it('a stream is loading, then offline until something comes in, then online', () => {
  expect(stateWith({ now: 5_000, readyAt: undefined })).toBe('LOADING')
  expect(stateWith({ lastInputAt: undefined, lastOutputAt: undefined })).toBe('OFFLINE')
  expect(stateWith({})).toBe('ONLINE')
})

it('is degraded by its input when that stalls or is slow', () => {
  expect(stateWith({ lastInputAt: 197_000 })).toBe('DEGRADED_INPUT')
  expect(stateWith({ inputFps: 12, outputFps: 12 })).toBe('DEGRADED_INPUT')
})

it('is degraded by its effect when the output stalls or is slow, and for a while after errors and restarts', () => {
  expect(stateWith({ lastOutputAt: 197_000 })).toBe('DEGRADED_INFERENCE')
  expect(stateWith({ outputFps: 9 })).toBe('DEGRADED_INFERENCE')
  expect(stateWith({ inputFps: 15, outputFps: 12.5 })).toBe('ONLINE')
  expect(stateWith({ lastErrorAt: 190_000 })).toBe('DEGRADED_INFERENCE')
  expect(stateWith({ lastErrorAt: 180_000 })).toBe('ONLINE')
  expect(stateWith({ lastRestartAt: 150_000 })).toBe('DEGRADED_INFERENCE')
})

it('is an error when nothing comes out though something goes in, or loading takes for ever', () => {
  expect(stateWith({ lastOutputAt: 194_000 })).toBe('ERROR')
  expect(stateWith({ lastOutputAt: undefined })).toBe('ERROR')
  expect(stateWith({ lastOutputAt: undefined, readyAt: 195_000 })).toBe('ONLINE')
  expect(stateWith({ readyAt: undefined })).toBe('ERROR')
  expect(stateWith({ lastInputAt: 130_000, lastOutputAt: 130_000 })).toBe('OFFLINE')
  expect(stateWith({ lastInputAt: 100_000, lastOutputAt: 100_000 })).toBe('ERROR')
})
