import { createSocket } from 'node:dgram'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { silentLog } from '@millrace/base'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { CodedFrame } from '../../segment/segment.ts'
import { makeMediaFile, publishFile } from '../../testing/index.ts'
import type { Publication, PublicationEnd } from '../publication.ts'
import type { PublishAnswer, PublishRequest } from '../publish-request.ts'
import { HANDSHAKE, writeHandshake } from './handshake.ts'
import { LossyLink } from './lossy-link.fixture.ts'
import { CONTROL, readPacket, writeControl } from './packet.ts'
import { SrtServer, type SrtServerOptions } from './srt-server.ts'

const SECRET = 'a-secret-of-some-length'
let folder: string
let clip: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-srt-'))
  clip = join(folder, 'clip.ts')
  await makeMediaFile({ path: clip, format: 'mpegts', video: 'h264', audio: 'aac', seconds: 2 })
})

const open: { stop(): Promise<void> }[] = []
afterAll(async () => {
  for (const each of open.splice(0)) await each.stop()
  await rm(folder, { recursive: true, force: true })
})

type Taken = { readonly name: string; readonly frames: CodedFrame[]; readonly end: Promise<PublicationEnd> }
type Running = { readonly server: SrtServer; readonly taken: Taken[]; readonly asked: PublishRequest[] }

async function start(
  options: Partial<SrtServerOptions> = {},
  decide: (request: PublishRequest) => PublishAnswer = () => ({ accept: true }),
): Promise<Running> {
  const taken: Taken[] = []
  const asked: PublishRequest[] = []
  const server = new SrtServer(
    { port: 0, ...options },
    {
      log: silentLog,
      onPublish: (request) => {
        asked.push(request)
        return decide(request)
      },
      onPublication: (publication) => taken.push(take(publication)),
    },
  )
  await server.start()
  open.push(server)
  return { server, taken, asked }
}

function take(publication: Publication): Taken {
  const frames: CodedFrame[] = []
  const end = (async () => {
    try {
      for await (const frame of publication.frames) frames.push(frame)
    } catch {
      // Its end says what was wrong.
    }
    return publication.ended
  })()
  return { name: publication.name, frames, end }
}

const publishTo = (port: number, query: string, more: { path?: string; signal?: AbortSignal } = {}) =>
  publishFile({
    path: more.path ?? clip,
    url: `srt://127.0.0.1:${port}?${query}`,
    format: 'mpegts',
    realtime: true,
    ...(more.signal && { signal: more.signal }),
  })

const pictures = (taken: Taken | undefined) => taken?.frames.filter(({ kind }) => kind === 'video') ?? []

/** All pictures of the clip, 25 a second; libsrt leaves without sending the last packets. */
function expectWhole(taken: Taken | undefined): void {
  const times = pictures(taken).map(({ dts }) => dts)
  expect(times.length).toBeGreaterThan(45)
  expect(new Set(times.slice(1).map((time, index) => time - times[index]!))).toEqual(new Set([3_600]))
}

describe.concurrent('a door for SRT', () => {
  it('takes several publishers at one port, told apart by their stream ids', async () => {
    const { server, taken, asked } = await start()
    await Promise.all([
      publishTo(server.port, 'streamid=publish:one/key'),
      publishTo(server.port, `streamid=${encodeURIComponent('#!::r=live/two,m=publish')}`),
      publishTo(server.port, 'streamid=live/three?token=4'),
    ])
    const ends = await Promise.all(taken.map(({ end }) => end))
    expect(ends.map(({ reason }) => reason)).toEqual(['finished', 'finished', 'finished'])
    expect(taken.map(({ name }) => name).sort()).toEqual(['one/key', 'three', 'two'])
    expect(asked.find(({ name }) => name === 'three')?.query).toBe('token=4')
    for (const each of taken) {
      expectWhole(each)
      expect(pictures(each)[0]?.keyFrame).toBe(true)
      expect(each.frames.filter(({ codec }) => codec === 'aac').length).toBeGreaterThan(70)
    }
    expect(server.connections).toBe(0)
  })

  it('loses no picture on a link that loses every tenth datagram each way', async () => {
    const { server, taken } = await start({ latencyMs: 600 })
    const link = await LossyLink.open(server.port)
    open.push({ stop: () => link.close() })
    link.loses = (_, index) => index % 10 === 7
    await publishTo(link.port, 'streamid=publish:lossy&latency=600000')
    await taken[0]?.end
    expect(link.lost).toBeGreaterThan(10)
    expectWhole(taken[0])
  })

  it('goes on after what never comes, and keeps other pictures', async () => {
    const { server, taken } = await start()
    const link = await LossyLink.open(server.port)
    open.push({ stop: () => link.close() })
    let data = 0
    const gone = new Set<number>()
    // A run of packets that is lost however often it is sent.
    link.loses = (way, _, datagram) => {
      const packet = readPacket(datagram)
      if (way !== 'to' || packet?.kind !== 'data') return false
      if (!packet.retransmitted && ++data >= 30 && data < 33) gone.add(packet.seq)
      return gone.has(packet.seq)
    }
    await publishTo(link.port, 'streamid=publish:gap&latency=120000')
    await taken[0]?.end
    expect(gone.size).toBe(3)
    expect(pictures(taken[0]).length).toBeGreaterThan(35)
  })

  it('takes HEVC, and MP3, which is left to a converter', async () => {
    const path = join(folder, 'hevc.ts')
    await makeMediaFile({ path, format: 'mpegts', video: 'hevc', audio: 'mp3', seconds: 1 })
    const { server, taken } = await start()
    await publishTo(server.port, 'streamid=publish:hevc', { path })
    await taken[0]?.end
    expect(new Set(taken[0]?.frames.map(({ codec }) => codec))).toEqual(new Set(['hevc', 'mp3']))
  })

  it.each([16, 24, 32])(
    'decrypts with a key of %i bytes, and takes nobody with another passphrase or none',
    async (bytes) => {
      const { server, taken } = await start({ passphrase: SECRET })
      await publishTo(server.port, `streamid=publish:secret&passphrase=${SECRET}&pbkeylen=${bytes}`)
      await taken[0]?.end
      expectWhole(taken[0])
      if (bytes !== 16) return
      await expect(publishTo(server.port, 'streamid=publish:a&passphrase=another-secret')).rejects.toThrow()
      await expect(publishTo(server.port, 'streamid=publish:b')).rejects.toThrow()
      expect(taken).toHaveLength(1)
    },
  )

  it('refuses who wants to read, who is not let in, and a second publisher of a stream', async () => {
    const { server, taken } = await start({}, ({ name }) =>
      name === 'secret' ? { accept: false, reason: 'not yours' } : { accept: true },
    )
    const first = publishTo(server.port, 'streamid=publish:one')
    await expect.poll(() => taken.length).toBe(1)
    await expect(publishTo(server.port, 'streamid=publish:one')).rejects.toThrow()
    await expect(publishTo(server.port, 'streamid=publish:secret')).rejects.toThrow()
    await expect(publishTo(server.port, 'streamid=read:one')).rejects.toThrow()
    await first
    await taken[0]?.end
    expect(taken).toHaveLength(1)
  })

  it('lets a second publisher replace the first where it may', async () => {
    const { server, taken } = await start({}, () => ({ accept: true, replace: true }))
    const first = publishTo(server.port, 'streamid=publish:one')
    first.catch(() => {})
    await expect.poll(() => taken[0]?.frames.length ?? 0).toBeGreaterThan(10)
    await publishTo(server.port, 'streamid=publish:one')
    expect((await taken[0]?.end)?.reason).toBe('replaced')
    expect((await taken[1]?.end)?.reason).toBe('finished')
    await expect(first).rejects.toThrow()
  })

  it('gives up a publisher that falls silent', async () => {
    const { server, taken } = await start({ idleTimeoutMs: 400 })
    const link = await LossyLink.open(server.port)
    open.push({ stop: () => link.close() })
    const publishing = publishTo(link.port, 'streamid=publish:silent')
    publishing.catch(() => {})
    await expect.poll(() => taken[0]?.frames.length ?? 0).toBeGreaterThan(10)
    link.loses = () => true
    expect((await taken[0]?.end)?.reason).toBe('timeout')
    expect(server.connections).toBe(0)
    await publishing.catch(() => {})
  })

  it('tells its publishers when it stops', async () => {
    const { server, taken } = await start()
    const publishing = publishTo(server.port, 'streamid=publish:last')
    const refused = expect(publishing).rejects.toThrow()
    await expect.poll(() => taken[0]?.frames.length ?? 0).toBeGreaterThan(5)
    const began = performance.now()
    await server.stop()
    expect((await taken[0]?.end)?.reason).toBe('closed')
    await refused
    // libsrt gives up by itself only after five seconds of silence; the clip would go on for two.
    expect(performance.now() - began).toBeLessThan(1_500)
  })

  it('keeps nothing of callers that never show that they receive, and of any other bytes', async () => {
    const { server, asked } = await start()
    const socket = createSocket('udp4')
    open.push({ stop: () => new Promise((resolve) => socket.close(() => resolve())) })
    const answers: Buffer[] = []
    socket.on('message', (datagram) => answers.push(datagram))
    const send = (datagram: Buffer) =>
      new Promise<void>((resolve) => socket.send(datagram, server.port, '127.0.0.1', () => resolve()))
    const conclusion = writeHandshake(
      { type: HANDSHAKE.conclusion, socketId: 7, cookie: 1, extensions: { streamId: 'publish:x' } },
      { answers: false },
    )
    await send(writeControl({ type: CONTROL.handshake, info: 0, timestampUs: 0, socketId: 0, content: conclusion }))
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), fc.boolean(), async (bytes, asHandshake) => {
        const content = Buffer.from(bytes)
        await send(
          asHandshake
            ? writeControl({ type: CONTROL.handshake, info: 0, timestampUs: 0, socketId: 0, content })
            : content,
        )
      }),
      { numRuns: 300 },
    )
    await sleep(50)
    expect(answers).toHaveLength(0)
    expect(asked).toHaveLength(0)
    expect(server.connections).toBe(0)
    await publishTo(server.port, 'streamid=publish:after')
    expect(asked).toHaveLength(1)
  })

  it('says which port is taken', async ({ expect }) => {
    const { server } = await start()
    await expect(start({ port: server.port })).rejects.toMatchObject({ code: 'port_in_use' })
  })
})
