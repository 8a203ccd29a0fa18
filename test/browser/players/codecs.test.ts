import { freeNetworkPorts } from '@millrace/devnet'
import { brokenRules, readPlaylist } from '@millrace/media/testing'
import type { NodeEventOf, VideoProfile } from '@millrace/wire'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findChromium, openChromium } from '../chromium.ts'
import { startNetwork, until } from '../fixture.ts'
import { servePlayers } from './playback-page.ts'

const rung = (codec: VideoProfile['codec'], height: number): VideoProfile => ({
  ...{ name: `${height}p-${codec}`, codec, width: Math.round((height * 16) / 18) * 2, height },
  ...{ bitrateBps: 250_000, fps: 0, gopMs: 1_000, format: codec === 'h264' ? 'mpegts' : 'mp4' },
})
/** Each of another height, which tells in a player what it shows. */
const LADDER = [rung('h264', 234), rung('vp9', 180), rung('av1', 144)]
const CODECS = { vp9: /vp09\.00\.\d\d\.08/, av1: /av01\.0\.\d\dM\.08/ } as const

const path = findChromium()
const hint = 'VP9 and AV1 in a browser (needs Chromium: apt-get install chromium)'
if (!path) console.log(`NOT RUN: ${hint}`)
if (!path && process.env.CI) test(hint, () => expect.fail(`no Chromium was found: ${hint}`))

describe.skipIf(!path)('renditions in VP9 and AV1', { timeout: 60_000 }, () => {
  let browser: Browser
  let network: Awaited<ReturnType<typeof startNetwork>>
  let players: Awaited<ReturnType<typeof servePlayers>>
  let gateway: string

  beforeAll(async () => {
    const ports = await freeNetworkPorts()
    const source = { kind: 'generated', name: 'demo', width: 416, height: 234, bitrateBps: 600_000 } as const
    const options = {
      ports,
      offchain: true,
      ladder: LADDER,
      preset: 'ultrafast',
      gateway: { compareOneIn: 1, opus: true },
    }
    network = await startNetwork({ ...options, source })
    gateway = network.network.gatewayUrl
    players = await servePlayers()
    browser = await openChromium(path as string)
    await until('playlists', 40_000, async () => {
      const manifest = await fetch(`${gateway}/cmaf/demo/manifest.mpd`)
      return manifest.ok && (await manifest.text()).includes('"opus"')
    })
  }, 60_000)

  afterAll(async () => {
    await browser?.close()
    await players?.[Symbol.asyncDispose]()
    await network?.[Symbol.asyncDispose]()
  })

  async function plays(page: Page, height: number): Promise<void> {
    const picture = () =>
      page.evaluate(() => {
        const video = document.querySelector('video') as HTMLVideoElement
        const { currentTime: time, videoHeight: lines } = video
        return { time, lines, frames: video.getVideoPlaybackQuality().totalVideoFrames }
      })
    await until(`${height} lines`, 20_000, async () => (await picture()).lines === height)
    const before = await picture()
    await until('playing on', 20_000, async () => {
      const { time, frames } = await picture()
      return time > before.time + 1 && frames > before.frames + 10
    })
  }

  for (const [codec, form] of [
    ['vp9', 'll'],
    ['av1', 'fmp4'],
  ] as const)
    test(`hls.js plays ${codec} from ${form}.m3u8`, async () => {
      const page = await browser.newPage()
      await page.goto(players.url)
      const { name, height } = LADDER.find((profile) => profile.codec === codec) as VideoProfile
      const master = await (await fetch(`${gateway}/cmaf/demo/${form}.m3u8`)).text()
      const line = master.split('\n').find((_, i, lines) => lines[i + 1]?.startsWith(`${name}/`))
      expect(line).toMatch(CODECS[codec])
      // With sound of its own kind, while H.264 keeps AAC.
      expect(line).toMatch(/CODECS="\w+\.[\w.]+,opus",AUDIO="audio2"/)
      expect(master).toMatch(/CODECS="avc1\.\w+,mp4a\.40\.2",AUDIO="audio"\n/)
      expect(master).toContain('GROUP-ID="audio2",NAME="audio"')
      await page.evaluate(
        ([url, wanted]) => {
          type Player = {
            loadSource(url: string): void
            attachMedia(video: Element): void
            on(event: string, listener: (name: string, data: { fatal: boolean; details: string }) => void): void
            levels: { url: string[] }[]
            loadLevel: number
          }
          const { Hls } = window as unknown as { Hls: new (config: object) => Player }
          const hls = new Hls({ lowLatencyMode: (url as string).includes('/ll.') })
          const errors: string[] = []
          Object.assign(window, { errors })
          hls.on('hlsError', (_, { fatal, details }) => fatal && errors.push(details))
          const video = document.querySelector('video') as HTMLVideoElement
          hls.on('hlsManifestParsed', () => {
            hls.loadLevel = hls.levels.findIndex((level) => level.url[0]?.includes(`/${wanted}/`))
            void video.play()
          })
          hls.loadSource(url as string)
          hls.attachMedia(video)
        },
        [`${gateway}/cmaf/demo/${form}.m3u8`, name] as const,
      )
      await plays(page, height)
      expect(await page.evaluate(() => (window as unknown as { errors: string[] }).errors)).toEqual([])
      await page.close()
    })

  for (const codec of ['vp9', 'av1'] as const)
    test(`Shaka Player plays ${codec} by DASH`, async () => {
      const page = await browser.newPage()
      await page.goto(players.url)
      const { height } = LADDER.find((profile) => profile.codec === codec) as VideoProfile
      const failure = await page.evaluate(
        async ([url, wanted]) => {
          type Player = {
            attach(video: Element): Promise<void>
            load(url: string): Promise<void>
            configure(config: object): void
          }
          const { shaka } = window as unknown as { shaka: { Player: new () => Player } }
          const player = new shaka.Player()
          Object.assign(window, { player })
          const video = document.querySelector('video') as HTMLVideoElement
          try {
            player.configure({ preferredVideoCodecs: [wanted === 'vp9' ? 'vp09' : 'av01'] })
            await player.attach(video)
            await player.load(url as string)
            video.autoplay = true
          } catch (error) {
            return `${error} ${JSON.stringify((error as { data?: unknown }).data)}`
          }
          return ''
        },
        [`${gateway}/cmaf/demo/manifest.mpd`, codec] as const,
      )
      expect(failure).toBe('')
      await plays(page, height)
      await page.close()
    })

  test('are listed by codec, left out of the playlist of MPEG-TS, and each found true by comparison with the source', async () => {
    const mpd = await (await fetch(`${gateway}/cmaf/demo/manifest.mpd`)).text()
    const sets = mpd.split('<AdaptationSet').slice(1)
    expect(sets.map((set) => [...set.matchAll(/codecs="(\w+)/g)].map(([, codec]) => codec))).toEqual([
      ['avc1', 'avc1'],
      ['vp09'],
      ['av01'],
      ['mp4a'],
      ['opus'],
    ])
    for (const name of ['opus', 'audio', ...LADDER.map((profile) => profile.name)])
      for (const form of ['ll', 'fmp4']) {
        const playlist = await (await fetch(`${gateway}/cmaf/demo/${name}/${form}.m3u8`)).text()
        expect(brokenRules(readPlaylist(playlist)), `${name} ${form}`).toEqual([])
      }
    const ts = await (await fetch(`${gateway}/stream/demo.m3u8`)).text()
    expect(ts).not.toMatch(/vp09|av01/)
    expect(ts).toContain(LADDER[0]!.name)
    const compared = () =>
      network.network.hub
        .recent()
        .filter((event): event is NodeEventOf<'result_compared'> => event.type === 'result_compared')
    await until(
      'comparisons',
      20_000,
      () => new Set(compared().map(({ rendition }) => rendition)).size === LADDER.length,
    )
    expect(compared().filter(({ fault }) => fault)).toEqual([])
    const { totals } = network.network.hub.view()
    expect(totals).toMatchObject({ fallback: 0, missing: 0 })
  })
})
