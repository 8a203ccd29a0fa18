import { expect, it } from 'vitest'
import type { PictureCount, SoundFrame } from './count.ts'
import { soundFault } from './sound-fault.ts'

const STEP = 1_920
const sound = (count: number, from = 90_000, first = 0): SoundFrame[] =>
  Array.from({ length: count }, (_, i) => ({ pts: from + i * STEP, data: Uint8Array.of(1, first + i, 7) }))
const count = (frames: readonly SoundFrame[], change: Partial<PictureCount> = {}): PictureCount => ({
  ...{ codec: 'h264', frames: 60, width: 640, height: 360, pixels: 1n, firstIsKey: true, spanMs: 1_967 },
  ...{ interlaced: false, startTicks: 90_000, pictureBytes: 1, sound: frames, ...change },
})
const source = count(sound(90))

it('the sound of the source is right, also on another time line and without a frame or two', () => {
  expect(soundFault(source, source)).toBeUndefined()
  expect(soundFault(count(sound(89, 5_000 + STEP, 1), { startTicks: 5_000 }), source)).toBeUndefined()
  // Three pictures were left out at the beginning.
  expect(soundFault(count(sound(90), { frames: 57, startTicks: 99_000 }), source)).toBeUndefined()
  expect(soundFault(count(sound(90)), count([]))).toBeUndefined()
})

it('silence, other sound, less sound and shifted sound are not', () => {
  expect(soundFault(count([]), source)).toBe('it has no sound, its source has')
  const silent = sound(90).map(({ pts }, i) => ({ pts, data: i % 2 ? Uint8Array.of(1, i, 7) : new Uint8Array(3) }))
  expect(soundFault(count(silent), source)).toBe('45 of its 90 frames of sound are not those of its source')
  expect(soundFault(count(sound(60)), source)).toBe('it has 60 frames of sound, its source has 90')
  expect(soundFault(count(sound(90, 90_000 + 13_500)), source)).toBe('its sound is 150 ms off its pictures')
  expect(soundFault(count(sound(90, 90_000 - 18_000)), source)).toBe('its sound is 200 ms off its pictures')
})

it('frames of silence that are all the same are told apart by their place', () => {
  const silence = (from: number) =>
    Array.from({ length: 90 }, (_, i) => ({ pts: from + i * STEP, data: Uint8Array.of(0) }))
  expect(soundFault(count(silence(90_000)), count(silence(90_000)))).toBeUndefined()
})
