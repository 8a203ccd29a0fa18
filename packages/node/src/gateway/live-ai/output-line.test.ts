import type { CodedFrame } from '@millrace/media'
import { describe, expect, it } from 'vitest'
import { OutputLine } from './output-line.ts'

const SECOND = 90_000
const frame = (pts: number, kind: CodedFrame['kind'] = 'video', dts = pts): CodedFrame => ({
  ...{ kind, pts, dts, codec: kind === 'video' ? 'h264' : 'opus', keyFrame: true, data: new Uint8Array(1) },
})
const at = (line: OutputLine, source: number, ...frames: readonly CodedFrame[]) =>
  frames.map((each) => line.place(each, source)?.pts)

describe('the time line of what comes out', () => {
  it('has the times of the source, where an orchestrator keeps them', () => {
    const line = new OutputLine()
    expect(at(line, 10 * SECOND, frame(9 * SECOND), frame(9 * SECOND + 3_000))).toEqual([
      9 * SECOND,
      9 * SECOND + 3_000,
    ])
  })

  it('puts an orchestrator with a clock of its own where the source is', () => {
    const line = new OutputLine()
    expect(at(line, 100 * SECOND, frame(0), frame(3_000))).toEqual([100 * SECOND, 100 * SECOND + 3_000])
  })

  it('goes on from one to the next with the pause that there was, whichever clock they have', () => {
    const line = new OutputLine()
    expect(at(line, 20 * SECOND, frame(20 * SECOND))).toEqual([20 * SECOND])
    line.next()
    expect(at(line, 23 * SECOND, frame(0), frame(3_000))).toEqual([23 * SECOND, 23 * SECOND + 3_000])
    line.next()
    expect(at(line, 25 * SECOND, frame(24 * SECOND))).toEqual([24 * SECOND])
  })

  it('hurries through what was shown already, and never goes back', () => {
    const line = new OutputLine()
    at(line, 20 * SECOND, frame(20 * SECOND))
    line.next()
    const again = at(line, 20 * SECOND, frame(19 * SECOND), frame(19 * SECOND + 3_000), frame(20 * SECOND + 6_000))
    expect(again).toEqual([20 * SECOND + 90, 20 * SECOND + 180, 20 * SECOND + 6_000])
  })

  it('knows times that were cut to 33 bits', () => {
    const line = new OutputLine()
    expect(at(line, 2 ** 33 + SECOND, frame(SECOND))).toEqual([2 ** 33 + SECOND])
  })

  it('leaves sound out that was heard, or that comes before the first picture', () => {
    const line = new OutputLine()
    const sound = (pts: number) => frame(pts, 'audio')
    expect(at(line, SECOND, sound(SECOND), frame(SECOND), sound(SECOND), sound(SECOND))).toEqual([
      undefined,
      SECOND,
      SECOND,
      undefined,
    ])
  })

  it('keeps the order of pictures that are shown in another order than they are decoded', () => {
    const line = new OutputLine()
    const pictures = [frame(SECOND + 6_000, 'video', SECOND), frame(SECOND + 3_000, 'video', SECOND + 3_000)]
    expect(at(line, SECOND, ...pictures)).toEqual([SECOND + 6_000, SECOND + 3_000])
  })
})
