import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect as connectTls } from 'node:tls'
import { silentLog, systemClock } from '@millrace/base'
import { Hashing } from '@millrace/base/node'
import { inspectSegment, makeMediaFile, publishFile } from '@millrace/media/testing'
import type { NodeEventBody } from '@millrace/wire'
import { afterAll, beforeAll, describe, it } from 'vitest'
import type { GatewayConfig } from '../config/node-config.ts'
import { makeCertificate } from '../links/tls.ts'
import { ChoiceLog } from './explain.ts'
import { Gateway, type GatewayDeps } from './gateway.ts'

const ANY = { host: '127.0.0.1', port: 0 }
const hashing = new Hashing()
const open: Gateway[] = []
let folder: string
let clip: string
let tls: { certFile: string; keyFile: string }

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-publishers-'))
  clip = join(folder, 'clip.mkv')
  await makeMediaFile({
    path: clip,
    format: 'matroska',
    video: 'h264',
    audio: 'aac',
    seconds: 6,
    width: 160,
    height: 90,
  })
  await makeCertificate('127.0.0.1', folder)
  tls = { certFile: join(folder, 'cert.pem'), keyFile: join(folder, 'key.pem') }
})
afterAll(async () => {
  for (const gateway of open.splice(0)) await gateway.stop()
  await hashing.stop()
  await rm(folder, { recursive: true, force: true })
})

async function start(config: Partial<GatewayConfig> = {}, deps: Partial<GatewayDeps> = {}) {
  const events: NodeEventBody[] = []
  const gateway = new Gateway(
    { rtmp: ANY, http: ANY, ladder: [], ...config },
    {
      openBuyer: () => ({ close: async () => {} }) as never,
      choices: new ChoiceLog(),
      hashing,
      clock: systemClock,
      tell: (event) => events.push(event),
      log: silentLog,
      ...deps,
    },
  )
  open.push(gateway)
  await gateway.start()
  const count = (type: NodeEventBody['type']) => events.filter((event) => event.type === type).length
  const playlist = async () => (await fetch(`${gateway.httpUrl}/stream/cam/source.m3u8`)).text()
  return { gateway, events, count, playlist, url: `rtmp://127.0.0.1:${gateway.rtmpPort}/live/cam` }
}

const publish = (url: string, signal?: AbortSignal) => publishFile({ path: clip, url, realtime: true, signal })
const eventually = { timeout: 15_000, interval: 50 }

describe.concurrent('a publisher', () => {
  it('comes in by RTMPS, and what speaks no TLS harms nobody (faults.md 20)', async ({ expect }) => {
    const { gateway, count } = await start({ rtmps: ANY, tls })
    const port = gateway.rtmpsPort as number
    const plain = connect(port, '127.0.0.1', () => plain.write(Buffer.alloc(2_000, 3)))
    plain.on('error', () => {})
    const old = connectTls({
      port,
      host: '127.0.0.1',
      minVersion: 'TLSv1',
      maxVersion: 'TLSv1.1',
      ciphers: 'DEFAULT@SECLEVEL=0',
      rejectUnauthorized: false,
    })
    old.on('error', () => {})
    for (const socket of [plain, old]) socket.resume()
    await Promise.all([plain, old].map((socket) => new Promise((resolve) => socket.once('close', resolve))))
    await publishFile({ path: clip, url: `rtmps://127.0.0.1:${port}/live/cam` })
    await expect.poll(() => count('segment_received'), eventually).toBeGreaterThanOrEqual(2)
  })

  it('comes in by SRT, with its stream and key in the stream id, and with MPEG-2, which is made into H.264', async ({
    expect,
  }) => {
    const asked: string[] = []
    const { gateway, count, playlist } = await start(
      { srt: { ...ANY, passphrase: 'a-secret-of-some-length' } },
      {
        auth: {
          ask: async (url: string) => {
            asked.push(url)
            if (!url.endsWith('/cam/key')) throw new Error('not yours')
            return { manifestId: undefined, ladder: undefined }
          },
        },
      },
    )
    const path = join(folder, 'mpeg2.ts')
    await makeMediaFile({ path, format: 'mpegts', video: 'mpeg2', audio: 'mp3', seconds: 5, width: 160, height: 90 })
    const at = (id: string) => `srt://127.0.0.1:${gateway.srtPort}?passphrase=a-secret-of-some-length&streamid=${id}`
    const send = (id: string) => publishFile({ path, url: at(id), format: 'mpegts', realtime: true })
    await expect(send('publish:cam/wrong')).rejects.toThrow()
    await send('publish:cam/key')
    await expect.poll(() => count('segment_received'), eventually).toBeGreaterThanOrEqual(2)
    expect(asked.at(-1)).toMatch(/^srt:\/\/127\.0\.0\.1:\d+\/live\/cam\/key$/)
    await expect.poll(() => count('stream_ended'), eventually).toBe(1)
    const first = (await playlist()).split('\n').find((line) => line !== '' && !line.startsWith('#')) as string
    const answer = await fetch(new URL(first, `${gateway.httpUrl}/stream/cam/source.m3u8`))
    const segment = await inspectSegment(new Uint8Array(await answer.arrayBuffer()))
    expect(segment).toMatchObject({ videoCodec: 'h264', width: 160, decodeErrors: 0 })
    expect(segment.audioFrames).toBeGreaterThan(50)
  })

  it('that broke off goes on with its stream when it comes back in time, after a mark of the break', async ({
    expect,
  }) => {
    const { url, count, playlist } = await start({ reconnectMs: 20_000 })
    const first = new AbortController()
    publish(url, first.signal).catch(() => {})
    await expect.poll(() => count('segment_received'), eventually).toBeGreaterThanOrEqual(1)
    first.abort(new Error('gone'))
    await expect.poll(() => count('stream_ended')).toBe(0)
    const before = count('segment_received')
    await publish(url)
    await expect.poll(() => count('segment_received'), eventually).toBeGreaterThan(before + 1)
    expect(count('stream_started')).toBe(1)
    expect(await playlist()).toContain('#EXT-X-DISCONTINUITY')
    // It said goodbye this time.
    await expect.poll(() => count('stream_ended'), eventually).toBe(1)
  })

  it('that stays away ends its stream when the time is over', async ({ expect }) => {
    const { url, count } = await start({ reconnectMs: 500 })
    const first = new AbortController()
    publish(url, first.signal).catch(() => {})
    await expect.poll(() => count('segment_received'), eventually).toBeGreaterThanOrEqual(1)
    first.abort(new Error('gone'))
    await expect.poll(() => count('stream_ended'), eventually).toBe(1)
  })

  it('of a name that is taken is refused, or takes over where it may (faults.md 15)', async ({ expect }) => {
    const refusing = await start()
    const first = new AbortController()
    publish(refusing.url, first.signal).catch(() => {})
    await expect.poll(() => refusing.count('stream_started'), eventually).toBe(1)
    await expect(publish(refusing.url)).rejects.toMatchObject({ code: 'publish_failed' })
    first.abort(new Error('gone'))

    const { url, count, playlist } = await start({ takeover: true })
    const older = publish(url)
    older.catch(() => {})
    await expect.poll(() => count('segment_received'), eventually).toBeGreaterThanOrEqual(1)
    await publish(url)
    await expect(older).rejects.toMatchObject({ code: 'publish_failed' })
    expect(count('stream_started')).toBe(1)
    await expect.poll(() => count('stream_ended'), eventually).toBe(1)
    expect(await playlist()).toContain('#EXT-X-DISCONTINUITY')
  })
})

describe('a gateway', () => {
  it('shows a file as a stream, and goes on without one that is not there', async ({ expect }) => {
    const sources = [
      { name: 'film', address: clip },
      { name: 'none', address: join(folder, 'none.mp4') },
    ]
    const { events, count } = await start({ sources })
    await expect.poll(() => count('segment_received'), eventually).toBeGreaterThanOrEqual(1)
    expect(events.filter((event) => event.type === 'stream_started')).toMatchObject([
      { manifestId: 'film', ingest: 'file' },
    ])
  })
})

const hasFfmpeg = spawnSync('ffmpeg', ['-version']).status === 0
if (!hasFfmpeg) console.log('NOT RUN: the commands of docs/ingest.md; install the ffmpeg program')

describe.skipIf(!hasFfmpeg)('the page about ways in', () => {
  it('has commands of FFmpeg that work', async ({ expect }) => {
    const page = await readFile(new URL('../../../../docs/ingest.md', import.meta.url), 'utf8')
    const [byRtmp = '', bySrt = ''] = page.split('\n').filter((line) => line.startsWith('ffmpeg '))
    const { gateway, events } = await start({ srt: ANY })
    const run = async (command: string) => {
      const args = command.replace('film.mp4', clip).replaceAll("'", '').split(' ').slice(1)
      const child = spawn('ffmpeg', ['-v', 'error', ...args], { stdio: 'ignore' })
      return (await once(child, 'exit'))[0] as number
    }
    const isLive = (id: string) => events.some((event) => event.type === 'stream_started' && event.manifestId === id)
    const rtmp = byRtmp.replace('1935', String(gateway.rtmpPort)).replace('NAME', 'by-rtmp')
    const srt = bySrt.replace('9710', String(gateway.srtPort)).replace('NAME', 'by-srt')
    expect(await Promise.all([run(rtmp), run(srt)])).toEqual([0, 0])
    await expect.poll(() => isLive('by-rtmp') && isLive('by-srt'), eventually).toBe(true)
  }, 60_000)
})
