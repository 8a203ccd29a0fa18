import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { silentLog } from '@millrace/base'
import { Hashing } from '@millrace/base/node'
import { manifestId } from '@millrace/wire'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ClosedSegment } from '../../segment/segment.ts'
import { segmentFrames } from '../../segment/segmenter.ts'
import { carriedFrames } from '../../source/convert.ts'
import { inspectSegment, makeMediaFile, publishFile } from '../../testing/index.ts'
import type { Publication } from '../publication.ts'
import { FlvReader } from './flv.ts'
import { RtmpServer } from './server.ts'

const hashing = new Hashing()
let folder: string
let server: RtmpServer
const waiting: ((publication: Publication) => void)[] = []

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-enhanced-'))
  server = new RtmpServer(
    { port: 0 },
    {
      log: silentLog,
      onPublish: () => ({ accept: true }),
      onPublication: (publication) => waiting.shift()?.(publication),
    },
  )
  await server.start()
})
afterAll(async () => {
  await server.stop()
  await hashing.stop()
  await rm(folder, { recursive: true, force: true })
})

async function publish(video: string | undefined, audio: string | undefined): Promise<ClosedSegment[]> {
  const path = join(folder, `${video}-${audio}.mkv`)
  await makeMediaFile({ path, format: 'matroska', video, audio, seconds: 2 })
  const publication = new Promise<Publication>((resolve) => waiting.push(resolve))
  const sent = publishFile({ path, url: `rtmp://127.0.0.1:${server.port}/live/${video}-${audio}` })
  const closed: ClosedSegment[] = []
  const frames = carriedFrames((await publication).frames)
  for await (const segment of segmentFrames(frames, { manifestId: manifestId('x') }, { hashing }))
    closed.push(await segment.closed)
  await sent
  return closed
}

describe('enhanced RTMP', () => {
  it.each([
    ['hevc', 'aac', 'copied'],
    ['av1', 'opus', 'made into H.264 and AAC'],
    ['vp9', 'flac', 'made into H.264 and AAC'],
    ['h264', 'ac3', 'with its sound made into AAC'],
  ])('takes %s with %s from FFmpeg, %s (faults.md 19)', async (video, audio) => {
    const closed = await publish(video, audio)
    expect(closed.reduce((sum, { videoFrames }) => sum + videoFrames, 0)).toBeGreaterThanOrEqual(49)
    const first = await inspectSegment(closed[0]!.data)
    expect(first).toMatchObject({ width: 320, height: 180, firstIsKey: true, decodeErrors: 0 })
    expect(first.frames).toBe(closed[0]!.videoFrames)
    expect(first.audioFrames).toBeGreaterThan(30)
  })

  it('refuses codecs that it does not know and further tracks, with a typed error (faults.md 19)', () => {
    const reader = new FlvReader()
    const unknown = Buffer.concat([Buffer.of(0x90), Buffer.from('vvc1'), Buffer.alloc(10)])
    expect(() => reader.video(unknown, 0)).toThrow(
      expect.objectContaining({ code: 'unsupported_codec', message: expect.stringContaining('vvc1') }),
    )
    const sound = Buffer.concat([Buffer.of(0x91), Buffer.from('abcd'), Buffer.alloc(10)])
    expect(() => reader.audio(sound, 0)).toThrow(expect.objectContaining({ code: 'unsupported_codec' }))
    const second = Buffer.concat([Buffer.of(0x96, 0x00), Buffer.from('av01'), Buffer.of(1), Buffer.alloc(10)])
    expect(() => reader.video(second, 0)).toThrow(expect.objectContaining({ code: 'multitrack_not_taken' }))
    const many = Buffer.concat([Buffer.of(0x95, 0x10), Buffer.from('Opus'), Buffer.of(0), Buffer.alloc(10)])
    expect(() => reader.audio(many, 0)).toThrow(expect.objectContaining({ code: 'multitrack_not_taken' }))
  })

  it('takes a single track in the packing of several, and steps over extensions', () => {
    const reader = new FlvReader()
    const data = Buffer.of(1, 2, 3)
    const one = Buffer.concat([Buffer.of(0x95, 0x01), Buffer.from('Opus'), Buffer.of(0), data])
    expect(reader.audio(one, 0)).toMatchObject({ codec: 'opus', data })
    const extended = Buffer.concat([Buffer.of(0x97, 2, 9, 9, 9, 0x01), Buffer.from('Opus'), data])
    expect(reader.audio(extended, 0)).toMatchObject({ codec: 'opus', data })
  })
})
