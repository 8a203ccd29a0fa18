import { silentLog, ticksToMs } from '@millrace/base'
import { DEFAULT_LADDER } from '@millrace/wire'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readCmafChunk } from '../cmaf/read-chunk.ts'
import type { CodedFrame } from '../segment/segment.ts'
import { makeTestClip, readMarks, type TestClip } from '../testing/index.ts'
import { muxTs, TsMuxer } from '../ts/muxer.ts'
import { countPixels } from '../verify/count.ts'
import type { MediaEngine, RenditionPart } from './engine.ts'
import { openMediaEngine } from './open-engine.ts'
import { WholeSegments } from './transcode-segment.ts'

const PROFILES = [DEFAULT_LADDER[0]!, DEFAULT_LADDER[1]!]
/** H.264 pictures of a frame rate of 30 in parts of 200 ms. */
const FRAMES_A_PART = 6

/** The frames of each second segment as whole PES packets, as a segmenter writes them. */
function pesOf(frames: readonly CodedFrame[]): Uint8Array[] {
  const out: Uint8Array[] = []
  const muxer = new TsMuxer({ write: (bytes) => out.push(bytes) })
  for (const frame of frames) muxer.frame(frame)
  muxer.flush()
  return out
}

describe('a live segment on node-av', () => {
  let engine: MediaEngine
  let clip: TestClip
  beforeAll(async () => {
    engine = (await openMediaEngine({ engine: 'node-av', preset: 'ultrafast' }, { log: silentLog })).engine
    clip = await makeTestClip({ seconds: 4, width: 640, height: 360, fps: 30 })
  })
  afterAll(() => engine?.close())

  const segmentFrames = (seq: number) => {
    const keys = clip.frames.filter((frame) => frame.kind === 'video' && frame.keyFrame)
    const from = keys[seq]!.dts
    const to = keys[seq + 1]?.dts ?? Number.POSITIVE_INFINITY
    return clip.frames.filter(({ dts }) => dts >= from && dts < to)
  }
  async function* chunksOf(seq: number) {
    yield* pesOf(segmentFrames(seq))
  }

  it('gives parts of 200 ms that join to segments of the right pictures, and goes on with the next segment', async () => {
    const session = new WholeSegments(await engine.open({ profiles: PROFILES }))
    try {
      const pictures: CodedFrame[] = []
      for (const seq of [0, 1]) {
        const parts: RenditionPart[] = []
        const { renditions, outcome } = await session.transcodeLive(
          { seq, chunks: chunksOf(seq) },
          { part: (part) => parts.push(part) },
        )
        expect(outcome).toMatchObject({ decodedFrames: 60, decodeErrors: 0 })
        for (const [index, made] of renditions.entries()) {
          const own = parts.filter((part) => part.rendition === index)
          expect(own.map(({ frames }) => frames)).toEqual(Array(10).fill(FRAMES_A_PART))
          expect(own.map(({ independent }) => independent).slice(0, 2)).toEqual([true, false])
          expect(own[0]!.init).toBeDefined()
          expect(countPixels(made.data, 'mp4')).toMatchObject({ frames: 60, pixels: made.pixels, firstIsKey: true })
          if (index === 1) for (const part of own) pictures.push(...readCmafChunk(own[0]!.init!, part.data))
        }
      }
      expect(pictures).toHaveLength(120)
      const source = clip.frames.filter(({ kind }) => kind === 'video').map(({ pts }) => pts)
      expect(pictures.map(({ pts }) => pts)).toEqual(source.sort((a, b) => a - b))
      const marks = await readMarks(muxTs(pictures))
      expect(marks).toEqual(clip.marks)
    } finally {
      await session.close()
    }
  })

  it('has given out the parts of what came when the rest is still to come', async () => {
    const session = new WholeSegments(await engine.open({ profiles: PROFILES }))
    try {
      const chunks = pesOf(segmentFrames(0).filter(({ kind }) => kind === 'video'))
      const seen: RenditionPart[] = []
      // The clip has pictures that wait for later ones: of 34 coded ones 30 can be shown at least.
      let goOn: () => void = () => {}
      const half = new Promise<void>((resolve) => {
        goOn = resolve
      })
      async function* paced() {
        yield* chunks.slice(0, 34)
        await half
        yield* chunks.slice(34)
      }
      const done = session.transcodeLive(
        { seq: 0, chunks: paced() },
        {
          part: (part) => {
            seen.push(part)
            if (seen.length === 2 * 5) goOn()
          },
        },
      )
      await done
      expect(ticksToMs(seen[8]!.pts - seen[0]!.pts)).toBeCloseTo(800, 0)
    } finally {
      await session.close()
    }
  })

  it('that is given up leaves the session usable for the next one', async () => {
    const session = new WholeSegments(await engine.open({ profiles: PROFILES }))
    try {
      async function* broken() {
        yield* pesOf(segmentFrames(0)).slice(0, 40)
        throw new Error('the source went away')
      }
      await expect(session.transcodeLive({ seq: 0, chunks: broken() }, { part: () => {} })).rejects.toThrow('went away')
      const next = await session.transcodeLive({ seq: 1, chunks: chunksOf(1) }, { part: () => {} })
      expect(next.renditions.map(({ frames }) => frames)).toEqual([60, 60])
      const whole = await session.transcode({ seq: 2, data: clip.segments[1]!.data, container: 'mpegts' })
      expect(whole.renditions.map(({ frames }) => frames)).toEqual([60, 60])
    } finally {
      await session.close()
    }
  })

  it('without a picture fails with no_video_frames', async () => {
    const session = new WholeSegments(await engine.open({ profiles: PROFILES }))
    try {
      async function* sound() {
        yield* pesOf(segmentFrames(0).filter(({ kind }) => kind === 'audio'))
      }
      await expect(session.transcodeLive({ seq: 0, chunks: sound() }, { part: () => {} })).rejects.toMatchObject({
        code: 'no_video_frames',
      })
    } finally {
      await session.close()
    }
  })
})

it('the ffmpeg program says that it takes whole segments only', async () => {
  const { engine } = await openMediaEngine({ engine: 'ffmpeg', spare: false }, { log: silentLog })
  try {
    const session = await engine.open({ profiles: PROFILES })
    await expect(session.pushLive({ seq: 0 })).rejects.toMatchObject({ code: 'live_unsupported' })
  } finally {
    await engine.close()
  }
})
