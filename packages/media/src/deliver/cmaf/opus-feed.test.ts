import { silentLog } from '@millrace/base'
import { Hashing } from '@millrace/base/node'
import { manifestId } from '@millrace/wire'
import { afterAll, expect, it } from 'vitest'
import { AudioProcess } from '../../audio/audio-process.ts'
import { readCmafChunk } from '../../cmaf/read-chunk.ts'
import { segmentFromBytes } from '../../segment/from-bytes.ts'
import { makeTestClip } from '../../testing/index.ts'
import { demuxTs } from '../../ts/demuxer.ts'
import { OpusFeed } from './opus-feed.ts'
import type { CmafPart, CmafRendition } from './types.ts'

const hashing = new Hashing()
const audio = new AudioProcess({ log: silentLog })
afterAll(() => Promise.all([hashing.stop(), audio.close()]))

it('sound in Opus has the times and the segments of the AAC that it was made of, without a gap', async () => {
  const clip = await makeTestClip({ seconds: 6, width: 160, height: 90, fps: 15 })
  const parts: (CmafPart & { readonly name: string })[] = []
  const completed: number[] = []
  const origin = {
    putPart: (_: string, { name }: CmafRendition, part: CmafPart) => parts.push({ ...part, name }) > 0,
    completeSegment: (_: string, __: CmafRendition, seq: number) => completed.push(seq) > 0,
  }
  const feed = new OpusFeed({ manifestId: 'm', name: 'opus' }, { origin, audio, log: silentLog })
  for (const { seq, data, durationMs } of clip.segments)
    feed.push(
      segmentFromBytes({ manifestId: manifestId('m'), seq, data, container: 'mpegts', durationMs }, { hashing }),
    )
  const lengthMs = () => parts.reduce((sum, part) => sum + part.durationMs, 0)
  while (lengthMs() < 5_700) await new Promise((resolve) => setTimeout(resolve, 20))
  await feed.end()
  expect(parts.every(({ name }) => name === 'opus')).toBe(true)
  const frames = parts.flatMap((part) =>
    readCmafChunk(part.init, part.data).map((frame) => ({ ...frame, seq: part.seq })),
  )
  expect(new Set(frames.map(({ codec }) => codec))).toEqual(new Set(['opus']))
  for (const [i, frame] of frames.entries()) if (i > 0) expect(frame.pts - frames[i - 1]!.pts).toBe(1_800)
  for (const { seq, data } of clip.segments) {
    const begin = demuxTs(data).frames[0]!.pts
    const own = frames.filter((frame) => frame.seq === seq)
    expect(own[0]!.pts - begin).toBeLessThan(1_800)
    expect(own[0]!.pts - begin).toBeGreaterThanOrEqual(seq === 0 ? -1_800 : 0)
    const ofSegment = parts.filter((part) => part.seq === seq)
    expect(ofSegment.map(({ index }) => index)).toEqual(ofSegment.map((_, index) => index))
    expect(ofSegment.at(-1)!.last === true || completed.includes(seq)).toBe(true)
  }
}, 20_000)
