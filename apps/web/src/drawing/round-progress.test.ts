import { expect, test } from 'vitest'
import { roundProgress } from './round-progress.ts'

test('the progress of a round follows from where the next one begins', () => {
  expect(roundProgress({ block: '133', round: '2', blocksToNextRound: 47 })).toBeCloseTo(13 / 60)
  expect(roundProgress({ block: '180', round: '3', blocksToNextRound: 60 })).toBe(0)
})

test('it is not told where rounds had different lengths', () => {
  expect(roundProgress({ block: '21000001', round: '3500', blocksToNextRound: 17 })).toBeUndefined()
})
