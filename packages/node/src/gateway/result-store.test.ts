import { openObjectStore, type S3Store } from '@millrace/media'
import { openS3Server, type S3Server } from '@millrace/media/testing'
import { manifestId, type TranscodeData } from '@millrace/wire'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { SecureClient } from '../links/http/secure-fetch.ts'
import { openOrchestrator, type TestOrchestrator } from '../orchestrator/orchestrator-fixture.ts'
import {
  changesAnswers,
  delivers,
  hexHash,
  LADDER,
  openBuying,
  openMedia,
  openSession,
  type TestMedia,
} from './gateway-fixture.ts'
import { KeyPayments } from './payment-source.ts'
import { ResultStore } from './result-store.ts'
import type { GatewaySession } from './session-pool.ts'
import { type SubmitDeps, submitSegment } from './submit.ts'

let media: TestMedia
let server: S3Server
let store: S3Store
let o: TestOrchestrator
let session: GatewaySession
let buying: ReturnType<typeof openBuying>

beforeAll(async () => {
  media = await openMedia()
  server = await openS3Server()
  store = openObjectStore(`${server.storeUrl}/results`) as S3Store
}, 60_000)
afterAll(async () => server.close())
beforeEach(() => start({ allowPrivate: true }))
afterEach(stop)

async function start(options: { readonly allowPrivate: boolean }): Promise<void> {
  o = await openOrchestrator(options)
  delivers(o, media)
  buying = openBuying(o.gatewaySigner, () => [])
  session = await openSession(o, o.gatewaySigner)
}

async function stop(): Promise<void> {
  buying.close()
  await o[Symbol.asyncDispose]()
}

function submit(seq: number, change: Partial<SubmitDeps> = {}) {
  return submitSegment(
    {
      ...{ segment: hexHash(media.segment(seq)), ladder: LADDER, domain: o.domain, traceparent: '00-trace-01' },
      signal: new AbortController().signal,
    },
    {
      ...buying,
      session,
      results: new ResultStore(store),
      payer: new KeyPayments({ signer: o.gatewaySigner, tickets: o.tickets }),
      hashing: o.hashing,
      lastSeenBlock: () => o.chain.block,
      ...change,
    },
  )
}

const namesIn = async () => (await store.list('clip/')).map((key) => key.split('/').slice(-2).join('/'))

describe('an orchestrator that is given a bucket', () => {
  it('puts its results there, and the gateway checks them there', async () => {
    const { stored, renditions, result } = await submit(0)
    expect(stored).toEqual(
      LADDER.map(({ name }) => expect.stringMatching(new RegExp(`^${server.url}/results/clip/.*/${name}/0\\.ts$`))),
    )
    expect(await namesIn()).toEqual(expect.arrayContaining(LADDER.map(({ name }) => `${name}/0.ts`)))
    expect(Buffer.compare(renditions[0]!, media.clips[0]!.data)).toBe(0)
    expect(result.paid).toBe(true)
  })

  it('serves them itself when the bucket does not take them', async () => {
    const good = new ResultStore(store)
    const offers = {
      keyOf: () => undefined,
      read: good.read.bind(good),
      offer: () => ({ type: 's3', s3: { ...store.grant('x', { expiresS: 60 }), host: `${server.url}-none` } }),
    }
    const { stored, renditions } = await submit(1, { results: offers as unknown as ResultStore })
    expect(stored).toEqual(LADDER.map(() => undefined))
    expect(renditions).toHaveLength(LADDER.length)
  })

  it('is not believed when it names what another session has put there', async () => {
    await store.save('clip/another/0.ts', media.clips[0]!.data)
    const url = store.url('clip/another/0.ts')
    changesAnswers(o, (result, data: TranscodeData) => ({
      ...result,
      result: { data: { ...data, segments: data.segments.map((one) => ({ ...one, url })) } },
    }))
    await expect(submit(2)).rejects.toMatchObject({ code: 'rendition_url_refused' })
  })

  it('is not believed when nothing is there', async () => {
    const url = store.url(`clip/${session.sessionId}/nothing.ts`)
    changesAnswers(o, (result, data: TranscodeData) => ({
      ...result,
      result: { data: { ...data, segments: data.segments.map((one) => ({ ...one, url })) } },
    }))
    await expect(submit(3)).rejects.toMatchObject({ code: 'rendition_missing' })
  })
})

/** Sends the address of the source in place of its bytes, as a gateway does whose object store is a bucket. */
function byAddress(url: string): SecureClient {
  const { http } = buying
  const fetch: SecureClient['fetch'] = (to, options) =>
    to.endsWith('/segment')
      ? http.fetch(to, {
          ...options,
          headers: { ...options.headers, 'Content-Type': 'application/vnd+livepeer.uri' },
          body: Buffer.from(url),
        })
      : http.fetch(to, options)
  return { fetch } as unknown as SecureClient
}

describe('a source that lies in a bucket', () => {
  it('is fetched from there', async () => {
    await store.save('clip/source/4.ts', media.segment(4).data)
    const url = store.signedUrl('clip/source/4.ts', { expiresS: 60 })
    const { renditions } = await submit(4, { http: byAddress(url) })
    expect(renditions).toHaveLength(LADDER.length)
    expect(Buffer.compare(o.jobs[0]!.data, media.segment(4).data)).toBe(0)
  })

  it('is refused when it is another one than was signed', async () => {
    await store.save('clip/source/5.ts', Buffer.from('something else'))
    const url = store.signedUrl('clip/source/5.ts', { expiresS: 60 })
    await expect(submit(5, { http: byAddress(url) })).rejects.toMatchObject({ meta: { status: 403 } })
  })

  it.each(['nonsense', 'file:///etc/passwd', 'http://127.0.0.1:1/x'])('is refused as %s', async (url) => {
    await expect(submit(6, { http: byAddress(url) })).rejects.toMatchObject({ meta: { status: 400 } })
  })
})

describe('on a network that anybody joins', () => {
  beforeEach(async () => {
    await stop()
    await start({ allowPrivate: false })
  })

  it('an orchestrator puts nothing at private addresses, and serves its results itself', async () => {
    const before = (await store.list('')).length
    const { stored, renditions } = await submit(7)
    expect(stored).toEqual(LADDER.map(() => undefined))
    expect(renditions).toHaveLength(LADDER.length)
    expect(await store.list('')).toHaveLength(before)
  })

  it.each(['http://127.0.0.1:1/x', 'http://localhost:1/x', 'http://[::1]:1/x', 'http://169.254.169.254/latest'])(
    'an orchestrator fetches no source from %s',
    async (url) => {
      await expect(submit(8, { http: byAddress(url) })).rejects.toMatchObject({
        meta: { status: 400, peerText: expect.stringContaining('private address') },
      })
    },
  )
})

it('a bucket offers each session a place of its own', () => {
  const results = new ResultStore(store)
  const offer = results.offer(manifestId('a'), 's/../b' as never)
  expect(offer.s3?.key).toBe('results/a/s%2F..%2Fb')
  expect(results.keyOf(store.url('a/other/x.ts'), manifestId('a'), 's' as never)).toBeUndefined()
})
