import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AsyncQueue, silentLog } from '@millrace/base'
import { DEFAULT_LADDER, PROFILE_PRESETS } from '@millrace/wire'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makeTestClip } from '../testing/index.ts'
import type { MediaEngine, RenditionPart } from '../transcode/engine.ts'
import { openMediaEngine } from '../transcode/open-engine.ts'
import { measureCapacity } from './capacity.ts'
import { type BenchSegment, clipOf, generatedClip } from './clip.ts'
import { parsePlaylist } from './read-playlist.ts'
import { type Measured, transcodeSideBySide } from './sessions.ts'

/** An engine of a machine whose time is counted, not waited for: segments that are under way together share it. */
function modelEngine(elapsedMs: (together: number) => number) {
  let now = 0
  let most = 0
  let opened = 0
  let waiting: (() => void)[] = []
  const push = () =>
    new Promise<void>((resolve) => {
      waiting.push(resolve)
      if (waiting.length > 1) return
      setImmediate(() => {
        const together = waiting
        waiting = []
        most = Math.max(most, together.length)
        now += elapsedMs(together.length)
        for (const done of together) done()
      })
    })
  const engine: MediaEngine = {
    info: { name: 'node-av', version: 'model', license: '', live: false as const, codecs: ['h264'] as const },
    open: async () => {
      opened++
      const parts = new AsyncQueue<RenditionPart>({ capacity: 1 })
      return {
        push: async ({ seq }) => {
          await push()
          return { seq, ok: true, decodedPixels: 1n, decodedFrames: 1, decodeErrors: 0, elapsedMs: 0 }
        },
        pushLive: () => Promise.reject(new Error('whole segments only')),
        parts: () => parts,
        close: async () => {
          opened--
          parts.close()
        },
      }
    },
    close: async () => {},
  }
  return { engine, now: () => now, most: () => most, opened: () => opened }
}

const clip: BenchSegment = { durationMs: 1_000, container: 'mpegts', read: async () => new Uint8Array(1) }
const measure = async (
  elapsedMs: (together: number) => number,
  options: { readonly budgetMs?: number; readonly most?: number; readonly freeMemory?: () => number } = {},
) => {
  const { freeMemory = () => 2 ** 40, ...rest } = options
  const model = modelEngine(elapsedMs)
  const { engine, now } = model
  const found = await measureCapacity({ clip, profiles: DEFAULT_LADDER, ...rest }, { engine, now, freeMemory })
  expect(model.opened()).toBe(0)
  return { ...found, most: model.most() }
}

describe('the capacity of a machine', () => {
  // Each session takes a tenth of the machine, so eight leave a fifth of it.
  it.each([
    [10, 8],
    [12.5, 10],
    [1, 1],
    [3, 2],
    [100, 80],
  ])('that transcodes %d times as fast as a clock is %i sessions', async (speed, sessions) => {
    const found = await measure((together) => (together * 1_000) / speed, { budgetMs: 1e9 })
    expect(found).toMatchObject({ sessions, bound: 'cpu' })
    expect(found.most).toBeLessThanOrEqual(2 * sessions)
  })

  it('with many cores, of which a session uses few, is found too', async () => {
    const cores = 48
    const found = await measure((together) => 400 * Math.max(1, together / cores), { budgetMs: 1e9 })
    expect(found).toMatchObject({ sessions: 2 * cores, bound: 'cpu' })
  })

  it('is one session where not even that keeps up, and the ratio tells', async () => {
    expect(await measure(() => 1_300)).toMatchObject({ sessions: 1, ratio: 1.3, bound: 'cpu' })
  })

  it('is what was reached when the time is over, the memory short, or no more was asked for', async () => {
    const speed = (together: number) => together * 10
    expect(await measure(speed, { budgetMs: 100 })).toMatchObject({ sessions: 4, bound: 'time' })
    expect(await measure(speed, { most: 5, budgetMs: 1e9 })).toMatchObject({ sessions: 5, bound: 'most' })
    let left = 3
    const freeMemory = () => (left-- > 0 ? 2 ** 40 : 1)
    expect(await measure(speed, { freeMemory, budgetMs: 1e9 })).toMatchObject({ sessions: 8, bound: 'memory' })
  })
})

describe('a real engine', () => {
  let folder: string
  let opened: Awaited<ReturnType<typeof openMediaEngine>>
  const profile = PROFILE_PRESETS.get('P144p30fps16x9')!
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'millrace-bench-'))
    opened = await openMediaEngine({ spare: false }, { log: silentLog })
  })
  afterAll(async () => {
    await opened?.engine.close()
    rmSync(folder, { recursive: true, force: true })
  })

  it('is measured with a picture of its own', async () => {
    const picture = { width: 320, height: 180, fps: 30, seconds: 3 }
    const segments = await generatedClip(picture, { log: silentLog })
    expect(segments.map(({ durationMs }) => durationMs)).toEqual([2_000, 1_000])
    const measured: Measured[] = []
    const found = await measureCapacity(
      { clip: segments[1]!, profiles: [profile], most: 2 },
      { engine: opened.engine, onSegment: (segment) => measured.push(segment) },
    )
    expect(found.steps[0]).toMatchObject({ sessions: 1, ratio: expect.any(Number) })
    // Every one of them, or nothing was measured.
    for (const { renditions } of measured) expect(renditions.map(({ frames }) => frames)).toEqual([30])
    expect(measured.length).toBe(found.steps.reduce((sum, { sessions }) => sum + sessions, 0))
  }, 20_000)

  it('transcodes the segments of a playlist and of a file in several sessions', async () => {
    const { segments, mp4 } = await makeTestClip({ seconds: 2, width: 320, height: 180, fps: 30, seed: 3 })
    const lines = segments.map(({ data, durationMs }, i) => {
      writeFileSync(join(folder, `${i}.ts`), data)
      return `#EXTINF:${durationMs / 1000},\n${i}.ts`
    })
    writeFileSync(join(folder, 'clip.m3u8'), ['#EXTM3U', ...lines, '#EXT-X-ENDLIST', ''].join('\n'))
    writeFileSync(join(folder, 'clip.mp4'), mp4)
    for (const name of ['clip.m3u8', 'clip.mp4']) {
      const listed = await clipOf(join(folder, name), { log: silentLog })
      expect(listed).toHaveLength(segments.length)
      const seen: string[] = []
      const began = performance.now()
      await transcodeSideBySide(
        { sessions: 2, segments: listed, profiles: [profile], live: name === 'clip.m3u8', staggerMs: 50 },
        {
          engine: opened.engine,
          onSegment: ({ session, segment, renditions, elapsedMs }) => {
            expect(renditions[0]!.frames).toBeGreaterThan(0)
            expect(elapsedMs).toBeGreaterThan(0)
            seen.push(`${session} ${segment}`)
          },
        },
      )
      expect(seen.sort()).toEqual([0, 1].flatMap((session) => listed.map((_, segment) => `${session} ${segment}`)))
      // The clock held back all but the last.
      const held = listed.slice(0, -1).reduce((sum, { durationMs }) => sum + durationMs, 0)
      if (name === 'clip.m3u8') expect(performance.now() - began).toBeGreaterThanOrEqual(held)
    }
  }, 30_000)

  it('stops all sessions when one fails', async () => {
    const broken: BenchSegment = { durationMs: 1_000, container: 'mpegts', read: async () => new Uint8Array(188) }
    await expect(
      transcodeSideBySide(
        { sessions: 2, segments: [broken], profiles: [profile], live: false, staggerMs: 60_000 },
        { engine: opened.engine, onSegment: () => {} },
      ),
    ).rejects.toMatchObject({ name: 'MillraceError' })
  }, 10_000)
})

describe('a playlist', () => {
  const parse = (...lines: string[]) => parsePlaylist(['#EXTM3U', ...lines].join('\n'), '/films/a.m3u8')

  it('names files beside it, with their initialisation', () => {
    expect(parse('#EXTINF:2.002,', 'a/0.ts', '#EXTINF:1,', '/b%20c.ts')).toEqual([
      { files: ['/films/a/0.ts'], durationMs: 2_002, container: 'mpegts' },
      { files: ['/b c.ts'], durationMs: 1_000, container: 'mpegts' },
    ])
    expect(parse('#EXT-X-MAP:URI="init.mp4"', '#EXTINF:2,', '0.m4s')).toEqual([
      { files: ['/films/init.mp4', '/films/0.m4s'], durationMs: 2_000, container: 'mp4' },
    ])
  })

  it.each([
    [['#EXT-X-STREAM-INF:BANDWIDTH=1', 'a.m3u8'], 'master playlist'],
    [['#EXTINF:2,', 'https://elsewhere/0.ts'], 'no file of this machine'],
    [['0.ts'], 'no length above 0'],
    [['#EXTINF:0,', '0.ts'], 'no length above 0'],
    [['#EXT-X-KEY:METHOD=AES-128,URI="k"', '#EXTINF:2,', '0.ts'], 'encrypted'],
    [['#EXT-X-BYTERANGE:1@0', '#EXTINF:2,', '0.ts'], 'parts of files'],
    [[], 'no segments'],
  ])('%j is refused: %s', (lines, why) => {
    expect(() => parse(...lines)).toThrow(why)
    expect(() => parsePlaylist('a picture', 'a.m3u8')).toThrow('does not begin with #EXTM3U')
  })
})
