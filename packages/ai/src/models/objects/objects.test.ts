import { describe, expect, it } from 'vitest'
import { COCO_LABELS, caption } from './labels.ts'
import { overlap, peaks } from './peaks.ts'

describe('words for things', () => {
  it.each([
    [[], 'nothing that this model knows'],
    [['person'], 'a person'],
    [['cup', 'person', 'cup'], 'two cups and a person'],
    [['apple', 'bus', 'bus', 'sheep', 'sheep', 'sheep'], 'an apple, two buses and three sheep'],
    [Array<string>(13).fill('skis'), '13 pairs of skis'],
  ])('says of %j "%s"', (labels, words) => expect(caption(labels)).toBe(words))

  it('knows eighty kinds', () => expect(new Set(COCO_LABELS).size).toBe(80))
})

describe('peaks of a map', () => {
  const side = 4
  const maps = (...scored: readonly (readonly [kind: number, cell: number, score: number])[]) => {
    const scores = new Float32Array(2 * side * side)
    for (const [kind, cell, score] of scored) scores[kind * side * side + cell] = score
    // Every thing reaches two pixels to each side.
    return { side, scores, distances: new Float32Array(4 * side * side).fill(2), inputSide: 8 }
  }

  it('finds the middle of each thing, the surest first, with its box', () => {
    const found = peaks(maps([0, 0, 0.4], [1, 15, 0.9], [1, 14, 0.8]), ['cat', 'dog'], 0.3, 10)
    expect(found.map(({ label, box }) => [label, ...box])).toEqual([
      ['dog', 0.5, 0.5, 1, 1],
      ['cat', 0, 0, 0.25, 0.25],
    ])
  })

  it('leaves out what is unsure, what is one thing twice, and what is too many', () => {
    expect(peaks(maps([0, 5, 0.2]), ['cat', 'dog'], 0.3, 10)).toEqual([])
    const wide = maps([0, 5, 0.9], [0, 7, 0.8])
    wide.distances.fill(6)
    expect(peaks(wide, ['cat', 'dog'], 0.3, 10)).toHaveLength(1)
    expect(peaks(maps([0, 0, 0.9], [0, 15, 0.8]), ['cat', 'dog'], 0.3, 1)).toHaveLength(1)
  })

  it('measures how much two boxes share', () => {
    expect(overlap([0, 0, 1, 1], [0.5, 0, 1, 1])).toBe(0.5)
    expect(overlap([0, 0, 0.2, 1], [0.5, 0, 1, 1])).toBe(0)
  })
})
