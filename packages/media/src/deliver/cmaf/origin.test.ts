import { createHash } from 'node:crypto'
import { concatBytes } from '@millrace/base'
import { Hashing } from '@millrace/base/node'
import { manifestId } from '@millrace/wire'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { readCmafChunk } from '../../cmaf/read-chunk.ts'
import { segmentFromBytes } from '../../segment/from-bytes.ts'
import type { CodedFrame, Segment } from '../../segment/segment.ts'
import { segmentFrames } from '../../segment/segmenter.ts'
import { brokenBetween, brokenRules, type ReadPlaylist, readPlaylist } from '../../testing/hls-rules.ts'
import { makeTestClip, type TestClip } from '../../testing/index.ts'
import { muxTs } from '../../ts/muxer.ts'
import { CmafFeed } from './feed.ts'
import { CmafOrigin } from './origin.ts'
import type { CmafResponse } from './types.ts'
import { piecesOf } from './whole-segment.ts'

const ID = manifestId('cam')
const LOW = { name: 'low', kind: 'video' } as const
const hashing = new Hashing()
let clip: TestClip
let segments: Segment[]
beforeAll(async () => {
  clip = await makeTestClip({ seconds: 32, width: 160, height: 90 })
  segments = await cut(clip.frames)
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

let origin: CmafOrigin
let feed: CmafFeed
beforeEach(() => {
  origin = new CmafOrigin({ run: () => 'run1', window: 10, dvrMs: 60_000 })
  origin.expect(ID, ['source', 'low'])
  feed = new CmafFeed({ manifestId: ID, now: () => 1_700_000_000_000 }, { origin })
})

const get = async (path: string, request = {}): Promise<CmafResponse> => origin.get(`/cmaf/${ID}/${path}`, request)
const bodyOf = async ({ body }: CmafResponse): Promise<Buffer> => {
  if (body instanceof Uint8Array) return Buffer.from(body)
  const chunks: Uint8Array[] = []
  for await (const chunk of body) chunks.push(chunk)
  return Buffer.concat(chunks)
}
const text = async (path: string) => (await bodyOf(await get(path))).toString('utf8')
const list = async (path: string) => readPlaylist(await text(path))

async function putLow(segment: Segment): Promise<void> {
  const { data, durationMs } = await segment.closed
  const startTicks = origin.timesOf(ID, segment.seq)?.startTicks
  const make = () => piecesOf(data, 'mpegts', { startTicks })
  origin.putSegment(ID, LOW, { seq: segment.seq, durationMs, bytes: data.length, make })
}

/** A segment whose frames come when the test says so. */
function byHand(seq: number, frames: readonly CodedFrame[], facts: Partial<Segment> = {}) {
  let given = 0
  let done = false
  let wake: () => void = () => {}
  const segment: Segment = {
    manifestId: ID,
    seq,
    container: 'mpegts',
    discontinuity: false,
    independent: true,
    closed: new Promise(() => {}),
    ...facts,
    async *[Symbol.asyncIterator]() {
      for (let at = 0; ; ) {
        while (at < given) yield frames[at++]!
        if (done) return
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      }
    },
  }
  const settle = () => new Promise((resolve) => setImmediate(resolve))
  return {
    segment,
    give: async (count: number) => {
      given = Math.min(frames.length, given + count)
      wake()
      await settle()
    },
    end: async () => {
      done = true
      wake()
      await settle()
    },
  }
}

const framesOf = async (segment: Segment): Promise<CodedFrame[]> => {
  const frames: CodedFrame[] = []
  for await (const frame of segment) frames.push(frame)
  return frames
}

/** The frames of a segment under another number. */
const renamed = (segment: Segment, seq: number): Segment => ({
  ...byHand(seq, []).segment,
  async *[Symbol.asyncIterator]() {
    yield* segment
  },
})

describe('CMAF origin', () => {
  it('keeps the rules of RFC 8216bis in every playlist of a live stream', async () => {
    const paths = ['source', 'audio', 'low'].flatMap((name) =>
      ['ll', 'fmp4', 'dvr'].map((form) => `${name}/${form}.m3u8`),
    )
    const before = new Map<string, ReadPlaylist>()
    const faults: string[] = []
    let looked = 0
    const look = async () => {
      for (const path of paths) {
        const answer = await get(path)
        if (answer.status === 404) continue
        looked++
        const now = readPlaylist((await bodyOf(answer)).toString('utf8'))
        const then = before.get(path)
        for (const fault of [...brokenRules(now), ...(then ? brokenBetween(then, now) : [])])
          faults.push(`${path}: ${fault}`)
        before.set(path, now)
      }
    }
    for (const segment of segments) {
      const live = byHand(segment.seq, await framesOf(segment), { discontinuity: segment.seq === 9 })
      const fed = feed.push(live.segment)
      for (let i = 0; i < 20; i++) {
        await live.give(8)
        await look()
      }
      await live.end()
      await fed
      await look()
      await putLow(segment)
      await look()
    }
    origin.end(ID)
    await look()
    expect(looked).toBeGreaterThan(1_000)
    expect([...new Set(faults)]).toEqual([])
    expect(before.get('source/ll.m3u8')).toMatchObject({ ended: true, discontinuitySequence: 0 })
    expect(before.get('source/dvr.m3u8')!.segments.length).toBeGreaterThan(
      before.get('source/ll.m3u8')!.segments.length,
    )
  })

  it('plays the very frames that came in, as parts and as segments', async () => {
    for (const segment of segments.slice(0, 4)) await feed.push(segment)
    const read = await list('source/ll.m3u8')
    const init = await bodyOf(await get(`source/${read.segments[0]!.map}`))
    for (const { uri, parts, seq } of read.segments) {
      const whole = await bodyOf(await get(`source/${uri}`))
      if (parts.length > 0) {
        const pieces = await Promise.all(parts.map(async (part) => bodyOf(await get(`source/${part.uri}`))))
        expect(Buffer.from(concatBytes(...pieces)).equals(whole)).toBe(true)
      }
      const wanted = (await framesOf(segments[seq]!)).filter(({ kind }) => kind === 'video')
      expect(readCmafChunk(init, whole).map(({ pts }) => pts)).toEqual(wanted.map(({ pts }) => pts))
    }
  })

  it('makes whole segments of others when somebody asks, beside the source in time', async () => {
    for (const segment of segments.slice(0, 3)) {
      await feed.push(segment)
      await putLow(segment)
    }
    expect((await text('ll.m3u8')).match(/^\w+\/ll.m3u8$/gm)).toEqual(['source/ll.m3u8'])
    const master = await text('fmp4.m3u8')
    expect(master).toMatch(/#EXT-X-MEDIA:TYPE=AUDIO,.*URI="audio\/fmp4.m3u8"/)
    expect(
      master.match(/#EXT-X-STREAM-INF:.*CODECS="avc1\.[0-9a-f]{6},mp4a\.40\.2",AUDIO="audio"\n\w+\/fmp4.m3u8/g),
    ).toHaveLength(2)
    const read = await list('low/ll.m3u8')
    expect(read.segments.map(({ parts }) => parts.length)).toEqual([0, 0, 0])
    expect((await bodyOf(await get('low/run1-1.3.m4s'))).length).toBeGreaterThan(100)
    const init = await bodyOf(await get(`low/${read.segments[0]!.map}`))
    const low = readCmafChunk(init, await bodyOf(await get(`low/${read.segments[1]!.uri}`)))
    expect(low[0]!.pts).toBe(origin.timesOf(ID, 1)?.startTicks)
  })

  it('has no list of low latency before it knows whether the others come in parts too', async () => {
    const isThere = async (file: string) => (await get(file)).status === 200
    const seen: boolean[] = []
    for (const segment of segments.slice(0, 5)) {
      await feed.push(segment)
      await putLow(segment)
      expect(await isThere('fmp4.m3u8')).toBe(true)
      seen.push(await isThere('ll.m3u8'))
    }
    expect(seen).toEqual([false, false, true, true, true])
    expect(await text('ll.m3u8')).not.toContain('low/')
  })

  it('takes a segment that cannot be read for a gap', async () => {
    for (const segment of segments.slice(0, 2)) {
      await feed.push(segment)
      await putLow(segment)
    }
    const make = () => piecesOf(new Uint8Array(188), 'mpegts')
    origin.putSegment(ID, LOW, { seq: 2, durationMs: 2_000, bytes: 188, make })
    const read = await list('low/ll.m3u8')
    expect(read.segments.map(({ gap }) => gap)).toEqual([false, false, true])
    expect((await get('low/run1-2.m4s')).status).toBe(404)
  })

  it('tells of numbers that were left out as gaps, and begins anew after a far jump', async () => {
    await feed.push(segments[0]!)
    await feed.push(segments[3]!)
    expect((await list('source/ll.m3u8')).segments.map(({ seq, gap }) => [seq, gap])).toEqual([
      [0, false],
      [1, true],
      [2, true],
      [3, false],
    ])
    await feed.push(renamed(segments[4]!, 900))
    expect((await list('source/ll.m3u8')).segments.map(({ seq }) => seq)).toEqual([900])
  })

  it('refuses parts that come twice, too late or out of order', async () => {
    await feed.push(segments[0]!)
    const init = await bodyOf(await get('source/run1-init-0.mp4'))
    const data = await bodyOf(await get('source/run1-0.0.m4s'))
    const part = { seq: 1, index: 0, independent: true, durationMs: 200, data, init }
    const source = { name: 'source', kind: 'video' } as const
    expect(origin.putPart(ID, source, { ...part, seq: 0 })).toBe(false)
    expect(origin.putPart(ID, source, { ...part, index: 1 })).toBe(false)
    expect(origin.putPart(ID, source, part)).toBe(true)
    expect(origin.putPart(ID, source, part)).toBe(false)
    expect(() => origin.putPart(ID, { name: 'source', kind: 'audio' }, part)).toThrow(
      expect.objectContaining({ code: 'wrong_kind' }),
    )
    expect(() => origin.putPart(ID, { name: '../x', kind: 'audio' }, part)).toThrow(
      expect.objectContaining({ code: 'bad_name' }),
    )
    expect(() => origin.putPart(ID, source, { ...part, index: 1, init: data })).toThrow(
      expect.objectContaining({ code: 'bad_cmaf' }),
    )
  })

  it('fills what a broken-off segment lacks with the whole one, and tells players to skip it', async () => {
    for (const segment of segments.slice(0, 2)) {
      await feed.push(segment)
      await putLow(segment)
    }
    await list('low/ll.m3u8')
    const init = await bodyOf(await get('low/run1-init-0.mp4'))
    const data = await bodyOf(await get('low/run1-1.0.m4s'))
    for (let index = 0; index < 3; index++)
      origin.putPart(ID, LOW, { seq: 2, index, independent: index === 0, durationMs: 200, data, init })
    await feed.push(segments[2]!)
    await putLow(segments[2]!)
    const read = await list('low/ll.m3u8')
    expect(read.segments[2]!.parts.map(({ gap }) => gap)).toEqual([false, false, false, ...Array(7).fill(true)])
    expect(brokenRules(read)).toEqual([])
    expect(readCmafChunk(init, await bodyOf(await get('low/run1-2.m4s')))).toHaveLength(60)
  })

  it('holds a request for a part until it is there, and gives it to everybody at once', async () => {
    await feed.push(segments[0]!)
    const live = byHand(1, await framesOf(segments[1]!))
    const fed = feed.push(live.segment)
    await live.give(30)
    const { segments: listed, hint } = await list('source/ll.m3u8')
    const { seq, parts } = listed.at(-1)!
    expect(hint?.URI).toBe(`run1-1.${parts.length}.m4s`)
    const playlists = Array.from({ length: 50 }, () => text(`source/ll.m3u8?_HLS_msn=${seq}&_HLS_part=${parts.length}`))
    const hinted = get(`source/${hint!.URI}`)
    let done = 0
    for (const one of playlists) void one.then(() => done++)
    await new Promise((resolve) => setTimeout(resolve, 30))
    expect(done).toBe(0)
    await live.give(20)
    const answers = await Promise.all(playlists)
    expect(new Set(answers).size).toBe(1)
    expect(readPlaylist(answers[0]!).segments.at(-1)!.parts.length).toBeGreaterThan(parts.length)
    expect((await bodyOf(await hinted)).length).toBeGreaterThan(100)
    const ended = text('source/ll.m3u8?_HLS_msn=1')
    await live.give(1_000)
    await live.end()
    await fed
    expect(readPlaylist(await ended).segments.at(-1)).toMatchObject({ seq: 1, uri: 'run1-1.m4s' })
    expect(readPlaylist(await text('source/ll.m3u8?_HLS_msn=0&_HLS_part=99')).segments).toHaveLength(2)
  })

  it('gives a segment while it is being made', async () => {
    await feed.push(segments[0]!)
    const live = byHand(1, await framesOf(segments[1]!))
    const fed = feed.push(live.segment)
    await live.give(40)
    const growing = await get('source/run1-1.m4s')
    expect(growing.headers['Cache-Control']).toBe('no-store')
    const body = bodyOf(growing)
    await live.give(1_000)
    await live.end()
    await fed
    expect((await body).equals(await bodyOf(await get('source/run1-1.m4s')))).toBe(true)
  })

  it('refuses what is too far ahead or makes no sense, and gives up waiting', async () => {
    await feed.push(segments[0]!)
    const status = async (query: string) => (await get(`source/ll.m3u8?${query}`)).status
    expect(await status('_HLS_msn=5')).toBe(400)
    expect(await status('_HLS_part=1')).toBe(400)
    expect(await status('_HLS_msn=x')).toBe(400)
    expect(await status('_HLS_msn=1&_HLS_skip=perhaps')).toBe(400)
    expect(await status('_HLS_msn=99999999999999999999')).toBe(400)
    expect(await status('token=abc')).toBe(200)
    const quick = new CmafOrigin({ run: () => 'run1', targetMs: 300, maxWaiting: 1 })
    const short = new CmafFeed({ manifestId: ID }, { origin: quick })
    const few = (await framesOf(segments[0]!)).slice(0, 20)
    await short.push({
      ...byHand(0, []).segment,
      async *[Symbol.asyncIterator]() {
        yield* few
      },
    })
    const gone = new AbortController()
    const path = `/cmaf/${ID}/source/ll.m3u8?_HLS_msn=1`
    const first = Promise.resolve(quick.get(path, { signal: gone.signal }))
    expect((await quick.get(path)).status).toBe(503)
    gone.abort()
    expect((await first).status).toBe(503)
    const began = Date.now()
    expect((await quick.get(path)).status).toBe(503)
    expect(Date.now() - began).toBeGreaterThan(2_900)
    const last = quick.get(path)
    quick.end(ID)
    expect((await last).status).toBe(200)
  })

  it('leaves out old segments in a delta update, and what is left is the same', async () => {
    for (const segment of segments) await feed.push(segment)
    const full = await list('source/dvr.m3u8')
    const delta = await list('source/dvr.m3u8?_HLS_skip=YES')
    expect(delta.skipped).toBeGreaterThan(3)
    expect(delta.segments.map(({ uri, parts }) => [uri, parts])).toEqual(
      full.segments.slice(delta.skipped).map(({ uri, parts }) => [uri, parts]),
    )
    expect(brokenRules(delta)).toEqual([])
    const left = delta.segments.slice(0, -1).reduce((sum, { duration }) => sum + duration, 0)
    expect(left).toBeGreaterThanOrEqual(full.target * 6 - 2)
  })

  it('sends headers that caches can live with, ranges and tags (faults.md 42)', async () => {
    for (const segment of segments.slice(0, 2)) await feed.push(segment)
    expect((await get('source/ll.m3u8')).headers['Cache-Control']).toBe('public, max-age=1')
    const whole = await get('source/run1-0.m4s')
    expect(whole.headers).toMatchObject({
      'Cache-Control': 'public, max-age=31536000, immutable',
      'Content-Type': 'video/mp4',
      'Access-Control-Allow-Origin': '*',
    })
    const size = (await bodyOf(whole)).length
    for (const path of ['source/run1-0.m4s', 'source/run1-0.0.m4s', 'source/run1-init-0.mp4']) {
      const { headers } = await get(path)
      expect((await get(path, { ifNoneMatch: headers.ETag })).status).toBe(304)
      expect((await get(path, { ifNoneMatch: '"other"' })).status).toBe(200)
    }
    const ranged = await get('source/run1-0.m4s', { range: 'bytes=10-19' })
    expect([ranged.status, ranged.headers['Content-Range'], (await bodyOf(ranged)).length]).toEqual([
      206,
      `bytes 10-19/${size}`,
      10,
    ])
    expect((await get('source/run1-0.m4s', { range: 'bytes=-5' })).headers['Content-Range']).toBe(
      `bytes ${size - 5}-${size - 1}/${size}`,
    )
    expect((await get('source/run1-0.m4s', { range: `bytes=${size}-` })).status).toBe(416)
    for (const odd of ['bytes=5-1', 'bytes=0-1,3-4', 'bytes=-', 'lines=1-2', `bytes=${'9'.repeat(30)}-`])
      expect((await get('source/run1-0.m4s', { range: odd })).status).toBe(200)
    expect((await get('audio/run1-0.m4s')).headers['Content-Type']).toBe('audio/mp4')
    const head = await get('source/run1-0.m4s', { method: 'HEAD' })
    expect([head.headers['Content-Length'], (await bodyOf(head)).length]).toEqual([String(size), 0])
    expect((await get('source/ll.m3u8', { method: 'POST' })).status).toBe(405)
  })

  it('answers no path but its own (faults.md 37)', async () => {
    for (const segment of segments.slice(0, 2)) await feed.push(segment)
    const odd = [
      '../../etc/passwd',
      '..%2f..%2fetc%2fpasswd',
      '..\\..\\etc\\passwd',
      'source/../source/ll.m3u8',
      'source//ll.m3u8',
    ]
    odd.push(
      '__proto__/ll.m3u8',
      'constructor',
      'source/toString',
      'source/run1-0.m4s/x',
      'source/run2-0.m4s',
      'source/run1--1.m4s',
    )
    odd.push('source/run1-0.99.m4s', `source/run1-${'9'.repeat(40)}.m4s`, 'source/run1-init-5.mp4', 'source/%00', '')
    for (const path of odd) expect((await get(path)).status, path).toBe(404)
    expect((await origin.get('/cmaf/other/ll.m3u8')).status).toBe(404)
    expect((await origin.get('/stream/cam/ll.m3u8')).status).toBe(404)
  })

  it('never gives the bytes of one run for those of another', async () => {
    let run = 0
    origin = new CmafOrigin({ run: () => `run${++run}` })
    const digest = async (path: string) =>
      createHash('sha256')
        .update(await bodyOf(await get(path)))
        .digest('hex')
    await new CmafFeed({ manifestId: ID }, { origin }).push(segments[0]!)
    const first = await digest('source/run1-0.m4s')
    origin.remove(ID)
    await new CmafFeed({ manifestId: ID }, { origin }).push(renamed(segments[1]!, 0))
    expect((await get('source/run1-0.m4s')).status).toBe(404)
    expect(await digest('source/run2-0.m4s')).not.toBe(first)
  })

  it('holds no more bytes than it may, the oldest going first', async () => {
    origin = new CmafOrigin({ run: () => 'run1', maxBytesPerStream: 200_000, dvrMs: 600_000 })
    feed = new CmafFeed({ manifestId: ID }, { origin })
    for (const segment of segments) await feed.push(segment)
    expect(origin.bytes(ID)).toBeLessThanOrEqual(200_000)
    expect((await list('source/dvr.m3u8')).segments.at(-1)!.seq).toBe(segments.at(-1)!.seq)
  })

  it('shows a stream of sound alone', async () => {
    const sound = await cut(clip.frames.filter(({ kind }) => kind === 'audio').slice(0, 400))
    for (const segment of sound) await feed.push(segment)
    expect(await text('ll.m3u8')).toMatch(/CODECS="mp4a\.40\.2"\naudio\/ll\.m3u8\n$/)
    expect(brokenRules(await list('audio/ll.m3u8'))).toEqual([])
  })

  it('goes on without sound that CMAF does not carry, and says so', async () => {
    const frames = clip.frames
      .slice(0, 200)
      .map((frame) => (frame.kind === 'audio' ? { ...frame, codec: 'mp3' as const } : frame))
    const { errors } = await feed.push({
      ...byHand(0, []).segment,
      async *[Symbol.asyncIterator]() {
        yield* frames
      },
    })
    expect(errors).toMatchObject([{ code: 'unsupported_codec' }])
    expect((await list('source/ll.m3u8')).segments).toHaveLength(1)
  })

  it('cuts segments that were pushed as a whole into pictures and sound, over the wrap of their clock and a jump of it', async () => {
    const wrap = 2 ** 33
    for (const [seq, segment] of segments.slice(0, 4).entries()) {
      const { data, durationMs } = await segment.closed
      const shift = seq < 3 ? wrap - 450_000 : 900_000
      const moved = (await framesOf(segment)).map((frame) => ({
        ...frame,
        pts: (frame.pts + shift) % wrap,
        dts: (frame.dts + shift) % wrap,
      }))
      const whole = segmentFromBytes(
        { manifestId: ID, seq, data: muxTs(moved), container: 'mpegts', durationMs },
        { hashing },
      )
      expect(data.length).toBeGreaterThan(0)
      await feed.pushWhole(whole)
    }
    for (const name of ['source', 'audio']) {
      const read = await list(`${name}/fmp4.m3u8`)
      expect(brokenRules(read)).toEqual([])
      expect(read.segments.map(({ gap, discontinuity }) => [gap, discontinuity])).toEqual([
        [false, false],
        [false, false],
        [false, false],
        [false, true],
      ])
    }
    const init = await bodyOf(await get('source/run1-init-0.mp4'))
    const starts: number[] = []
    for (const seq of [0, 1, 2])
      starts.push(readCmafChunk(init, await bodyOf(await get(`source/run1-${seq}.m4s`)))[0]!.pts)
    expect(starts.map((pts) => pts - starts[0]!)).toEqual([0, 180_000, 360_000])
  })

  it('keeps little of a stream that nobody watches, and enough to begin with', async () => {
    origin = new CmafOrigin({ run: () => 'run1' })
    feed = new CmafFeed({ manifestId: ID }, { origin })
    for (const segment of segments.slice(0, 9)) await feed.push(segment)
    const first = await list('source/fmp4.m3u8')
    expect(first.segments.map(({ seq }) => seq)).toEqual([5, 6, 7, 8])
    for (const segment of segments.slice(9, 14)) await feed.push(segment)
    const later = await list('source/fmp4.m3u8')
    expect(later.segments.map(({ seq }) => seq)).toEqual([6, 7, 8, 9, 10, 11, 12, 13])
    expect(brokenBetween(first, later)).toEqual([])
  })
})
