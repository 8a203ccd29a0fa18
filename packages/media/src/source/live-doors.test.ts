import { createSocket } from 'node:dgram'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { silentLog } from '@millrace/base'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Publication } from '../ingest/publication.ts'
import type { CodedFrame } from '../segment/segment.ts'
import { makeMediaFile, makeTestClip, publishFile, serveRtsp } from '../testing/index.ts'
import { openFileSource } from './file.ts'

const deps = { log: silentLog }
let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-doors-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const framesOf = async (source: Publication): Promise<CodedFrame[]> => {
  const out: CodedFrame[] = []
  try {
    for await (const frame of source.frames) out.push(frame)
  } catch {
    // A live source that breaks off is told by what it gave until then.
  }
  return out
}

async function freeUdpPort(): Promise<number> {
  const socket = createSocket('udp4')
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve))
  const { port } = socket.address()
  await new Promise<void>((resolve) => socket.close(() => resolve()))
  return port
}

const open = (path: string) => openFileSource({ path, allowPrivate: true }, deps)

describe.concurrent('SRT', () => {
  it.each([
    ['h264', 'aac', 'h264'],
    ['hevc', 'opus', 'hevc'],
    ['mpeg2', 'mp3', 'h264'],
  ])('a listener takes %s with %s from a publisher', async (video, audio, codec) => {
    const path = join(folder, `${video}.ts`)
    await makeMediaFile({ path, format: 'mpegts', video, audio, seconds: 2 })
    const port = await freeUdpPort()
    const source = open(`srt://127.0.0.1:${port}?mode=listener&latency=100`)
    await retry(() =>
      publishFile({ path, url: `srt://127.0.0.1:${port}?latency=100`, format: 'mpegts', realtime: true }),
    )
    const frames = await framesOf(await source)
    const pictures = frames.filter(({ kind }) => kind === 'video')
    expect(pictures.length).toBeGreaterThan(15)
    expect(new Set(pictures.map((frame) => frame.codec))).toEqual(new Set([codec]))
    expect(new Set(frames.filter(({ kind }) => kind === 'audio').map((frame) => frame.codec))).toEqual(new Set(['aac']))
  })

  it('a caller fetches from a listener elsewhere, with a passphrase', async () => {
    const path = join(folder, 'caller.ts')
    await makeMediaFile({ path, format: 'mpegts', video: 'h264', audio: 'aac', seconds: 2 })
    const port = await freeUdpPort()
    const secret = 'passphrase=a-secret-of-some-length'
    const sent = publishFile({
      path,
      url: `srt://127.0.0.1:${port}?mode=listener&${secret}`,
      format: 'mpegts',
      realtime: true,
    })
    sent.catch(() => {})
    const source = await retry(() => open(`srt://127.0.0.1:${port}?${secret}`))
    expect((await framesOf(source)).filter(({ kind }) => kind === 'video').length).toBeGreaterThan(15)
    await sent
  })
})

describe.concurrent('RTSP', () => {
  it('is pulled from a camera over one connection', async () => {
    const clip = await makeTestClip({ seconds: 2, width: 320, height: 180, audio: false })
    const camera = await serveRtsp(clip.frames)
    const source = await open(camera.url)
    const pictures = await framesOf(source)
    camera.close()
    expect(pictures.length).toBeGreaterThan(45)
    expect(pictures[0]).toMatchObject({ codec: 'h264', keyFrame: true })
  })

  it('follows no redirect, wherever it leads to (faults.md 36)', async () => {
    const clip = await makeTestClip({ seconds: 1, width: 320, height: 180, audio: false })
    const second = await serveRtsp(clip.frames)
    const camera = await serveRtsp(clip.frames, (method) =>
      method === 'DESCRIBE' ? `RTSP/1.0 302 Moved\r\nLocation: ${second.url}` : undefined,
    )
    await expect(open(camera.url)).rejects.toMatchObject({ code: 'source_redirected' })
    expect(second.asked).toEqual([])
    camera.close()
    second.close()
  })

  it('is not pulled from a private address that nobody allowed', async () => {
    await expect(openFileSource({ path: 'rtsp://127.0.0.1:1/x' }, deps)).rejects.toMatchObject({
      code: 'private_address',
    })
    await expect(openFileSource({ path: 'srt://10.0.0.1:9000' }, deps)).rejects.toMatchObject({
      code: 'private_address',
    })
  })
})

async function retry<T>(run: () => Promise<T>): Promise<T> {
  for (let attempt = 0; ; attempt++)
    try {
      return await run()
    } catch (error) {
      if (attempt >= 10) throw error
      await new Promise((resolve) => setTimeout(resolve, 300))
    }
}
