import { execFileSync, spawnSync } from 'node:child_process'
import { silentLog } from '@millrace/base'
import { describe, expect, it, vi } from 'vitest'
import { engineSuite } from './engine.suite.ts'
import { openMediaEngine } from './open-engine.ts'
import { FramePacer, KeyFramePacer } from './pacing.ts'
import { scaledSize } from './scaled-size.ts'

/** The session processes of this test process. */
function childPids(): number[] {
  const text = execFileSync('ps', ['-o', 'pid=,args=', '--ppid', String(process.pid)], { encoding: 'utf8' })
  return text
    .split('\n')
    .filter((line) => line.includes('session-child'))
    .map((line) => Number.parseInt(line, 10))
}

const hasFfmpeg = spawnSync('ffmpeg', ['-version']).status === 0
const isCi = process.env.CI === 'true'
if (!hasFfmpeg && !isCi)
  console.log('NOT RUN: the ffmpeg engine suite; get it with `apt-get install ffmpeg` or `brew install ffmpeg`')

for (const engine of ['node-av', 'ffmpeg'] as const)
  describe.skipIf(engine === 'ffmpeg' && !hasFfmpeg && !isCi)(`media engine: ${engine}`, () =>
    engineSuite(async () => (await openMediaEngine({ engine }, { log: silentLog })).engine, childPids),
  )

describe('choosing an engine', () => {
  it('says why', async () => {
    const { engine, why } = await openMediaEngine({ spare: false }, { log: silentLog })
    expect(why).toMatch(/^node-av with FFmpeg .* \(GPL-3\.0\), as it loads on this machine$/)
    await engine.close()
  })

  it('says what to install when there is none', async () => {
    const options = { engine: 'ffmpeg', ffmpegPath: '/nowhere/ffmpeg' } as const
    await expect(openMediaEngine(options, { log: silentLog })).rejects.toMatchObject({
      code: 'no_media_engine',
      message: expect.stringContaining('apt-get install ffmpeg'),
    })
  })

  it('replaces a process after its share of segments', async () => {
    const { engine } = await openMediaEngine({ engine: 'node-av', recycleAfter: 1, spare: true }, { log: silentLog })
    const session = await engine.open({ profiles: [] })
    const before = childPids()
    const push = () => session.push({ seq: 0, data: new Uint8Array(10), container: 'mpegts' })
    expect(await push()).toMatchObject({ ok: false })
    expect(await push()).toMatchObject({ ok: false })
    expect(childPids().some((pid) => !before.includes(pid))).toBe(true)
    await engine.close()
  })
})

describe('the process that is kept ready', () => {
  it('is one, however many sessions begin at once and end', async () => {
    const before = childPids()
    const { engine } = await openMediaEngine({ engine: 'node-av' }, { log: silentLog })
    const sessions = await Promise.all([1, 2, 3, 4].map(() => engine.open({ profiles: [] })))
    await Promise.all(sessions.map((session) => session.close()))
    // The spare one may be starting still.
    const last = await engine.open({ profiles: [] })
    await last.close()
    await vi.waitFor(() => expect(childPids().filter((pid) => !before.includes(pid))).toHaveLength(1), 10_000)
    await engine.close()
    expect(childPids().filter((pid) => !before.includes(pid))).toEqual([])
  })
})

describe('sizes as LPMS makes them', () => {
  it('keeps the aspect ratio along the larger side, with even sides', () => {
    const source = { width: 1280, height: 720 }
    expect(scaledSize({ width: 426, height: 240 }, source)).toEqual({ width: 426, height: 240 })
    expect(scaledSize({ width: 854, height: 480 }, source)).toEqual({ width: 854, height: 480 })
    expect(scaledSize({ width: 640, height: 360 }, { width: 1440, height: 1080 })).toEqual({ width: 640, height: 480 })
  })

  it('turns the rendition of a portrait source', () => {
    expect(scaledSize({ width: 640, height: 360 }, { width: 720, height: 1280 })).toEqual({ width: 360, height: 640 })
  })

  it('stays within what encoders take', () => {
    expect(scaledSize({ width: 16, height: 16 }, { width: 1280, height: 720 })).toEqual({ width: 146, height: 82 })
    expect(scaledSize({ width: 9000, height: 9000 }, { width: 1280, height: 720 }).width).toBe(4096)
    expect(scaledSize({ width: 640, height: 360 }, { width: 4000, height: 40 }).height).toBe(50)
  })
})

describe('pacing', () => {
  it('keeps every frame at its own time when no rate is asked for', () => {
    const pacer = new FramePacer(0)
    expect([0, 1, 2900].flatMap((pts) => pacer.place(pts))).toEqual([0, 1, 2900])
  })

  it('never makes more than 25 frames out of one', () => {
    const pacer = new FramePacer(30)
    pacer.place(0)
    expect(pacer.place(3_000 * 200).length).toBe(25)
    expect(pacer.place(3_000 * 5_000)).toEqual([3_000 * 5_000])
  })

  it('forces the first frame of a segment and one each gop by time stamp', () => {
    const pacer = new KeyFramePacer(1_000)
    pacer.startSegment()
    const forced = Array.from({ length: 90 }, (_, i) => i).filter((i) => pacer.force(i * 3_000))
    expect(forced).toEqual([0, 30, 60])
  })
})
