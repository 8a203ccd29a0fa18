import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { silentLog } from '@millrace/base'
import { Hashing } from '@millrace/base/node'
import { DEFAULT_LADDER, type VideoProfile } from '@millrace/wire'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { writeMp4Frames } from '../remux/write-mp4.ts'
import { makeTestFilm } from '../testing/index.ts'
import { openMediaEngine } from '../transcode/open-engine.ts'
import { WholeSegments } from '../transcode/transcode-segment.ts'
import { demuxTs } from '../ts/demuxer.ts'
import { PictureJudge } from '../verify/judge.ts'
import type { Complexity } from './complexity.ts'
import { ComplexityProbe } from './complexity-probe.ts'
import { fileSamples } from './file-samples.ts'
import { perTitleLadder } from './per-title.ts'

const LADDER = DEFAULT_LADDER.slice(2)

/** Still slides, something that moves a little before something that does not, as who speaks does, and noise. */
const FILMS = {
  slides: 'smptehdbars=size=640x360:rate=30',
  speaker:
    'smptehdbars=size=640x360:rate=30[wall];mandelbrot=size=96x108:rate=30:end_pts=400[head];[wall][head]overlay=x=270+6*sin(t*3):y=120+3*cos(t*2)',
  noise: 'testsrc2=size=640x360:rate=30,noise=alls=40:allf=t',
} as const

describe('a ladder set to its source', () => {
  const probe = new ComplexityProbe({ timeoutMs: 60_000 }, { log: silentLog })
  const sources = new Map<string, Uint8Array>()
  const measured = new Map<string, readonly Complexity[]>()
  beforeAll(async () => {
    for (const [name, chain] of Object.entries(FILMS)) {
      const film = { chain, fps: 30, seconds: 1, segmentMs: 1_000, bitrateBps: 6_000_000 }
      const { segments } = await makeTestFilm(film)
      const { data } = segments[0]!
      sources.set(name, data)
      measured.set(name, await probe.measure([{ data, container: 'mpegts' }]))
    }
  }, 60_000)
  afterAll(() => probe.close())

  const setTo = (name: keyof typeof FILMS, mode: 'lower' | 'both' = 'lower') =>
    perTitleLadder(LADDER, measured.get(name)!, mode)!

  it('has rates in the order of how hard the sources are, between a quarter of its own and its own', () => {
    const [slides, speaker, noise] = (['slides', 'speaker', 'noise'] as const).map((name) => setTo(name))
    for (const [i, { bitrateBps }] of LADDER.entries()) {
      const rates = [slides, speaker, noise].map((set) => set!.ladder[i]!.bitrateBps)
      expect(rates.toSorted((a, b) => a - b)).toEqual(rates)
      expect(rates[0]).toBe(Math.ceil(bitrateBps / 4_000) * 1_000)
      expect(rates[2]).toBe(bitrateBps)
    }
    const speaking = speaker!.rates.at(0)!
    expect(speaking.bps).toBeGreaterThan(speaking.ladderBps / 4)
    expect(speaking.bps).toBeLessThan(speaking.ladderBps)
  })

  it('rises above its own rates only where that was asked for, and never beyond twice as much', () => {
    const raised = setTo('noise', 'both')
    for (const { ladderBps, bps } of raised.rates) expect(bps).toBe(2 * ladderBps)
    expect(setTo('slides', 'both').rates).toEqual(setTo('slides').rates)
  })

  it('takes the hardest of several samples', () => {
    const [slides, noise] = [measured.get('slides')!, measured.get('noise')!]
    const both = perTitleLadder(LADDER, [...slides, ...noise, ...slides], 'lower')!
    expect(both).toMatchObject({ samples: 3, bitsPerPixel: setTo('noise').bitsPerPixel })
    expect(perTitleLadder(LADDER, [], 'lower')).toBeUndefined()
  })

  it('is as good to look at where it costs less', async () => {
    const { engine } = await openMediaEngine({ spare: false }, { log: silentLog })
    const judge = new PictureJudge({ timeoutMs: 30_000 }, { log: silentLog })
    try {
      for (const name of ['slides', 'speaker'] as const) {
        const profiles: VideoProfile[] = [LADDER[0]!, setTo(name).ladder[0]!]
        const session = new WholeSegments(await engine.open({ profiles }))
        const data = sources.get(name)!
        const { renditions } = await session.transcode({ seq: 0, data, container: 'mpegts' })
        const judged = await Promise.all(
          renditions.map((rendition) =>
            judge.compare({
              source: { data, container: 'mpegts' },
              rendition: { data: rendition.data, container: 'mpegts' },
              places: [0.1, 0.5, 0.9],
            }),
          ),
        )
        const [full, less] = judged.map((one) => (one.outcome === 'compared' ? one.comparison.ssim : 0))
        expect(less).toBeGreaterThan(0.95)
        expect(less).toBeGreaterThan(full! - 0.02)
      }
    } finally {
      await engine.close()
      await judge.close()
    }
  }, 60_000)

  it('looks at samples from all over a file', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'millrace-samples-'))
    const hashing = new Hashing()
    try {
      // Easy, hard, easy: two seconds each.
      const [easy, hard] = [sources.get('slides')!, sources.get('noise')!]
      const path = join(folder, 'film.mp4')
      let at = 0
      async function* film() {
        for (const data of [easy, easy, hard, hard, easy, easy]) {
          const frames = demuxTs(data).frames.filter(({ kind }) => kind === 'video')
          const shift = at - frames[0]!.dts
          at += 90_000
          yield frames.map((frame) => ({ ...frame, dts: frame.dts + shift, pts: frame.pts + shift }))
        }
      }
      await writeMp4Frames(film(), path)
      const samples = await fileSamples(path, 3, { log: silentLog, hashing })
      expect(samples).toHaveLength(3)
      const found = await probe.measure(samples)
      expect(found.map((one) => perTitleLadder(LADDER, [one], 'lower')!.rates[0]!.bps)).toEqual([
        setTo('slides').rates[0]!.bps,
        setTo('noise').rates[0]!.bps,
        setTo('slides').rates[0]!.bps,
      ])
    } finally {
      await hashing.stop()
      await rm(folder, { recursive: true, force: true })
    }
  }, 60_000)

  it('gives up a source that takes too long, and those that come while others wait', async () => {
    const hasty = new ComplexityProbe({ timeoutMs: 1, maxWaiting: 1 }, { log: silentLog })
    const sample = { data: sources.get('noise')!, container: 'mpegts' } as const
    const [late, refused] = await Promise.all([hasty.measure([sample]), hasty.measure([sample])])
    expect([late, refused]).toEqual([[], []])
    await hasty.close()
  })
})
