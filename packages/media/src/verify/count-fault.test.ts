import { DEFAULT_LADDER, type VideoProfile } from '@millrace/wire'
import { describe, expect, it } from 'vitest'
import type { PictureCount } from './count.ts'
import { countFault } from './count-fault.ts'

const profile = DEFAULT_LADDER.find(({ name }) => name === '360p0') as VideoProfile

function count(
  change: { width?: number; height?: number; frames?: number } & Partial<PictureCount> = {},
): PictureCount {
  const { width = 1280, height = 720, frames = 60 } = change
  return {
    codec: 'h264',
    frames,
    width,
    height,
    pixels: BigInt(width * height * frames),
    firstIsKey: true,
    spanMs: (2_000 * (frames - 1)) / frames,
    interlaced: false,
    startTicks: 90_000,
    pictureBytes: 100_000,
    sound: [],
    ...change,
  }
}
const rendition = (change: Parameters<typeof count>[0] = {}) => count({ width: 640, height: 360, ...change })

describe('size and number of a rendition’s pictures', () => {
  it('may be what was asked for, or a hair beside it', () => {
    expect(countFault(rendition(), count(), profile)).toBeUndefined()
    expect(countFault(rendition({ width: 642, height: 358, frames: 58 }), count(), profile)).toBeUndefined()
    expect(countFault(rendition({ width: 360, height: 640 }), count({ width: 720, height: 1280 }), profile)).toBe(
      undefined,
    )
  })

  it('must be of the size that was asked for', () => {
    expect(countFault(rendition({ width: 426, height: 240 }), count(), profile)).toBe(
      'its pictures are 426x240, 640x360 were asked for',
    )
    // The first picture is right, the others are not.
    const pixels = BigInt(640 * 360 + 59 * 146 * 82)
    expect(countFault(rendition({ pixels }), count(), profile)).toContain('were asked for')
  })

  it('must be about as many as the rate demands', () => {
    expect(countFault(rendition({ frames: 30 }), count(), profile)).toBe('it has 30 pictures, about 60 were asked for')
    expect(countFault(rendition({ frames: 120 }), count(), profile)).toContain('it has 120 pictures')
    const at15 = { ...profile, fps: 15 }
    expect(countFault(rendition({ frames: 30 }), count(), at15)).toBeUndefined()
    expect(countFault(rendition({ frames: 60 }), count(), at15)).toContain('about 30 were asked for')
    expect(countFault(rendition({ frames: 12 }), count(), at15)).toContain('about 30 were asked for')
    const ntsc = { ...profile, fps: 30_000, fpsDen: 1_001 }
    expect(countFault(rendition({ frames: 60 }), count(), ntsc)).toBeUndefined()
  })

  it('are not held against the rendition of a source that is odd itself', () => {
    expect(countFault(rendition({ frames: 30 }), count({ interlaced: true }), profile)).toBeUndefined()
    const changing = count({ pixels: 1_000_000n })
    expect(countFault(rendition({ width: 426, height: 240 }), changing, profile)).toBeUndefined()
  })
})
