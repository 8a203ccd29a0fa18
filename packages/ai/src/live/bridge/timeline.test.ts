import { describe, expect, it } from 'vitest'
import { Timeline } from './timeline.ts'

const SECOND = 90_000

describe('the time line of a live stream', () => {
  it('is the source’s own, pauses included', () => {
    const line = new Timeline()
    expect([5, 5.5, 9].map((s) => line.picture(s * SECOND))).toEqual([5, 5.5, 9].map((s) => s * SECOND))
    expect(line.sound(9.2 * SECOND)).toBe(9.2 * SECOND)
  })

  it('goes on without a jump when the source starts anew or its clock leaps', () => {
    const line = new Timeline()
    line.picture(1_000 * SECOND)
    for (const restart of [0, 50_000 * SECOND, 49_000 * SECOND]) {
      const before = line.state!.last
      expect(line.sound(restart)).toBeUndefined()
      const after = line.picture(restart) as number
      expect(after - before).toBe(SECOND / 24)
      expect(line.sound(restart)).toBe(after)
      expect(line.picture(restart + SECOND)).toBe(after + SECOND)
    }
  })

  it('is handed on: what was shown already is left out, what is new goes on where it stood', () => {
    const line = new Timeline()
    line.picture(SECOND)
    line.picture(3 * SECOND)
    const next = new Timeline(line.state)
    expect([2, 2.5, 3].map((s) => next.picture(s * SECOND))).toEqual([undefined, undefined, undefined])
    expect(next.sound(2 * SECOND)).toBeUndefined()
    expect(next.picture(3.1 * SECOND)).toBe(3.1 * SECOND)
  })
})
