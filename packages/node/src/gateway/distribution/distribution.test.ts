import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { silentLog, systemClock } from '@millrace/base'
import { HlsOrigin } from '@millrace/media'
import { DEVNET_PRICE_PER_BYTE } from '@millrace/payments'
import { type NodeEventBody, signOrchestratorRequest } from '@millrace/wire'
import { expect, it, onTestFinished } from 'vitest'
import { listenPlain } from '../../links/http/listening.ts'
import { SecureClient } from '../../links/http/secure-fetch.ts'
import { openOrchestrator, type TestOrchestrator } from '../../orchestrator/orchestrator-fixture.ts'
import { entryOf } from '../gateway-fixture.ts'
import { OrchestratorBook } from '../orchestrator-book.ts'
import { KeyPayments } from '../payment-source.ts'
import { Distribution, type DistributionOptions } from './distribution.ts'
import { EdgeChooser } from './edge-choice.ts'

const STREAM = 'live'
const SEGMENT_BYTES = 40_000

/** A gateway's origin of MPEG-TS with viewers who are sent to these orchestrators. */
async function openDistribution(
  orchestrators: readonly TestOrchestrator[],
  options: Partial<DistributionOptions> & { readonly maxPrice?: bigint; readonly secureOnly?: boolean } = {},
) {
  const origin = new HlsOrigin({})
  let next = 0
  const put = (count = 1, from = next) => {
    for (let seq = from; seq < from + count; seq++)
      origin.put(
        STREAM,
        { name: '720p0', width: 1280, height: 720, codecs: 'avc1.42c01e' },
        { seq, durationMs: 2_000, container: 'mpegts', data: new Uint8Array(randomBytes(SEGMENT_BYTES)) },
      )
    next = from + count
  }
  const asked: string[] = []
  const server = await listenPlain(
    (request, response) => {
      asked.push(request.url ?? '')
      const { status, headers, body } = viewed.get(request.url ?? '')
      response.writeHead(status, headers)
      response.end(body)
    },
    { host: '127.0.0.1', port: 0, flag: '' },
  )
  const http = new SecureClient()
  const events: NodeEventBody[] = []
  const first = orchestrators[0] as TestOrchestrator
  const signer = first.gatewaySigner
  const book = new OrchestratorBook(
    { allowPrivate: true },
    {
      directory: { find: async () => orchestrators.map(entryOf) },
      clock: systemClock,
      request: () => signOrchestratorRequest(signer),
    },
  )
  const { maxPrice, secureOnly = false, ...more } = options
  const chooser = new EdgeChooser(
    {
      maxPricePerByte: () => (maxPrice === undefined ? undefined : { num: maxPrice, den: 1n }),
      secureOnly,
      allowPrivate: true,
    },
    { book, clock: systemClock, log: silentLog, random: Math.random },
  )
  const distribution = new Distribution(
    {
      edges: 1,
      allowPrivate: true,
      maxBytesPerMinute: 1e9,
      maxBytesPerStream: 1e9,
      origin: () => `http://127.0.0.1:${server.port}`,
      ...more,
    },
    {
      payer: new KeyPayments({ signer, tickets: first.tickets }),
      http,
      clock: systemClock,
      tell: (event) => events.push(event),
      log: silentLog,
      chooser,
    },
  )
  const viewed = distribution.hls(origin)
  await distribution.start()
  put(3)
  onTestFinished(async () => {
    await distribution.stop()
    await server.close()
    http.close()
    book.close()
  })
  /** A new viewer: asks for the newest segment, or a named one, and says where it is sent; undefined for nowhere. */
  const viewer = () => {
    const [, query = ''] = /720p0\.m3u8(\?v=\w+)/.exec(textOf(viewed.get(`/stream/${STREAM}.m3u8`))) ?? []
    const playlist = () => textOf(viewed.get(`/stream/${STREAM}/720p0.m3u8${query}`))
    const ask = (seq = next - 1) => {
      const answer = viewed.get(`/stream/${STREAM}/720p0/${seq}.ts${query}`)
      return answer.status === 307 ? (answer.headers.Location as string) : undefined
    }
    return { ask, playlist, query }
  }
  return { origin, put, asked, events, distribution, viewed, viewer, server }
}

const textOf = ({ status, body }: { status: number; body: Uint8Array }) =>
  status === 200 ? Buffer.from(body).toString('utf8') : `status ${status}`

/** Asks as new viewers do until one is sent to an edge. */
const untilServed = (viewer: () => { ask: () => string | undefined }) =>
  expect.poll(() => viewer().ask(), { timeout: 8_000, interval: 50 }).toContain('/edge/')
const open = (options: Parameters<typeof openOrchestrator>[0] = {}) =>
  openOrchestrator({ pricePerByte: DEVNET_PRICE_PER_BYTE, ...options })

it('viewers are sent to an edge once it is paid and has served the gateway; until then, and when it dies, the gateway serves', async () => {
  await using a = await open()
  const { viewer, put, events, asked, distribution } = await openDistribution([a])
  const { ask, playlist, query } = viewer()
  expect(ask()).toBeUndefined()
  await untilServed(viewer)
  const files = [0, 1, 2].map((seq) => ask(seq) as string)
  const before = asked.length
  for (const file of files) expect((await (await fetch(file)).arrayBuffer()).byteLength).toBe(SEGMENT_BYTES)
  // One of them was fetched when the gateway looked whether the edge serves.
  expect(asked.length - before).toBe(2)
  await expect.poll(() => distribution.status(STREAM)?.[0]?.bytes, { timeout: 5_000 }).toBe(4 * SEGMENT_BYTES)
  expect(distribution.summary()).toMatchObject({ streams: [{ manifestId: STREAM, edges: [{ pricePerByte: '7/2' }] }] })
  const listed = playlist()
  expect(listed).toContain(`\n720p0/2.ts${query}\n`)
  await a[Symbol.asyncDispose]()
  put()
  await expect.poll(() => viewer().ask(), { timeout: 5_000 }).toBeUndefined()
  // What a player knows does not change: the same addresses lead to the gateway's own files.
  expect(playlist()).toContain(listed.slice(listed.indexOf('#EXTINF')).trimEnd())
  expect(events.find(({ type }) => type === 'edge_left')).toMatchObject({ code: 'peer_unreachable' })
})

it('a viewer who asks twice did not get it: the gateway serves it, and for a while everything else', async () => {
  await using a = await open()
  const { viewer, viewed } = await openDistribution([a])
  await untilServed(viewer)
  const { ask, query } = viewer()
  expect(ask(1)).toContain('/edge/')
  expect(ask(2)).toContain('/edge/')
  expect(ask(1)).toBeUndefined()
  expect(ask(0)).toBeUndefined()
  expect(viewed.get(`/stream/${STREAM}/720p0/1.ts${query}`).body).toHaveLength(SEGMENT_BYTES)
  expect(viewer().ask(1)).toContain('/edge/')
})

it('who asks without a number, or in vain, gets what the gateway has', async () => {
  await using a = await open()
  const { viewer, viewed, origin } = await openDistribution([a])
  await untilServed(viewer)
  const playlist = `/stream/${STREAM}/720p0.m3u8`
  expect(viewed.get(playlist)).toEqual(origin.get(playlist))
  expect(textOf(viewed.get('/stream/other.m3u8'))).toBe('status 404')
  expect(viewed.get(`/stream/${STREAM}/720p0/1.ts`).status).toBe(200)
  expect(viewed.get(`/stream/${STREAM}/720p0/1.ts?v=nonsense`).status).toBe(200)
  expect(viewed.get(`/stream/${STREAM}/720p0/99.ts${viewer().query}`).status).toBe(404)
  const master = `/stream/${STREAM}.m3u8`
  expect(textOf(viewed.get(master))).not.toBe(textOf(viewed.get(master)))
  expect(viewed.get(master).headers['Cache-Control']).toBe('private, no-store')
})

it('an edge that serves something else than the gateway made is never given a viewer', async () => {
  await using a = await open()
  const get = a.cache.get.bind(a.cache)
  a.cache.get = async (...args) => (await get(...args))?.map((byte) => byte ^ 1)
  const { viewer, distribution } = await openDistribution([a])
  for (let i = 0; i < 15; i++) {
    expect(viewer().ask()).toBeUndefined()
    await sleep(50)
  }
  const { serving, choices } = distribution.explain(STREAM) ?? {}
  expect(serving).toEqual([])
  expect(choices).toMatchObject([
    { picked: a.serviceUri() },
    { leftOut: [{ serviceUri: a.serviceUri(), reason: 'it failed, and is left alone for a while' }] },
  ])
})

it('the ceilings of a stream hold, and what is above them the gateway serves', async () => {
  await using a = await open()
  const { viewer, viewed } = await openDistribution([a], { maxBytesPerMinute: 4 * SEGMENT_BYTES })
  await untilServed(viewer)
  const served = Array.from({ length: 10 }, () => viewer().ask())
  expect(served.filter(Boolean)).toHaveLength(3)
  expect(viewed.get(`/stream/${STREAM}/720p0/2.ts${viewer().query}`).status).toBe(200)
})

it('viewers are promised only what is paid for; the rest is paid at once', async () => {
  await using a = await open()
  const { viewer, distribution } = await openDistribution([a])
  await untilServed(viewer)
  // A little more than two megabytes are paid in advance: fifty segments and some.
  const served = Array.from({ length: 120 }, () => viewer().ask() !== undefined)
  expect(served.slice(0, 45).every(Boolean)).toBe(true)
  expect(served.at(-1)).toBe(false)
  const paid = BigInt(distribution.status(STREAM)?.[0]?.paidWei ?? 0)
  await untilServed(viewer)
  expect(BigInt(distribution.status(STREAM)?.[0]?.paidWei ?? 0)).toBeGreaterThan(paid)
})

it('the choice keeps to the highest price and to https where viewers need it, and says so', async () => {
  await using dear = await open({ pricePerByte: { num: 100n, den: 1n } })
  await using cheap = await open({ pricePerByte: { num: 3n, den: 1n } })
  await using none = await openOrchestrator()
  const choose = async (options: Parameters<typeof openDistribution>[1]) => {
    const { viewer, distribution } = await openDistribution([dear, cheap, none], options)
    viewer().ask()
    await expect.poll(() => distribution.explain(STREAM)?.choices.length, { timeout: 5_000 }).toBeGreaterThan(0)
    return distribution.explain(STREAM)?.choices[0]
  }
  expect(await choose({ maxPrice: 50n })).toMatchObject({
    picked: cheap.serviceUri(),
    considered: expect.arrayContaining([
      expect.objectContaining({ serviceUri: dear.serviceUri(), pricePerByte: '100/1', reason: 'too_dear' }),
    ]),
    leftOut: [{ serviceUri: none.serviceUri(), reason: 'it serves no viewers' }],
  })
  const secure = await choose({ secureOnly: true })
  expect(secure).not.toHaveProperty('picked', expect.any(String))
  expect(JSON.stringify(secure)).toContain('it has no https')
})

it('a stream that begins anew under its name is not mixed up with the one before, though its files have the old names', async () => {
  await using a = await open()
  const { viewer, origin, put } = await openDistribution([a])
  await untilServed(viewer)
  const bytesOf = async (address: string) => Buffer.from(await (await fetch(address)).arrayBuffer())
  const old = await bytesOf(viewer().ask(0) as string)
  origin.remove(STREAM)
  put(1, 0)
  const now = await bytesOf(viewer().ask(0) as string)
  expect(now.equals(old)).toBe(false)
  expect(now.equals(origin.get(`/stream/${STREAM}/720p0/0.ts`).body)).toBe(true)
})
