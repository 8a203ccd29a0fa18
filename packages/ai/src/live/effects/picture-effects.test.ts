import { describe, expect, it } from 'vitest'
import { applyEffect, type EffectParams } from './picture-effects.ts'

const params: EffectParams = { effect: 'greyscale', amount: 1, levels: 4, colour: '#ff0000' }
type Pixel = readonly [number, number, number]
const pixels = (...list: readonly Pixel[]) => ({
  width: list.length,
  height: 1,
  data: Uint8Array.from(list.flat()),
})
const applied = (change: Partial<EffectParams>, ...list: readonly Pixel[]) => [
  ...applyEffect(pixels(...list), { ...params, ...change }).data,
]

describe('an effect', () => {
  it('greyscale keeps the brightness', () => {
    expect(applied({}, [200, 200, 200], [255, 0, 0])).toEqual([200, 200, 200, 76, 76, 76])
  })

  it('tint keeps the brightness in one colour', () => {
    expect(applied({ effect: 'tint' }, [200, 200, 200])).toEqual([200, 0, 0])
  })

  it('posterise leaves as many steps as it is told', () => {
    const ramp = Array.from({ length: 256 }, (_, i) => [i, i, i] as const)
    expect(new Set(applied({ effect: 'posterise', levels: 3 }, ...ramp))).toEqual(new Set([0, 128, 255]))
  })

  it('edges are where brightness changes and nowhere else', () => {
    const row = applied(
      { effect: 'edges' },
      [0, 0, 0],
      [0, 0, 0],
      [0, 0, 0],
      [255, 255, 255],
      [255, 255, 255],
      [255, 255, 255],
    )
    expect(row.filter((_, i) => i % 3 === 0)).toEqual([0, 0, 255, 255, 0, 0])
  })

  it('mixes with the picture by its amount', () => {
    expect(applied({ effect: 'tint', amount: 0.5 }, [200, 200, 200])).toEqual([200, 100, 100])
    expect(applied({ effect: 'edges', amount: 0 }, [9, 8, 7])).toEqual([9, 8, 7])
  })
})
