import type { Ticks90k } from '@millrace/base'
import { describe, expect, it } from 'vitest'
import { realDurationMs } from './real-duration.ts'
import type { CodedFrame } from './segment.ts'

const frame = (ms: number, kind: 'video' | 'audio' = 'video'): CodedFrame => ({
  ...{ kind, codec: kind === 'video' ? 'h264' : 'aac', keyFrame: ms === 0, data: new Uint8Array(1) },
  ...{ pts: (ms * 90) as Ticks90k, dts: (ms * 90) as Ticks90k },
})
const at25 = (count: number, fromMs = 0) => Array.from({ length: count }, (_, i) => frame(fromMs + i * 40))

describe('a segment for which a duration was declared (faults.md 30)', () => {
  it('lasts as long as declared where its frames do so roughly', () => {
    expect(realDurationMs(at25(50), 2_000)).toBe(2_000)
    expect(realDurationMs(at25(50), 1_900)).toBe(1_900)
    expect(realDurationMs(at25(50), 2_300)).toBe(2_300)
  })

  it('lasts as long as its frames where they say something quite different', () => {
    expect(realDurationMs(at25(50), 60)).toBe(2_000)
    expect(realDurationMs(at25(50), 300_000)).toBe(2_000)
    expect(realDurationMs(at25(250), 2_000)).toBe(10_000)
  })

  it('is measured by its sound where it has no pictures, and not by the sound where it has', () => {
    const sound = Array.from({ length: 100 }, (_, i) => frame(i * 20, 'audio'))
    expect(realDurationMs(sound, 500)).toBe(2_000)
    expect(realDurationMs([...at25(25), ...sound], 300)).toBe(1_000)
  })

  it('is believed with one frame, with none, and with frames out of order', () => {
    expect(realDurationMs([frame(0)], 2_000)).toBe(2_000)
    expect(realDurationMs([], 2_000)).toBe(2_000)
    expect(realDurationMs(at25(50).toReversed(), 2_000)).toBe(2_000)
  })

  it('does not last for hours because its clock jumps', () => {
    expect(realDurationMs([...at25(25), ...at25(25, 95_000_000)], 100)).toBe(2_000)
  })
})
