import { describe, expect, it } from 'vitest'
import { HlsOrigin } from '../deliver/hls.ts'
import { continueCounters, type NextCounters } from './continuity.ts'

/** Packets as [PID, counter, has payload]. */
const stream = (...packets: readonly (readonly [number, number, boolean?])[]): Uint8Array =>
  Buffer.concat(
    packets.map(([pid, counter, payload = true], i) => {
      const packet = new Uint8Array(188).fill(i)
      packet.set([0x47, pid >> 8, pid & 0xff, (payload ? 0x10 : 0x20) | counter])
      return packet
    }),
  )
const counters = (data: Uint8Array) =>
  Array.from({ length: data.length / 188 }, (_, i) => [
    ((data[i * 188 + 1]! & 0x1f) << 8) | data[i * 188 + 2]!,
    data[i * 188 + 3]! & 0x0f,
  ])

describe('continuity counters', () => {
  it('go on over segments that count from their own beginning', () => {
    const next: NextCounters = new Map()
    const first = stream([256, 0], [256, 1], [257, 5])
    expect(continueCounters(first, next)).toBe(first)
    const second = continueCounters(stream([257, 0], [256, 0], [256, 1]), next)
    expect(counters(second)).toEqual([
      [257, 6],
      [256, 2],
      [256, 3],
    ])
  })

  it('wrap after fifteen, and change nothing else', () => {
    const next: NextCounters = new Map([[256, 15]])
    const before = stream([256, 7], [256, 8])
    const copy = before.slice()
    const after = continueCounters(before, next)
    expect(before).toEqual(copy)
    expect(counters(after).map(([, counter]) => counter)).toEqual([15, 0])
    expect(after.map((byte, i) => (i % 188 === 3 ? 0 : byte))).toEqual(
      before.map((byte, i) => (i % 188 === 3 ? 0 : byte)),
    )
  })

  it('leave repeated packets and packets without payload as they are to each other', () => {
    const next: NextCounters = new Map([[256, 4]])
    const after = continueCounters(stream([256, 9, false], [256, 10], [256, 10], [256, 11]), next)
    expect(counters(after).map(([, counter]) => counter)).toEqual([3, 4, 4, 5])
    expect(next.get(256)).toBe(6)
  })

  it('leave alone what is no transport stream', () => {
    const next: NextCounters = new Map([[256, 4]])
    for (const data of [new Uint8Array(188), new Uint8Array([1, 2, 3]), new Uint8Array(0)])
      expect(continueCounters(data, next)).toBe(data)
  })

  it('go on in a playlist whose segments come from different sessions', () => {
    const origin = new HlsOrigin({})
    const rendition = { name: '720p0', width: 1280, height: 720, codecs: 'avc1.64001f' }
    for (const seq of [0, 1, 2])
      origin.put('live', rendition, {
        seq,
        data: stream([256, 0], [256, 1], [256, 2]),
        container: 'mpegts',
        durationMs: 2000,
      })
    const played = Buffer.concat([0, 1, 2].map((seq) => origin.get(`/stream/live/720p0/${seq}.ts`).body))
    expect(counters(played).map(([, counter]) => counter)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8])
  })
})
