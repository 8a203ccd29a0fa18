import { silentLog } from '@millrace/base'
import { DEFAULT_LADDER, type VideoProfile } from '@millrace/wire'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { CodedFrame } from '../segment/segment.ts'
import { makeTestFilm } from '../testing/index.ts'
import { openMediaEngine } from '../transcode/open-engine.ts'
import { WholeSegments } from '../transcode/transcode-segment.ts'
import { PictureJudge } from '../verify/judge.ts'
import type { Complexity } from './complexity.ts'
import { ComplexityProbe } from './complexity-probe.ts'
import { peekOpening } from './peek-opening.ts'
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

  it('gives up a source that takes too long, and those that come while others wait', async () => {
    const hasty = new ComplexityProbe({ timeoutMs: 1, maxWaiting: 1 }, { log: silentLog })
    const sample = { data: sources.get('noise')!, container: 'mpegts' } as const
    const [late, refused] = await Promise.all([hasty.measure([sample]), hasty.measure([sample])])
    expect([late, refused]).toEqual([[], []])
    await hasty.close()
  })
})

describe('the opening of a source', () => {
  const frame = (i: number): CodedFrame => ({
    ...{ kind: 'video', codec: 'h264', pts: i * 3_000, dts: i * 3_000 },
    ...{ keyFrame: i % 30 === 0, data: Uint8Array.of(i) },
  })

  it('is worked on while the source goes on, and no frame is lost', async () => {
    let given = 0
    async function* source() {
      for (; given < 200; given++) {
        await new Promise((resolve) => setImmediate(resolve))
        yield frame(given)
      }
    }
    const { result, frames } = await peekOpening(source(), 1_000, async (opening) => {
      const before = given
      while (given < before + 50) await new Promise((resolve) => setImmediate(resolve))
      return opening.length
    })
    expect(result).toBe(31)
    const read: number[] = []
    for await (const { pts } of frames) read.push(pts / 3_000)
    expect(read).toEqual(Array.from({ length: 200 }, (_, i) => i))
  })

  it('is as short as the source, and a source that fails fails its reader', async () => {
    async function* broken() {
      yield frame(0)
      throw new Error('the connection broke off')
    }
    await expect(peekOpening(broken(), 1_000, async () => 0)).rejects.toThrow('broke off')
    async function* short() {
      yield frame(0)
    }
    const { result, frames } = await peekOpening(short(), 1_000, async (opening) => opening.length)
    expect(result).toBe(1)
    const read: CodedFrame[] = []
    for await (const one of frames) read.push(one)
    expect(read).toHaveLength(1)
  })
})
