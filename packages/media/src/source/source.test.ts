import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { silentLog } from '@millrace/base'
import { Hashing } from '@millrace/base/node'
import { manifestId } from '@millrace/wire'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Publication } from '../ingest/publication.ts'
import type { ClosedSegment, CodedFrame } from '../segment/segment.ts'
import { segmentFrames } from '../segment/segmenter.ts'
import { inspectSegment, makeTestClip, type TestClip } from '../testing/index.ts'
import { openFileSource } from './file.ts'
import { openGeneratedSource } from './generated.ts'

const hashing = new Hashing()
afterAll(() => hashing.stop())
const deps = { log: silentLog }
const frames = async (source: Publication): Promise<CodedFrame[]> => {
  const out: CodedFrame[] = []
  for await (const frame of source.frames) out.push(frame)
  return out
}
const segments = async (source: Publication): Promise<ClosedSegment[]> => {
  const out: ClosedSegment[] = []
  for await (const segment of segmentFrames(source.frames, { manifestId: manifestId('x') }, { hashing }))
    out.push(await segment.closed)
  return out
}

describe('sources', () => {
  let clip: TestClip
  let folder: string
  let path: string
  beforeAll(async () => {
    clip = await makeTestClip({ seconds: 4, width: 320, height: 180 })
    folder = await mkdtemp(join(tmpdir(), 'millrace-source-'))
    path = join(folder, 'clip.mp4')
    await writeFile(path, clip.mp4)
  })
  afterAll(async () => {
    await rm(folder, { recursive: true, force: true })
  })

  it('makes a test picture that decodes, with a key frame each two seconds and sound', async () => {
    const source = await openGeneratedSource({ width: 640, height: 360, seconds: 4, realtime: false }, deps)
    const made = await segments(source)
    expect(await source.ended).toEqual({ reason: 'finished' })
    expect(made.map((segment) => [segment.durationMs, segment.videoFrames])).toEqual([
      [2000, 60],
      [2000, 60],
    ])
    for (const { data } of made)
      expect(await inspectSegment(data)).toMatchObject({
        width: 640,
        height: 360,
        frames: 60,
        firstIsKey: true,
        decodeErrors: 0,
      })
  })

  it('goes on with its tone without a gap or a step', async () => {
    const source = await openGeneratedSource({ width: 160, height: 90, fps: 10, seconds: 20, realtime: false }, deps)
    const sound = (await frames(source)).filter((frame) => frame.kind === 'audio')
    expect(sound.length).toBeGreaterThan(930)
    expect(sound.every((frame, i) => i === 0 || frame.pts - sound[i - 1]!.pts === 1_920)).toBe(true)
  })

  it('goes at the speed of a clock when it is told to', async () => {
    const source = await openGeneratedSource({ width: 320, height: 180, seconds: 1.5 }, deps)
    const started = performance.now()
    expect((await frames(source)).filter((frame) => frame.kind === 'video').length).toBe(45)
    expect(performance.now() - started).toBeGreaterThan(1_200)
  })

  it('stops at once when it is closed or its signal aborts, and holds only so much for a reader that sleeps', async () => {
    const controller = new AbortController()
    const source = await openGeneratedSource(
      { width: 320, height: 180, realtime: false, signal: controller.signal },
      deps,
    )
    await new Promise((resolve) => setTimeout(resolve, 500))
    controller.abort()
    expect(await source.ended).toEqual({ reason: 'closed' })
    expect((await frames(source)).length).toBeLessThan(1_200)
  })

  it('copies H.264 and AAC of a file unchanged', async () => {
    const source = await openFileSource({ path, realtime: false }, deps)
    expect(source.about).toBe('320x180 h264, aac 48000 Hz')
    expect(source.durationMs).toBeGreaterThan(3_900)
    const read = await frames(source)
    const pictures = (list: readonly CodedFrame[]) => list.filter((frame) => frame.kind === 'video')
    expect(pictures(read).map((frame) => frame.keyFrame)).toEqual(pictures(clip.frames).map((frame) => frame.keyFrame))
    expect((await source.ended).reason).toBe('finished')
  })

  it('begins again at the end on the same time line when it loops', async () => {
    const source = await openFileSource({ path, realtime: false, loop: true }, deps)
    let last = 0
    let count = 0
    for await (const frame of source.frames) {
      if (frame.kind !== 'video') continue
      expect(frame.dts).toBeGreaterThan(last)
      expect(frame.dts - last).toBeLessThan(100_000)
      last = frame.dts
      if (++count === 300) break
    }
    await source.close()
  })

  it('reads over http', async () => {
    const server = createServer((_, response) => response.end(clip.mp4))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as { port: number }
    const source = await openFileSource(
      { path: `http://127.0.0.1:${port}/clip.mp4`, allowPrivate: true, realtime: false },
      deps,
    )
    expect((await segments(source)).length).toBe(2)
    server.closeAllConnections()
    server.close()
  })

  it('says in a sentence what is wrong with a file', async () => {
    const open = (name: string) => openFileSource({ path: name, allowPrivate: true, realtime: false }, deps)
    await expect(open(join(folder, 'none.mp4'))).rejects.toMatchObject({
      code: 'no_such_file',
      message: expect.stringContaining('check the name'),
    })
    await expect(open(folder)).rejects.toMatchObject({ code: 'not_a_video' })
    const textFile = join(folder, 'a.txt')
    await writeFile(textFile, 'hello '.repeat(1_000))
    await expect(open(textFile)).rejects.toMatchObject({ code: 'not_a_video' })
    await expect(open('mms://example.org/x')).rejects.toMatchObject({ code: 'bad_source_options' })
    await expect(open('concat:/etc/passwd')).rejects.toMatchObject({ code: 'bad_source_options' })
    await expect(open('http://127.0.0.1:1/x.mp4')).rejects.toMatchObject({
      code: 'source_unreachable',
      retryable: true,
    })
    const sound = join(folder, 'list.m3u8')
    await writeFile(sound, `#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\nhttp://127.0.0.1:1/0.ts\n`)
    await expect(open(sound)).rejects.toMatchObject({ code: 'not_a_video' })
  })

  it('plays what is there of a truncated file and then says that it breaks off', async () => {
    const cut = join(folder, 'cut.mp4')
    await writeFile(cut, clip.mp4.subarray(0, Math.round(clip.mp4.length * 0.4)))
    const source = await openFileSource({ path: cut, realtime: false }, deps)
    await expect(frames(source)).rejects.toMatchObject({ code: 'source_truncated' })
    expect(await source.ended).toMatchObject({ reason: 'failed', error: { code: 'source_truncated' } })
    const headless = join(folder, 'headless.mp4')
    await writeFile(headless, clip.mp4.subarray(40_000))
    await expect(openFileSource({ path: headless }, deps)).rejects.toMatchObject({ code: 'source_truncated' })
  })

  it.skipIf(spawnSync('ffmpeg', ['-version']).status !== 0)(
    'makes and reads streams with the ffmpeg program where node-av is missing',
    async () => {
      const engine = 'ffmpeg'
      const test = await openGeneratedSource({ width: 320, height: 180, seconds: 4, realtime: false, engine }, deps)
      const made = await segments(test)
      expect(made.reduce((sum, segment) => sum + segment.videoFrames, 0)).toBe(120)
      expect(await inspectSegment(made[0]!.data)).toMatchObject({
        width: 320,
        frames: 60,
        firstIsKey: true,
        decodeErrors: 0,
      })
      expect(made[0]!.audioFrames).toBeGreaterThan(80)
      const file = await openFileSource({ path, realtime: false, engine }, deps)
      expect(file.durationMs).toBeGreaterThan(3_900)
      expect((await segments(file)).map((segment) => segment.videoFrames)).toEqual([60, 60])
      await expect(openFileSource({ path: join(folder, 'a.txt'), engine }, deps)).rejects.toMatchObject({
        code: 'not_a_video',
      })
      const headless = openFileSource({ path: join(folder, 'headless.mp4'), engine }, deps)
      await expect(headless).rejects.toMatchObject({ code: 'source_truncated' })
      const none = openGeneratedSource({ engine, ffmpegPath: '/nowhere' }, deps)
      await expect(none).rejects.toMatchObject({ code: 'no_media_engine' })
    },
  )

  it('refuses pictures that no encoder takes', async () => {
    await expect(openGeneratedSource({ width: 641 }, deps)).rejects.toMatchObject({ code: 'bad_source_options' })
    await expect(openGeneratedSource({ fps: 0 }, deps)).rejects.toMatchObject({ code: 'bad_source_options' })
  })
})

const odd = process.env.MILLRACE_MEDIA_DIR
if (!odd) console.log('NOT RUN: odd real clips; set MILLRACE_MEDIA_DIR to a folder with those of livepeer/lpms data/')

describe.skipIf(!odd || !existsSync(odd))('odd real clips', () => {
  const clips: [string, number][] = [
    ['videotest.mp4', 40],
    ['portrait.ts', 30],
    ['kryp-1.ts', 30],
    ['missing-dts.ts', 110],
    ['skip_1.ts', 150],
    ['duplicate-audio-dts.ts', 55],
  ]
  it.each(clips)('%s becomes segments that decode', async (name, least) => {
    const source = await openFileSource({ path: join(odd!, name), realtime: false }, deps)
    const made = await segments(source)
    let decoded = 0
    for (const { data } of made) decoded += (await inspectSegment(data)).frames
    expect(decoded).toBeGreaterThanOrEqual(least)
  })
})
