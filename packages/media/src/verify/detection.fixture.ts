import { spawnSync } from 'node:child_process'
import { silentLog } from '@millrace/base'
import { isCarriedByTs, type VideoCodec, type VideoProfile } from '@millrace/wire'
import { encodeMp4 } from '../remux/mp4-writer.ts'
import type { CodedFrame } from '../segment/segment.ts'
import { makeTestFilm, makeTestLie } from '../testing/index.ts'
import type { MediaEngine } from '../transcode/engine.ts'
import { openMediaEngine } from '../transcode/open-engine.ts'
import { WholeSegments } from '../transcode/transcode-segment.ts'
import { demuxTs } from '../ts/demuxer.ts'
import { muxTs, TsMuxer } from '../ts/muxer.ts'
import type { Comparison } from './compare.ts'
import { countPixels } from './count.ts'
import { countFault } from './count-fault.ts'
import { PictureJudge } from './judge.ts'
import type { SampleRequest } from './sample.ts'
import { soundFault } from './sound-fault.ts'
import { faultOf } from './verdict.ts'

export const LIES = [
  'black',
  'frozen',
  'repeated',
  'other stream',
  'half dropped',
  'upscaled',
  'quarter rate',
  'fastest preset',
  'silent',
  'shifted sound',
  're-ordered',
] as const
export type Lie = (typeof LIES)[number]

/** What an orchestrator delivered, and what was asked of it. */
export type Delivered = {
  readonly what: string
  readonly source: Uint8Array
  readonly rendition: Uint8Array
  readonly profile: VideoProfile
  readonly sample: SampleRequest
}

export type Checked = {
  readonly fault: string | undefined
  readonly comparison?: Comparison
  readonly elapsedMs: number
}

/** The same seed gives the same numbers (mulberry32). */
export function randomOf(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

const SIZE = '640x360'
const FPS = 30
const SEGMENT_MS = 1_200
const SECONDS = 2.4

/** Films by name; the numbers come from the seed. */
const FILMS: Readonly<Record<string, (random: () => number) => string>> = {
  card: () => `testsrc2=size=${SIZE}:rate=${FPS}`,
  'noisy card': (random) => `testsrc2=size=${SIZE}:rate=${FPS},noise=alls=${int(random, 6, 16)}:allf=t`,
  'zooming fractal': (random) =>
    `mandelbrot=size=${SIZE}:rate=${FPS}:start_scale=${(0.5 + random()).toFixed(2)}:end_pts=${int(random, 60, 200)}`,
  'turning fractal': (random) =>
    `mandelbrot=size=${SIZE}:rate=${FPS}:start_scale=${(0.3 + random()).toFixed(2)},rotate=${(0.3 + random()).toFixed(2)}*t`,
  life: (random) =>
    `life=size=160x90:rate=${FPS}:mold=20:seed=${int(random, 1, 1e6)}:death_color=#203040:life_color=#e0d0c0,scale=${SIZE}:flags=neighbor`,
  'scrolling bars': (random) =>
    `smptehdbars=size=${SIZE}:rate=${FPS},scroll=h=${(0.003 + random() * 0.01).toFixed(4)},noise=alls=4:allf=t`,
  clouds: (random) =>
    `gradients=size=${SIZE}:rate=${FPS}:seed=${int(random, 1, 1e6)}:nb_colors=6:speed=${(0.02 + random() * 0.05).toFixed(3)},noise=alls=3:allf=t`,
  'panned carpet': (random) =>
    `sierpinski=size=${SIZE}:rate=${FPS}:seed=${int(random, 1, 1e6)}:jump=${int(random, 60, 200)}`,
}

const int = (random: () => number, from: number, to: number): number => Math.floor(from + random() * (to - from + 1))
const pick = <T>(random: () => number, from: readonly T[]): T => from[Math.floor(random() * from.length)]!

export type Film = { readonly name: string; readonly segments: readonly Uint8Array[] }

/** Makes honest results and lies, and looks at them as a gateway does. */
export class Detection {
  readonly #random: () => number
  readonly #judge = new PictureJudge({ timeoutMs: 20_000, maxWaiting: 100 }, { log: silentLog })
  readonly #engines: MediaEngine[] = []
  readonly #codec: VideoCodec
  films: readonly Film[] = []

  constructor(seed: number, codec: VideoCodec = 'h264') {
    this.#random = randomOf(seed)
    this.#codec = codec
  }

  static readonly hasFfmpeg = spawnSync('ffmpeg', ['-version']).status === 0

  async open(films: number): Promise<void> {
    const names = Object.keys(FILMS)
    const made: Film[] = []
    for (let i = 0; i < films; i++) {
      const name = names[i % names.length]!
      const { segments } = await makeTestFilm({
        ...{ chain: FILMS[name]!(this.#random), fps: FPS, seconds: SECONDS, segmentMs: SEGMENT_MS },
        bitrateBps: 6_000_000,
      })
      made.push({ name, segments: segments.map(({ data }) => data) })
    }
    this.films = made
    for (const engine of Detection.hasFfmpeg ? (['node-av', 'ffmpeg'] as const) : (['node-av'] as const))
      this.#engines.push((await openMediaEngine({ engine, spare: false }, { log: silentLog })).engine)
    this.#judge.prepare()
  }

  async close(): Promise<void> {
    await this.#judge.close()
    for (const engine of this.#engines) await engine.close()
  }

  /** A true rendition; where and how it was made is drawn. */
  async honest(): Promise<Delivered> {
    const random = this.#random
    const film = pick(random, this.films)
    const source = pick(random, film.segments)
    const profile = { ...this.#profile(), ...(random() < 0.2 && { fps: pick(random, [15, 24]) }) }
    const preset = pick(random, ['veryfast', 'faster', 'fast', 'medium'])
    const engine = pick(random, this.#engines)
    const live = engine.info.live && random() < 0.35
    const session = new WholeSegments(await engine.open({ profiles: [profile], preset }))
    try {
      const made = live
        ? await session.transcodeLive({ seq: 0, chunks: chunksOf(source) }, { part: () => {} })
        : await session.transcode({ seq: 0, data: source, container: 'mpegts' })
      const what = `${film.name} ${profile.width}x${profile.height} ${profile.bitrateBps} fps ${profile.fps} ${preset} ${live ? 'live' : engine.info.name}`
      return { what, source, rendition: made.renditions[0]!.data, profile, sample: { profile, preset, live } }
    } finally {
      await session.close()
    }
  }

  /** A lie of this kind; strength, place and clip are drawn. */
  async lie(kind: Lie): Promise<Delivered> {
    const random = this.#random
    const preset = 'veryfast'
    // Who saves bits or time does so where there are some to be saved.
    const costly = kind === 'upscaled' || kind === 'quarter rate' || kind === 'fastest preset'
    const easy = ['clouds', 'scrolling bars', 'panned carpet', 'card']
    const films = this.films.filter(({ name }) => !costly || !easy.includes(name))
    const film = pick(random, films)
    const at = 1
    const source = film.segments[at]!
    const profile = this.#profile()
    const count = countPixels(source, 'mpegts').frames
    // Two test cards, or two of a kind, may show the same.
    const kindOf = ({ name }: Film) => name.split(' ').at(-1)
    const other = pick(
      random,
      this.films.filter((candidate) => kindOf(candidate) !== kindOf(film)),
    ).segments[at]!
    const run = (least: number) => {
      const length = Math.ceil(count * (least + random() * (1 - least)))
      const from = int(random, 0, count - length)
      return { strength: length / count, covers: (i: number) => i >= from && i < from + length, from }
    }
    const own = Array.from({ length: count }, (_, index) => ({ segment: 0, index }) as const)
    let pictures: ({ readonly segment: number; readonly index: number } | 'black')[] = own
    let strength = 1
    let encoded = profile
    let shrink: number | undefined
    const sources = [source, film.segments[at - 1]!, other]
    const replace = (least: number, by: (i: number, from: number) => (typeof pictures)[number]) => {
      const { covers, from, strength: drawn } = run(least)
      strength = drawn
      pictures = own.map((picture, i) => (covers(i) ? by(i, from) : picture))
    }
    if (kind === 'black') replace(0.1, () => 'black')
    if (kind === 'frozen') replace(0.4, (_, from) => own[from]!)
    if (kind === 'repeated') replace(0.5, (index) => ({ segment: 1, index }))
    if (kind === 'other stream') replace(0.3, (index) => ({ segment: 2, index }))
    if (kind === 'half dropped') {
      const kept = random() < 0.5
      strength = 0.5
      pictures = kept ? own.map((_, i) => own[i - (i % 2)]!) : own.filter((_, i) => i % 2 === 0)
    }
    if (kind === 're-ordered') {
      const blocks = int(random, 2, 4)
      strength = blocks
      const cut = Array.from({ length: blocks }, (_, i) =>
        own.slice(Math.floor((i * count) / blocks), Math.floor(((i + 1) * count) / blocks)),
      )
      pictures = cut.reverse().flat()
    }
    if (kind === 'upscaled') strength = shrink = 0.25 + random() * 0.3
    if (kind === 'quarter rate') {
      strength = 0.2 + random() * 0.08
      encoded = { ...profile, bitrateBps: Math.round(profile.bitrateBps * strength) }
    }
    const liar = await makeTestLie({
      ...{ sources, profile: encoded, pictures, preset: kind === 'fastest preset' ? 'ultrafast' : preset },
      ...(shrink !== undefined && { shrink }),
    })
    let sound: CodedFrame[] = demuxTs(source).frames.filter((frame) => frame.kind === 'audio')
    if (kind === 'silent') {
      const part = 0.3 + random() * 0.7
      strength = part
      const from = Math.floor(random() * (1 - part) * sound.length)
      const silence = Uint8Array.of(0x21, 0x10, 0x04, 0x60, 0x8c, 0x1c)
      const until = from + part * sound.length
      sound = sound.map((frame, i) => (i >= from && i < until ? { ...frame, data: silence } : frame))
    }
    if (kind === 'shifted sound') {
      strength = (random() < 0.5 ? -1 : 1) * (0.15 + random() * 0.7)
      const ticks = Math.round(strength * 90_000)
      sound = sound.map((frame) => ({ ...frame, pts: frame.pts + ticks, dts: frame.dts + ticks }))
    }
    const frames = [...liar.frames, ...sound].sort((a, b) => a.dts - b.dts)
    const rendition = profile.format === 'mp4' ? encodeMp4(frames) : muxTs(frames)
    const what = `${kind} ${strength.toFixed(2)} of ${film.name} ${profile.width}x${profile.height} ${profile.bitrateBps}`
    return { what, source, rendition, profile, sample: { profile, preset, live: false } }
  }

  async check({ source, rendition, profile, sample }: Delivered): Promise<Checked> {
    const random = this.#random
    const container = sample.live ? 'mp4' : profile.format
    const [counted, sourceCount] = [countPixels(rendition, container), countPixels(source, 'mpegts')]
    const fault =
      countFault(counted, sourceCount, profile) ?? (sample.live ? undefined : soundFault(counted, sourceCount))
    const began = performance.now()
    const judged = await this.#judge.compare({
      source: { data: source, container: 'mpegts' },
      rendition: { data: rendition, container },
      places: Array.from({ length: 8 }, (_, i) => (i + random()) / 8),
      sample,
    })
    const elapsedMs = performance.now() - began
    if (judged.outcome === 'unchecked') throw new Error(`a result could not be checked: ${judged.reason}`)
    if (judged.outcome === 'undecodable') return { fault: fault ?? judged.reason, elapsedMs }
    return { fault: fault ?? faultOf(judged.comparison), comparison: judged.comparison, elapsedMs }
  }

  #profile(): VideoProfile {
    const random = this.#random
    const [width, height, low, high] = pick(random, [
      [426, 240, 200_000, 600_000],
      [640, 360, 500_000, 1_500_000],
      [480, 270, 300_000, 900_000],
    ] as const)
    const bitrateBps = int(random, low, high)
    return {
      ...{ name: `${height}p`, width, height, bitrateBps, fps: 0, gopMs: 1_000 },
      ...{ format: isCarriedByTs(this.#codec) ? 'mpegts' : 'mp4', codec: this.#codec, quality: 0 },
      ...(this.#codec === 'h264' && { profile: 'constrainedHigh' }),
    } as VideoProfile
  }
}

async function* chunksOf(source: Uint8Array): AsyncGenerator<Uint8Array> {
  const out: Uint8Array[] = []
  const muxer = new TsMuxer({ write: (bytes) => out.push(bytes) })
  for (const frame of demuxTs(source).frames) muxer.frame(frame)
  muxer.flush()
  yield* out
}
