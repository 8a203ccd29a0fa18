import { spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { scaledSize } from '@millrace/media'
import { type Inspection, inspectSegment, publishTestClip } from '@millrace/media/testing'
import { DEFAULT_LADDER } from '@millrace/wire'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { HlsPlayer } from './hls-player.ts'
import { eventsOf, until } from './ledger.ts'
import { startTestNetwork } from './network-fixture.ts'
import { output, programPath } from './processes.ts'

/** Seconds of the stream; the long form of the suite (npm run test:network) publishes 60 at 1080p. */
const SECONDS = Number(process.env.MILLRACE_RTMP_SECONDS ?? 8)
const LONG = SECONDS >= 60
const SOURCE = LONG ? { width: 1920, height: 1080 } : { width: 640, height: 360 }
const FPS = 30
const FRAME = 90_000 / FPS
/** RTMP counts in milliseconds, so a picture may be half of one off at either end. */
const ROUNDING = 90

describe('a stream over RTMP', () => {
  let running: Awaited<ReturnType<typeof startTestNetwork>>
  const player = () => new HlsPlayer(`${running.network.gatewayUrl}/stream/cam.m3u8`)
  const url = (path: string) => `rtmp://127.0.0.1:${running.network.options.ports.rtmp}/${path}`
  const ended = (name: string) => () =>
    eventsOf(running.network, 'stream_ended').some((event) => 'manifestId' in event && event.manifestId === name)
  const started = (name: string) => () =>
    eventsOf(running.network, 'stream_started').some((event) => 'manifestId' in event && event.manifestId === name)

  beforeAll(async () => {
    running = await startTestNetwork('one process')
  })
  afterAll(async () => running?.[Symbol.asyncDispose]())

  it(`is played as HLS in four renditions without a break, ${SECONDS} s at ${SOURCE.height}p30`, async () => {
    const { network } = running
    const hls = player()
    const stop = new AbortController()
    const publishing = publishTestClip({ seconds: SECONDS, ...SOURCE, fps: FPS, seed: 11, url: url('live/cam') })
    publishing.catch(() => stop.abort())
    const playing = hls.followToEnd(stop)
    await until('the publisher', started('cam'), 240_000)
    console.log(`  publishing ${SECONDS} s at ${SOURCE.height}p in real time`)

    // While it is live nobody else gets its name.
    const second = publishTestClip({ seconds: 1, width: 320, height: 180, url: url('live/cam'), realtime: false })
    await expect(second).rejects.toMatchObject({ code: 'publish_failed' })

    await publishing
    await playing
    const count = Math.ceil(SECONDS / 2)
    const { totals } = network.hub.view()
    expect(totals).toMatchObject({ segmentsIn: count, segmentsOut: count, paid: count, fallback: 0, missing: 0 })

    const names = ['source', ...DEFAULT_LADDER.map(({ name }) => name)]
    expect(hls.variants.map(({ uri }) => uri).sort()).toEqual(names.map((name) => `cam/${name}.m3u8`).sort())
    let sourceMarks: readonly (readonly number[])[] = []
    for (const name of names) {
      const variant = hls.variants.find(({ uri }) => uri === `cam/${name}.m3u8`)
      const profile = DEFAULT_LADDER.find((candidate) => candidate.name === name)
      const size = profile ? scaledSize(profile, SOURCE) : SOURCE
      expect(variant).toMatchObject({
        resolution: `${size.width}x${size.height}`,
        codecs: expect.stringMatching(/^avc1\.(42|4d|64)[0-9a-f]{4},mp4a\.40\.2$/),
      })
      const played = hls.rendition(name)
      expect(played).toMatchObject({ gaps: 0, discontinuities: 0, ended: true })
      expect(played.segments.map(({ seq }) => seq)).toEqual(Array.from({ length: count }, (_, i) => i))
      // The playlist was seen to advance while the stream was live.
      expect(played.versions).toBeGreaterThanOrEqual(Math.floor(count / 2))
      // BANDWIDTH is the peak: no segment takes more.
      const peak = Math.max(...played.segments.map(({ data, durationMs }) => (data.length * 8_000) / durationMs))
      expect(variant?.bandwidthBps).toBeGreaterThanOrEqual(Math.floor(peak * 0.999))
      expect(variant?.bandwidthBps).toBeLessThan(peak * 1.5)
      const seen = await inspectAll(played.segments.map(({ data }) => data))
      checkPictures(seen, size)
      const marks = seen.map(({ marks }) => marks.filter((mark, i) => mark !== marks[i - 1]))
      if (name === 'source') sourceMarks = marks
      else expect(marks).toEqual(sourceMarks)
      console.log(`  ${name}: ${count} segments of ${variant?.resolution}, ${variant?.bandwidthBps} bit/s`)
    }
    await probe(hls, names)
  }, 600_000)

  it('is refused under a name that no stream may have', async () => {
    const wrong = publishTestClip({ seconds: 1, width: 320, height: 180, url: url('live/a*b'), realtime: false })
    await expect(wrong).rejects.toMatchObject({ code: 'publish_failed' })
    const deep = publishTestClip({ seconds: 1, width: 320, height: 180, url: url('live/a/b/c'), realtime: false })
    await expect(deep).rejects.toMatchObject({ code: 'publish_failed' })
  }, 60_000)

  it('ends when its publisher vanishes, and its name is free again', async () => {
    const { network } = running
    const vanish = new AbortController()
    const small = { width: 320, height: 180, fps: FPS } as const
    const publishing = publishTestClip({ seconds: 20, ...small, url: url('live/gone'), signal: vanish.signal })
    publishing.catch(() => {})
    await until('a segment', () => (network.hub.view().streams['gone' as never]?.segmentsIn ?? 0) > 0)
    vanish.abort(new Error('pulled the plug'))
    await until('the end of the stream', ended('gone'))
    const hls = new HlsPlayer(`${network.gatewayUrl}/stream/gone.m3u8`)
    await hls.refresh()
    for (const played of hls.played) expect(played.ended).toBe(true)
    await publishTestClip({ seconds: 2, ...small, url: url('live/gone'), realtime: false })
  }, 90_000)

  const ffmpeg = programPath('ffmpeg')
  const reason = LONG ? ' (NOT RUN: needs the ffmpeg program: apt-get install ffmpeg)' : ' (long form only)'
  it.runIf(LONG && ffmpeg)(
    `ends within the idle time when its publisher falls silent but stays connected${LONG && ffmpeg ? '' : reason}`,
    async () => {
      const source = ['-re', '-f', 'lavfi', '-i', 'testsrc2=size=320x180:rate=30', '-t', '120']
      const encode = ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', '-g', '60', '-f', 'flv']
      const args = ['-v', 'error', ...source, ...encode, url('live/silent')]
      const child = spawn(ffmpeg as string, args, { stdio: 'ignore' })
      try {
        const segments = () => running.network.hub.view().streams['silent' as never]?.segmentsIn ?? 0
        await until('a segment', () => segments() > 0)
        child.kill('SIGSTOP')
        await until('the end of the stream', ended('silent'), 60_000)
      } finally {
        child.kill('SIGKILL')
      }
    },
    120_000,
  )
})

/** Decodes segments, two at a time. */
async function inspectAll(segments: readonly Uint8Array[]): Promise<readonly Inspection[]> {
  const found: Inspection[] = []
  for (let i = 0; i < segments.length; i += 2)
    found.push(...(await Promise.all(segments.slice(i, i + 2).map((data) => inspectSegment(data)))))
  return found
}

function checkPictures(seen: readonly Inspection[], size: { readonly width: number; readonly height: number }): void {
  let last: number | undefined
  for (const segment of seen) {
    expect(segment).toMatchObject({ videoCodec: 'h264', ...size, firstIsKey: true, decodeErrors: 0 })
    expect(segment.audioFrames).toBeGreaterThan(0)
    for (const pts of segment.pts) {
      if (last !== undefined) expect(Math.abs(pts - last - FRAME)).toBeLessThanOrEqual(ROUNDING)
      last = pts
    }
  }
  expect(seen.reduce((sum, { frames }) => sum + frames, 0)).toBe(SECONDS * FPS)
}

/** The same by the ffprobe program, over each rendition as a whole. */
async function probe(hls: HlsPlayer, names: readonly string[]): Promise<void> {
  const ffprobe = programPath('ffprobe')
  if (!ffprobe) return console.log('  NOT RUN: ffprobe over the renditions. To get it: apt-get install ffmpeg')
  const folder = await mkdtemp(join(tmpdir(), 'millrace-probe-'))
  try {
    for (const name of names) {
      const path = join(folder, `${name}.ts`)
      await writeFile(path, Buffer.concat(hls.rendition(name).segments.map(({ data }) => data)))
      const entries = 'stream=codec_type,codec_name,nb_read_frames'
      const args = ['-v', 'warning', '-count_frames', '-show_entries', entries, '-of', 'json', path]
      const { stdout, stderr, status } = output(ffprobe, args)
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
      const { streams } = JSON.parse(stdout) as { streams: Record<string, string>[] }
      expect(streams).toContainEqual({ codec_type: 'video', codec_name: 'h264', nb_read_frames: String(SECONDS * FPS) })
      expect(streams).toContainEqual(expect.objectContaining({ codec_type: 'audio', codec_name: 'aac' }))
    }
    console.log('  ffprobe reads all renditions without a warning')
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
