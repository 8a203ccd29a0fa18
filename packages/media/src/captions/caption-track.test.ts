import { beforeAll, expect, it } from 'vitest'
import type { CodedFrame } from '../segment/segment.ts'
import { CC1, makeTestClip, withCaptions } from '../testing/index.ts'
import { CaptionTrack } from './caption-track.ts'

let frames: readonly CodedFrame[]
beforeAll(async () => {
  const clip = await makeTestClip({ seconds: 2, width: 160, height: 90, fps: 30, audio: false })
  frames = withCaptions(clip.frames, [
    { from: 10, pairs: [CC1.popOn, CC1.row15, CC1.text('IN ORDER'), CC1.show].flat() },
  ])
})

const spoken = (webVtt: string | undefined) => /(\S+) --> (\S+) .*\n(.*)/.exec(webVtt ?? '')?.slice(1)

it('captions are read in the order in which pictures are shown, however they are coded', () => {
  const startTicks = frames[0]!.pts
  const read = (order: readonly CodedFrame[]) => {
    const track = new CaptionTrack()
    for (const frame of order) track.push(frame)
    return spoken(track.finish({ startTicks, discontinuity: false }))
  }
  // Ten pictures of silence, eight pairs before the code that shows them, to the end of two seconds.
  expect(read(frames)).toEqual(['00:00:00.600', '00:00:02.000', 'IN ORDER'])
  const swapped = frames.map((_, i) => frames[i % 2 === 0 ? Math.min(i + 1, frames.length - 1) : i - 1]!)
  expect(read(swapped)).toEqual(read(frames))
})

it('a stream without captions has no text, and one that had them goes on with empty segments', () => {
  const track = new CaptionTrack()
  const plain = frames.map((frame) => ({ ...frame, data: Uint8Array.of(0, 0, 0, 1, 5, 1) }))
  for (const frame of plain) track.push(frame)
  expect(track.finish({ startTicks: 0, discontinuity: false })).toBeUndefined()
  for (const frame of frames) track.push(frame)
  expect(track.finish({ startTicks: frames[0]!.pts, discontinuity: false })).toContain('IN ORDER')
  for (const frame of plain) track.push(frame)
  expect(track.finish({ startTicks: frames[0]!.pts, discontinuity: true })).toMatch(/^WEBVTT\nX-TIMESTAMP-MAP=\S+\n$/)
})
