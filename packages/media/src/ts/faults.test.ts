import { beforeAll, describe, expect, it } from 'vitest'
import { inspectSegment, makeTestClip } from '../testing/index.ts'
import { demuxTs } from './demuxer.ts'

const PACKET = 188
const pidOf = (data: Uint8Array, at: number) => ((data[at + 1]! & 0x1f) << 8) | data[at + 2]!

describe('a damaged transport stream', () => {
  let segment: Uint8Array
  beforeAll(async () => {
    segment = (await makeTestClip({ seconds: 2, width: 320, height: 180 })).segments[0]!.data
  })

  it('gives nothing before its tables, and all that comes after them (faults.md 23)', async () => {
    const withoutTables: Uint8Array[] = []
    let tables = 0
    for (let at = 0; at < segment.length; at += PACKET) {
      const isTable = pidOf(segment, at) === 0 || pidOf(segment, at) === 0x1000
      if (isTable && tables++ < 2) continue
      withoutTables.push(segment.subarray(at, at + PACKET))
    }
    const late = demuxTs(Buffer.concat(withoutTables))
    const whole = demuxTs(segment)
    expect(late.frames.length).toBeGreaterThan(whole.frames.length / 2)
    expect(late.frames.length).toBeLessThan(whole.frames.length)
    const never = withoutTables.filter((packet) => pidOf(packet, 0) !== 0)
    expect(demuxTs(Buffer.concat(never)).frames).toEqual([])
  })

  it('loses no more than what is damaged: a cut end, a lost sync byte, missing packets (faults.md 24)', async () => {
    const whole = demuxTs(segment).frames.length
    const cut = demuxTs(segment.subarray(0, segment.length - 100))
    expect(cut.frames.length).toBeGreaterThanOrEqual(whole - 2)
    const unsynced = segment.slice()
    unsynced[PACKET * 40] = 0
    const { frames, counts } = demuxTs(unsynced)
    expect(frames.length).toBeGreaterThanOrEqual(whole - 3)
    expect(counts.skippedBytes + counts.continuityErrors).toBeGreaterThan(0)
    const holes = Buffer.concat([segment.subarray(0, PACKET * 50), segment.subarray(PACKET * 53)])
    expect(demuxTs(holes).counts.continuityErrors).toBeGreaterThan(0)
    expect((await inspectSegment(holes)).frames).toBeGreaterThan(50)
  })

  it('may be no more than a byte, or nothing (faults.md 27)', () => {
    for (const data of [new Uint8Array(0), Uint8Array.of(0x47), new Uint8Array(PACKET)])
      expect(demuxTs(data).frames).toEqual([])
  })
})
