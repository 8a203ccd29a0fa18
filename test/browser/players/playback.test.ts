import { execFile, spawnSync } from 'node:child_process'
import { promisify } from 'node:util'
import { freeNetworkPorts } from '@millrace/devnet'
import { brokenBetween, brokenRules, type ReadPlaylist, readPlaylist } from '@millrace/media/testing'
import { DEFAULT_LADDER } from '@millrace/wire'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findChromium, openChromium } from '../chromium.ts'
import { startNetwork, until } from '../fixture.ts'
import { servePlayers } from './playback-page.ts'

const LADDER = DEFAULT_LADDER.slice(-2)
const RENDITIONS = [{ name: 'source', height: 720 }, ...LADDER]

const path = findChromium()
const hint = 'playback in a browser (needs Chromium: apt-get install chromium)'
if (!path) console.log(`NOT RUN: ${hint}`)
if (!path && process.env.CI) test(hint, () => expect.fail(`no Chromium was found: ${hint}`))
const hasFfmpeg = spawnSync('ffmpeg', ['-version']).status === 0
if (!hasFfmpeg)
  console.log('NOT RUN: playback by FFmpeg; get it with `apt-get install ffmpeg` or `brew install ffmpeg`')

/** What hls.js tells of itself. */
type HlsSeen = {
  readonly parts: number
  readonly latency: number
  readonly target: number
  readonly errors: readonly string[]
  readonly levels: readonly number[]
}

describe.skipIf(!path)('a live stream in real players', { timeout: 120_000 }, () => {
  let browser: Browser
  let network: Awaited<ReturnType<typeof startNetwork>>
  let players: Awaited<ReturnType<typeof servePlayers>>
  let gateway: string
  let watching: Awaited<ReturnType<typeof watchPlaylists>>

  beforeAll(async () => {
    const ports = await freeNetworkPorts()
    const options = { ports, offchain: true, ladder: LADDER, preset: 'ultrafast', gateway: { dvrMs: 600_000 } }
    network = await startNetwork({ ...options, source: { kind: 'generated', name: 'demo' } })
    gateway = network.network.gatewayUrl
    players = await servePlayers()
    browser = await openChromium(path as string)
    await until('playlists', 60_000, async () => (await fetch(`${gateway}/cmaf/demo/ll.m3u8`)).ok)
    watching = await watchPlaylists(`${gateway}/cmaf/demo`)
  }, 120_000)

  afterAll(async () => {
    await watching?.stop()
    await browser?.close()
    await players?.[Symbol.asyncDispose]()
    await network?.[Symbol.asyncDispose]()
  })

  async function openPlayer(): Promise<{ readonly page: Page; readonly asked: string[] } & AsyncDisposable> {
    const page = await browser.newPage({ viewport: { width: 800, height: 600 } })
    const asked: string[] = []
    page.on('request', (request) => asked.push(request.url()))
    await page.goto(players.url)
    return { page, asked, [Symbol.asyncDispose]: () => page.close() }
  }

  /** Plays with hls.js in this page; `window.seen` tells what it did. */
  const playHls = (page: Page, url: string, config: object = {}, height = 0) =>
    page.evaluate(
      ([source, more, wanted]) => {
        const { Hls } = window as unknown as { Hls: never }
        type Player = {
          loadSource(url: string): void
          attachMedia(video: Element): void
          on(event: string, listener: (name: string, data: Record<string, never>) => void): void
          latency: number
          targetLatency: number
          levels: { height: number }[]
          loadLevel: number
        }
        const hls = new (Hls as unknown as new (config: object) => Player)(more as object)
        const video = document.querySelector('video') as HTMLVideoElement
        const state = { parts: 0, errors: [] as string[] }
        hls.on('hlsFragLoaded', (_, data) => {
          if ((data as { part?: unknown }).part) state.parts++
        })
        hls.on('hlsError', (_, data) => {
          const { type, details, fatal } = data as unknown as { type: string; details: string; fatal: boolean }
          // A player that has played all there is, or waited longer than it likes to on a busy machine, says so and goes on.
          if (fatal || !/bufferStalledError|bufferAppendNoProgress|TimeOut/.test(details))
            state.errors.push(`${type} ${details} ${fatal}`)
        })
        hls.on('hlsManifestParsed', () => {
          if (wanted) hls.loadLevel = hls.levels.findIndex((level) => level.height === wanted)
          void video.play()
        })
        hls.loadSource(source as string)
        hls.attachMedia(video)
        Object.assign(window, {
          hls,
          seen: () => ({
            ...state,
            latency: hls.latency,
            target: hls.targetLatency,
            levels: hls.levels.map(({ height }) => height),
          }),
        })
      },
      [url, config, height] as const,
    )

  const seen = (page: Page): Promise<HlsSeen> =>
    page.evaluate(() => (window as unknown as { seen: () => HlsSeen }).seen())

  const picture = (page: Page) =>
    page.evaluate(() => {
      const video = document.querySelector('video') as HTMLVideoElement
      const { currentTime: time, videoHeight: height, paused } = video
      return { time, height, paused, frames: video.getVideoPlaybackQuality().totalVideoFrames }
    })

  async function plays(page: Page, seconds = 1.5): Promise<void> {
    await until('a picture', 20_000, async () => (await picture(page)).height > 0)
    const before = await picture(page)
    await until('playing on', 20_000, async () => {
      const { time, frames } = await picture(page)
      return time > before.time + seconds && frames > before.frames
    })
  }

  test('hls.js plays LL-HLS part by part, close behind the source', async () => {
    await using open = await openPlayer()
    const { page, asked } = open
    const config = { lowLatencyMode: true, maxLiveSyncPlaybackRate: 1.5 }
    await playHls(page, `${gateway}/cmaf/demo/ll.m3u8`, config, 720)
    await plays(page, 1)
    let least = Number.POSITIVE_INFINITY
    await until('two seconds of delay at most', 20_000, async () => {
      least = Math.min(least, (await seen(page)).latency)
      return least < 2
    }).catch((error: Error) => expect.fail(`${error.message}; ${least.toFixed(2)} s at least`))
    await plays(page, 3)
    const { parts, latency, target, errors } = await seen(page)
    console.log(`hls.js plays LL-HLS ${latency.toFixed(2)} s behind, its aim is ${target.toFixed(2)} s`)
    expect(errors).toEqual([])
    expect(parts).toBeGreaterThan(10)
    const blocking = asked.filter((url) => /ll\.m3u8\?.*_HLS_msn=\d+&_HLS_part=\d+/.test(url))
    expect(blocking.length).toBeGreaterThan(5)
    expect(asked.filter((url) => /\/source\/\w+-\d+\.\d+\.m4s$/.test(url)).length).toBeGreaterThan(10)
  })

  for (const [form, master] of [
    ['LL-HLS', 'cmaf/demo/ll.m3u8'],
    ['HLS with fMP4', 'cmaf/demo/fmp4.m3u8'],
    ['HLS with MPEG-TS', 'stream/demo.m3u8'],
  ] as const)
    test(`hls.js plays every rendition of ${form}`, async () => {
      await using open = await openPlayer()
      const { page } = open
      await playHls(page, `${gateway}/${master}`)
      await plays(page, 0.5)
      for (const { name, height } of RENDITIONS) {
        const found = await page.evaluate((wanted) => {
          const { hls } = window as unknown as { hls: { levels: { url: string[] }[]; currentLevel: number } }
          const level = hls.levels.findIndex(({ url }) => url[0]?.includes(`/${wanted}`))
          if (level >= 0) hls.currentLevel = level
          return level
        }, name)
        expect(found, name).toBeGreaterThanOrEqual(0)
        await until(`${height} lines`, 20_000, async () => (await picture(page)).height === height)
        await plays(page, 0.5)
      }
      expect((await seen(page)).errors).toEqual([])
    })

  for (const [form, file] of [
    ['LL-HLS', 'll.m3u8'],
    ['HLS with fMP4', 'fmp4.m3u8'],
    ['DASH', 'manifest.mpd'],
    ['low-latency DASH', 'll.mpd'],
  ] as const)
    test(`Shaka Player plays ${form}`, async () => {
      await using open = await openPlayer()
      const { page, asked } = open
      const failure = await page.evaluate(async (url) => {
        const { shaka } = window as unknown as { shaka: { Player: new () => never } }
        const player = new shaka.Player() as unknown as {
          attach(video: Element): Promise<void>
          load(url: string): Promise<void>
          configure(config: object): void
          addEventListener(name: string, listener: (event: { detail?: { code?: number } }) => void): void
          getVariantTracks(): { height: number }[]
          seekRange(): { start: number; end: number }
        }
        const video = document.querySelector('video') as HTMLVideoElement
        const errors: string[] = []
        player.addEventListener('error', ({ detail }) => errors.push(`error ${detail?.code}`))
        Object.assign(window, { player, errors })
        try {
          await player.attach(video)
          if (url.includes('/ll.')) player.configure({ streaming: { lowLatencyMode: true } })
          await player.load(url)
          video.autoplay = true
        } catch (error) {
          return `${error} ${JSON.stringify((error as { data?: unknown }).data)}`
        }
        return ''
      }, `${gateway}/cmaf/demo/${file}`)
      expect(failure).toBe('')
      await plays(page, 2)
      const { errors, heights, behind } = await page.evaluate(() => {
        const { player, errors } = window as unknown as {
          errors: string[]
          player: { getVariantTracks(): { height: number }[]; seekRange(): { end: number } }
        }
        const { currentTime } = document.querySelector('video') as HTMLVideoElement
        return {
          errors,
          heights: player.getVariantTracks().map(({ height }) => height),
          behind: player.seekRange().end - currentTime,
        }
      })
      console.log(`Shaka Player plays ${form} ${behind.toFixed(2)} s behind its edge`)
      // One that asks for a segment of a busy machine too early is told so and asks again.
      expect(errors.filter((error) => error !== 'error 1001')).toEqual([])
      expect(heights).toContain(720)
      expect(asked.some((url) => url.endsWith('.m4s'))).toBe(true)
    })

  const run = async (program: string, ...args: readonly string[]) => {
    const { stdout, stderr } = await promisify(execFile)(program, ['-v', 'warning', ...args], { timeout: 60_000 })
    return { stdout, stderr }
  }

  test.skipIf(!hasFfmpeg && !process.env.CI)('ffmpeg reads HLS with fMP4 and DASH without a warning', async () => {
    await until('ten seconds of every rendition', 60_000, async () => {
      const texts = RENDITIONS.map(async ({ name }) => (await fetch(`${gateway}/cmaf/demo/${name}/fmp4.m3u8`)).text())
      return (await Promise.all(texts)).every((text) => (text.match(/EXTINF/g)?.length ?? 0) >= 5)
    })
    // When it reads a live playlist again, FFmpeg 5.1 reads the one initialisation segment again, too, and complains of that.
    const complaints = (text: string) => text.replaceAll(/^.*Found duplicated MOOV Atom.*\n/gm, '')
    for (const file of ['fmp4.m3u8', 'manifest.mpd']) {
      const url = `${gateway}/cmaf/demo/${file}`
      const probed = await run('ffprobe', '-show_entries', 'stream=codec_name,width,height', '-of', 'csv=p=0', url)
      expect(complaints(probed.stderr), file).toBe('')
      expect(probed.stdout, file).toContain('h264,1280,720')
      expect(probed.stdout, file).toContain('aac')
      const fromStart = file.endsWith('m3u8') ? ['-live_start_index', '0'] : []
      const read = await run(
        'ffmpeg',
        ...fromStart,
        '-i',
        url,
        '-t',
        '6',
        '-map',
        '0:v:0',
        '-map',
        '0:a:0',
        '-f',
        'framemd5',
        '-',
      )
      expect(complaints(read.stderr), file).toBe('')
      // FFmpeg may begin with other numbers for pictures than for sound, a segment or two apart.
      expect(read.stdout.split('\n').filter((line) => line.startsWith('0,')).length, file).toBeGreaterThan(50)
    }
  })

  test('a viewer goes back in the DVR window and plays from there', async () => {
    await using open = await openPlayer()
    const { page } = open
    await playHls(page, `${gateway}/cmaf/demo/dvr.m3u8`, { lowLatencyMode: true })
    await plays(page, 0.5)
    const { time } = await picture(page)
    const back = await page.evaluate(() => {
      const video = document.querySelector('video') as HTMLVideoElement
      const start = video.seekable.start(0)
      video.currentTime = start + 1
      return start
    })
    // The live playlists reach back 16 seconds.
    expect(time - back).toBeGreaterThan(25)
    await until('the picture of then', 20_000, async () => Math.abs((await picture(page)).time - back - 1) < 3)
    await plays(page, 1)
    expect((await picture(page)).time).toBeLessThan(time - 5)
    expect((await seen(page)).errors).toEqual([])
  })

  test('all playlists kept the rules of RFC 8216bis while the players played', async () => {
    const { looked, faults } = await watching.stop()
    expect([...faults]).toEqual([])
    expect(looked).toBeGreaterThan(50)
  })
})

/** Fetches every playlist again and again and looks whether it keeps the rules, also against what it said before. */
async function watchPlaylists(base: string) {
  const paths = ['audio', ...RENDITIONS.map(({ name }) => name)].flatMap((name) =>
    ['ll', 'fmp4', 'dvr'].map((form) => `${name}/${form}.m3u8`),
  )
  const before = new Map<string, ReadPlaylist>()
  const faults = new Set<string>()
  let looked = 0
  let isOver = false
  const watch = async () => {
    while (!isOver) {
      for (const path of paths) {
        const now = readPlaylist(await (await fetch(`${base}/${path}`)).text())
        const then = before.get(path)
        for (const fault of [...brokenRules(now), ...(then ? brokenBetween(then, now) : [])])
          faults.add(`${path}: ${fault}`)
        before.set(path, now)
        looked++
      }
      await new Promise((resolve) => setTimeout(resolve, 250))
    }
  }
  const running = watch()
  running.catch(() => {})
  return {
    stop: async () => {
      isOver = true
      await running
      return { looked, faults }
    },
  }
}
