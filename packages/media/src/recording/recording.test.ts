import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ManualClock, MillraceError, silentLog } from '@millrace/base'
import { builtFile } from '@millrace/base/node'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { FolderStore } from '../storage/folder.ts'
import { MemoryStore } from '../storage/memory.ts'
import type { ObjectStore } from '../storage/object-store.ts'
import { openObjectStore } from '../storage/open-store.ts'
import { openS3Server, type S3Server } from '../storage/s3/s3-server.fixture.ts'
import { brokenRules, readPlaylist } from '../testing/hls-rules.ts'
import { Recorder } from './recorder.ts'
import { loadRecording } from './recording.ts'
import { decodeRecordingList, encodeRecordingList } from './recording-list.ts'
import { RecordingsOrigin } from './recordings-origin.ts'

const TRACKS = ['source', '240p0'].map((name) => ({ name, bandwidthBps: 250_000, width: 320, height: 180 }))
const text = (body: unknown): string => Buffer.from(body as Uint8Array).toString('utf8')

async function record(
  store: ObjectStore,
  seqs: readonly number[],
  options: { readonly end?: boolean; readonly listMs?: number; readonly clock?: ManualClock } = {},
): Promise<Recorder> {
  const { end = true, listMs, clock } = options
  const recorder = new Recorder(
    { manifestId: 'clip', nodeId: 'gateway', ...(listMs !== undefined && { listMs }) },
    { store, log: silentLog, ...(clock && { clock }) },
  )
  for (const seq of seqs) {
    for (const track of TRACKS)
      recorder.put(track, { seq, durationMs: 2_000, container: 'mpegts', data: Buffer.from(`${track.name} ${seq}`) })
    // One after the other, as a stream has them.
    await expect
      .poll(async () => (await store.list('clip/')).filter((key) => key.endsWith(`/${seq}.ts`)).length)
      .toBe(2)
    clock?.advance(1_000)
  }
  if (end) await recorder.end()
  return recorder
}

const openOrigin = (store: ObjectStore, live = false) =>
  new RecordingsOrigin({ store, isLive: () => live, log: silentLog })

describe('a recording', () => {
  it('is a playlist that players take, with every segment behind it', async () => {
    const store = new MemoryStore()
    await record(store, [0, 1, 2])
    const origin = openOrigin(store)
    const index = text((await origin.get('/recordings/clip/index.m3u8')).body)
    expect(index).toContain('RESOLUTION=320x180')
    expect(index).toContain('source.m3u8')
    const media = text((await origin.get('/recordings/clip/240p0.m3u8')).body)
    expect(brokenRules(readPlaylist(media))).toEqual([])
    expect(media).toContain('#EXT-X-ENDLIST')
    const uris = media.split('\n').filter((line) => line.endsWith('.ts'))
    const bodies = await Promise.all(uris.map(async (uri) => text((await origin.get(`/recordings/clip/${uri}`)).body)))
    expect(bodies).toEqual(['240p0 0', '240p0 1', '240p0 2'])
  })

  it('can be watched from its beginning while the stream goes on', async () => {
    const store = new MemoryStore()
    const recorder = await record(store, [0, 1], { end: false })
    const origin = openOrigin(store, true)
    await expect
      .poll(async () => text((await origin.get('/recordings/clip/source.m3u8')).body), { timeout: 5_000 })
      .toMatch(/EVENT[\s\S]*0\.ts[\s\S]*1\.ts/)
    const growing = await origin.get('/recordings/clip/source.m3u8')
    expect(text(growing.body)).not.toContain('ENDLIST')
    expect(growing.headers['Cache-Control']).toBe('max-age=1')
    expect(text((await origin.get('/recordings/clip/source.m3u8?finalize=true')).body)).toContain('ENDLIST')
    await recorder.end()
  })

  it('goes over into the next run of its stream with a break of the time line, and no name is used twice', async () => {
    const store = new MemoryStore()
    await record(store, [0, 1])
    await record(store, [0, 1])
    const media = text((await openOrigin(store).get('/recordings/clip/source.m3u8')).body)
    expect(media.match(/#EXT-X-DISCONTINUITY\n/g)).toHaveLength(1)
    expect(new Set(media.split('\n').filter((line) => line.endsWith('.ts'))).size).toBe(4)
    expect(brokenRules(readPlaylist(media))).toEqual([])
  })

  it('goes on in a new list when one is long enough, without a break', async () => {
    const store = new MemoryStore()
    const clock = new ManualClock(1_700_000_000_000)
    await record(store, [0, 1, 2, 3, 4, 5], { listMs: 1_500, clock })
    const lists = (await store.list('clip/')).filter((key) => key.endsWith('.json'))
    expect(lists.length).toBeGreaterThan(1)
    const loaded = await loadRecording('clip', { store, log: silentLog })
    expect(loaded?.segments.get('source')?.map(({ seq }) => seq)).toEqual([0, 1, 2, 3, 4, 5])
    expect(loaded?.segments.get('source')?.some(({ discontinuity }) => discontinuity)).toBe(false)
    expect(loaded?.ended).toBe(true)
  })

  it('names nothing but what is saved when a store fails, and says what is lost', async () => {
    const inner = new MemoryStore()
    const store: ObjectStore = {
      about: 'broken',
      save: async (key, data) => {
        if (key.endsWith('/1.ts')) throw new MillraceError('disk_full', 'no space left')
        return inner.save(key, data)
      },
      read: (key) => inner.read(key),
      remove: (key) => inner.remove(key),
      list: (prefix) => inner.list(prefix),
    }
    const lost: unknown[] = []
    const recorder = new Recorder(
      { manifestId: 'clip', nodeId: 'gateway' },
      { store, log: silentLog, onLost: (error) => lost.push(error) },
    )
    for (const seq of [0, 1, 2])
      recorder.put(TRACKS[0]!, { seq, durationMs: 2_000, container: 'mpegts', data: new Uint8Array(9) })
    await recorder.end()
    const loaded = await loadRecording('clip', { store, log: silentLog })
    expect(loaded?.segments.get('source')?.map(({ seq, discontinuity }) => [seq, discontinuity ?? false])).toEqual([
      [0, false],
      [2, true],
    ])
    expect(lost).toMatchObject([{ code: 'disk_full' }])
  })

  it('lets go of segments that a store is too slow for, in place of filling the memory', async () => {
    const lost: unknown[] = []
    const store = {
      ...new MemoryStore(),
      about: 'slow',
      save: () => new Promise<string>(() => {}),
    } as unknown as ObjectStore
    const recorder = new Recorder(
      { manifestId: 'clip', nodeId: 'gateway', maxWaitingBytes: 1_000 },
      { store, log: silentLog, onLost: (error) => lost.push(error) },
    )
    for (let seq = 0; seq < 5; seq++)
      recorder.put(TRACKS[0]!, { seq, durationMs: 2_000, container: 'mpegts', data: new Uint8Array(400) })
    expect(lost).toHaveLength(3)
    recorder.abort()
  })

  it('does not wait for a store that never answers when there is no time', async () => {
    const signals: AbortSignal[] = []
    const save: ObjectStore['save'] = (_, __, options) =>
      new Promise((_, reject) => {
        signals.push(options?.signal as AbortSignal)
        options?.signal?.addEventListener('abort', () => reject(options.signal?.reason))
      })
    const store = { ...new MemoryStore(), about: 'slow', save } as unknown as ObjectStore
    const recorder = new Recorder({ manifestId: 'clip', nodeId: 'gateway' }, { store, log: silentLog })
    recorder.put(TRACKS[0]!, { seq: 0, durationMs: 2_000, container: 'mpegts', data: new Uint8Array(400) })
    await recorder.end({ withinMs: 50 })
    expect(signals.every(({ aborted }) => aborted)).toBe(true)
  })
})

it('a gateway that is killed in the middle of a recording leaves nothing listed that is not there', async () => {
  const path = await mkdtemp(join(tmpdir(), 'millrace-crash-'))
  const fixture = fileURLToPath(builtFile(import.meta.url, './recorder-crash.fixture.js'))
  for (let round = 0; round < 3; round++) {
    const child = fork(fixture, [path], { execArgv: [] })
    await once(child, 'message')
    await new Promise((resolve) => setTimeout(resolve, 20 + 40 * round))
    child.kill('SIGKILL')
    await once(child, 'exit')
  }
  const store = new FolderStore({ path })
  const loaded = (await loadRecording('clip', { store, log: silentLog }))!
  const all = [...loaded.segments.values()].flat()
  expect(all.length).toBeGreaterThan(3 * 20)
  for (const { uri, seq } of all) {
    const data = await store.read(uri)
    expect([data?.length, data?.every((byte) => byte === data[0])]).toEqual([40_000, true])
    expect(uri).toMatch(new RegExp(`/${seq}\\.ts$`))
  }
  const media = text((await openOrigin(store).get('/recordings/clip/source.m3u8')).body)
  // Each of the three runs begins anew.
  expect(media.match(/#EXT-X-DISCONTINUITY\n/g)?.length).toBeGreaterThanOrEqual(2)
  expect(brokenRules(readPlaylist(media))).toEqual([])
  await rm(path, { recursive: true })
})

describe('a recording in a bucket', () => {
  let server: S3Server
  beforeAll(async () => {
    server = await openS3Server()
  })
  afterAll(async () => server.close())

  it('lists whole addresses for other readers, and is served through the gateway', async () => {
    const store = openObjectStore(`${server.storeUrl}/rec`)
    await record(store, [0, 1])
    const key = (await store.list('clip/')).find((name) => name.endsWith('.json'))!
    const list = decodeRecordingList((await store.read(key))!)
    expect(list.segments.get('source')?.[0]?.uri).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/bucket\/rec\/clip\/gateway\//)
    const origin = openOrigin(store)
    const media = text((await origin.get('/recordings/clip/source.m3u8')).body)
    const uri = media.split('\n').find((line) => line.endsWith('1.ts'))!
    expect(uri).toMatch(/^gateway\/\d+\/source\/1\.ts$/)
    const part = await origin.get(`/recordings/clip/${uri}`, { range: 'bytes=0-5' })
    expect([part.status, text(part.body)]).toEqual([206, 'source'])
  })
})

describe('a list of a recording', () => {
  it('is read as go-livepeer writes it', () => {
    const json = {
      ...{ duration_ms: 2_000, tracks: [{ name: 'source', bandwidth: 4_000_000, resolution: '0x0' }] },
      segments: { source: [{ seq_no: 0, uri: 'https://b.example/a/source/0.ts', duration_ms: 2_000 }] },
    }
    expect(decodeRecordingList(Buffer.from(JSON.stringify(json)))).toEqual({
      tracks: [{ name: 'source', bandwidthBps: 4_000_000, width: 0, height: 0 }],
      segments: new Map([['source', [{ seq: 0, uri: 'https://b.example/a/source/0.ts', durationMs: 2_000 }]]]),
    })
  })

  it('is read as it was written', () => {
    const segments = [{ seq: 7, uri: 'a/b.ts', durationMs: 2_000, discontinuity: true }]
    const list = { tracks: TRACKS.slice(0, 1), segments: new Map([['source', segments]]), run: '17', ended: true }
    expect(decodeRecordingList(encodeRecordingList(list))).toEqual(list)
  })

  it.each([
    'null',
    '[]',
    '{"tracks":1}',
    '{"tracks":[{"name":"../x"}]}',
    '{"tracks":[],"segments":{"a b":[]}}',
    '{"tracks":[],"segments":{"a":[{"seq_no":0,"uri":"x\\n#EXT","duration_ms":1}]}}',
    '{"tracks":[],"segments":{"a":[{"seq_no":-1,"uri":"x","duration_ms":1}]}}',
    '{',
  ])('is refused as %s', (json) => {
    expect(() => decodeRecordingList(Buffer.from(json))).toThrow(expect.objectContaining({ code: 'bad_recording' }))
  })
})

it('nothing but recordings is served, whatever the path', async () => {
  const store = new MemoryStore()
  await store.save('secret.txt', Buffer.from('secret'))
  await record(store, [0])
  const origin = openOrigin(store)
  for (const path of [
    'secret.txt',
    'clip/../secret.txt',
    'clip/%2e%2e/secret.txt',
    'clip/..%2fsecret/0.ts',
    'none/index.m3u8',
    'clip/none.m3u8',
    'clip/x.json',
  ])
    expect((await origin.get(`/recordings/${path}`)).status).toBe(404)
  expect((await origin.get('/recordings/clip/index.m3u8', { method: 'DELETE' })).status).toBe(405)
})
