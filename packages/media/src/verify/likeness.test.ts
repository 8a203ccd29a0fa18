import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Luma, motionLikeness, ssim } from './likeness.ts'

const WIDTH = 32
const HEIGHT = 16
const picture = (at: (x: number, y: number) => number): Luma => {
  const data = new Uint8Array(WIDTH * HEIGHT)
  for (let y = 0; y < HEIGHT; y++) for (let x = 0; x < WIDTH; x++) data[y * WIDTH + x] = at(x, y)
  return { width: WIDTH, height: HEIGHT, data }
}
const anyPicture = fc
  .uint8Array({ minLength: WIDTH * HEIGHT, maxLength: WIDTH * HEIGHT })
  .map((data): Luma => ({ width: WIDTH, height: HEIGHT, data }))
const bars = picture((x) => (x % 8 < 4 ? 30 : 200))

describe('SSIM', () => {
  it('is 1 for a picture and itself, and the same either way round', () => {
    fc.assert(
      fc.property(anyPicture, anyPicture, (a, b) => {
        expect(ssim(a, a, 4)).toBeCloseTo(1, 9)
        expect(ssim(a, b, 4)).toBeCloseTo(ssim(b, a, 4), 9)
        expect(ssim(a, b, 4)).toBeLessThanOrEqual(1 + 1e-9)
      }),
    )
  })

  it('is about 0 between a picture and black, below 0 for its negative, and little lower for a little noise', () => {
    expect(
      ssim(
        bars,
        picture(() => 16),
        4,
      ),
    ).toBeLessThan(0.1)
    expect(
      ssim(
        bars,
        picture((x) => (x % 8 < 4 ? 200 : 30)),
        4,
      ),
    ).toBeLessThan(-0.5)
    expect(
      ssim(
        bars,
        picture((x, y) => (x % 8 < 4 ? 30 : 200) + ((x + y) % 3)),
        4,
      ),
    ).toBeGreaterThan(0.99)
  })
})

describe('the likeness of motion', () => {
  const moving = (speed: number, from = 0) =>
    [0, 1, 2, 3].map((step) => picture((x) => ((x + from + speed * step) % 16 < 8 ? 50 : 180)))

  it('is 1 for the same motion, also in a paler picture', () => {
    expect(motionLikeness(moving(3), moving(3))).toBeCloseTo(1, 9)
    const pale = moving(3).map(({ data, ...size }) => ({ ...size, data: data.map((value) => 60 + value / 2) }))
    expect(motionLikeness(moving(3), pale)).toBeGreaterThan(0.99)
  })

  it('is about 0 for pictures that stand still and for others that move', () => {
    expect(motionLikeness(moving(3), moving(0))).toBe(0)
    expect(motionLikeness(moving(3), moving(3, 7))).toBeLessThan(0.1)
  })

  it('is not known where nothing moves', () => {
    expect(motionLikeness(moving(0), moving(3))).toBeUndefined()
    expect(motionLikeness([bars], [bars])).toBeUndefined()
  })
})
