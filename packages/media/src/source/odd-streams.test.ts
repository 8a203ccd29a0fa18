import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { silentLog } from '@millrace/base'
import { Hashing } from '@millrace/base/node'
import { DEFAULT_LADDER } from '@millrace/wire'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { segmentsOf } from '../formats/play-cell.fixture.ts'
import { inspectSegment, type MediaFileOptions, makeMediaFile } from '../testing/index.ts'
import { openMediaEngine } from '../transcode/open-engine.ts'
import { WholeSegments } from '../transcode/transcode-segment.ts'
import { demuxTs } from '../ts/demuxer.ts'

const hashing = new Hashing()
let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-odd-'))
})
afterAll(async () => {
  await hashing.stop()
  await rm(folder, { recursive: true, force: true })
})

let count = 0
async function made(options: Partial<MediaFileOptions>): Promise<string> {
  const path = join(folder, `${count++}.${options.format ?? 'mp4'}`)
  await makeMediaFile({ path, format: 'mp4', video: 'h264', audio: 'aac', seconds: 1, fps: 25, ...options })
  return path
}

async function playing(path: string) {
  const segments = await segmentsOf(path, hashing)
  const looks = await Promise.all(segments.map(({ data }) => inspectSegment(data)))
  return {
    segments,
    pictures: segments.reduce((sum, { videoFrames }) => sum + videoFrames, 0),
    sounds: segments.reduce((sum, { audioFrames }) => sum + audioFrames, 0),
    decoded: looks.reduce((sum, { frames }) => sum + frames, 0),
    errors: looks.reduce((sum, { decodeErrors }) => sum + decodeErrors, 0),
    size: `${looks[0]?.width}x${looks[0]?.height}`,
    codec: looks[0]?.videoCodec,
  }
}

describe.concurrent('what comes in', () => {
  it('may be sound alone (faults.md 22)', async () => {
    const segments = await segmentsOf(await made({ video: undefined, seconds: 5 }), hashing)
    expect(segments.length).toBeGreaterThanOrEqual(2)
    expect(segments.every(({ videoFrames, audioFrames }) => videoFrames === 0 && audioFrames > 30)).toBe(true)
  })

  it('may be pictures alone', async () => {
    expect(await playing(await made({ audio: undefined }))).toMatchObject({ pictures: 25, decoded: 25, sounds: 0 })
  })

  it('may have several sounds, of which one is taken', async () => {
    const { sounds, pictures } = await playing(await made({ format: 'matroska', audioTracks: 3 }))
    expect(pictures).toBe(25)
    expect(sounds).toBeGreaterThan(40)
    expect(sounds).toBeLessThan(55)
  })

  it.each(['yuv422p10le', 'yuv444p'])(
    'may have pictures of %s, which are copied, and transcoded into what players take (faults.md 28)',
    async (pixelFormat) => {
      const played = await playing(await made({ pixelFormat }))
      expect(played).toMatchObject({ pictures: 25, decoded: 25, errors: 0, codec: 'h264' })
      const { engine } = await openMediaEngine({}, { log: silentLog })
      try {
        const profile = DEFAULT_LADDER[0]!
        const session = new WholeSegments(await engine.open({ profiles: [profile] }))
        const [segment] = played.segments
        const { renditions } = await session.transcode({ seq: 0, data: segment!.data, container: 'mpegts' })
        expect(await inspectSegment(renditions[0]!.data)).toMatchObject({ frames: 25, decodeErrors: 0 })
      } finally {
        await engine.close()
      }
    },
  )

  it('may be interlaced, and is made whole where it is encoded', async () => {
    const path = await made({ format: 'mpegts', video: 'mpeg2', interlaced: true, filter: 'interlace' })
    const { pictures, decoded, codec } = await playing(path)
    expect(codec).toBe('h264')
    expect(decoded).toBe(pictures)
    expect(pictures).toBeGreaterThanOrEqual(11)
  })

  it('may have pictures at uneven times, which they keep', async () => {
    const path = await made({ format: 'matroska', filter: "select='not(eq(mod(n\\,5)\\,2))'", seconds: 2 })
    const { segments, pictures } = await playing(path)
    expect(pictures).toBe(40)
    const { pts } = await inspectSegment(segments[0]!.data)
    const steps = new Set(pts.slice(1).map((at, i) => Math.round((at - pts[i]!) / 100)))
    expect(steps).toEqual(new Set([36, 72]))
  })

  it('may be turned, and is turned upright', async () => {
    const path = await made({})
    const data = await readFile(path)
    const header = data.indexOf('tkhd')
    // Version 0: the matrix stands 40 bytes after the flags. A quarter clockwise.
    const matrix = [0, 0x10000, 0, -0x10000, 0, 0, 180 * 0x10000, 0, 0x40000000]
    for (const [i, value] of matrix.entries()) data.writeInt32BE(value, header + 4 + 40 + i * 4)
    await writeFile(path, data)
    expect(await playing(path)).toMatchObject({ pictures: 25, decoded: 25, size: '180x320' })
  })

  it('may change its size in the middle', async () => {
    const parts = [await made({ format: 'mpegts' }), await made({ format: 'mpegts', width: 640, height: 360 })]
    const path = join(folder, 'sizes.ts')
    await writeFile(path, Buffer.concat(await Promise.all(parts.map((part) => readFile(part)))))
    const { pictures, decoded, errors } = await playing(path)
    // The picture at the seam has no end.
    expect(pictures).toBeGreaterThanOrEqual(49)
    expect({ decoded, errors }).toEqual({ decoded: pictures, errors: 0 })
  })

  it('may have pictures that lean on those of the group before (faults.md 26)', async () => {
    const path = await made({
      seconds: 5,
      bFrames: 3,
      encoder: { preset: 'fast', 'x264-params': 'open-gop=1:keyint=25' },
    })
    const { segments, pictures } = await playing(path)
    expect(pictures).toBe(125)
    const { frames } = demuxTs(Buffer.concat(segments.map(({ data }) => data)))
    const times = frames.filter(({ kind }) => kind === 'video').map(({ pts }) => pts)
    // None is lost and none doubled between segments; some come before their turn, as B-frames make it.
    expect(new Set(times).size).toBe(125)
    expect(times.some((pts, i) => i > 0 && pts < times[i - 1]!)).toBe(true)
  })

  it('may have a clock that wraps after 26 and a half hours (faults.md 25)', async () => {
    const path = await made({ format: 'mpegts', seconds: 6, muxer: { output_ts_offset: '95441' } })
    const raw = demuxTs(await readFile(path)).frames.filter(({ kind }) => kind === 'video')
    expect(Math.max(...raw.map(({ pts }) => pts))).toBeGreaterThan(2 ** 33)
    const { pictures, decoded, segments } = await playing(path)
    expect({ pictures, decoded }).toEqual({ pictures: 150, decoded: 150 })
    expect(segments.reduce((sum, { durationMs }) => sum + durationMs, 0)).toBe(6_000)
  })
})
