import { describe, expect, it } from 'vitest'
import { type Background, Composite } from './composite.ts'
import { placesOf, toNetwork } from './resample.ts'

const how: Background = { background: 'colour', colour: '#00ff00', blur: 0.5 }
const [width, height] = [32, 16]
/** Red on the left, blue on the right. */
const picture = () => ({
  width,
  height,
  data: Uint8Array.from(
    { length: width * height * 3 },
    (_, i) => ((i / 3) % width < width / 2 ? [200, 0, 0] : [0, 0, 200])[i % 3] as number,
  ),
})
/** The person is the left half. */
const mask = Float32Array.from({ length: 16 }, (_, i) => (i % 4 < 2 ? 1 : 0))
const pixel = (data: Uint8Array, x: number, y: number) => [
  ...data.subarray((y * width + x) * 3, (y * width + x) * 3 + 3),
]

describe('another background', () => {
  it('is behind the person and not before', () => {
    const { data } = new Composite().apply(picture(), mask, 4, how)
    expect(pixel(data, 2, 8)).toEqual([200, 0, 0])
    expect(pixel(data, 29, 8)).toEqual([0, 255, 0])
    const grey = new Composite().apply(picture(), mask, 4, { ...how, background: 'greyscale' }).data
    expect(pixel(grey, 29, 8)).toEqual([22, 22, 22])
    expect(pixel(new Composite().apply(picture(), mask, 4, { ...how, background: 'mask' }).data, 2, 8)).toEqual([
      255, 255, 255,
    ])
  })

  it('is blurred without the colours of the person in it', () => {
    const { data } = new Composite().apply(picture(), mask, 4, { ...how, background: 'blur', blur: 1 })
    expect(pixel(data, 2, 8)).toEqual([200, 0, 0])
    const [red, , blue] = pixel(data, 24, 8) as [number, number, number]
    expect(blue).toBeGreaterThan(150)
    expect(red).toBeLessThan(40)
  })

  it('is reckoned anew for pictures of another size', () => {
    const composite = new Composite()
    composite.apply(picture(), mask, 4, how)
    const small = { width: 8, height: 8, data: new Uint8Array(192).fill(9) }
    expect([...composite.apply(small, mask, 4, how).data.subarray(0, 3)]).toEqual([9, 9, 9])
  })
})

it('a network gets the mean of the pixels that fall on each of its own', () => {
  const input = new Float32Array(2 * 2 * 3)
  toNetwork(picture(), 2, input)
  expect([...input].map((value) => Math.round(value * 255))).toEqual([200, 0, 0, 0, 0, 200, 200, 0, 0, 0, 0, 200])
})

it('places between two pixels have weights that lead from one to the other', () => {
  const { before, weight } = placesOf(4, 2)
  expect([...before]).toEqual([0, 0, 0, 0])
  expect([...weight]).toEqual([0, 64, 192, 256])
})
