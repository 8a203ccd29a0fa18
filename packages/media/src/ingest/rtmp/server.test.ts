import { connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { silentLog } from '@millrace/base'
import { Hashing } from '@millrace/base/node'
import { manifestId } from '@millrace/wire'
import { afterEach, describe, expect, it } from 'vitest'
import type { ClosedSegment } from '../../segment/segment.ts'
import { segmentFrames } from '../../segment/segmenter.ts'
import { inspectSegment, publishTestClip } from '../../testing/index.ts'
import type { Publication } from '../publication.ts'
import { parsePublishPath } from '../publish-path.ts'
import type { PublishAnswer, PublishRequest } from '../publish-request.ts'
import { type AmfValue, encodeAmf0 } from './amf0.ts'
import { encodeMessage, MESSAGE } from './chunks.ts'
import { RtmpServer, type RtmpServerOptions } from './server.ts'

const servers: RtmpServer[] = []
afterEach(async () => {
  for (const server of servers.splice(0)) await server.stop()
})

type Running = { server: RtmpServer; url: string; requests: PublishRequest[]; publications: Publication[] }

async function start(
  options: Partial<RtmpServerOptions> = {},
  decide: (request: PublishRequest) => PublishAnswer = () => ({ accept: true }),
): Promise<Running> {
  const requests: PublishRequest[] = []
  const publications: Publication[] = []
  const server = new RtmpServer(
    { port: 0, ...options },
    {
      log: silentLog,
      onPublish: (request) => {
        requests.push(request)
        return decide(request)
      },
      onPublication: (publication) => publications.push(publication),
    },
  )
  servers.push(server)
  await server.start()
  return { server, url: `rtmp://127.0.0.1:${server.port}`, requests, publications }
}

const clip = { seconds: 4, width: 320, height: 180, fps: 30 }

/** A client that says just what a test wants it to say. */
class RawClient {
  readonly socket: Socket
  received: Buffer = Buffer.alloc(0)
  readonly closed: Promise<void>

  constructor(port: number) {
    this.socket = connect(port, '127.0.0.1')
    this.socket.on('data', (data) => {
      this.received = Buffer.concat([this.received, data])
    })
    this.socket.on('error', () => {})
    this.closed = new Promise((resolve) => this.socket.once('close', () => resolve()))
  }

  async handshake(): Promise<void> {
    this.socket.write(Buffer.concat([Buffer.of(3), Buffer.alloc(1536)]))
    while (this.received.length < 1 + 2 * 1536) await sleep(5)
    this.socket.write(Buffer.alloc(1536))
  }

  command(...values: AmfValue[]): void {
    this.socket.write(encodeMessage({ type: MESSAGE.command, streamId: 0, payload: encodeAmf0(...values) }, 3, 128))
  }

  async publish(app: string, name: string): Promise<void> {
    await this.handshake()
    this.command('connect', 1, { app })
    this.command('createStream', 2, null)
    this.command('publish', 3, null, name, 'live')
  }
}

const within = async (ms: number, promise: Promise<unknown>): Promise<boolean> =>
  Promise.race([promise.then(() => true), sleep(ms).then(() => false)])

describe('RTMP server', () => {
  it("takes a stream from FFmpeg's publisher and cuts it into segments that decode", async () => {
    const { url, requests, publications } = await start()
    await publishTestClip({ ...clip, url: `${url}/live/mystream/secret`, realtime: false })
    expect(requests[0]).toMatchObject({ kind: 'rtmp', app: 'live/mystream', name: 'secret' })
    expect(parsePublishPath(requests[0]!.app, requests[0]!.name)).toEqual({ manifestId: 'mystream', key: 'secret' })
    const hashing = new Hashing()
    const closed: ClosedSegment[] = []
    const segments = segmentFrames(publications[0]!.frames, { manifestId: manifestId('mystream') }, { hashing })
    for await (const segment of segments) closed.push(await segment.closed)
    await hashing.stop()
    expect(await publications[0]!.ended).toMatchObject({ reason: 'finished' })
    // RTMP counts milliseconds, so the last frame's duration is known to one of them only.
    expect(closed.map((segment) => [Math.round(segment.durationMs / 5) * 5, segment.videoFrames])).toEqual([
      [2000, 60],
      [2000, 60],
    ])
    const second = await inspectSegment(closed[1]!.data)
    expect(second).toMatchObject({ width: 320, height: 180, frames: 60, firstIsKey: true, decodeErrors: 0 })
    expect(second.audioFrames).toBeGreaterThan(90)
  })

  it('takes the paths that OBS and FFmpeg send, with any application name', async () => {
    const { url, requests } = await start()
    for (const path of ['stream/abc', 'abc/key', 'abc', 'live'])
      await publishTestClip({ ...clip, seconds: 0.2, url: `${url}/${path}`, realtime: false })
    expect(requests.map(({ app, name }) => parsePublishPath(app, name))).toEqual([
      { manifestId: 'abc', key: '' },
      { manifestId: 'abc', key: 'key' },
      { manifestId: 'abc', key: '' },
      { manifestId: '', key: '' },
    ])
  })

  it('refuses a publisher with the reason that was given', async () => {
    const { url, publications } = await start({}, () => ({ accept: false, reason: 'no such stream' }))
    await expect(publishTestClip({ ...clip, seconds: 1, url: `${url}/live/x` })).rejects.toMatchObject({
      code: 'publish_failed',
    })
    expect(publications).toEqual([])
  })

  it('names the port when another program has it', async () => {
    const { server } = await start()
    await expect(start({ port: server.port })).rejects.toMatchObject({
      code: 'port_in_use',
      meta: { port: server.port },
    })
  })

  it('refuses a second publisher of a name, or lets it take over when it is told so', async () => {
    let replace = false
    const { server, publications } = await start({}, () => ({ accept: true, replace }))
    const first = new RawClient(server.port)
    await first.publish('live', 'one')
    while (publications.length < 1) await sleep(5)
    const second = new RawClient(server.port)
    await second.publish('live', 'one')
    expect(await within(2_000, second.closed)).toBe(true)
    expect(second.received.includes('NetStream.Publish.BadName')).toBe(true)
    replace = true
    const third = new RawClient(server.port)
    await third.publish('live', 'one')
    expect(await publications[0]!.ended).toMatchObject({ reason: 'replaced' })
    while (publications.length < 2) await sleep(5)
    third.socket.destroy()
    expect(await publications[1]!.ended).toMatchObject({ reason: 'disconnected' })
  })

  it('ends the stream of a publisher that fell silent without closing', async () => {
    const { server, publications } = await start({ idleTimeoutMs: 200 })
    const client = new RawClient(server.port)
    await client.publish('live', 'quiet')
    while (publications.length < 1) await sleep(5)
    expect(await publications[0]!.ended).toMatchObject({ reason: 'timeout' })
    for await (const _ of publications[0]!.frames) expect.unreachable()
  })

  it('cuts off clients that talk nonsense, dawdle or never publish, and goes on serving others', async () => {
    const { server, url, publications } = await start({ handshakeTimeoutMs: 300 })
    const nonsense = new RawClient(server.port)
    nonsense.socket.write('GET / HTTP/1.1\r\n\r\n')
    const slow = new RawClient(server.port)
    slow.socket.write(Buffer.of(3, 0, 0))
    const idle = new RawClient(server.port)
    const bomb = new RawClient(server.port)
    await bomb.handshake()
    bomb.socket.write(
      encodeMessage(
        {
          type: MESSAGE.command,
          streamId: 0,
          payload: Buffer.concat(Array.from({ length: 9_000 }, () => Buffer.of(0x0a, 0, 0, 0, 1))),
        },
        3,
        128,
      ),
    )
    const huge = new RawClient(server.port)
    await huge.handshake()
    huge.socket.write(Buffer.of(3, 0, 0, 0, 0xff, 0xff, 0xff, 9, 0, 0, 0, 0))
    for (const client of [nonsense, slow, idle, bomb, huge]) expect(await within(3_000, client.closed)).toBe(true)
    await publishTestClip({ ...clip, seconds: 0.5, url: `${url}/live/fine`, realtime: false })
    expect(publications.length).toBe(1)
  })

  it('survives a storm of connections that come and go', async () => {
    const { server } = await start()
    for (let round = 0; round < 10; round++) {
      const clients = Array.from({ length: 30 }, () => new RawClient(server.port))
      await Promise.all(clients.map((client) => new Promise((resolve) => client.socket.once('connect', resolve))))
      for (const client of clients) client.socket.destroy()
    }
    for (let i = 0; i < 100 && server.connections > 0; i++) await sleep(20)
    expect(server.connections).toBe(0)
  })

  it('passes odd names on as they are, and none of them becomes a manifest id', async () => {
    const { server, requests } = await start({}, () => ({ accept: false, reason: 'no' }))
    const names = ['../../etc/passwd', 'a\0b', '%2e%2e/x', 'ünïcode', 'a/b/c/d']
    for (const name of names) {
      const client = new RawClient(server.port)
      await client.publish('live', name)
      await within(2_000, client.closed)
    }
    expect(requests.length).toBe(names.length)
    for (const { app, name } of requests) expect(parsePublishPath(app, name)).toBeUndefined()
    const long = new RawClient(server.port)
    await long.publish('live', 'x'.repeat(10_000))
    expect(await within(2_000, long.closed)).toBe(true)
  })
})
