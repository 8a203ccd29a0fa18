import { readFile } from 'node:fs/promises'
import { silentLog } from '@millrace/base'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Recorder } from '../recording/recorder.ts'
import { RecordingsOrigin } from '../recording/recordings-origin.ts'
import { MemoryStore } from '../storage/memory.ts'
import { inspectSegment, makeTestClip, type TestClip } from '../testing/test-clip.ts'
import { MadeRecordings } from './made-files.ts'
import { spriteCount, storyboardText, timesOfSprite } from './storyboard.ts'
import { VodJobs } from './vod-jobs.ts'

const FPS = 10
const TRACK = { name: 'source', bandwidthBps: 0, width: 320, height: 180 }

let clip: TestClip
let store: MemoryStore
let made: MadeRecordings
let origin: RecordingsOrigin

beforeAll(async () => {
  clip = await makeTestClip({
    seconds: 6,
    segmentMs: 1_000,
    width: 320,
    height: 180,
    fps: FPS,
    audio: true,
    framesPerMark: 1,
  })
  store = new MemoryStore()
  await record('clip', [0, 1, 2, 3, 4, 5])
  made = new MadeRecordings({ store, jobs: new VodJobs(), log: silentLog })
  origin = new RecordingsOrigin({ store, isLive: () => false, made, log: silentLog })
}, 60_000)
afterAll(async () => made.close())

async function record(manifestId: string, seqs: readonly number[]): Promise<void> {
  const recorder = new Recorder({ manifestId, nodeId: 'gateway' }, { store, log: silentLog })
  for (const [i, seq] of seqs.entries()) {
    const { data, durationMs } = clip.segments[seq]!
    recorder.put(TRACK, { seq: i, durationMs, container: 'mpegts', data })
  }
  await recorder.end()
  // Runs are in the order of the milliseconds in which they began.
  await new Promise((resolve) => setTimeout(resolve, 5))
}

async function fetched(
  path: string,
  range?: string,
): Promise<{ readonly status: number; readonly data: Buffer; readonly type: string | undefined }> {
  const { status, body, headers } = await origin.get(`/recordings/${path}`, { range })
  const type = headers['Content-Type']
  if (body instanceof Uint8Array) return { status, data: Buffer.from(body), type }
  const file = await readFile(body.path)
  return { status, data: file.subarray(body.start, body.end + 1), type }
}

/** Width and height of a JPEG, from its frame header. */
function jpegSize(data: Buffer): readonly [number, number] {
  for (let at = 2; at < data.length; at += 2 + data.readUInt16BE(at + 2))
    if (data[at + 1] === 0xc0) return [data.readUInt16BE(at + 7), data.readUInt16BE(at + 5)]
  throw new Error('no JPEG')
}

describe('a recording as MP4', () => {
  it('holds every picture and sound, with its index in front', async () => {
    const { status, data, type } = await fetched('clip/source.mp4')
    expect([status, type]).toEqual([200, 'video/mp4'])
    expect(data.indexOf('moov')).toBeLessThan(data.indexOf('mdat'))
    const found = await inspectSegment(data, 'mp4')
    expect(found.decodeErrors).toBe(0)
    expect(found.marks).toEqual(clip.marks)
    expect(found.frames).toBe(6 * FPS)
    expect(found.audioFrames).toBeGreaterThan(270)
  })

  it('is served in parts', async () => {
    const whole = await fetched('clip/source.mp4')
    const part = await fetched('clip/source.mp4', 'bytes=4-7')
    expect([part.status, String(part.data)]).toEqual([206, 'ftyp'])
    expect((await fetched('clip/source.mp4', `bytes=${whole.data.length}-`)).status).toBe(416)
  })

  it('goes on without a gap where the time line broke', async () => {
    await record('broken', [0, 1])
    await record('broken', [4, 5])
    const { data } = await fetched('broken/source.mp4')
    const found = await inspectSegment(data, 'mp4')
    expect(found.marks).toEqual([...clip.marks.slice(0, 2 * FPS), ...clip.marks.slice(4 * FPS)])
    const steps = found.pts.slice(1).map((pts, i) => Math.round((pts - found.pts[i]!) / 900))
    expect(new Set(steps)).toEqual(new Set([10]))
  })
})

describe('a clip', () => {
  it.each([
    // From the last key frame before it to the first one after it; they are a second apart.
    ['from=1.4&to=2.2', 1, 3],
    ['from=3.05', 3, 6],
    ['from=5.9&to=99', 5, 6],
  ])('with %s begins and ends at key frames', async (query, from, to) => {
    const { status, data } = await fetched(`clip/source.mp4?${query}`)
    expect(status).toBe(200)
    const found = await inspectSegment(data, 'mp4')
    expect(found.marks).toEqual(clip.marks.slice(from * FPS, to * FPS))
    expect(found.firstIsKey).toBe(true)
    expect(found.decodeErrors).toBe(0)
    const sound = found.audioPts.at(-1)! - found.audioPts[0]!
    expect(Math.abs(sound / 90_000 - (to - from))).toBeLessThan(0.1)
  })

  it('is cut between key frames when that is asked for', async () => {
    const { status, data } = await fetched('clip/source.mp4?from=1.4&to=3.2&exact=true')
    expect(status).toBe(200)
    const found = await inspectSegment(data, 'mp4')
    expect(found.marks).toEqual(clip.marks.slice(14, 32))
    expect(found.decodeErrors).toBe(0)
    expect(Math.abs((found.audioPts.at(-1)! - found.audioPts[0]!) / 90_000 - 1.8)).toBeLessThan(0.1)
  })

  it.each(['from=3&to=3', 'from=5&to=2', 'from=7', 'from=x', 'from=-1', 'to=1e9'])(
    'with %s is refused',
    async (query) => {
      expect((await fetched(`clip/source.mp4?${query}`)).status).toBe(400)
    },
  )
})

describe('pictures of a recording', () => {
  it('show the key frame at or before a moment', async () => {
    const at = (t: number) => fetched(`clip/source.jpg?t=${t}&width=160`)
    const [zero, soon, three] = await Promise.all([at(0), at(0.9), at(3.2)])
    expect(zero.type).toBe('image/jpeg')
    expect(jpegSize(zero.data)).toEqual([160, 90])
    expect(Buffer.compare(zero.data, soon.data)).toBe(0)
    expect(Buffer.compare(zero.data, three.data)).not.toBe(0)
  })

  it('come as WebP too', async () => {
    const { data, type } = await fetched('clip/source.webp?t=2')
    expect([type, data.toString('latin1', 0, 4), data.toString('latin1', 8, 12)]).toEqual([
      'image/webp',
      'RIFF',
      'WEBP',
    ])
  })

  it('are the storyboard of players', async () => {
    const text = String((await fetched('clip/storyboard.vtt')).data)
    expect(text).toMatch(/^WEBVTT\n\n00:00:00\.000 --> 00:00:06\.000\nstoryboard-0\.jpg#xywh=0,0,160,90\n/)
    const sprite = await fetched('clip/storyboard-0.jpg')
    expect(jpegSize(sprite.data)).toEqual([1600, 90])
    expect((await fetched('clip/storyboard-1.jpg')).status).toBe(404)
  })

  it('are not made of what cannot be decoded', async () => {
    const recorder = new Recorder({ manifestId: 'rubbish', nodeId: 'gateway' }, { store, log: silentLog })
    recorder.put(TRACK, { seq: 0, durationMs: 1_000, container: 'mpegts', data: new Uint8Array(5_000).fill(0x47) })
    await recorder.end()
    expect((await fetched('rubbish/source.jpg')).status).toBe(422)
    expect((await fetched('rubbish/source.mp4')).status).toBe(422)
  })
})

it('a long storyboard has a hundred pictures a sprite', () => {
  const hours = 2 * 3_600_000
  expect(spriteCount(hours)).toBe(8)
  expect(timesOfSprite(hours, 7)).toHaveLength(20)
  const text = storyboardText(hours, { width: 160, height: 90 })
  expect(text).toContain('00:16:50.000 --> 00:17:00.000\nstoryboard-1.jpg#xywh=160,0,160,90')
})
