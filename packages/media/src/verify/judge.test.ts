import { execFileSync } from 'node:child_process'
import { silentLog } from '@millrace/base'
import { DEFAULT_LADDER, type VideoProfile } from '@millrace/wire'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { makeTestClip } from '../testing/index.ts'
import { openMediaEngine } from '../transcode/open-engine.ts'
import { WholeSegments } from '../transcode/transcode-segment.ts'
import type { Comparison } from './compare.ts'
import { PictureJudge } from './judge.ts'
import { faultOf } from './verdict.ts'

/** 24 kbit/s are next to nothing. */
const PROFILES: readonly VideoProfile[] = [
  { ...(DEFAULT_LADDER.find(({ name }) => name === '240p0') as VideoProfile), bitrateBps: 24_000 },
  { ...(DEFAULT_LADDER.find(({ name }) => name === '360p0') as VideoProfile), fps: 15 },
]
const PLACES = [0.1, 0.4, 0.6, 0.9]

let judge: PictureJudge
let sources: readonly Uint8Array[]
/** By segment, then by profile. */
let renditions: readonly (readonly Uint8Array[])[]
let otherStream: Uint8Array

beforeAll(async () => {
  judge = new PictureJudge({}, { log: silentLog })
  judge.prepare()
  const clip = await makeTestClip({ seconds: 6, width: 640, height: 360, fps: 30, audio: false })
  const other = await makeTestClip({ seconds: 2, width: 426, height: 240, fps: 30, seed: 9, audio: false })
  sources = clip.segments.map(({ data }) => data)
  otherStream = other.segments[0]!.data
  const { engine } = await openMediaEngine({ spare: false }, { log: silentLog })
  const session = new WholeSegments(await engine.open({ profiles: PROFILES }))
  const made = []
  for (const [seq, data] of sources.entries())
    made.push((await session.transcode({ seq, data, container: 'mpegts' })).renditions.map((part) => part.data))
  renditions = made
  await engine.close()
}, 60_000)

afterAll(() => judge.close())

/** The processes of this test process that compare. */
const judgePids = (): readonly number[] =>
  execFileSync('ps', ['-o', 'pid=,args=', '--ppid', String(process.pid)], { encoding: 'utf8' })
    .split('\n')
    .filter((line) => line.includes('judge-child'))
    .map((line) => Number.parseInt(line, 10))

const compare = (source: Uint8Array, rendition: Uint8Array, places: readonly number[] = PLACES) =>
  judge.compare({
    source: { data: source, container: 'mpegts' },
    rendition: { data: rendition, container: 'mpegts' },
    places,
  })

async function compared(source: Uint8Array, rendition: Uint8Array, places?: readonly number[]): Promise<Comparison> {
  const judgement = await compare(source, rendition, places)
  if (judgement.outcome !== 'compared') throw new Error(`${judgement.outcome}: ${judgement.reason}`)
  return judgement.comparison
}

describe('comparing a rendition with its source', () => {
  it('finds nothing wrong with true renditions, at another rate and with hardly any bits too', async () => {
    for (const [seq, source] of sources.entries())
      for (const rendition of renditions[seq]!) {
        const comparison = await compared(source, rendition)
        expect(faultOf(comparison)).toBeUndefined()
        expect(comparison.pictures).toBe(4)
      }
  })

  it.each([10, 24, 25])(
    'finds nothing wrong with a rendition of 30 pictures a second of a source with %i',
    async (fps) => {
      const clip = await makeTestClip({ seconds: 2, width: 320, height: 180, fps, framesPerMark: 1, audio: false })
      const profile: VideoProfile = { ...PROFILES[1]!, bitrateBps: 500_000, fps: 30 }
      const { engine } = await openMediaEngine({ spare: false }, { log: silentLog })
      try {
        const session = new WholeSegments(await engine.open({ profiles: [profile] }))
        const [source] = clip.segments
        const made = await session.transcode({ seq: 0, data: source!.data, container: 'mpegts' })
        expect(faultOf(await compared(source!.data, made.renditions[0]!.data))).toBeUndefined()
      } finally {
        await engine.close()
      }
    },
    30_000,
  )

  it('measures what the coding has lost', async () => {
    const starved = await compared(sources[1]!, renditions[1]![0]!)
    const good = await compared(sources[1]!, renditions[1]![1]!)
    expect(good.ssim).toBeGreaterThan(0.97)
    expect(starved.ssim).toBeLessThan(good.ssim)
    expect(await compared(sources[1]!, sources[1]!)).toMatchObject({ ssim: 1, likeness: 1 })
  })

  it.each([[[0.05]], [[0.5]], [[0.99]]])(
    'finds another stream’s pictures wherever it looks, here at %s',
    async (places) => {
      expect(faultOf(await compared(sources[0]!, otherStream, places))).toMatch(/^it shows something else/)
    },
  )

  it('finds the pictures of an earlier segment', async () => {
    expect(faultOf(await compared(sources[1]!, renditions[0]![1]!))).toBeDefined()
    expect(faultOf(await compared(sources[2]!, renditions[1]![0]!))).toBeDefined()
  })

  it('tells a rendition that cannot be decoded from a source that cannot', async () => {
    const noise = Uint8Array.from({ length: 188 * 50 }, (_, i) => (i % 188 === 0 ? 0x47 : (i * 31) % 256))
    expect(await compare(sources[0]!, noise)).toMatchObject({ outcome: 'undecodable' })
    expect(await compare(noise, renditions[0]![0]!)).toMatchObject({ outcome: 'unchecked' })
    const cut = sources[0]!.slice(0, 188 * 3)
    expect(await compare(sources[0]!, cut)).toMatchObject({ outcome: 'undecodable' })
    // It goes on afterwards.
    expect(faultOf(await compared(sources[0]!, renditions[0]![0]!))).toBeUndefined()
  })
})

describe('the process that compares', () => {
  it('is given up when it takes too long, and begun anew', async () => {
    const hasty = new PictureJudge({ timeoutMs: 1 }, { log: silentLog })
    const request = {
      source: { data: sources[0]!, container: 'mpegts' },
      rendition: { data: renditions[0]![0]!, container: 'mpegts' },
      places: PLACES,
    } as const
    for (let i = 0; i < 2; i++)
      expect(await hasty.compare(request)).toMatchObject({ outcome: expect.stringMatching(/unchecked|undecodable/) })
    await hasty.close()
    expect(await hasty.compare(request)).toEqual({ outcome: 'unchecked', reason: 'the judge was closed' })
  })

  it('goes on in another process after its share of comparisons, because memory of native code creeps up', async () => {
    const short = new PictureJudge({ recycleAfter: 2 }, { log: silentLog })
    const request = {
      source: { data: sources[0]!, container: 'mpegts' as const },
      rendition: { data: renditions[0]![0]!, container: 'mpegts' as const },
      places: [0.5],
    }
    const others = judgePids()
    const own = () => judgePids().filter((pid) => !others.includes(pid))
    const processes = new Set<number>()
    for (let i = 0; i < 4; i++) {
      expect(await short.compare(request)).toMatchObject({ outcome: 'compared' })
      for (const pid of own()) processes.add(pid)
    }
    await short.close()
    // Two that did two each, and the one that was ready for more.
    expect(processes.size).toBe(3)
    await vi.waitFor(() => expect(own()).toEqual([]), 5_000)
  })

  it('takes no more work than it can do', async () => {
    const small = new PictureJudge({ maxWaiting: 1 }, { log: silentLog })
    const request = {
      source: { data: sources[0]!, container: 'mpegts' },
      rendition: { data: renditions[0]![0]!, container: 'mpegts' },
      places: PLACES,
    } as const
    const [first, second] = await Promise.all([small.compare(request), small.compare(request)])
    expect(first).toMatchObject({ outcome: 'compared' })
    expect(second).toEqual({ outcome: 'unchecked', reason: '1 comparisons wait already' })
    await small.close()
  })
})
