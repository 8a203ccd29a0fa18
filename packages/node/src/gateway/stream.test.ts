import { type Log, silentLog } from '@millrace/base'
import { type ClosedSegment, CmafOrigin, HlsOrigin, type Segment } from '@millrace/media'
import {
  DEFAULT_LADDER,
  type FallbackReason,
  manifestId,
  type NodeEventBody,
  sessionId,
  type VideoProfile,
} from '@millrace/wire'
import { expect, it } from 'vitest'
import type { BoughtSegment, SourceSegment } from './buyer.ts'
import { Stream } from './stream.ts'

const LADDER = DEFAULT_LADDER.slice(0, 2) as readonly VideoProfile[]
const ID = manifestId('clip')
const SIGNAL = new AbortController().signal

/** A promise that the test settles. */
function open<T>() {
  let resolve: (value: T) => void = () => {}
  let reject: (error: unknown) => void = () => {}
  const promise = new Promise<T>((yes, no) => {
    resolve = yes
    reject = no
  })
  return { promise, resolve, reject }
}

const bytes = (text: string) => new Uint8Array(Buffer.from(text))

function segment(seq: number, closed: Promise<ClosedSegment> | undefined = undefined): Segment {
  const data = bytes(`source ${seq}`)
  const facts = { data, hash: new Uint8Array(32), durationMs: 2_000, videoFrames: 60, audioFrames: 0 }
  return {
    manifestId: ID,
    seq,
    container: 'mpegts',
    discontinuity: false,
    independent: true,
    closed: closed ?? Promise.resolve(facts),
    async *[Symbol.asyncIterator]() {},
  }
}

const bought = (seq: number): BoughtSegment => ({
  orchestrator: '0x00000000000000000000000000000000000000aa',
  sessionId: sessionId('s'),
  renditions: LADDER.map(({ name }) => bytes(`${name} ${seq}`)),
  pixels: 7n,
  feeWei: 11n,
  tickets: 4,
  paid: true,
  commitment: undefined,
  traceparent: '00-trace-01',
})

/** A stream into a real HLS origin, whose buyer delivers when the test says so. */
function openStream(log: Log = silentLog) {
  const events: NodeEventBody[] = []
  const origin = new HlsOrigin({})
  const asked = new Map<number, ReturnType<typeof open<BoughtSegment | { readonly lost: FallbackReason }>>>()
  const of = (seq: number) => {
    const known = asked.get(seq) ?? open<BoughtSegment | { readonly lost: FallbackReason }>()
    asked.set(seq, known)
    return known
  }
  const state = { closed: 0, underWay: 0, most: 0 }
  const stream = new Stream(
    { manifestId: ID, ladder: LADDER, ingest: 'http' },
    {
      origin,
      cmaf: new CmafOrigin(),
      buyer: {
        buyLive: () => undefined,
        buy: async ({ seq }: SourceSegment) => {
          state.underWay++
          state.most = Math.max(state.most, state.underWay)
          const outcome = await of(seq).promise
          state.underWay--
          return outcome
        },
        close: async () => void state.closed++,
      },
      tell: (event) => events.push(event),
      log,
    },
  )
  const text = (path: string) => Buffer.from(origin.get(`/stream/${ID}${path}`).body).toString('utf8')
  const listed = (rendition: string) =>
    [...text(`/${rendition}.m3u8`).matchAll(/\/(\d+)\.ts/g)].map((m) => Number(m[1]))
  const types = () => events.map((event) => event.type)
  return { stream, events, types, origin, of, state, text, listed }
}

it('renditions enter their playlists in order although results come out of order', async () => {
  const s = openStream()
  const pushes = [0, 1, 2].map((seq) => s.stream.push(segment(seq), { signal: SIGNAL }))
  s.of(2).resolve(bought(2))
  s.of(1).resolve(bought(1))
  await new Promise(setImmediate)
  expect(s.listed(LADDER[0]!.name)).toEqual([])
  s.of(0).resolve(bought(0))
  await Promise.all(pushes)
  for (const { name } of LADDER) expect(s.listed(name)).toEqual([0, 1, 2])
  expect(s.listed('source')).toEqual([0, 1, 2])
  const done = s.events.filter((event) => event.type === 'segment_transcoded')
  expect(done.map((event) => event.seq)).toEqual([0, 1, 2])
})

it('the source is playable before anybody has delivered', async () => {
  const s = openStream()
  const push = s.stream.push(segment(0), { signal: SIGNAL })
  await new Promise(setImmediate)
  expect(s.listed('source')).toEqual([0])
  s.of(0).resolve(bought(0))
  await push
})

it('a segment nobody delivered is stood in for by its source in every rendition', async () => {
  const s = openStream()
  s.of(0).resolve({ lost: 'all_failed' })
  const result = await s.stream.push(segment(0), { signal: SIGNAL })
  expect(result.bought).toBeUndefined()
  for (const { name } of LADDER) {
    expect(s.listed(name)).toEqual([0])
    expect(s.text(`/${name}/0.ts`)).toBe('source 0')
  }
  expect(s.events).toContainEqual({
    type: 'segment_lost',
    manifestId: ID,
    seq: 0,
    outcome: 'fallback',
    reason: 'all_failed',
  })
  expect(s.types()).not.toContain('segment_transcoded')
})

it('what was bought is told with its price', async () => {
  const s = openStream()
  s.of(5).resolve(bought(5))
  await s.stream.push(segment(5), { signal: SIGNAL })
  expect(s.events.at(-1)).toMatchObject({
    type: 'segment_transcoded',
    seq: 5,
    feeWei: '11',
    pixels: '7',
    paid: true,
    renditions: LADDER.map(({ name }) => ({ name, bytes: `${name} 5`.length })),
    traceparent: '00-trace-01',
  })
})

it('a segment that never completed does not block later ones', async () => {
  const s = openStream()
  const broken = s.stream.push(segment(0, Promise.reject(new Error('the publisher went away'))), { signal: SIGNAL })
  s.of(1).resolve(bought(1))
  await expect(broken).rejects.toThrow('the publisher went away')
  await s.stream.push(segment(1), { signal: SIGNAL })
  expect(s.listed(LADDER[0]!.name)).toEqual([1])
})

it('a segment that never completed does not let later ones overtake earlier ones', async () => {
  const s = openStream()
  const first = s.stream.push(segment(0), { signal: SIGNAL })
  const broken = s.stream.push(segment(1, Promise.reject(new Error('broken'))), { signal: SIGNAL })
  const last = s.stream.push(segment(2), { signal: SIGNAL })
  s.of(2).resolve(bought(2))
  await expect(broken).rejects.toThrow('broken')
  await new Promise(setImmediate)
  expect(s.types()).not.toContain('segment_transcoded')
  s.of(0).resolve(bought(0))
  await Promise.all([first, last])
  const done = s.events.filter((event) => event.type === 'segment_transcoded')
  expect(done.map((event) => event.seq)).toEqual([0, 2])
})

it('a faster source waits: at most four segments are under way', async () => {
  const s = openStream()
  const segments = [0, 1, 2, 3, 4, 5, 6]
  const running = s.stream.run(
    (async function* () {
      for (const seq of segments) yield segment(seq)
    })(),
    { signal: SIGNAL },
  )
  await new Promise(setImmediate)
  expect(s.state.underWay).toBe(4)
  for (const seq of segments) s.of(seq).resolve(bought(seq))
  await running
  expect(s.state.most).toBe(4)
  // The window of a live playlist holds six segments.
  expect(s.listed('source')).toEqual([1, 2, 3, 4, 5, 6])
})

it('the end closes the playlists, gives the sessions back and is told once', async () => {
  const s = openStream()
  s.of(0).resolve(bought(0))
  await s.stream.push(segment(0), { signal: SIGNAL })
  await Promise.all([s.stream.end('finished'), s.stream.end('again')])
  expect(s.text('/source.m3u8')).toContain('#EXT-X-ENDLIST')
  expect(s.text(`/${LADDER[1]!.name}.m3u8`)).toContain('#EXT-X-ENDLIST')
  expect(s.state.closed).toBe(1)
  expect(s.events.filter((event) => event.type === 'stream_ended')).toEqual([
    { type: 'stream_ended', manifestId: ID, reason: 'finished' },
  ])
})
