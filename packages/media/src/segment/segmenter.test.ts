import { keccak256, MillraceError } from '@millrace/base'
import { Hashing } from '@millrace/base/node'
import { manifestId } from '@millrace/wire'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { inspectSegment, makeTestClip, type TestClip } from '../testing/index.ts'
import { demuxTs } from '../ts/demuxer.ts'
import { segmentFromBytes } from './from-bytes.ts'
import type { ClosedSegment, CodedFrame, Segment } from './segment.ts'
import { segmentFrames } from './segmenter.ts'

const hashing = new Hashing()
afterAll(() => hashing.stop())
const id = manifestId('seg')

const KEY = Uint8Array.of(0, 0, 0, 1, 0x65, 0x88, 1, 2)
const DELTA = Uint8Array.of(0, 0, 0, 1, 0x41, 0x88, 1, 2)
const config = Uint8Array.of(0x11, 0x90)

/** Pictures at 30 a second with a key frame each `gop` frames. */
function* video(count: number, gop: number, from = 90_000): Generator<CodedFrame> {
  for (let i = 0; i < count; i++) {
    const pts = from + i * 3_000
    const keyFrame = i % gop === 0
    yield { kind: 'video', codec: 'h264', pts, dts: pts, keyFrame, data: keyFrame ? KEY : DELTA }
  }
}

function* audio(count: number, from = 90_000): Generator<CodedFrame> {
  for (let i = 0; i < count; i++) {
    const pts = from + i * 1_920
    yield { kind: 'audio', codec: 'aac', pts, dts: pts, keyFrame: true, data: new Uint8Array(100), config }
  }
}

const merged = (...streams: Iterable<CodedFrame>[]) => streams.flatMap((s) => [...s]).sort((a, b) => a.dts - b.dts)

async function* asStream(frames: Iterable<CodedFrame>, error?: Error): AsyncGenerator<CodedFrame> {
  yield* frames
  if (error) throw error
}

async function cut(frames: Iterable<CodedFrame>, options = {}): Promise<{ segment: Segment; closed: ClosedSegment }[]> {
  const out: { segment: Segment; closed: ClosedSegment }[] = []
  for await (const segment of segmentFrames(asStream(frames), { manifestId: id, ...options }, { hashing }))
    out.push({ segment, closed: await segment.closed })
  return out
}

describe('segmenter', () => {
  let clip: TestClip
  beforeAll(async () => {
    clip = await makeTestClip({ seconds: 6, width: 320, height: 180 })
  })

  it('cuts a real stream so that every segment decodes alone and nothing is lost between them', async () => {
    const made = await cut(clip.frames)
    expect(made.map(({ segment, closed }) => [segment.seq, closed.durationMs, closed.videoFrames])).toEqual([
      [0, 2000, 60],
      [1, 2000, 60],
      [2, 2000, 60],
    ])
    const pts: number[] = []
    for (const { closed } of made) {
      const found = await inspectSegment(closed.data)
      expect(found).toMatchObject({ frames: 60, firstIsKey: true, decodeErrors: 0 })
      pts.push(...found.pts)
    }
    expect(pts).toEqual(clip.frames.filter((frame) => frame.kind === 'video').map((frame) => frame.pts))
    const whole = demuxTs(Buffer.concat(made.map(({ closed }) => closed.data)))
    expect(whole.counts.continuityErrors).toBe(0)
    expect(whole.frames.length).toBe(clip.frames.length)
  })

  it('hashes exactly the bytes of the segment', async () => {
    const [first] = await cut(clip.frames)
    expect(first!.closed.hash).toEqual(keccak256(first!.closed.data))
  })

  it('hands a segment out when it begins and fills it while nobody asks for the next', async () => {
    const segments = segmentFrames(asStream(clip.frames), { manifestId: id }, { hashing })
    const iterator = segments[Symbol.asyncIterator]()
    const first = (await iterator.next()).value as Segment
    let frames = 0
    for await (const _ of first) frames++
    expect(frames).toBe((await first.closed).videoFrames + (await first.closed).audioFrames)
    expect(((await iterator.next()).value as Segment).seq).toBe(1)
  })

  it('waits for the first key frame, and keeps the sound that came just before it', async () => {
    const early = [...video(70, 60)].slice(1)
    const [first] = await cut(merged(early, audio(150, 90_000)))
    const { frames: read } = demuxTs(first!.closed.data)
    expect(read.find((frame) => frame.kind === 'video')).toMatchObject({ pts: 270_000, keyFrame: true })
    const sound = read.filter((frame) => frame.kind === 'audio').map((frame) => frame.pts)
    expect(Math.min(...sound)).toBeGreaterThanOrEqual(270_000 - 9_000)
    expect(Math.min(...sound)).toBeLessThan(270_000)
  })

  it('cuts at the first key frame from the target on', async () => {
    const made = await cut(video(300, 25))
    expect(made.map(({ closed }) => closed.durationMs)).toEqual([2500, 2500, 2500, 2500])
  })

  it('cuts without a key frame when none comes in time, and says that the piece is not independent', async () => {
    const made = await cut(video(300, 1_000), { maxMs: 4_000 })
    expect(made.map(({ segment, closed }) => [segment.independent, closed.durationMs])).toEqual([
      [true, 4000],
      [false, 4000],
      [false, 2000],
    ])
    const small = await cut(video(300, 1_000), { maxBytes: 10_000 })
    expect(small.length).toBeGreaterThan(3)
    for (const { closed } of small) expect(closed.data.length).toBeLessThan(12_000)
  })

  it('takes sound alone and pictures alone', async () => {
    const sound = await cut(audio(200))
    expect(sound.length).toBe(3)
    expect(sound[0]!.closed).toMatchObject({ videoFrames: 0 })
    expect(sound.reduce((sum, { closed }) => sum + closed.audioFrames, 0)).toBe(200)
    const pictures = await cut(video(120, 60))
    expect(pictures.map(({ closed }) => closed.audioFrames)).toEqual([0, 0])
  })

  it('marks a jump of the clock, forward or backward, as a discontinuity', async () => {
    for (const jump of [3_600 * 90_000, -60 * 90_000]) {
      const from = 100 * 90_000
      const made = await cut([...video(90, 60, from), ...video(90, 60, from + jump)])
      expect(made.map(({ segment, closed }) => [segment.discontinuity, closed.durationMs])).toEqual([
        [false, 2000],
        [false, 1000],
        [true, 2000],
        [false, 1000],
      ])
    }
  })

  it('puts time stamps in order that repeat or step back a little', async () => {
    const frames = [...video(60, 60)].map((frame, i) =>
      i % 7 === 3 ? { ...frame, dts: frame.dts - 3_000, pts: frame.pts - 3_000 } : frame,
    )
    const [made] = await cut(frames)
    const read = demuxTs(made!.closed.data).frames
    expect(read.length).toBe(60)
    expect(read.every((frame, i) => i === 0 || (frame.dts > read[i - 1]!.dts && frame.pts >= frame.dts))).toBe(true)
  })

  it('numbers on where a publisher that came back left off', async () => {
    const made = await cut(video(60, 60), { firstSeq: 41, discontinuity: true })
    expect(made[0]!.segment).toMatchObject({ seq: 41, discontinuity: true })
  })

  it('fails the open segment and the iteration when the stream fails', async () => {
    const error = new MillraceError('bad_flv', 'damaged')
    const closed: Promise<ClosedSegment>[] = []
    const run = async () => {
      for await (const segment of segmentFrames(asStream(video(90, 60), error), { manifestId: id }, { hashing }))
        closed.push(segment.closed)
    }
    await expect(run()).rejects.toBe(error)
    expect((await closed[0])?.durationMs).toBe(2000)
    await expect(closed[1]).rejects.toBe(error)
  })

  it('makes a segment of bytes that came as a whole, and keeps the bytes', async () => {
    const data = clip.segments[1]!.data
    const segment = segmentFromBytes(
      { manifestId: id, seq: 1, data, container: 'mpegts', durationMs: 2_000 },
      { hashing },
    )
    expect(await segment.closed).toMatchObject({ data, durationMs: 2_000, videoFrames: 60, hash: keccak256(data) })
    const mp4 = segmentFromBytes(
      { manifestId: id, seq: 0, data: clip.mp4, container: 'mp4', durationMs: 6_000 },
      { hashing },
    )
    expect((await mp4.closed).videoFrames).toBe(180)
  })
})
