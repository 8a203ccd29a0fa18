import { Hashing } from '@millrace/base/node'
import { manifestId } from '@millrace/wire'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { CodedFrame, Segment } from '../../segment/segment.ts'
import { segmentFrames } from '../../segment/segmenter.ts'
import { brokenRules, CC1, makeTestClip, readPlaylist, withCaptions } from '../../testing/index.ts'
import { CmafFeed } from './feed.ts'
import { CmafOrigin } from './origin.ts'

const ID = manifestId('film')
const hashing = new Hashing()
let plain: readonly CodedFrame[]
beforeAll(async () => {
  plain = (await makeTestClip({ seconds: 8, width: 160, height: 90, fps: 30 })).frames
})
afterAll(() => hashing.stop())

async function cut(frames: Iterable<CodedFrame>): Promise<Segment[]> {
  const made: Segment[] = []
  const given = (async function* () {
    yield* frames
  })()
  for await (const segment of segmentFrames(given, { manifestId: ID, capacity: 100 }, { hashing })) made.push(segment)
  await Promise.all(made.map(({ closed }) => closed))
  return made
}

/** Feeds the frames part by part, as a live source comes, and tells what is served. */
async function served(frames: Iterable<CodedFrame>) {
  const origin = new CmafOrigin({ run: () => 'run1' })
  const feed = new CmafFeed({ manifestId: ID }, { origin })
  for (const segment of await cut(frames)) await feed.push(segment)
  return async (path: string) => {
    const { status, headers, body } = await origin.get(`/cmaf/${ID}/${path}`)
    return { status, type: headers['Content-Type'], text: Buffer.from(body as Uint8Array).toString() }
  }
}

it('a live stream with captions has them as text, in segments of the numbers and lengths of its pictures', async () => {
  const words = [CC1.popOn, CC1.row15, CC1.text('AT FOUR SECONDS '), CC1.show].flat()
  const get = await served(withCaptions(plain, [{ from: 120 - words.length, pairs: words }]))
  for (const form of ['ll', 'fmp4']) {
    const master = (await get(`${form}.m3u8`)).text
    expect(master).toContain(`TYPE=SUBTITLES,GROUP-ID="text",NAME="Captions"`)
    expect(master).toContain(`URI="cc1/${form}.m3u8"`)
    expect(master.match(/#EXT-X-STREAM-INF:.*SUBTITLES="text",CLOSED-CAPTIONS="cc"/g)).toHaveLength(1)
    const list = readPlaylist((await get(`cc1/${form}.m3u8`)).text)
    const pictures = readPlaylist((await get(`source/${form}.m3u8`)).text)
    expect(brokenRules(list)).toEqual([])
    const shape = ({ segments }: typeof list) => segments.map(({ seq, duration }) => [seq, duration])
    expect(shape(list)).toEqual(shape(pictures))
    const texts = await Promise.all(list.segments.map(({ uri }) => get(`cc1/${uri}`)))
    for (const { status, type, text } of texts) {
      expect([status, type]).toEqual([200, 'text/vtt'])
      expect(text).toMatch(/^WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:\d+,LOCAL:00:00:00\.000\n/)
    }
    const spoken = texts.map(({ text }) => text.includes('AT FOUR SECONDS'))
    expect(spoken.indexOf(true)).toBeGreaterThan(0)
    expect(spoken.slice(spoken.indexOf(true)).every(Boolean)).toBe(true)
  }
  expect((await get('cc1/run1-999.vtt')).status).toBe(404)
  expect((await get('cc1/other-0.vtt')).status).toBe(404)
})

it('a stream without captions announces none', async () => {
  const get = await served(plain)
  expect((await get('fmp4.m3u8')).text).not.toMatch(/SUBTITLES|CLOSED-CAPTIONS/)
  expect((await get('cc1/fmp4.m3u8')).status).toBe(404)
  expect((await get('cc1/run1-0.vtt')).status).toBe(404)
})
