import { DEFAULT_LADDER } from '@millrace/wire'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { scaledSize } from '../transcode/scaled-size.ts'
import { fitLadder } from './fit-ladder.ts'

const names = (width: number, height: number) => fitLadder(DEFAULT_LADDER, { width, height }).map(({ name }) => name)

describe('a ladder for a source', () => {
  it('has all its renditions when the source is as large', () => {
    expect(names(1280, 720)).toEqual(DEFAULT_LADDER.map(({ name }) => name))
    expect(names(1920, 1080)).toEqual(DEFAULT_LADDER.map(({ name }) => name))
  })

  it('leaves out what is larger than the source, upright ones too', () => {
    expect(names(640, 360)).toEqual(['360p0', '240p0'])
    expect(names(720, 1280)).toEqual(DEFAULT_LADDER.map(({ name }) => name))
    expect(names(360, 640)).toEqual(['360p0', '240p0'])
  })

  it('has one rendition of the size of a source that is smaller than all', () => {
    expect(fitLadder(DEFAULT_LADDER, { width: 161, height: 91 })).toEqual([
      { ...DEFAULT_LADDER[3], width: 160, height: 90 },
    ])
    expect(fitLadder([], { width: 160, height: 90 })).toEqual([])
  })

  it('never scales up', () => {
    const side = fc.integer({ min: 146, max: 4_096 })
    fc.assert(
      fc.property(side, side, (width, height) => {
        const fitted = fitLadder(DEFAULT_LADDER, { width, height })
        expect(fitted.length).toBeGreaterThan(0)
        for (const profile of fitted) {
          const made = scaledSize(profile, { width, height }, 'h264')
          expect(made.width).toBeLessThanOrEqual(width + 1)
          expect(made.height).toBeLessThanOrEqual(height + 1)
        }
      }),
    )
  })
})
