import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MillraceError, silentLog } from '@millrace/base'
import { freePort } from '@millrace/base/node'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { Publication } from '../../ingest/publication.ts'
import { RtmpServer } from '../../ingest/rtmp/server.ts'
import { encodeMp4 } from '../../remux/mp4-writer.ts'
import type { CodedFrame } from '../../segment/segment.ts'
import { inspectSegment, makeTestClip, type TestClip } from '../../testing/test-clip.ts'
import { checkPushUrl, type PushState, PushTarget, type PushTargetDeps } from './push-target.ts'

let clip: TestClip
let states: [PushState, string | undefined][]
const closing: (() => Promise<unknown>)[] = []

beforeAll(async () => {
  clip = await makeTestClip({
    seconds: 4,
    segmentMs: 1_000,
    width: 160,
    height: 90,
    fps: 10,
    audio: true,
    framesPerMark: 1,
  })
}, 60_000)
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

function open(url: string, deps: Partial<PushTargetDeps> = {}, stallMs = 5_000): PushTarget {
  states = []
  const target = new PushTarget(
    { url, backOffMs: 50, stallMs },
    { log: silentLog, onState: (state, reason) => states.push([state, reason]), ...deps },
  )
  closing.push(() => target.end())
  return target
}

const push = (target: PushTarget, seq: number) =>
  target.push({ ...clip.segments[seq]!, container: 'mpegts', discontinuity: false })

/** A server of RTMP that keeps the frames of each publication. */
async function openServer(port = 0, accept = true) {
  const taken: CodedFrame[][] = []
  const publications: Publication[] = []
  const server = new RtmpServer(
    { port },
    {
      log: silentLog,
      onPublish: () => (accept ? { accept } : { accept: false, reason: 'no' }),
      onPublication: (publication) => {
        const frames: CodedFrame[] = []
        taken.push(frames)
        publications.push(publication)
        void (async () => {
          for await (const frame of publication.frames) frames.push(frame)
        })().catch(() => {})
      },
    },
  )
  await server.start()
  closing.push(() => server.stop())
  return { server, taken, publications, url: `rtmp://127.0.0.1:${server.port}/live/secret-key` }
}

const pictures = (frames: readonly CodedFrame[] = []) => frames.filter(({ kind }) => kind === 'video').length

describe('a multistream target by RTMP', () => {
  it('does not get the sound alone of a rendition in a codec that is not sent on: the reason names it', async () => {
    const { url, taken } = await openServer()
    const target = open(url)
    // A VP9 key frame, by its head: 160 by 90.
    const head = Uint8Array.of(0x82, 0x49, 0x83, 0x42, 0, 0x09, 0xf0, 0x05, 0x90, 0)
    const picture: CodedFrame = { kind: 'video', codec: 'vp9', pts: 0, dts: 0, keyFrame: true, data: head }
    const sound = clip.frames.filter(({ kind }) => kind === 'audio').slice(0, 20)
    target.push({ data: encodeMp4([picture, ...sound]), container: 'mp4', durationMs: 400, discontinuity: false })
    while (!states.some(([state]) => state === 'waiting')) await new Promise((resolve) => setTimeout(resolve, 20))
    expect(states).toContainEqual(['waiting', 'pictures in vp9 are not sent on: name a rendition in H.264'])
    expect(taken).toEqual([])
  })

  it('gets every picture and sound, in real time', async () => {
    const { url, taken } = await openServer()
    const target = open(url)
    const began = performance.now()
    for (const seq of [0, 1, 2]) push(target, seq)
    await expect.poll(() => pictures(taken[0]), { timeout: 15_000 }).toBe(30)
    expect(performance.now() - began).toBeGreaterThan(2_000)
    expect(taken[0]?.filter(({ kind }) => kind === 'audio').length).toBeGreaterThan(120)
    await target.end()
    expect(states.map(([state]) => state)).toEqual(['connecting', 'live', 'ended'])
  })

  it('comes back after the server was away, from the newest segment on', async () => {
    const port = await freePort()
    const target = open(`rtmp://127.0.0.1:${port}/live/secret-key`)
    push(target, 0)
    await expect.poll(() => states.some(([state]) => state === 'waiting'), { timeout: 10_000 }).toBe(true)
    const { taken } = await openServer(port)
    let seq = 1
    const feeding = setInterval(() => push(target, seq++ % 4), 300)
    await expect.poll(() => states.at(-1)?.[0], { timeout: 15_000 }).toBe('live')
    clearInterval(feeding)
    await expect.poll(() => pictures(taken.at(-1)), { timeout: 10_000 }).toBeGreaterThanOrEqual(10)
    expect(taken.at(-1)?.find(({ kind }) => kind === 'video')?.keyFrame).toBe(true)
    expect(JSON.stringify(states)).not.toContain('secret-key')
  })

  it('that takes nothing is given up in time, and nobody waits for it', async () => {
    const sockets: Socket[] = []
    const server = createServer((socket) => sockets.push(socket))
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const target = open(`rtmp://127.0.0.1:${(server.address() as AddressInfo).port}/live/key`, {}, 500)
    const began = performance.now()
    for (let i = 0; i < 50; i++) push(target, i % 4)
    expect(performance.now() - began).toBeLessThan(100)
    await expect
      .poll(() => states.find(([state]) => state === 'waiting')?.[1], { timeout: 15_000 })
      .toBe('the server takes nothing')
    await target.end()
    for (const socket of sockets) socket.destroy()
    server.close()
  })

  it('at an address that may not be used is not connected', async () => {
    const { url, taken } = await openServer()
    const target = open(url, {
      check: async () => {
        throw new MillraceError('private_address', '127.0.0.1 is a private address')
      },
    })
    push(target, 0)
    await expect
      .poll(() => states.find(([state]) => state === 'waiting')?.[1], { timeout: 5_000 })
      .toMatch(/private address/)
    expect(taken).toEqual([])
  })
})

// FFmpeg's listener takes one sender in its life, and one that came too early is none: then both begin anew.
it('a multistream target by SRT gets every picture, as FFmpeg receives it', { retry: 2, timeout: 40_000 }, async ({
  skip,
}) => {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-srt-'))
  closing.push(() => rm(folder, { recursive: true }))
  const port = await freePort()
  const out = join(folder, 'out.ts')
  const listener = spawn('ffmpeg', [
    ...['-v', 'error', '-y', '-i', `srt://127.0.0.1:${port}?mode=listener&timeout=10000000`],
    ...['-c', 'copy', out],
  ])
  const failed = await Promise.race([
    once(listener, 'error').then(() => true),
    new Promise((resolve) => setTimeout(resolve, 500)),
    once(listener, 'exit').then(() => true),
  ])
  if (failed) return skip('NOT RUN: there is no ffmpeg with SRT on this machine (apt-get install ffmpeg)')
  closing.push(async () => listener.kill('SIGKILL'))
  const target = open(`srt://127.0.0.1:${port}`)
  // The listener may not be there yet; the target tries again.
  let seq = 0
  push(target, seq)
  const feeding = setInterval(() => push(target, ++seq % 4), 500)
  await expect.poll(() => states.at(-1)?.[0], { timeout: 25_000 }).toBe('live')
  clearInterval(feeding)
  // How much went out before it was live depends on how quick the listener was.
  for (let more = 0; more < 3; more++) push(target, ++seq % 4)
  await target.end()
  const gone = once(listener, 'exit')
  // It would go on to wait for another sender.
  setTimeout(() => listener.kill('SIGINT'), 500)
  setTimeout(() => listener.kill('SIGKILL'), 4_000)
  await gone
  const found = await inspectSegment(new Uint8Array(await readFile(out)))
  expect(found.marks.length).toBeGreaterThanOrEqual(10)
  expect(found.marks.filter((mark) => !clip.marks.includes(mark))).toEqual([])
})

it.each(['http://a/b', 'file:///etc/passwd', 'rtmp://', 'rtmp:///x', 'tcp://a:1', 'rtmp://a/b c', 'srt://'])(
  '%s is no address to push to',
  (url) => {
    expect(() => checkPushUrl(url)).toThrow(expect.objectContaining({ code: 'bad_push_url' }))
  },
)
