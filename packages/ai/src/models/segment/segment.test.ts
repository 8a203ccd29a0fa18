import { describe, expect, it } from 'vitest'
import { fieldOf } from './field.ts'
import { checkMaskSize, maskAnswer } from './mask-answer.ts'
import { type Hints, outlines } from './outline.ts'
import { readPrompts } from './prompts.ts'

const SIDE = 48
const signal = AbortSignal.timeout(30_000)
const NO_HINTS: Hints = { inside: [], outside: [], box: undefined, before: undefined }

/** A speckled red disc of radius 12, and a green one beside it, before a speckled blue wall. */
const inRed = (x: number, y: number) => (x - 15) ** 2 + (y - 24) ** 2 <= 144
const inGreen = (x: number, y: number) => (x - 38) ** 2 + (y - 24) ** 2 <= 64
function scene() {
  const rgba = new Uint8Array(SIDE * SIDE * 4)
  for (let at = 0, noise = 1; at < SIDE * SIDE; at++) {
    const [x, y] = [at % SIDE, Math.floor(at / SIDE)]
    noise = (noise * 16_807) % 2_147_483_647
    const speckle = noise % 50
    const colour = inRed(x, y)
      ? [180 + speckle, 40, 40]
      : inGreen(x, y)
        ? [30, 150 + speckle, 30]
        : [40, 40, 130 + speckle]
    rgba.set([...colour, 255], at * 4)
  }
  return fieldOf({ width: SIDE, height: SIDE, rgba })
}

function best(hints: Partial<Hints>): (x: number, y: number) => boolean {
  const found = outlines(scene(), { ...NO_HINTS, ...hints }, signal)
  const { chance } = found.reduce((one, other) => (other.score > one.score ? other : one))
  return (x, y) => chance[y * SIDE + x]! > 0.5
}

function iou(one: (x: number, y: number) => boolean, other: (x: number, y: number) => boolean): number {
  let [both, either] = [0, 0]
  for (let y = 0; y < SIDE; y++)
    for (let x = 0; x < SIDE; x++) {
      if (one(x, y) && other(x, y)) both++
      if (one(x, y) || other(x, y)) either++
    }
  return both / either
}

describe('outline by colours and edges', () => {
  it('finds the disc that a point shows, and not the other', () => {
    expect(iou(best({ inside: [24 * SIDE + 15] }), inRed)).toBeGreaterThan(0.9)
    expect(iou(best({ inside: [24 * SIDE + 38] }), inGreen)).toBeGreaterThan(0.9)
  })

  it('finds the disc in a box', () => {
    expect(iou(best({ box: [1, 8, 29, 40] }), inRed)).toBeGreaterThan(0.9)
  })

  it('stops when it is told to', () => {
    expect(() => outlines(scene(), NO_HINTS, AbortSignal.abort(new Error('enough')))).toThrow('enough')
  })
})

describe('prompts of segment-anything-2', () => {
  const size = { width: 200, height: 100 }

  it('are read as clients send them: in pixels or parts of the picture, alone or in a list of one', () => {
    const points = [
      { x: 50, y: 20, belongs: true },
      { x: 0, y: 100, belongs: false },
    ]
    expect(readPrompts({ point_coords: '[[50, 20], [0, 100]]', point_labels: '[1, 0]' }, size).points).toEqual(points)
    expect(readPrompts({ point_coords: '[[[50, 20], [0, 100]]]', point_labels: '[[1, 0]]' }, size).points).toEqual(
      points,
    )
    const parts = { point_coords: '[[0.25, 0.2], [0, 1]]', point_labels: '[1, 0]', normalize_coords: false }
    expect(readPrompts(parts, size).points).toEqual(points)
    expect(readPrompts({ point_coords: '[[50, 20]]', box: '[[10, 20, 30, 40]]' }, size)).toMatchObject({
      points: [{ belongs: true }],
      box: [10, 20, 30, 40],
    })
    expect(readPrompts({ point_coords: '', box: '', mask_input: '' }, size)).toEqual({
      points: [],
      box: undefined,
      mask: undefined,
    })
  })

  it.each([
    ['point_coords', '[[50'],
    ['point_coords', '{"x": 1}'],
    ['point_coords', '[[50, 200]]'],
    ['point_coords', '[["a", 1]]'],
    ['point_coords', '[[1e999, 1]]'],
    ['point_coords', JSON.stringify(Array(101).fill([1, 1]))],
    ['box', '[10, 20, 5, 40]'],
    ['box', '[10, 20]'],
    ['mask_input', '[[1, 2], [3, 4]]'],
    ['mask_input', '[["a"]]'],
  ])('refuses a wrong %s (%#)', (field, value) => {
    expect(() => readPrompts({ [field]: value }, size)).toThrow(
      expect.objectContaining({ code: 'ai_bad_request', message: expect.stringContaining(`${field}: `) }),
    )
  })

  it('need a label for each point, 1 or 0', () => {
    for (const point_labels of ['[1, 1]', '[2]', '["1"]'])
      expect(() => readPrompts({ point_coords: '[[1, 1]]', point_labels }, size)).toThrow('point_labels: ')
  })
})

describe('masks of an answer', () => {
  const mask = (score: number, ...logits: number[]) => ({
    width: 2,
    height: 1,
    logits: Float32Array.from(logits),
    score,
  })

  it('have the size of the picture, and 256 by 256 beside', () => {
    const { response } = maskAnswer({}, { width: 4, height: 2 }, [mask(0.25, -3, 3), mask(0.75, 3, -3)])
    expect(JSON.parse(response.masks as string)[0]).toEqual([
      [-3, -1.5, 1.5, 3],
      [-3, -1.5, 1.5, 3],
    ])
    expect(response.scores).toBe('[0.25,0.75]')
    expect(JSON.parse(response.logits as string)[1]).toHaveLength(256)
  })

  it('are the surest alone, and yes and no, where the request says so', () => {
    const request = { multimask_output: false, return_logits: false }
    const { response } = maskAnswer(request, { width: 2, height: 1 }, [mask(0.25, -3, 3), mask(0.75, 3, -3)])
    expect(response).toMatchObject({ masks: '[[[1,0]]]', scores: '[0.75]' })
  })

  it('are refused before any work where they would be too long', () => {
    expect(() => checkMaskSize({}, 4_000, 3_000)).toThrow(expect.objectContaining({ code: 'ai_too_large' }))
    expect(() => checkMaskSize({ multimask_output: false }, 4_000, 3_000)).not.toThrow()
  })
})
