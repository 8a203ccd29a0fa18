import { setTimeout as sleep } from 'node:timers/promises'
import { DEFAULT_LADDER, type VideoProfile } from '@millrace/wire'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { joinAnnexB } from '../h264/nal.ts'
import type { CodedFrame } from '../segment/segment.ts'
import { inspectSegment, makeTestClip, readMarks, type TestClip } from '../testing/index.ts'
import { demuxTs } from '../ts/demuxer.ts'
import { muxTs } from '../ts/muxer.ts'
import { countPixels } from '../verify/count.ts'
import type { MediaEngine, RenditionPart } from './engine.ts'
import { WholeSegments } from './transcode-segment.ts'

const rung = (over: Partial<VideoProfile>): VideoProfile => ({ ...DEFAULT_LADDER[3]!, ...over })

/** An access unit whose parameter sets claim a picture of 16384 by 16384. */
function hugePicture(): CodedFrame {
  const ue = (value: number) => (value + 1).toString(2).padStart((value + 1).toString(2).length * 2 - 1, '0')
  const fields = [ue(0), ue(0), ue(0), ue(0), ue(1), '0', ue(1_023), ue(1_023), '1', '1', '0', '0', '1']
  const bits = `01100111${'01000010'}${'11000000'}${'00110011'}${fields.join('')}`
  const sps = Uint8Array.from(bits.match(/.{1,8}/g)!.map((byte) => Number.parseInt(byte.padEnd(8, '0'), 2)))
  const data = joinAnnexB([sps, Uint8Array.of(0x68, 0xce, 0x3c, 0x80), Uint8Array.of(0x65, 0x88, 0x84, 0, 0x33, 0xff)])
  return { kind: 'video', codec: 'h264', pts: 90_000, dts: 90_000, keyFrame: true, data }
}

/** What every engine must do; run against each of them. `processes` lists the pids of its children, to test their death. */
export function engineSuite(open: () => Promise<MediaEngine>, childPids: () => number[]): void {
  let engine: MediaEngine
  let clip: TestClip
  beforeAll(async () => {
    engine = await open()
    clip = await makeTestClip({ seconds: 4, width: 640, height: 360, fps: 30 })
  })
  afterAll(() => engine?.close())

  const transcode = async (
    profiles: readonly VideoProfile[],
    data: Uint8Array,
    container: 'mpegts' | 'mp4' = 'mpegts',
  ) => {
    const session = new WholeSegments(await engine.open({ profiles, preset: 'ultrafast' }))
    try {
      return await session.transcode({ seq: 0, data, container })
    } finally {
      await session.close()
    }
  }
  const failure = async (data: Uint8Array, container: 'mpegts' | 'mp4' = 'mpegts') =>
    transcode([rung({})], data, container).then(
      () => expect.unreachable(),
      (error) => error,
    )

  it('makes the whole ladder of both segments: sizes, frames, times, pixels and marks are right', async () => {
    const session = new WholeSegments(await engine.open({ profiles: DEFAULT_LADDER }))
    const joined: Uint8Array[] = []
    for (const source of clip.segments) {
      const original = await inspectSegment(source.data)
      const { outcome, renditions } = await session.transcode({
        seq: source.seq,
        data: source.data,
        container: 'mpegts',
      })
      expect(outcome).toMatchObject({ decodedFrames: 60, decodedPixels: 640n * 360n * 60n, decodeErrors: 0 })
      expect(renditions.map(({ width, height }) => `${width}x${height}`)).toEqual([
        '1280x720',
        '854x480',
        '640x360',
        '426x240',
      ])
      for (const made of renditions) {
        const found = await inspectSegment(made.data)
        expect(found).toMatchObject({ width: made.width, height: made.height, firstIsKey: true, decodeErrors: 0 })
        expect(found.pts).toEqual(original.pts)
        expect(found.audioPts).toEqual(original.audioPts)
        expect(found.keyPts.length).toBeGreaterThanOrEqual(2)
        expect(found.keyPts).toContain(original.pts[0]! + 90_000)
        expect(found.marks.filter((mark, i) => mark !== found.marks[i - 1])).toEqual(
          clip.marks.slice(source.seq * 4, source.seq * 4 + 4),
        )
        expect(made.pixels).toBe(BigInt(made.width) * BigInt(made.height) * 60n)
        expect(countPixels(made.data, 'mpegts')).toMatchObject({ frames: 60, pixels: made.pixels, width: made.width })
        expect(made.durationMs).toBe(2_000)
      }
      joined.push(renditions[3]!.data)
    }
    // Joined by a player, the segments are one stream without a seam.
    expect(demuxTs(Buffer.concat(joined)).counts).toMatchObject({ continuityErrors: 0, droppedPes: 0, skippedBytes: 0 })
    await session.close()
  })

  it('keeps the bit rate near what was asked for', async () => {
    const { renditions } = await transcode([rung({ bitrateBps: 250_000 })], clip.segments[0]!.data)
    const pictures = (renditions[0]!.data.length * 8) / 2 - 110_000
    expect(pictures).toBeLessThan(420_000)
    expect(await readMarks(renditions[0]!.data)).toEqual(clip.marks.slice(0, 4))
  })

  it('lowers the frame rate and repeats frames as a profile asks', async () => {
    const { renditions } = await transcode(
      [rung({ fps: 15 }), rung({ fps: 60, name: 'double' })],
      clip.segments[0]!.data,
    )
    expect(renditions[0]!.frames).toBe(30)
    expect(Math.abs(renditions[1]!.frames - 119)).toBeLessThanOrEqual(1)
    expect(await readMarks(renditions[0]!.data)).toEqual(clip.marks.slice(0, 4))
  })

  it('makes every frame a key frame when the profile says intra, and MP4 when it says MP4', async () => {
    const { renditions } = await transcode(
      [rung({ gopMs: -1, format: 'mp4', bitrateBps: 2_000_000 })],
      clip.segments[0]!.data,
    )
    const found = await inspectSegment(renditions[0]!.data, 'mp4')
    expect(found).toMatchObject({ frames: 60, decodeErrors: 0 })
    expect(found.keyPts.length).toBe(60)
    expect(found.audioFrames).toBeGreaterThan(90)
  })

  it('takes B-frames when the profile allows them', async () => {
    const { renditions } = await transcode([rung({ profile: 'main' })], clip.segments[0]!.data)
    expect(await inspectSegment(renditions[0]!.data)).toMatchObject({ frames: 60, decodeErrors: 0, firstIsKey: true })
  })

  it('reads MP4 segments', async () => {
    const { outcome, renditions } = await transcode([rung({})], clip.mp4, 'mp4')
    expect(outcome.decodedFrames).toBe(120)
    expect(await readMarks(renditions[0]!.data)).toEqual(clip.marks)
  })

  it('keeps time stamps exact over the 33-bit wrap', async () => {
    const start = 2 ** 33 - 90_000
    const shifted = clip.frames
      .filter((frame) => frame.pts < 90_000 + 180_000)
      .map((frame) => ({ ...frame, pts: frame.pts + start, dts: frame.dts + start }))
    const data = muxTs(shifted)
    const { renditions } = await transcode([rung({})], data)
    const [before, after] = [await inspectSegment(data), await inspectSegment(renditions[0]!.data)]
    expect(after.pts).toEqual(before.pts)
    expect(after.pts.at(-1)! - after.pts[0]!).toBe(59 * 3_000)
  })

  it('takes a segment of one single key frame', async () => {
    const { renditions } = await transcode([rung({})], muxTs([clip.frames.find((frame) => frame.kind === 'video')!]))
    expect(await inspectSegment(renditions[0]!.data)).toMatchObject({ frames: 1, firstIsKey: true })
  })

  it('follows a source that turns or changes its size between segments', async () => {
    const tall = await makeTestClip({ seconds: 1, width: 180, height: 320, fps: 25, segmentMs: 1_000, seed: 9 })
    const session = new WholeSegments(await engine.open({ profiles: DEFAULT_LADDER.slice(2), preset: 'ultrafast' }))
    const sizes: string[] = []
    for (const [seq, data] of [clip.segments[0]!.data, tall.segments[0]!.data, clip.segments[1]!.data].entries()) {
      const { renditions } = await session.transcode({ seq, data, container: 'mpegts' })
      for (const made of renditions) {
        sizes.push(`${made.width}x${made.height}`)
        expect(await inspectSegment(made.data)).toMatchObject({
          width: made.width,
          frames: made.frames,
          decodeErrors: 0,
        })
      }
    }
    expect(sizes).toEqual(['640x360', '426x240', '360x640', '240x426', '640x360', '426x240'])
    await session.close()
  })

  it('says no_video_frames for sound alone, and unsupported_input for what is no video', async () => {
    const sound = muxTs(clip.frames.filter((frame) => frame.kind === 'audio'))
    expect(await failure(sound)).toMatchObject({ code: 'no_video_frames' })
    for (const bytes of [
      new Uint8Array(0),
      Uint8Array.of(0x47),
      new Uint8Array(10_000),
      Buffer.from('hello'.repeat(500)),
    ])
      expect(['unsupported_input', 'no_video_frames']).toContain((await failure(bytes)).code)
    expect((await failure(Buffer.from('not an mp4'), 'mp4')).code).toMatch(/unsupported_input|bad_mp4/)
    const huge = await failure(new Uint8Array(300_000_001))
    expect(huge).toMatchObject({ code: 'unsupported_input' })
    expect((await failure(muxTs([hugePicture()]))).code).toMatch(/no_video_frames|unsupported_input|picture_too_large/)
    const noKey = muxTs(clip.frames.filter((frame) => frame.kind === 'video' && !frame.keyFrame).slice(0, 20))
    expect(await failure(noKey)).toMatchObject({ code: 'no_video_frames' })
  })

  it('takes damaged segments as far as they can be decoded, and goes on with the next one', async () => {
    const session = new WholeSegments(await engine.open({ profiles: [rung({})], preset: 'ultrafast' }))
    const source = clip.segments[0]!.data
    const damaged = Uint8Array.from(source)
    for (let i = 188 * 30; i < damaged.length; i += 997) damaged[i] = (damaged[i]! + 13) & 255
    for (const [seq, data] of [source.subarray(0, source.length * 0.4), damaged].entries()) {
      const made = await session.transcode({ seq, data, container: 'mpegts' })
      expect(made.renditions[0]!.frames).toBeGreaterThan(5)
      const { pts } = await inspectSegment(made.renditions[0]!.data)
      expect(pts.every((time, i) => i === 0 || time > pts[i - 1]!)).toBe(true)
    }
    await expect(session.transcode({ seq: 7, data: new Uint8Array(100), container: 'mpegts' })).rejects.toThrow()
    const { renditions } = await session.transcode({ seq: 8, data: clip.segments[1]!.data, container: 'mpegts' })
    expect(renditions[0]!.frames).toBe(60)
    await session.close()
  })

  it('refuses nonsense that looks like a transport stream again and again, and lives on', async () => {
    const session = new WholeSegments(await engine.open({ profiles: [rung({})], preset: 'ultrafast' }))
    const nonsense = Uint8Array.from({ length: 188 * 50 }, (_, i) => (i % 188 === 0 ? 0x47 : (i * 31) % 256))
    for (let seq = 0; seq < 20; seq++)
      await expect(session.transcode({ seq, data: nonsense, container: 'mpegts' })).rejects.toMatchObject({
        code: expect.stringMatching(/^(unsupported_input|no_video_frames)$/),
      })
    const { renditions } = await session.transcode({ seq: 20, data: clip.segments[0]!.data, container: 'mpegts' })
    expect(renditions[0]!.frames).toBe(60)
    await session.close()
  })

  it('gives a segment up when its signal aborts, and serves the next one', async () => {
    const session = await engine.open({ profiles: DEFAULT_LADDER })
    const parts: RenditionPart[] = []
    const reading = (async () => {
      for await (const part of session.parts()) parts.push(part)
    })()
    const controller = new AbortController()
    setTimeout(() => controller.abort(), 100)
    const segment = { seq: 0, data: clip.segments[0]!.data, container: 'mpegts' } as const
    const outcome = await session.push(segment, { signal: controller.signal })
    expect(outcome).toMatchObject({ ok: false, error: { code: 'aborted' } })
    expect(await session.push({ ...segment, seq: 1 })).toMatchObject({ ok: true, seq: 1 })
    await session.close()
    await reading
    expect(parts.map((part) => [part.seq, part.rendition, part.last])).toEqual([0, 1, 2, 3].map((i) => [1, i, true]))
  })

  it('rejects every call after its process was killed, and opens new sessions', async () => {
    const session = await engine.open({ profiles: DEFAULT_LADDER })
    const segment = { seq: 0, data: clip.segments[0]!.data, container: 'mpegts' } as const
    const pushed = session.push(segment)
    pushed.catch(() => {})
    await sleep(80)
    for (const pid of childPids()) process.kill(pid, 'SIGKILL')
    await expect(pushed).rejects.toMatchObject({ code: 'engine_died', retryable: true })
    await expect(session.push(segment)).rejects.toMatchObject({ code: 'engine_died' })
    await session.close()
    const { renditions } = await transcode([rung({})], segment.data)
    expect(renditions[0]!.frames).toBe(60)
  })

  it('kills a process that hangs when its deadline is over', async () => {
    const session = await engine.open({ profiles: DEFAULT_LADDER })
    const segment = { seq: 0, data: clip.segments[0]!.data, container: 'mpegts' } as const
    const pids = childPids()
    for (const pid of pids) process.kill(pid, 'SIGSTOP')
    await expect(session.push(segment, { deadlineMs: 300 })).rejects.toMatchObject({ code: 'engine_timeout' })
    for (const pid of pids)
      try {
        process.kill(pid, 'SIGCONT')
      } catch {
        // It was killed, as it should be.
      }
    await session.close()
  })

  it('refuses profiles that it cannot make before anything is spent on them', async () => {
    await expect(engine.open({ profiles: [rung({ codec: 'vp9' })] })).rejects.toMatchObject({
      code: 'unsupported_profile',
    })
    await expect(engine.open({ profiles: [rung({})], preset: 'warp' })).rejects.toMatchObject({
      code: 'unsupported_profile',
    })
  })
}
