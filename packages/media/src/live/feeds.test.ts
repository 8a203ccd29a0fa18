import { beforeAll, describe, expect, it } from 'vitest'
import type { CodedFrame } from '../segment/segment.ts'
import { makeTestClip, type TestClip } from '../testing/test-clip.ts'
import { LiveFeed } from './live-feed.ts'
import { SegmentFeed } from './segment-feed.ts'

let clip: TestClip

beforeAll(async () => {
  clip = await makeTestClip({ seconds: 2, width: 160, height: 90, segmentMs: 1_000 })
})

const frame = (pts: number, keyFrame = false): CodedFrame => ({
  kind: 'video',
  codec: 'h264',
  pts,
  dts: pts,
  keyFrame,
  data: new Uint8Array(100),
})

async function take(frames: AsyncIterable<CodedFrame>, count: number): Promise<CodedFrame[]> {
  const taken: CodedFrame[] = []
  for await (const one of frames) {
    taken.push(one)
    if (taken.length === count) break
  }
  return taken
}

describe('a feed', () => {
  it('begins with the newest key frame, or with what comes now', async () => {
    const feed = new LiveFeed()
    for (const [pts, key] of [
      [0, true],
      [1, false],
      [2, true],
      [3, false],
    ] as const)
      feed.push(frame(pts, key))
    const fromNow = take(feed.frames({ from: 'now' }), 1)
    const fromKey = await take(feed.frames({ from: 'key' }), 2)
    feed.push(frame(4))
    expect(fromKey.map(({ pts }) => pts)).toEqual([2, 3])
    expect((await fromNow).map(({ pts }) => pts)).toEqual([4])
    expect(feed.readers).toBe(0)
  })

  it('keeps no group of pictures without an end', async () => {
    const feed = new LiveFeed({ maxGroupFrames: 10 })
    feed.push(frame(0, true))
    for (let pts = 1; pts < 20; pts++) feed.push(frame(pts))
    feed.end()
    expect(await take(feed.frames({ from: 'key' }), 100)).toEqual([])
  })

  it('notices B-frames', () => {
    const inOrder = new LiveFeed()
    const reordered = new LiveFeed()
    expect(inOrder.reordered).toBeUndefined()
    for (let i = 0; i < 15; i++) inOrder.push(frame(i * 3_000, i === 0))
    for (const pts of [0, 9_000, 3_000, 6_000]) reordered.push(frame(pts, pts === 0))
    expect([inOrder.reordered, reordered.reordered]).toEqual([false, true])
  })
})

describe('a feed of whole segments', () => {
  it('gives them at the pace of a clock, and reads none while nobody watches', async () => {
    const feed = new SegmentFeed()
    feed.push({ data: clip.segments[0]!.data, container: 'mpegts' })
    expect([feed.reordered, feed.videoCodec]).toEqual([false, 'h264'])
    const began = performance.now()
    const frames = await take(feed.frames({ from: 'key' }), 40)
    expect(frames.some(({ kind }) => kind === 'audio')).toBe(true)
    const lasted = (frames.at(-1)!.dts - frames[0]!.dts) / 90
    expect(performance.now() - began).toBeGreaterThan(lasted - 50)
  })

  it('goes over to parts when they come, without waiting', async () => {
    const feed = new SegmentFeed()
    feed.push({ data: clip.segments[0]!.data, container: 'mpegts' })
    const pictures = clip.frames.filter(({ kind }) => kind === 'video').slice(0, 20)
    feed.part(pictures)
    expect(feed.inParts).toBe(true)
    const frames = await take(feed.frames({ from: 'key' }), 20)
    expect(frames).toEqual(pictures)
  })
})
