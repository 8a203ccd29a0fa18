import fc from 'fast-check'
import { expect, it } from 'vitest'
import { Canvas } from './canvas.ts'
import { clockAgeMs, drawClock, readClock } from './clock-strip.ts'

it('a drawn clock is read as it was, in small and large pictures', () => {
  for (const [width, height] of [
    [160, 90],
    [426, 240],
    [1280, 720],
  ] as const) {
    const canvas = new Canvas(width, height)
    for (const ms of [0, 1, 12_345, 65_535, 65_536 + 7]) {
      drawClock(canvas, ms)
      expect(readClock(canvas.data, width, width, height)).toBe(ms % 65_536)
    }
  }
})

it('a time of the last minute has its age, also over the wrap', () => {
  fc.assert(
    fc.property(fc.integer({ min: 60_000, max: 2 ** 41 }), fc.integer({ min: 0, max: 60_000 }), (now, age) => {
      expect(clockAgeMs((now - age) % 65_536, now)).toBe(age)
    }),
  )
})
