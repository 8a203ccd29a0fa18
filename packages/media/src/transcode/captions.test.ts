import { silentLog } from '@millrace/base'
import { DEFAULT_LADDER } from '@millrace/wire'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { joinAnnexB, NAL, nalType, splitAnnexB } from '../h264/nal.ts'
import type { CodedFrame } from '../segment/segment.ts'
import { makeTestClip } from '../testing/index.ts'
import { demuxTs } from '../ts/demuxer.ts'
import { muxTs } from '../ts/muxer.ts'
import type { MediaEngine } from './engine.ts'
import { openMediaEngine } from './open-engine.ts'
import { WholeSegments } from './transcode-segment.ts'

/** The captions of one picture in an SEI message (ATSC A/53 part 4 section 6.2.3). */
function captions(text: string): Uint8Array {
  const pairs = [...Buffer.from(text.padEnd(text.length + (text.length % 2)))]
  const triplets = Array.from({ length: pairs.length / 2 }, (_, i) => [0xfc, pairs[2 * i]!, pairs[2 * i + 1]!]).flat()
  const message = [0xb5, 0, 0x31, ...Buffer.from('GA94'), 3, 0x40 | (triplets.length / 3), 0xff, ...triplets, 0xff]
  return Uint8Array.from([NAL.sei, 4, message.length, ...message, 0x80])
}

const captionsOf = (frames: readonly CodedFrame[]): string[] =>
  frames
    .filter(({ kind }) => kind === 'video')
    .flatMap(({ data }) => [...splitAnnexB(data)].filter((nal) => nalType(nal) === NAL.sei))
    .flatMap((nal) => {
      const at = Buffer.from(nal).indexOf('GA94')
      if (at < 0) return []
      const count = nal[at + 5]! & 31
      const text = Array.from({ length: count }, (_, i) => [...nal.subarray(at + 8 + i * 3, at + 10 + i * 3)]).flat()
      return [Buffer.from(text).toString('latin1').trimEnd()]
    })

let engine: MediaEngine
beforeAll(async () => {
  engine = (await openMediaEngine({}, { log: silentLog })).engine
})
afterAll(() => engine.close())

it('captions inside the pictures are in every rendition, too', async () => {
  const clip = await makeTestClip({ seconds: 1, width: 640, height: 360, audio: false })
  const said: string[] = []
  const frames = clip.frames.map((frame, i) => {
    const text = `picture ${String(i).padStart(2, '0')}`
    said.push(text)
    const nals = [...splitAnnexB(frame.data)]
    const slice = nals.findIndex((nal) => nalType(nal) === NAL.slice || nalType(nal) === NAL.idr)
    return { ...frame, data: joinAnnexB([...nals.slice(0, slice), captions(text), ...nals.slice(slice)]) }
  })
  const session = new WholeSegments(await engine.open({ profiles: DEFAULT_LADDER.slice(0, 2), preset: 'ultrafast' }))
  const { renditions } = await session.transcode({ seq: 0, data: muxTs(frames), container: 'mpegts' })
  for (const { data } of renditions) expect(captionsOf(demuxTs(data).frames)).toEqual(said)
})
