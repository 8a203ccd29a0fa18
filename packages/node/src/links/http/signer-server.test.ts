import { connect } from 'node:net'
import { rational, silentLog } from '@millrace/base'
import {
  decodePaymentHeader,
  decodeSegmentHeader,
  encodeBase64,
  encodeOrchestratorInfo,
  manifestId,
  type OrchestratorInfo,
  orchestratorRequestMessage,
  type SegData,
  signNodeMessage,
  signOrchestratorRequest,
} from '@millrace/wire'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openWeb } from '../../gateway/web-fixture.ts'
import { openOrchestrator, type TestOrchestrator } from '../../orchestrator/orchestrator-fixture.ts'
import { PaymentAuth } from '../../signer/payment-auth.ts'
import type { SignerDeps } from '../../signer/signer.ts'
import { openSigner, openSignerServer } from '../../signer/signer-fixture.ts'
import type { PaymentOrder } from '../signer-link.ts'
import { SignerClient } from './signer-client.ts'

let o: TestOrchestrator
let info: OrchestratorInfo
const cleanUp: (() => Promise<unknown>)[] = []

beforeEach(async () => {
  o = await openOrchestrator()
  cleanUp.push(() => o[Symbol.asyncDispose]())
  info = await o.orchestrator.getOrchestrator(signOrchestratorRequest(o.gatewaySigner))
})
afterEach(async () => {
  for (const work of cleanUp.splice(0).reverse()) await work()
})

async function open(more: Partial<SignerDeps> = {}, headers: Readonly<Record<string, string>> = {}) {
  const opened = openSigner(o, more)
  const server = await openSignerServer(opened.signer, headers)
  cleanUp.push(server.close)
  return { ...opened, ...server }
}

const post = (url: string, body: unknown, headers: Record<string, string> = {}) =>
  fetch(url, { method: 'POST', body: typeof body === 'string' ? body : JSON.stringify(body), headers })
const orchestrator = () => encodeBase64(encodeOrchestratorInfo(info))
const order = (more: Partial<PaymentOrder> = {}): PaymentOrder => ({
  orchestrator: info,
  manifestId: 'stream',
  type: '',
  inPixels: 10_000_000n,
  ...more,
})
const segment = (): Omit<SegData, 'signature'> => ({
  manifestId: manifestId('stream'),
  seq: 7,
  profiles: [],
  durationMs: 2000,
  authToken: info.authToken!,
  calcPerceptualHash: false,
  forceSessionReinit: false,
  hash: `0x${'12'.repeat(32)}`,
  storage: [],
  wantsCommitment: false,
})

describe('the port of a signer', () => {
  it('tells the account and its signature as go-livepeer does', async () => {
    const { url } = await open()
    const response = await post(`${url}/sign-orchestrator-info`, '')
    const { address } = o.gatewaySigner
    const signature = signNodeMessage(o.gatewaySigner, orchestratorRequestMessage(address))
    expect(await response.json()).toEqual({
      address,
      signature: `0x${Buffer.from(signature).toString('hex')}`,
      chainId: '31337',
      ticketBroker: o.domain.ticketBroker,
    })
  })

  it('pays for what a gateway of go-livepeer asks, field for field', async () => {
    const { url } = await open()
    // As Go writes the first request of a stream, and then the second one.
    const first = await post(`${url}/generate-live-payment`, {
      state: { State: null, Sig: null },
      orchestrator: orchestrator(),
      ManifestID: 'abcd1234',
      inPixels: 0,
      type: 'fixed',
      capabilities: null,
    })
    expect(first.status).toBe(200)
    const answer = (await first.json()) as Record<string, unknown>
    expect(Object.keys(answer).sort()).toEqual(['payment', 'segCreds', 'state'])
    expect(Object.keys(answer.state as object)).toEqual(['State', 'Sig'])
    expect(decodePaymentHeader(answer.payment as string)!.tickets).toHaveLength(1)
    expect(decodeSegmentHeader(answer.segCreds as string).segment.manifestId).toBe('abcd1234')
    const second = await post(`${url}/generate-live-payment`, {
      state: answer.state,
      orchestrator: orchestrator(),
      ManifestID: 'abcd1234',
      inPixels: 0,
      type: 'fixed',
      maxPrice: { price: 1e9, currency: 'wei', unit: 'fixed' },
      capabilities: null,
    })
    expect(second.status).toBe(200)
  })

  it.each([
    ['no JSON', '{', 400, 'bad_order'],
    ['no orchestrator', {}, 400, 'bad_order'],
    ['terms that are none', { orchestrator: 'AAAA' }, 400, 'bad_order'],
    ['base64 that is none', { orchestrator: '!' }, 400, 'bad_order'],
    ['a type that is none', { orchestrator: 'CgA=', type: 'free' }, 400, 'bad_order'],
    ['a number that is none', { orchestrator: 'CgA=', inPixels: 1.5 }, 400, 'bad_order'],
    ['a body that is too large', `"${'x'.repeat(2 << 20)}"`, 413, 'bad_order'],
  ])('refuses %s', async (_, body, status, code) => {
    const { url } = await open()
    const response = await post(`${url}/generate-live-payment`, body)
    expect(response.status).toBe(status)
    expect(await response.json()).toMatchObject({ error: { message: expect.any(String), code } })
  })

  it('refuses a name that no header can carry', async () => {
    const { url } = await open()
    const body = { orchestrator: orchestrator(), inPixels: 1, ManifestID: 'ä'.repeat(300) }
    const response = await post(`${url}/generate-live-payment`, body)
    expect(response.status).toBe(400)
  })

  it('answers 404 to what it does not know, and 405 to another method', async () => {
    const { url } = await open()
    expect((await post(`${url}/sign-anything`, {})).status).toBe(404)
    expect((await fetch(`${url}/generate-live-payment`)).status).toBe(405)
    expect((await post(`${url}/discover-orchestrators`, {})).status).toBe(405)
    expect((await fetch(`${url}/discover-orchestrators`)).status).toBe(404)
    expect((await fetch(`${url}/healthz`)).status).toBe(200)
  })

  it('names the orchestrator in a header when its terms have run out, and no byte of it ends the header', async () => {
    const { url } = await open()
    info = { ...info, serviceUri: 'https://o:1/\r\nX: y' }
    o.chain.block += 1_000n
    const response = await post(`${url}/generate-live-payment`, {
      orchestrator: orchestrator(),
      inPixels: 1,
      ManifestID: 'm',
    })
    expect(response.status).toBe(480)
    expect(response.headers.get('livepeer-orchestrator-url')).toBe('https://o:1/X:y')
    expect(await response.json()).toMatchObject({ error: { message: 'refresh session for remote signer' } })
  })

  it('does not wait for a caller who sends half a body and goes', async () => {
    const { url } = await open()
    const socket = connect(Number(new URL(url).port), '127.0.0.1')
    socket.write('POST /generate-live-payment HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\n{')
    await new Promise((resolve) => setTimeout(resolve, 50))
    socket.destroy()
    expect((await fetch(`${url}/healthz`)).status).toBe(200)
  })
})

describe('the service that says who is paid for', () => {
  async function openAuthorised(answer: unknown) {
    const web = await openWeb(answer)
    cleanUp.push(web.close)
    const auth = new PaymentAuth({ url: web.url, headers: { 'X-Key': 'hook-secret' } }, { log: silentLog })
    return {
      web,
      ...(await open({ auth }, { Authorization: 'Bearer gateway-token', 'Signer-Auth-Id': 'from-header' })),
    }
  }

  it('is told the headers and the state, with the names that go-livepeer gives them', async () => {
    const { web, client } = await openAuthorised({ status: 200 })
    await client.generatePayment(order())
    const { headers, state } = JSON.parse(web.asked[0]!.body)
    expect(headers).toMatchObject({
      Authorization: ['Bearer gateway-token'],
      'Content-Type': ['application/json'],
      'Signer-Auth-Id': ['from-header'],
    })
    expect(headers.Host).toBeUndefined()
    expect(state).toMatchObject({ OrchestratorAddress: info.address, SequenceNumber: 0, AuthExpiry: 0 })
    expect(state.SenderNonce).toBeGreaterThan(0)
  })

  it('is not asked again before what it said runs out', async () => {
    const { web, client } = await openAuthorised({ status: 200, expiry: Math.floor(Date.now() / 1000) + 60 })
    const { state } = await client.generatePayment(order())
    await client.generatePayment(order({ state }))
    await client.signSegment({ segment: segment(), state })
    expect(web.asked).toHaveLength(1)
    await client.signSegment({ segment: segment() })
    expect(web.asked).toHaveLength(2)
  })

  it('has the last word: its status and its reason are what the caller gets', async () => {
    const { web, client } = await openAuthorised({ status: 403, reason: 'denied' })
    await expect(client.generatePayment(order())).rejects.toMatchObject({
      code: 'not_authorised',
      status: 403,
      message: expect.stringContaining('denied'),
    })
    await expect(client.signSegment({ segment: segment() })).rejects.toMatchObject({ code: 'not_authorised' })
    web.serve({ status: 402 })
    await expect(client.generatePayment(order())).rejects.toMatchObject({
      status: 402,
      message: expect.stringContaining('signer auth rejected request with status 402'),
    })
  })

  it('may limit the price', async () => {
    const { web, client } = await openAuthorised({
      status: 200,
      maxPrice: { price: 1, currency: 'wei', unit: 'pixels' },
    })
    info = { ...info, priceInfo: { pricePerUnit: 2n, pixelsPerUnit: 1n } }
    await expect(client.generatePayment(order({ inPixels: 1n }))).rejects.toMatchObject({
      code: 'price_exceeded',
      status: 481,
    })
    web.serve({ status: 200, maxPrice: { price: '2.5', currency: 'wei', unit: 'pixels' } })
    await client.generatePayment(order({ inPixels: 1n }))
    web.serve({ status: 200, maxPrice: { price: 1, currency: 'usd', unit: 'pixels' } })
    await expect(client.generatePayment(order({ inPixels: 1n }))).rejects.toMatchObject({
      code: 'auth_webhook_failed',
      status: 502,
    })
  })

  it('names the payer, who stays the same for a session', async () => {
    const { web, client } = await openAuthorised({ status: 200, auth_id: 'one' })
    const { state } = await client.generatePayment(order())
    expect(JSON.parse(new TextDecoder().decode(state.state)).AuthID).toBe('one')
    web.serve({ status: 200, auth_id: 'another' })
    await expect(client.generatePayment(order({ state }))).rejects.toMatchObject({
      code: 'auth_id_changed',
      status: 500,
    })
  })

  it.each([
    ['an error', undefined],
    ['no status', { reason: 'x' }],
    ['a status that is none', { status: 0 }],
  ])('is at fault when it answers %s, and its address is nobody else’s business', async (_, answer) => {
    const { web, client } = await openAuthorised(answer)
    if (answer === undefined) web.serveBy((_, response) => void response.writeHead(500).end('hook-secret'))
    const error = await client.generatePayment(order()).catch((error) => error)
    expect(error).toMatchObject({ code: 'auth_webhook_failed', status: 500 })
    expect(error.message).not.toMatch(/hook-secret|127\.0\.0\.1/)
  })
})

describe('the client of a signer', () => {
  it('says so of a signer that signs payments only, as those of go-livepeer do', async () => {
    const web = await openWeb()
    cleanUp.push(web.close)
    web.serveBy((_, response) => void response.writeHead(404).end('404 page not found\n'))
    const client = new SignerClient({ url: web.url })
    await expect(client.signSegment({ segment: segment() })).rejects.toMatchObject({ code: 'signs_no_segments' })
  })

  it('reads the orchestrators that a signer of go-livepeer finds', async () => {
    const web = await openWeb([{ address: 'https://o:8935', score: 1, capabilities: ['a/b'], runners: [{ url: 'x' }] }])
    cleanUp.push(web.close)
    const client = new SignerClient({ url: web.url, headers: { Authorization: 'Bearer t' } })
    expect(await client.discover(['a/b', 'c/d'])).toEqual([{ address: 'https://o:8935', capabilities: ['a/b'] }])
    expect(web.asked[0]).toMatchObject({ method: 'GET', path: '/discover-orchestrators?caps=a%2Fb&caps=c%2Fd' })
  })

  it.each([
    [480, 'refresh_session'],
    [481, 'price_exceeded'],
    [482, 'no_tickets'],
    [500, 'signer_refused'],
    [302, 'signer_refused'],
  ])('takes %i of a signer of go-livepeer for %s', async (status, code) => {
    const web = await openWeb()
    cleanUp.push(web.close)
    const body = JSON.stringify({ error: { message: 'because' } })
    web.serveBy((_, response) => void response.writeHead(status, { location: 'http://127.0.0.1:1/' }).end(body))
    const client = new SignerClient({ url: web.url })
    await expect(client.generatePayment(order())).rejects.toMatchObject({
      code,
      status,
      message: expect.stringContaining('because'),
    })
  })

  it.each([
    ['nothing', ''],
    ['no JSON', '<html>'],
    ['JSON of another shape', '{"payment":1}'],
    ['a payment without a state', '{"payment":"","segCreds":""}'],
  ])('takes %s for a failure of the signer', async (_, body) => {
    const web = await openWeb()
    cleanUp.push(web.close)
    web.serveBy((_, response) => void response.end(body))
    const asked = new SignerClient({ url: web.url }).generatePayment(order())
    await expect(asked).rejects.toMatchObject({ code: 'signer_refused' })
  })

  it('asks again where the signer is being started anew, and then says that it is not there', async () => {
    const { client, close, url } = await open()
    await client.identity()
    await close()
    const error = await client.identity().catch((error) => error)
    expect(error).toMatchObject({ code: 'signer_unreachable', retryable: true })
    expect(error.message).not.toContain(new URL(url).port)
  })

  it('carries a price that is no whole number', async () => {
    const { client } = await open()
    const maxPrice = { price: rational(3n, 2n ** 30n), unit: 'pixels', currency: 'wei' }
    await expect(client.generatePayment(order({ maxPrice }))).rejects.toMatchObject({ code: 'price_exceeded' })
  })
})
