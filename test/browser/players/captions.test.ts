import { brokenRules, CC1, makeTestClip, readPlaylist, withCaptions } from '@millrace/media/testing'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { demuxTs } from '../../../packages/media/src/ts/demuxer.ts'
import { muxTs } from '../../../packages/media/src/ts/muxer.ts'
import { findChromium, openChromium } from '../chromium.ts'
import { until } from '../fixture.ts'
import { servePlayers } from './playback-page.ts'
import { startGateway } from './webrtc-gateway.ts'

const path = findChromium()
const hint = 'captions in a browser (needs Chromium: apt-get install chromium)'
if (!path) console.log(`NOT RUN: ${hint}`)
if (!path && process.env.CI) test(hint, () => expect.fail(`no Chromium was found: ${hint}`))

type Track = { readonly kind: string; readonly cues: readonly { from: number; to: number; text: string }[] }

/** Frames a second of the clip. */
const FPS = 30
const pop = (text: string) => [CC1.popOn, CC1.eraseLoaded, CC1.row15, CC1.text(text), CC1.show].flat()

describe.skipIf(!path)('captions inside the pictures', { timeout: 90_000 }, () => {
  let browser: Browser
  beforeAll(async () => {
    browser = await openChromium(path as string)
  })
  afterAll(() => browser?.close())

  test('are shown by hls.js from WebVTT at the time at which it reads them out of the pictures itself', async () => {
    const segments = await captionedSegments([
      { from: 15, pairs: pop('FIRST WORDS ') },
      { from: 75, pairs: pop('OVER THE END') },
      { from: 150, pairs: CC1.erase },
    ])
    await using running = await startGateway()
    for (const [seq, body] of segments.entries()) {
      const answer = await fetch(`${running.url}/live/film/${seq}.ts`, { method: 'PUT', body: body as BodyInit })
      await answer.arrayBuffer()
    }
    const master = `${running.url}/cmaf/film/fmp4.m3u8`
    await until('the playlist', 10_000, async () => (await fetch(master)).ok)
    const text = await (await fetch(master)).text()
    expect(text).toContain('TYPE=CLOSED-CAPTIONS,GROUP-ID="cc",NAME="CC1",INSTREAM-ID="CC1"')
    expect(text).toMatch(/#EXT-X-STREAM-INF:.*SUBTITLES="text",CLOSED-CAPTIONS="cc"/)
    const list = await (await fetch(`${running.url}/cmaf/film/cc1/fmp4.m3u8`)).text()
    expect(readPlaylist(list).segments).toHaveLength(segments.length)
    expect(brokenRules(readPlaylist(list))).toEqual([])

    await using players = await servePlayers()
    const page = await browser.newPage()
    await page.goto(players.url)
    await page.evaluate((source) => {
      const { Hls } = window as unknown as { Hls: new (config: object) => never }
      const hls = new Hls({ startPosition: 0, liveSyncDurationCount: 3 }) as {
        on(event: string, then: () => void): void
        loadSource(url: string): void
        attachMedia(video: Element): void
        subtitleTrack: number
        subtitleDisplay: boolean
      }
      const video = document.querySelector('video') as HTMLVideoElement
      hls.on('hlsSubtitleTracksUpdated', () => {
        hls.subtitleTrack = 0
        hls.subtitleDisplay = true
      })
      hls.on('hlsManifestParsed', () => void video.play())
      hls.loadSource(source)
      hls.attachMedia(video)
    }, master)
    const tracks = (): Promise<Track[]> =>
      page.evaluate(() =>
        [...(document.querySelector('video') as HTMLVideoElement).textTracks].map((track) => {
          if (track.mode === 'disabled') track.mode = 'hidden'
          const cues = [...(track.cues ?? [])] as VTTCue[]
          return {
            kind: track.kind,
            cues: cues.map(({ startTime, endTime, text }) => ({ from: startTime, to: endTime, text: text.trim() })),
          }
        }),
      )
    const of = (all: readonly Track[], kind: string) => all.find((track) => track.kind === kind)?.cues ?? []
    let all: Track[] = []
    await until('the captions of both', 30_000, async () => {
      all = await tracks()
      return of(all, 'captions').length >= 2 && of(all, 'subtitles').length >= 3
    })
    const words = of(all, 'captions')
    const texts = joined(of(all, 'subtitles'))
    expect(texts.map(({ text }) => text)).toEqual(['FIRST WORDS', 'OVER THE END'])
    expect(words.map(({ text }) => text.replace(/\s+/g, ' '))).toEqual(texts.map(({ text }) => text))
    // Both begin with the picture that says so.
    for (const [i, { from, to }] of texts.entries()) {
      expect(Math.abs(from - words[i]!.from)).toBeLessThan(0.1)
      expect(Math.abs(to - words[i]!.to)).toBeLessThan(0.1)
    }
    await page.close()
  })
})

/** Captions that go on over the end of a segment are cut there. */
function joined(cues: Track['cues']): Track['cues'] {
  const out: { from: number; to: number; text: string }[] = []
  for (const cue of [...cues].sort((a, b) => a.from - b.from)) {
    const last = out.at(-1)
    if (last && last.text === cue.text && Math.abs(last.to - cue.from) < 0.01) last.to = cue.to
    else out.push({ ...cue })
  }
  return out
}

/** Eight seconds in segments of two, with these captions from the pictures of these numbers on. */
async function captionedSegments(said: Parameters<typeof withCaptions>[1]): Promise<readonly Uint8Array[]> {
  const clip = await makeTestClip({ seconds: 8, width: 320, height: 180, fps: FPS, segmentMs: 2_000 })
  const segments = clip.segments.map(({ data }) => demuxTs(data).frames)
  const captioned = withCaptions(segments.flat(), said)
  const ends = segments.map((_, i) => segments.slice(0, i + 1).reduce((sum, frames) => sum + frames.length, 0))
  return segments.map((frames, i) => muxTs(captioned.slice(ends[i]! - frames.length, ends[i])))
}
