import { describe, expect, it } from 'vitest'
import { Schedule } from '../deliver/whep/schedule.ts'
import type { CodedFrame } from '../segment/segment.ts'
import { SenderClock } from './sender-clock.ts'

const frame = (kind: 'audio' | 'video', pts: number): CodedFrame => ({
  kind,
  codec: kind === 'video' ? 'h264' : 'opus',
  pts,
  dts: pts,
  keyFrame: true,
  data: new Uint8Array(),
})

describe("a sender's clock", () => {
  it('relates sound and picture by arrival first, then by the reports', () => {
    const clock = new SenderClock({ video: 90_000, audio: 48_000 })
    const video = clock.time('video', 4_294_967_000, 1_000)
    // The sound was captured with the picture and arrives 20 ms later.
    expect(clock.time('audio', 700, 1_020) - video).toBe(1_800)
    clock.report('video', { rtpTimestamp: 4_294_967_000, ntpSeconds: 50 })
    clock.report('audio', { rtpTimestamp: 700, ntpSeconds: 50 })
    let last = 0
    for (let i = 1; i <= 40; i++) last = clock.time('audio', 700 + i * 960, 1_020 + i * 20) - i * 1_800
    expect(last - video).toBe(0)
  })

  it('goes on over the wrap of time stamps, 3,000 ticks a picture', () => {
    const clock = new SenderClock({ video: 90_000, audio: 48_000 })
    const times = [4_294_964_296, 4_294_967_296 - 0, 3_000].map((t, i) => clock.time('video', t % 2 ** 32, i * 33))
    expect(times.map((t) => t - times[0]!)).toEqual([0, 3_000, 6_000])
  })
})

describe("a viewer's schedule", () => {
  it('shows a backlog in quick succession and then keeps the pace, without ever running backwards', () => {
    const schedule = new Schedule()
    schedule.begin(0)
    const backlog = Array.from({ length: 60 }, (_, i) => schedule.video(frame('video', i * 3_000), 0))
    const live = Array.from({ length: 30 }, (_, i) => schedule.video(frame('video', (60 + i) * 3_000), 33 * (i + 1)))
    const all = [...backlog, ...live]
    for (let i = 1; i < all.length; i++) expect(all[i]!).toBeGreaterThan(all[i - 1]!)
    expect(Math.abs(live.at(-1)! - schedule.now(990))).toBeLessThan(20_000)
  })

  it('goes on where it was when the stream jumps or another rendition is shown', () => {
    const schedule = new Schedule()
    schedule.begin(0)
    schedule.video(frame('video', 9_000_000), 0)
    const before = schedule.video(frame('video', 9_003_000), 33)
    schedule.begin(40)
    const after = schedule.video(frame('video', 90_000), 66)
    expect(after).toBeGreaterThan(before)
    expect(after - before).toBeLessThan(9_000)
    expect(schedule.audio(frame('audio', 90_000), 66)).toBe(after)
  })

  it('lets sound go alone when no picture comes', () => {
    const schedule = new Schedule()
    schedule.begin(0)
    expect(schedule.audio(frame('audio', 5_000), 100)).toBeUndefined()
    expect(schedule.audio(frame('audio', 95_000), 1_100)).toBe(schedule.now(1_100))
  })
})
