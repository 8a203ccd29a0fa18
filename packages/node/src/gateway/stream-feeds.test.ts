import { silentLog } from '@millrace/base'
import { AudioProcess, type CodedFrame, cmafChunk, cmafInit, cmafTrackOf } from '@millrace/media'
import { makeTestClip, type TestClip } from '@millrace/media/testing'
import { DEFAULT_LADDER, manifestId } from '@millrace/wire'
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { LiveRenditions } from './live-renditions.ts'
import { StreamFeeds } from './stream-feeds.ts'

const LADDER = DEFAULT_LADDER.slice(0, 2)
const [HIGH, LOW] = LADDER.map(({ name }) => name) as [string, string]

let clip: TestClip
let audio: AudioProcess
let feeds: StreamFeeds

beforeAll(async () => {
  clip = await makeTestClip({ seconds: 2, width: 160, height: 90, segmentMs: 1_000 })
})

beforeEach(() => {
  audio = new AudioProcess({ log: silentLog })
  feeds = new StreamFeeds(LADDER, { log: silentLog })
})

afterEach(async () => {
  feeds.end()
  await audio.close()
})

const whole = () => ({ data: clip.segments[0]!.data, container: 'mpegts' as const })
const names = (wanted?: string) => feeds.choose(wanted, audio).renditions.map(({ name }) => name)

/** A source whose frames are these. */
async function source(frames: readonly CodedFrame[]): Promise<void> {
  feeds.source(
    (async function* () {
      yield* frames
    })(),
  )
  await new Promise(setImmediate)
}

/** Pictures as x264 codes them with one B-frame between two others. */
const reordered = (): CodedFrame[] =>
  clip.frames
    .filter(({ kind }) => kind === 'video')
    .map((frame, i) => ({ ...frame, pts: frame.dts + (i === 0 ? 3_000 : i % 2 === 1 ? 6_000 : 0) }))

describe('what viewers by WebRTC are shown', () => {
  it('is the source first, then the renditions by bit rate, or the one that they name', async () => {
    expect(() => names()).toThrow(expect.objectContaining({ code: 'stream_not_live', retryable: true }))
    await source(clip.frames)
    feeds.segment(LOW, whole())
    feeds.segment(HIGH, whole())
    expect(names()).toEqual(['source', HIGH, LOW])
    expect(names(LOW)).toEqual([LOW])
    expect(() => names('other')).toThrow(expect.objectContaining({ code: 'stream_not_live' }))
  })

  it('never has B-frames', async () => {
    await source(reordered())
    expect(() => names()).toThrow(expect.objectContaining({ code: 'rendition_has_b_frames' }))
    feeds.segment(LOW, whole())
    expect(names()).toEqual([LOW])
    expect(() => names('source')).toThrow(expect.objectContaining({ code: 'rendition_has_b_frames' }))
  })

  it('is H.264', async () => {
    await source(clip.frames.map((frame) => (frame.kind === 'video' ? { ...frame, codec: 'hevc' as const } : frame)))
    expect(() => names()).toThrow(expect.objectContaining({ code: 'codec_not_offered' }))
  })

  it('comes as the parts of a rendition come, with the sound of the source', async () => {
    await source(clip.frames)
    const cmaf = { putPart: () => true, completeSegment: () => true }
    const live = new LiveRenditions(manifestId('clip'), LADDER, { cmaf, feeds, log: silentLog })
    const pictures = clip.frames.filter(({ kind }) => kind === 'video').slice(0, 12)
    const track = cmafTrackOf(pictures[0]!)!
    const init = cmafInit(track)
    for (const [index, part] of [pictures.slice(0, 6), pictures.slice(6)].entries()) {
      const bytes = cmafChunk(track, part, { sequence: index + 1 } as never)
      live.part({ seq: 0, index, rendition: 0, independent: index === 0, duration: 18_000, bytes, init } as never)
    }
    const { renditions } = feeds.choose(HIGH, audio)
    const seen: number[] = []
    for await (const { pts } of renditions[0].feed.frames({ from: 'key' })) {
      seen.push(pts)
      if (seen.length === 12) break
    }
    expect(seen).toEqual(pictures.map(({ pts }) => pts))

    const sound: CodedFrame[] = []
    const stop = renditions[0].opus((frame) => sound.push(frame))
    expect(audio.running).toBe(false)
    await expect
      .poll(
        async () => {
          await source(clip.frames.filter(({ kind }) => kind === 'audio'))
          return sound.length
        },
        { timeout: 8_000, interval: 200 },
      )
      .toBeGreaterThan(10)
    expect(sound[0]).toMatchObject({ kind: 'audio', codec: 'opus' })
    stop()
  })
})
