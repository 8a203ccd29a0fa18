import { createSocket } from 'node:dgram'
import { silentLog } from '@millrace/base'
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { splitAnnexB } from '../h264/nal.ts'
import type { Publication, PublicationEnd } from '../ingest/publication.ts'
import { LiveFeed } from '../live/live-feed.ts'
import type { CodedFrame } from '../segment/segment.ts'
import { makeTestClip } from '../testing/test-clip.ts'
import { WebRtcClient } from '../testing/webrtc-client.ts'
import { H264Depacketizer } from './depacketize/h264.ts'
import { WebRtcServer } from './webrtc-server.ts'

const HERE = '127.0.0.1'
let video: readonly CodedFrame[]
let server: WebRtcServer
let clients: WebRtcClient[]

beforeAll(async () => {
  const clip = await makeTestClip({ seconds: 2, width: 320, height: 180, segmentMs: 1_000, audio: false })
  video = clip.frames
})

beforeEach(() => {
  clients = []
  server = new WebRtcServer(
    { addresses: [HERE], idleTimeoutMs: 600, connectWithinMs: 1_500, maxSessions: 3, offersPerMinute: 20 },
    { log: silentLog },
  )
})

afterEach(async () => {
  await Promise.all(clients.map((client) => client.close()))
  await server.stop()
})

async function client(
  direction: 'sendonly' | 'recvonly',
  kinds?: readonly ('audio' | 'video')[],
): Promise<WebRtcClient> {
  const opened = await WebRtcClient.open(direction, kinds)
  clients.push(opened)
  return opened
}

/** A publisher of pictures who is connected. */
async function publisher(kinds: readonly ('audio' | 'video')[] = ['video'], change = (sdp: string) => sdp) {
  const opened = await client('sendonly', kinds)
  const frames: CodedFrame[] = []
  let end: PublicationEnd | undefined
  let take: (publication: Publication) => void = () => {}
  const published = new Promise<Publication>((resolve) => {
    take = resolve
  })
  const sdp = change(await opened.offer())
  const answer = await server.publish(
    { app: 'live', name: 'cam', sdp, remoteAddress: HERE },
    { onPublication: (publication) => take(publication), onEnd: () => {} },
  )
  await opened.accept(answer.sdp)
  const publication = await published
  void (async () => {
    for await (const frame of publication.frames) frames.push(frame)
  })()
  void publication.ended.then((how) => {
    end = how
  })
  return { client: opened, answer, publication, frames, ended: () => end }
}

/** A viewer of a feed who is connected. */
async function viewer(feed: LiveFeed) {
  const opened = await client('recvonly', ['video'])
  const rendition = { name: 'source', bandwidthBps: 1_000_000, feed, opus: () => () => {} }
  const answer = await server.play(
    { stream: 'cam', sdp: await opened.offer(), remoteAddress: HERE },
    { renditions: [rendition] },
  )
  await opened.accept(answer.sdp)
  return { client: opened, answer }
}

describe('publishers by WebRTC', () => {
  it('have no broken picture taken when packets are lost', async () => {
    const { client: sender, frames } = await publisher()
    for (const frame of video) await sender.send(frame, (packet) => packet % 40 === 20)
    await expect.poll(() => frames.length, { timeout: 3_000 }).toBeGreaterThan(0)
    const pictures = new Set(video.map(hex))
    for (const frame of frames) expect(pictures).toContain(hex(frame))
    expect(frames[0]!.keyFrame).toBe(true)
  })

  it('give exact pictures and times, with no packet lost', async () => {
    const { client: sender, frames } = await publisher()
    for (const frame of video) await sender.send(frame)
    await expect.poll(() => frames.length, { timeout: 3_000 }).toBe(video.length)
    frames.forEach((frame, i) => {
      expect(hex(frame) === hex(video[i]!)).toBe(true)
      expect(frame.pts - frames[0]!.pts).toBe(video[i]!.pts - video[0]!.pts)
    })
    expect(sender.keysAsked).toBeGreaterThan(0)
  })

  it('need not announce their SSRC', async () => {
    const { client: sender, frames } = await publisher(['video'], (sdp) => sdp.replace(/^a=ssrc.*\r\n/gm, ''))
    for (const frame of video) await sender.send(frame)
    await expect.poll(() => frames.length, { timeout: 3_000 }).toBe(video.length)
  })

  it('end when they vanish, and by DELETE', async () => {
    const vanishing = await publisher()
    await vanishing.client.send(video[0]!)
    await expect.poll(vanishing.ended, { timeout: 4_000 }).toMatchObject({ reason: 'timeout' })
    const polite = await publisher()
    expect(server.session(polite.answer.id)?.kind).toBe('whip')
    expect(server.end(polite.answer.id)).toBe(true)
    await expect.poll(polite.ended).toMatchObject({ reason: 'closed' })
    expect(server.sessions).toBe(0)
  })

  it('have their Opus made into AAC without a loss of time', async () => {
    const { client: sender, frames, publication } = await publisher(['video', 'audio'])
    const opus: CodedFrame[] = []
    publication.direct?.opus((frame) => opus.push(frame))
    // Silence, as Opus has it (RFC 6716): one code byte for 20 ms of stereo.
    for (let i = 0; i < 100; i++) {
      await new Promise((resolve) => setTimeout(resolve, 15))
      await sender.send({
        kind: 'audio',
        codec: 'opus',
        pts: i * 1_800,
        dts: i * 1_800,
        keyFrame: true,
        data: Uint8Array.of(0xfc, 0xff, 0xfe),
      })
    }
    await expect.poll(() => frames.length, { timeout: 8_000 }).toBeGreaterThan(85)
    await expect.poll(() => opus.length).toBe(100)
    expect(new Set(frames.map(({ codec }) => codec))).toEqual(new Set(['aac']))
    expect(Math.abs(frames[0]!.pts - opus[0]!.pts)).toBeLessThan(4_000)
    expect(frames.map((frame) => frame.pts - frames[0]!.pts)).toEqual(frames.map((_, i) => i * 1_920))
  })
})

describe('viewers by WebRTC', () => {
  it('are shown the newest group of pictures at once, and then every picture as it comes', async () => {
    const feed = new LiveFeed()
    for (const frame of video.slice(0, 20)) feed.push(frame)
    const { client: receiver } = await viewer(feed)
    await expect.poll(() => receiver.received.video.length).toBeGreaterThan(20)
    for (const frame of video.slice(20)) feed.push(frame)
    const seen = () => {
      const depacketizer = new H264Depacketizer()
      return receiver.received.video.flatMap(({ header, payload }) => {
        const { sequenceNumber: sequence, timestamp, marker } = header
        return depacketizer.push({ sequence, timestamp, marker, payload }, 0)
      })
    }
    await expect.poll(() => seen().length, { timeout: 3_000 }).toBe(video.length)
    expect(seen().map(hex)).toEqual(video.map(hex))
    const stamps = receiver.received.video.map(({ header }) => header.timestamp)
    for (let i = 1; i < stamps.length; i++) expect((stamps[i]! - stamps[i - 1]!) >>> 0).toBeLessThan(2 ** 31)
  })

  it('have their wish for a key frame passed on, but not a storm of them', async () => {
    let asked = 0
    const feed = new LiveFeed({ requestKey: () => asked++ })
    for (const frame of video) feed.push(frame)
    const { client: receiver } = await viewer(feed)
    await expect.poll(() => receiver.received.video.length).toBeGreaterThan(0)
    const { ssrc } = receiver.received.video[0]!.header
    for (let i = 0; i < 50; i++) await receiver.connection.getTransceivers()[0]!.receiver.sendRtcpPLI(ssrc)
    await expect.poll(() => asked).toBe(1)
  })

  it('are gone when the stream ends, and when they vanish', async () => {
    const feed = new LiveFeed()
    for (const frame of video) feed.push(frame)
    await viewer(feed)
    feed.end()
    await expect.poll(() => server.sessions).toBe(0)
    const other = new LiveFeed()
    for (const frame of video) other.push(frame)
    const { client: receiver } = await viewer(other)
    // The client's sockets go without a word.
    for (const { iceTransport } of receiver.connection.dtlsTransports)
      for (const protocol of iceTransport.connection.localCandidates.length > 0 ? protocolsOf(iceTransport) : [])
        await protocol.close()
    await expect.poll(() => server.sessions, { timeout: 4_000 }).toBe(0)
  })

  it('are cut off when they fall behind, and others are not', async () => {
    const feed = new LiveFeed({ maxWaiting: 10 })
    const read: number[] = []
    const slow = feed.frames({ from: 'key' })[Symbol.asyncIterator]()
    const begun = slow.next()
    const quick = (async () => {
      for await (const { pts } of feed.frames({ from: 'key' })) read.push(pts)
    })()
    for (const frame of video) {
      feed.push(frame)
      await new Promise(setImmediate)
    }
    await begun
    await expect(
      (async () => {
        for (;;) if ((await slow.next()).done) return
      })(),
    ).rejects.toMatchObject({ code: 'slow_viewer' })
    feed.end()
    await quick
    expect(read).toHaveLength(video.length)
  })
})

describe('what strangers can do', () => {
  it('a client that is answered and never connects is forgotten', async () => {
    const silent = await client('sendonly', ['video'])
    await server.publish(
      { app: 'live', name: 'cam', sdp: await silent.offer(), remoteAddress: HERE },
      { onPublication: () => expect.fail('it never connected'), onEnd: () => {} },
    )
    expect(server.sessions).toBe(1)
    await expect.poll(() => server.sessions, { timeout: 4_000 }).toBe(0)
  })

  it('packets of garbage, DTLS and RTCP among them, harm no stream', async () => {
    const { client: sender, answer, frames, ended } = await publisher()
    const port = Number(/^a=candidate:.* (\d+) typ host/m.exec(answer.sdp)?.[1])
    const socket = createSocket('udp4')
    // DTLS records (20 to 63), RTP and RTCP (128 to 191), STUN (0 to 3), and what is nothing.
    for (const first of [20, 22, 23, 63, 128, 144, 200, 0, 1, 255])
      for (const size of [1, 4, 13, 60, 1_400])
        await new Promise<void>((sent) => {
          const bytes = Buffer.alloc(size, 0xfe)
          bytes[0] = first
          bytes[1] = 0xc8
          socket.send(bytes, port, HERE, () => sent())
        })
    socket.close()
    for (const frame of video) await sender.send(frame)
    await expect.poll(() => frames.length, { timeout: 3_000 }).toBe(video.length)
    expect(ended()).toBeUndefined()
  })

  it('offers beyond the bounds are refused before anything is made of them', async () => {
    const sdp = await (await client('sendonly', ['video'])).offer()
    const publish = (offer: string) =>
      server.publish(
        { app: 'live', name: 'cam', sdp: offer, remoteAddress: HERE },
        { onPublication: () => {}, onEnd: () => {} },
      )
    const media = sdp.slice(sdp.indexOf('m='))
    await expect(publish(sdp + 'a=x\r\n'.repeat(20_000))).rejects.toMatchObject({ code: 'sdp_too_large' })
    await expect(publish(sdp + media.repeat(20))).rejects.toMatchObject({ code: 'sdp_too_large' })
    await expect(publish(sdp + media)).rejects.toMatchObject({ code: 'bad_sdp' })
    await expect(publish('hello')).rejects.toMatchObject({ code: 'bad_sdp' })
    await expect(publish(sdp.replace(/^a=fingerprint:.*$/gm, 'a=x'))).rejects.toMatchObject({ code: 'bad_sdp' })
    await expect(publish(sdp.replaceAll(/h264/gi, 'H263'))).rejects.toMatchObject({
      code: 'codec_not_offered',
      message: expect.stringContaining('H263'),
    })
    expect(server.sessions).toBe(0)
  })

  it('sessions and offers are counted', async () => {
    const open = async () => {
      const sdp = await (await client('recvonly', ['video'])).offer()
      const feed = new LiveFeed()
      return server.play(
        { stream: 'cam', sdp, remoteAddress: HERE },
        {
          renditions: [{ name: 'source', bandwidthBps: 1, feed, opus: () => () => {} }],
        },
      )
    }
    await Promise.all([open(), open(), open()])
    await expect(open()).rejects.toMatchObject({ code: 'session_limit', retryable: true })
    expect(() => server.admit(HERE)).toThrow(expect.objectContaining({ code: 'session_limit' }))
    for (let i = 0; i < 20; i++) expect(() => server.admit('10.0.0.1')).toThrow()
    expect(() => server.admit('10.0.0.1')).toThrow(expect.objectContaining({ code: 'too_many_offers' }))
  })

  it('a client is sent nothing at the addresses that it names', async () => {
    const trap = createSocket('udp4')
    let heard = 0
    trap.on('message', () => heard++)
    await new Promise<void>((bound) => trap.bind(0, HERE, bound))
    const opened = await client('sendonly', ['video'])
    const sdp = await opened.offer()
    const named = sdp.replace(/^(a=candidate:.*? )127\.0\.0\.1 \d+/gm, `$1127.0.0.1 ${trap.address().port}`)
    await server.publish(
      { app: 'live', name: 'cam', sdp: named, remoteAddress: HERE },
      { onPublication: () => {}, onEnd: () => {} },
    )
    await new Promise((resolve) => setTimeout(resolve, 500))
    trap.close()
    expect(heard).toBe(0)
  })
})

/** A picture without the delimiters that RTP has no need of. */
const hex = ({ data }: { readonly data: Uint8Array }): string =>
  [...splitAnnexB(data)].map((nal) => Buffer.from(nal).toString('hex')).join(' ')

type Closing = { close(): Promise<void> }
const protocolsOf = (iceTransport: { readonly connection: object }): readonly Closing[] =>
  (iceTransport.connection as { protocols: Closing[] }).protocols
