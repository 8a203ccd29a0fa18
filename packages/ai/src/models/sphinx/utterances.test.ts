import { describe, expect, it } from 'vitest'
import { utterancesOf } from './utterances.ts'

const RATE = 16_000

/** A tone where the parts say so, faint noise elsewhere. */
function recording(seconds: number, loud: readonly (readonly [number, number])[]): Int16Array {
  let seed = 1
  return Int16Array.from({ length: seconds * RATE }, (_, i) => {
    seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31
    const noise = (seed / 2 ** 31 - 0.5) * 40
    const isLoud = loud.some(([from, to]) => i >= from * RATE && i < to * RATE)
    return Math.round(noise + (isLoud ? 8_000 * Math.sin(i / 9) : 0))
  })
}

const seconds = (samples: Int16Array) => utterancesOf(samples).map(({ start, end }) => [start / RATE, end / RATE])

describe('utterances', () => {
  it('end at pauses of half a second and keep a margin', () => {
    const found = seconds(
      recording(6, [
        [1, 2],
        [2.3, 3],
        [4, 5],
      ]),
    )
    expect(found).toHaveLength(2)
    expect(found[0]?.[0]).toBeCloseTo(0.8, 1)
    expect(found[0]?.[1]).toBeCloseTo(3.2, 1)
    expect(found[1]?.[0]).toBeCloseTo(3.8, 1)
  })

  it('are none in silence, in noise below hearing and in nothing', () => {
    expect(utterancesOf(new Int16Array(RATE * 3))).toEqual([])
    expect(utterancesOf(recording(3, []))).toEqual([])
    expect(utterancesOf(new Int16Array(0))).toEqual([])
  })

  it('cover a recording without any pause, in pieces of at most 20 seconds that lose nothing', () => {
    const samples = recording(50, [[0, 50]])
    const found = utterancesOf(samples)
    expect(found.every(({ start, end }) => end - start <= 20 * RATE)).toBe(true)
    expect(found[0]?.start).toBe(0)
    expect(found.at(-1)?.end).toBe(samples.length)
    for (const [i, { start }] of found.entries()) if (i > 0) expect(start).toBe(found[i - 1]?.end)
  })
})
