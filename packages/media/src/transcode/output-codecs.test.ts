import { silentLog } from '@millrace/base'
import { describe, expect, it } from 'vitest'
import { withSound } from '../remux/with-sound.ts'
import { inspectSegment, makeTestClip } from '../testing/index.ts'
import { demuxTs } from '../ts/demuxer.ts'
import { countPixels } from '../verify/count.ts'
import type { RenditionPart } from './engine.ts'
import { openMediaEngine } from './open-engine.ts'
import { inMp4, outputCodecsSuite } from './output-codecs.suite.ts'
import { WholeSegments } from './transcode-segment.ts'

describe('output codecs of node-av', () => outputCodecsSuite('node-av'))

describe('live output codecs', () => {
  it('VP9 and AV1 come picture by picture, each segment beginning with a key frame of the same encoder', async () => {
    const clip = await makeTestClip({ seconds: 4, width: 320, height: 180, fps: 30 })
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
