import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import type { CodedFrame } from '../segment/segment.ts'
import { makeTestClip } from '../testing/index.ts'
import { demuxTs, TsDemuxer } from './demuxer.ts'
import { muxTs } from './muxer.ts'
import { unwrap33, WRAP, wrap33 } from './time.ts'

const config = Uint8Array.of(0x11, 0x90)
const picture = (pts: number, dts: number, size: number, key = false): CodedFrame => {
  const data = new Uint8Array(6 + size).map((_, i) => 1 + ((i * 7) % 250))
  data.set([0, 0, 0, 1, key ? 0x65 : 0x41, 0x9a])
  return { kind: 'video', codec: 'h264', pts, dts, keyFrame: key, data }
}
const sound = (pts: number, size: number): CodedFrame => ({
  kind: 'audio',
  codec: 'aac',
  pts,
  dts: pts,
  keyFrame: true,
  data: new Uint8Array(size).fill(0x21),
  config,
})

describe('transport stream', () => {
  let clip: Uint8Array
  let frames: readonly CodedFrame[]
  beforeAll(async () => {
    const made = await makeTestClip({ seconds: 2, width: 320, height: 180 })
    clip = made.segments[0]!.data
    frames = made.frames
  })

  it('gives back every frame, its bytes and its times', () => {
    const { frames: read, counts } = demuxTs(muxTs(frames))
    expect(counts).toMatchObject({ skippedBytes: 0, continuityErrors: 0, droppedPes: 0, badSections: 0 })
    for (const kind of ['video', 'audio'] as const) {
      const before = frames.filter((frame) => frame.kind === kind)
      const after = read.filter((frame) => frame.kind === kind)
      expect(after.map((frame) => [frame.pts, frame.dts, frame.keyFrame])).toEqual(
        before.map((frame) => [frame.pts, frame.dts, frame.keyFrame]),
      )
      for (const [i, frame] of after.entries()) {
        // An access unit delimiter is put in front of each picture.
        const bytes = kind === 'video' ? frame.data.subarray(6) : frame.data
        expect(Buffer.compare(bytes, before[i]!.data)).toBe(0)
      }
    }
  })

  it('carries frames of every size from one byte to two megabytes', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 3_000 }), { minLength: 1, maxLength: 20 }), (sizes) => {
        const given = sizes.map((size, i) =>
          i % 3 === 2 ? sound(i * 3_000, size) : picture(i * 3_000 + 90_000, i * 3_000, size),
        )
        const read = demuxTs(muxTs(given))
        expect(read.counts.continuityErrors + read.counts.droppedPes).toBe(0)
        expect(read.frames.map((frame) => frame.data.length).sort()).toEqual(
          given.map((frame) => frame.data.length + (frame.kind === 'video' ? 6 : 0)).sort(),
        )
      }),
      { numRuns: 60 },
    )
    expect(demuxTs(muxTs([picture(0, 0, 2_000_000, true)])).frames[0]!.data.length).toBe(2_000_012)
  })

  it('keeps times exact over the 33-bit wrap', () => {
    const start = WRAP - 45_000
    const given = Array.from({ length: 60 }, (_, i) =>
      picture(start + i * 3_000 + 6_000, start + i * 3_000, 500, i === 0),
    )
    const { frames: read } = demuxTs(muxTs(given))
    expect(read.map((frame) => [frame.pts, frame.dts])).toEqual(given.map((frame) => [frame.pts, frame.dts]))
    expect(unwrap33(wrap33(start + 90_000), start)).toBe(start + 90_000)
  })

  it('reads the stream byte by byte as it does at once', () => {
    const read: CodedFrame[] = []
    const demuxer = new TsDemuxer({ frame: (frame) => read.push(frame) })
    for (let at = 0; at < clip.length; at += 37) demuxer.push(clip.subarray(at, at + 37))
    demuxer.end()
    expect(read.length).toBe(demuxTs(clip).frames.length)
  })

  it('finds the packets again after lost bytes and counts what is missing', () => {
    const cut = Buffer.concat([
      clip.subarray(0, 188 * 20),
      clip.subarray(188 * 20 + 77, 188 * 60),
      clip.subarray(188 * 64),
    ])
    const { frames: read, counts } = demuxTs(cut)
    expect(counts.skippedBytes).toBeGreaterThan(0)
    expect(counts.continuityErrors).toBeGreaterThan(0)
    expect(read.length).toBeGreaterThan(frames.length / 2)
  })

  it('never throws and never invents memory, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 4_000 }), (bytes) => {
        demuxTs(bytes)
      }),
      { numRuns: 200 },
    )
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(clip.length - 1), fc.nat(255)), { minLength: 1, maxLength: 40 }),
        (flips) => {
          const damaged = Uint8Array.from(clip.subarray(0, 188 * 100))
          for (const [at, value] of flips) damaged[at % damaged.length] = value
          demuxTs(damaged)
        },
      ),
      { numRuns: 150 },
    )
  })

  it('drops a picture that grows over the bound instead of keeping it', () => {
    const read: CodedFrame[] = []
    const demuxer = new TsDemuxer({ frame: (frame) => read.push(frame), maxPesBytes: 50_000 })
    demuxer.push(muxTs([picture(0, 0, 200_000, true), picture(3_000, 3_000, 1_000)]))
    demuxer.end()
    expect(demuxer.counts.droppedPes).toBe(1)
    expect(read.map((frame) => frame.pts)).toEqual([3_000])
  })
})
