import { ManualClock } from '@millrace/base'
import { expect, it } from 'vitest'
import { ScoreBoard, scoreOf, type TestRun } from './score-board.ts'

const NOW_S = 2_000_000
const DAY_S = 24 * 3_600

function open(kept = new Map<string, string>()) {
  const store = { get: (key: string) => kept.get(key), set: (key: string, value: string) => void kept.set(key, value) }
  return { kept, board: new ScoreBoard({ store, clock: new ManualClock(NOW_S * 1_000) }) }
}

const run = (more: Partial<TestRun> = {}): TestRun => ({
  orchestrator: '0xaa',
  region: 'FRA',
  timestamp: NOW_S - 60,
  segmentsSent: 10,
  segmentsReceived: 10,
  segmentDuration: 2,
  roundTripTime: 1,
  errors: [],
  ...more,
})

it('the score is the success rate times what the round trip leaves of it', () => {
  expect(scoreOf(run()).score).toBeCloseTo(1 - Math.exp(-2), 12)
  expect(scoreOf(run({ segmentsReceived: 5 }))).toEqual({
    success_rate: 0.5,
    round_trip_score: 1 - Math.exp(-2),
    score: 0.5 * (1 - Math.exp(-2)),
  })
  expect(scoreOf(run({ segmentsReceived: 0, roundTripTime: 0 }))).toEqual({
    success_rate: 0,
    round_trip_score: 0,
    score: 0,
  })
})

it('five orchestrators with known delays and failures keep their true order', () => {
  const { board } = open()
  const truth = [
    ['best', 0.4, 10],
    ['good', 0.8, 10],
    ['flaky', 0.4, 8],
    ['slow', 4, 10],
    ['dead', 0, 0],
  ] as const
  for (let hour = 0; hour < 10; hour++)
    for (const [orchestrator, roundTripTime, segmentsReceived] of [...truth].reverse())
      board.add(run({ orchestrator, roundTripTime, segmentsReceived, timestamp: NOW_S - 3_600 * hour }))
  const order = Object.entries(board.aggregated())
    .sort(([, a], [, b]) => b.FRA!.score - a.FRA!.score)
    .map(([name]) => name)
  expect(order).toEqual(truth.map(([name]) => name))
})

it('the last day counts unless another window is named, by region and by orchestrator', () => {
  const { board } = open()
  board.add(run({ timestamp: NOW_S - DAY_S - 10, segmentsReceived: 0 }))
  board.add(run({ region: 'NYC', segmentsReceived: 5 }))
  board.add(run())
  board.add(run({ orchestrator: '0xbb' }))
  expect(board.aggregated()['0xaa']!.FRA!.success_rate).toBe(1)
  expect(board.aggregated({ since: 0 })['0xaa']!.FRA!.success_rate).toBe(0.5)
  expect(board.aggregated({ since: 0, until: NOW_S - DAY_S })).toEqual({
    '0xaa': { FRA: { success_rate: 0, round_trip_score: 0, score: 0 } },
  })
  expect(Object.keys(board.aggregated({ region: 'nyc' }))).toEqual(['0xaa'])
  expect(Object.keys(board.aggregated({ orchestrator: '0xBB' }))).toEqual(['0xbb'])
  expect(board.raw({ orchestrator: '0xaa' })['0xaa']!.NYC).toHaveLength(1)
  expect(board.regions()).toEqual(['FRA', 'NYC'])
})

it('scores outlive the process, and what is kept is bounded', () => {
  const { board, kept } = open()
  for (let i = 0; i < 200; i++) board.add(run({ timestamp: NOW_S - 200 + i }))
  const { board: again } = open(kept)
  expect(again.aggregated()).toEqual(board.aggregated())
  expect(again.raw()['0xaa']!.FRA).toHaveLength(168)
  expect(again.raw()['0xaa']!.FRA!.at(-1)!.timestamp).toBe(NOW_S - 1)
})
