import { spawnSync } from 'node:child_process'
import { silentLog } from '@millrace/base'
import type { VideoProfile } from '@millrace/wire'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { codecString } from '../cmaf/codec-string.ts'
import { readCmafInit } from '../cmaf/read-init.ts'
import { piecesOf } from '../deliver/cmaf/whole-segment.ts'
import { probeSegment } from '../playlist/probe.ts'
import { readMp4Frames } from '../remux/mp4-reader.ts'
import { withSound } from '../remux/with-sound.ts'
import { inspectSegment, makeTestClip, type TestClip } from '../testing/index.ts'
import { demuxTs } from '../ts/demuxer.ts'
import { countPixels } from '../verify/count.ts'
import type { MediaEngine, RenditionPart } from './engine.ts'
import { openMediaEngine } from './open-engine.ts'
import { WholeSegments } from './transcode-segment.ts'

const inMp4 = (codec: VideoProfile['codec'], over: Partial<VideoProfile> = {}): VideoProfile => ({
  ...{ name: codec, width: 320, height: 180, bitrateBps: 300_000, fps: 0, gopMs: 1_000, format: 'mp4', codec },
  ...over,
})
const CODECS = { vp9: /^vp09\.00\.\d\d\.08$/, av1: /^av01\.0\.\d\dM\.08$/, h265: /^hvc1\.1\./ } as const
const PROFILES = (Object.keys(CODECS) as (keyof typeof CODECS)[]).map((codec) => inMp4(codec))

const hasFfmpeg = spawnSync('ffmpeg', ['-version']).status === 0
if (!hasFfmpeg && process.env.CI !== 'true')
  console.log('NOT RUN: output codecs of the ffmpeg engine; get it with `apt-get install ffmpeg`')

let clip: TestClip
beforeAll(async () => {
  clip = await makeTestClip({ seconds: 4, width: 320, height: 180, fps: 30 })
})

for (const name of ['node-av', 'ffmpeg'] as const)
  describe.skipIf(name === 'ffmpeg' && !hasFfmpeg && process.env.CI !== 'true')(`output codecs of ${name}`, () => {
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

    it('are refused by name where the container does not carry them, and where nothing makes them', async () => {
      const refused = (profile: VideoProfile) => engine.open({ profiles: [profile] }).catch((error) => error)
      for (const codec of ['vp9', 'av1'] as const)
        expect(await refused(inMp4(codec, { format: 'mpegts' }))).toMatchObject({
          code: 'unsupported_profile',
          message: `MPEG-TS does not carry ${codec.toUpperCase()}: ask for it in mp4`,
        })
      expect(await refused(inMp4('vp8'))).toMatchObject({ code: 'unsupported_profile', message: /VP8/ })
    })
  })

describe('live output codecs', () => {
  it('VP9 and AV1 come picture by picture, each segment beginning with a key frame of the same encoder', async () => {
    const { engine } = await openMediaEngine({ engine: 'node-av', spare: false }, { log: silentLog })
    const profiles = [inMp4('vp9'), inMp4('av1')]
    const session = new WholeSegments(await engine.open({ profiles, preset: 'ultrafast' }))
    async function* chunks(data: Uint8Array) {
      yield data
    }
    for (const { seq, data } of clip.segments) {
      const parts: RenditionPart[] = []
      const { renditions } = await session.transcodeLive(
        { seq, chunks: chunks(data) },
        { part: (part) => parts.push(part) },
      )
      for (const [i, profile] of profiles.entries()) {
        const own = parts.filter(({ rendition }) => rendition === i)
        expect(own.length).toBeGreaterThanOrEqual(10)
        expect(own[0]).toMatchObject({ independent: true, pts: demuxTs(data).frames[0]!.pts })
        const whole = withSound(renditions[i]!.data, [], { container: 'mp4', counters: new Map() })
        expect(await inspectSegment(whole, 'mp4')).toMatchObject({ frames: 60, decodeErrors: 0, firstIsKey: true })
        expect(countPixels(renditions[i]!.data, 'mp4')).toMatchObject({ codec: profile.codec, frames: 60 })
      }
    }
    await session.close()
    await engine.close()
  })
})
