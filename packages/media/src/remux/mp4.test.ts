import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MillraceError, silentLog } from '@millrace/base'
import { Hashing } from '@millrace/base/node'
import { manifestId } from '@millrace/wire'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { inspectSegment, makeTestClip, readMarks, type TestClip } from '../testing/index.ts'
import { cutFile } from './cut-file.ts'
import { readMp4Frames } from './mp4-reader.ts'
import { writeMp4 } from './write-mp4.ts'

describe('MP4', () => {
  const hashing = new Hashing()
  let clip: TestClip
  let folder: string
  beforeAll(async () => {
    clip = await makeTestClip({ seconds: 4, width: 320, height: 180 })
    folder = await mkdtemp(join(tmpdir(), 'millrace-mp4-'))
  })
  afterAll(async () => {
    await rm(folder, { recursive: true, force: true })
    await hashing.stop()
  })

  it('joins segments to a file that FFmpeg decodes whole, begins with its table of contents, and leaves nothing else behind', async () => {
    const path = join(folder, 'out.mp4')
    const written = await writeMp4(
      clip.segments.map((segment) => segment.data),
      path,
    )
    const bytes = await readFile(path)
    expect(written).toEqual({ bytes: bytes.length, durationMs: expect.closeTo(4_000, -2), videoFrames: 120 })
    expect(bytes.indexOf('moov')).toBeLessThan(bytes.indexOf('mdat'))
    expect(await inspectSegment(bytes, 'mp4')).toMatchObject({
      frames: 120,
      decodeErrors: 0,
      firstIsKey: true,
      width: 320,
    })
    expect(await readMarks(bytes, 'mp4')).toEqual(clip.marks)
    expect(await readdir(folder)).toEqual(['out.mp4'])
  })

  it('reads back the frames it wrote, with the same distances', () => {
    const read = readMp4Frames(clip.mp4)
    for (const kind of ['video', 'audio'] as const) {
      const before = clip.frames.filter((frame) => frame.kind === kind)
      const after = read.filter((frame) => frame.kind === kind)
      expect(after.map((frame) => [frame.pts - after[0]!.pts, frame.keyFrame])).toEqual(
        before.map((frame) => [frame.pts - before[0]!.pts, frame.keyFrame]),
      )
    }
  })

  it('leaves no file when it fails', async () => {
    await expect(writeMp4([new Uint8Array(1_000)], join(folder, 'none.mp4'))).rejects.toMatchObject({
      code: 'no_video_frames',
    })
    await expect(writeMp4([], '/nowhere/at/all.mp4')).rejects.toMatchObject({ code: 'no_such_file' })
    expect(await readdir(folder)).toEqual(['out.mp4'])
  })

  it('cuts a file into segments, not paced, with its length known before', async () => {
    const path = join(folder, 'out.mp4')
    const file = await cutFile(path, { manifestId: manifestId('file') }, { log: silentLog, hashing })
    expect(file.durationMs).toBeGreaterThan(3_900)
    const started = performance.now()
    const durations: number[] = []
    const marks: number[] = []
    for await (const segment of file.segments) {
      const closed = await segment.closed
      durations.push(closed.durationMs)
      marks.push(...(await readMarks(closed.data)))
    }
    expect(durations).toEqual([2000, 2000])
    expect(marks).toEqual(clip.marks)
    expect(performance.now() - started).toBeLessThan(3_500)
  })

  it('throws only typed errors on damaged files, however they are damaged', () => {
    const head = clip.mp4.subarray(0, 20_000)
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(5_000), fc.nat(255)), { minLength: 1, maxLength: 30 }),
        fc.nat(20_000),
        (flips, length) => {
          const damaged = Uint8Array.from(head.subarray(0, length))
          for (const [at, value] of flips) if (at < damaged.length) damaged[at] = value
          try {
            readMp4Frames(damaged)
          } catch (error) {
            if (!(error instanceof MillraceError)) throw error
          }
        },
      ),
      { numRuns: 200 },
    )
  })
})
