import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MillraceError, silentLog } from '@millrace/base'
import type { VideoProfile } from '@millrace/wire'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { codecString } from '../cmaf/codec-string.ts'
import { readCmafInit } from '../cmaf/read-init.ts'
import { piecesOf } from '../deliver/cmaf/whole-segment.ts'
import { probeSegment } from '../playlist/probe.ts'
import { readMp4Frames } from '../remux/mp4-reader.ts'
import { writeMp4 } from '../remux/write-mp4.ts'
import { inspectSegment, makeTestClip, type TestClip } from '../testing/index.ts'
import { demuxTs } from '../ts/demuxer.ts'
import { countPixels } from '../verify/count.ts'
import type { MediaEngine } from './engine.ts'
import { openMediaEngine } from './open-engine.ts'
import { WholeSegments } from './transcode-segment.ts'

/** A small rendition in MP4. */
export const inMp4 = (codec: VideoProfile['codec'], over: Partial<VideoProfile> = {}): VideoProfile => ({
  ...{ name: codec, width: 320, height: 180, bitrateBps: 300_000, fps: 0, gopMs: 1_000, format: 'mp4', codec },
  ...over,
})
const CODECS = { vp9: /^vp09\.00\.\d\d\.08$/, av1: /^av01\.0\.\d\dM\.08$/, h265: /^hvc1\.1\./ } as const
const PROFILES = (Object.keys(CODECS) as (keyof typeof CODECS)[]).map((codec) => inMp4(codec))

/** Whatever a stranger changes in the bytes, they are counted or refused with an error that has a code. */
function expectsDamage(data: Uint8Array): void {
  for (let round = 0; round < 150; round++) {
    const damaged = Uint8Array.from(data)
    // Half of them in the tables and heads at the beginning.
    const reach = round % 2 === 0 ? damaged.length : Math.min(1_500, damaged.length)
    for (let i = 0; i < 3; i++) damaged[(round * 7_919 + i * 104_729) % reach]! ^= 1 << ((round + i) % 8)
    for (const use of [() => countPixels(damaged, 'mp4'), () => piecesOf(damaged, 'mp4', { startTicks: 0 })])
      try {
        use()
      } catch (error) {
        expect(error).toBeInstanceOf(MillraceError)
      }
  }
}

/** What both engines make; run against each of them. */
export function outputCodecsSuite(name: 'node-av' | 'ffmpeg'): void {
  let clip: TestClip
  beforeAll(async () => {
    clip = await makeTestClip({ seconds: 4, width: 320, height: 180, fps: 30 })
  })
  let engine: MediaEngine
  beforeAll(async () => {
    engine = (await openMediaEngine({ engine: name, preset: 'ultrafast', spare: false }, { log: silentLog })).engine
  })
  afterAll(() => engine?.close())

  it('are told', () => expect(engine.info.codecs).toEqual(['h264', 'h265', 'vp9', 'av1']))

  it('VP9, AV1 and HEVC come in MP4: every picture, key frames where they are wanted, the sound beside them', async () => {
    const session = new WholeSegments(await engine.open({ profiles: PROFILES }))
    const source = clip.segments[1]!
    const { renditions } = await session.transcode({ seq: 1, data: source.data, container: 'mpegts' })
    await session.close()
    const sound = demuxTs(source.data).frames.filter(({ kind }) => kind === 'audio')
    for (const [i, { data, frames, pixels, width, height }] of renditions.entries()) {
      const { codec } = PROFILES[i]!
      expect({ frames, width, height, pixels }).toEqual({ frames: 60, width: 320, height: 180, pixels: 3_456_000n })
      const found = await inspectSegment(data, 'mp4')
      expect(found).toMatchObject({ frames: 60, decodeErrors: 0, width: 320, height: 180, firstIsKey: true })
      expect(found.marks.filter((mark, j) => mark !== found.marks[j - 1])).toEqual(clip.marks.slice(4, 8))
      expect(found.keyPts.map((pts) => pts - found.pts[0]!)).toEqual([0, 90_000])
      const read = readMp4Frames(data)
      expect(read.filter(({ kind }) => kind === 'audio').map((frame) => frame.data)).toEqual(
        sound.map((frame) => Buffer.from(frame.data)).map((bytes) => new Uint8Array(bytes)),
      )
      expect(countPixels(data, 'mp4')).toMatchObject({ frames: 60, pixels, width, height, firstIsKey: true })
      expect(probeSegment(data, 'mp4').codecs?.split(',')[0]).toMatch(
        codec === 'h265' ? /^hvc1/ : CODECS[codec as 'vp9'],
      )
      const { init, parts } = piecesOf(data, 'mp4', { startTicks: 900_000 })
      expect(codecString(readCmafInit(init))).toMatch(CODECS[codec as 'vp9'])
      expect(parts.map(({ independent }) => independent)).toContain(true)
    }
  })

  it('VP9 and AV1 of several segments are joined to one file', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'millrace-codecs-'))
    const session = new WholeSegments(await engine.open({ profiles: PROFILES.slice(0, 2) }))
    try {
      const made = []
      for (const { seq, data } of clip.segments)
        made.push((await session.transcode({ seq, data, container: 'mpegts' })).renditions.map((part) => part.data))
      for (const renditions of made) for (const data of renditions) expectsDamage(data)
      for (const i of [0, 1]) {
        const path = join(folder, `${i}.mp4`)
        const written = await writeMp4(
          made.map((renditions) => renditions[i]!),
          path,
        )
        expect(written).toMatchObject({ videoFrames: 120, durationMs: expect.closeTo(4_000, -2) })
        const found = await inspectSegment(await readFile(path), 'mp4')
        expect(found).toMatchObject({ frames: 120, decodeErrors: 0 })
        expect(found.pts.map((pts) => pts - found.pts[0]!)).toEqual(Array.from({ length: 120 }, (_, n) => n * 3_000))
      }
    } finally {
      await session.close()
      await rm(folder, { recursive: true, force: true })
    }
  })

  it('are refused by name where the container does not carry them, and where nothing makes them', async () => {
    const refused = (profile: VideoProfile) => engine.open({ profiles: [profile] }).catch((error) => error)
    for (const codec of ['vp9', 'av1'] as const)
      expect(await refused(inMp4(codec, { format: 'mpegts' }))).toMatchObject({
        code: 'unsupported_profile',
        message: `MPEG-TS does not carry ${codec.toUpperCase()}: ask for it in mp4`,
      })
    expect(await refused(inMp4('vp8'))).toMatchObject({ code: 'unsupported_profile', message: /VP8/ })
  })
}
