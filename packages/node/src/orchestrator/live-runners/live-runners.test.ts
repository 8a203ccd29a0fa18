import { createServer, type RequestListener, type Server } from 'node:http'
import { connect } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { subscribe } from '@millrace/ai'
import { keccak256, ManualClock, silentLog, systemClock, toHex } from '@millrace/base'
import { DEVNET_PRICE_PER_PIXEL, devnetPaymentParameters, paymentOf } from '@millrace/payments'
import {
  encodePaymentHeader,
  encodeSegmentHeader,
  HEADER,
  manifestId,
  orchestratorInfoFromBase64,
  signSegment,
} from '@millrace/wire'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { LiveRunnerDoor } from '../../links/http/live-runner-door.ts'
import { SecureClient } from '../../links/http/secure-fetch.ts'
import { TrickleMount } from '../../links/http/trickle-mount.ts'
import { ComputeAccounts } from '../compute-accounts.ts'
import { openOrchestrator, type TestOrchestrator } from '../orchestrator-fixture.ts'
import { proxyTemplate } from './proxy-template.ts'
import { RunnerChannels } from './runner-channels.ts'
import { RunnerRegistry } from './runner-registry.ts'
import { RunnerSales } from './runner-sales.ts'
import { RunnerService } from './runner-service.ts'

const SECRET = 'orch-secret'
const SOON = { timeout: 10_000 }
const TTL_MS = 20_000
/** A ticket pays for two seconds. */
const PER_SECOND = devnetPaymentParameters.ticketEvWei / 2n

let o: TestOrchestrator
let http: SecureClient
let registry: RunnerRegistry
let sales: RunnerSales
let trickle: TrickleMount
let app: Server
let handle: RequestListener
let clock: ManualClock

beforeEach(async () => {
  handle = (request, response) => void response.end(`${request.method} ${request.url}`)
  app = createServer((request, response) => {
    if (request.url === '/health') return void response.writeHead(healthy ? 200 : 503).end()
    handle(request, response)
  })
  await new Promise<void>((resolve) => app.listen(0, '127.0.0.1', resolve))
  healthy = true
  clock = new ManualClock()
  o = await openOrchestrator({
    doors: (lent) => {
      const { serviceUri, recipient, balances, tell } = lent
      trickle = new TrickleMount({ serviceUri }, { log: silentLog })
      const channels = new RunnerChannels({ runnerAddr: () => 'http://inside:1' }, { trickle, log: silentLog })
      registry = new RunnerRegistry(
        ...([
          {
            secret: SECRET,
            config: undefined,
            runnerAddr: () => 'http://inside:1',
            isPaid: true,
            ttlMs: TTL_MS,
            healthMs: 100,
          },
          {
            inWei: async (price, currency) => (currency === undefined ? price : DEVNET_PRICE_PER_PIXEL),
            channels,
            clock,
            log: silentLog,
          },
        ] as ConstructorParameters<typeof RunnerRegistry>),
      )
      sales = new RunnerSales(
        { serviceUri, intervalMs: 100 },
        { ...lent, channels, accounts: new ComputeAccounts({ recipient, balances, tell }), clock: systemClock },
      )
      const template = () => proxyTemplate(`${serviceUri()}/run/{proxy}`)
      const service = new RunnerService(
        { serviceUri, runnerAddr: () => 'http://inside:1' },
        { registry, sales, channels, template },
      )
      const door = new LiveRunnerDoor({ service, log: silentLog })
      return { doors: [door.door, trickle.door], onUpgrade: door.upgrade }
    },
  })
  await registry.start()
  await sales.start()
  http = new SecureClient()
})
afterEach(async () => {
  http.close()
  await registry.stop()
  await sales.stop()
  await o[Symbol.asyncDispose]()
  app.closeAllConnections()
  app.close()
})
let healthy = true

const appUrl = () => `http://127.0.0.1:${(app.address() as AddressInfo).port}`
const entry = (more: Readonly<Record<string, unknown>> = {}) => ({
  ...{ label: 'one', routing: 'label', runner_url: appUrl(), health_url: '/health', app: 'demo/one' },
  price_info: { price: (PER_SECOND * 3_600n).toString(), currency: 'wei' },
  ...more,
})
const register = (...runners: readonly unknown[]) => registry.registerStatic(JSON.stringify({ runners }))

async function ask(path: string, { method = 'POST', headers = {}, body = '' }: Asking = {}) {
  const sent = { 'content-length': String(Buffer.byteLength(body)), ...headers }
  const answer = await http.fetch(path.startsWith('http') ? path : `${o.serviceUri()}${path}`, {
    ...{ method: method as 'POST', headers: sent, headTimeoutMs: 5_000, timeoutMs: 5_000, maxBytes: 1 << 20 },
    ...(body !== '' && { body: Buffer.from(body) }),
  })
  return { status: answer.status, text: Buffer.from(answer.body).toString('utf8') }
}
type Asking = { method?: string; headers?: Readonly<Record<string, string>>; body?: string }

const payer = () => ({ 'Livepeer-Payer-Address': o.gatewaySigner.address })

/** What must be paid for a session with an app, and the headers that pay so many tickets. */
async function challenge(path = '/apps/one/session', tickets = 4) {
  const asked = await ask(path, { headers: payer() })
  expect(asked.status, asked.text).toBe(402)
  const { payment_params, manifest_id, payment_url } = JSON.parse(asked.text) as Record<string, string>
  const info = orchestratorInfoFromBase64(payment_params!)
  const pay = async (count: number, manifest = manifest_id!) => {
    const batch = await o.tickets.createTicketBatch(o.tickets.startSession(info.ticketParams!), count)
    const segment = signSegment(o.gatewaySigner, {
      ...{ manifestId: manifestId(manifest), seq: 0, profiles: [], durationMs: 0, storage: [] },
      ...(info.authToken && { authToken: info.authToken }),
      ...{ calcPerceptualHash: false, forceSessionReinit: false, wantsCommitment: false },
      hash: toHex(keccak256(new Uint8Array(0))),
    })
    return {
      [HEADER.payment]: encodePaymentHeader(paymentOf(o.gatewaySigner.address, batch, info.priceInfo)),
      [HEADER.segment]: encodeSegmentHeader(segment),
    }
  }
  return { manifest: manifest_id!, paymentUrl: payment_url!, info, pay, headers: await pay(tickets) }
}

async function open(tickets?: number) {
  const asked = await challenge('/apps/one/session', tickets)
  const answer = await ask('/apps/one/session', { headers: asked.headers })
  expect(answer.status, answer.text).toBe(200)
  const session = JSON.parse(answer.text) as { session_id: string; app_url: string; control_url: string }
  return { ...asked, ...session }
}

const discovered = async () => {
  const [{ runners = [] }] = JSON.parse((await ask('/discovery', { method: 'GET' })).text)
  return runners as Record<string, unknown>[]
}

describe('a session', () => {
  it('is asked to be paid, and then is there for as many requests as one likes, until it is stopped', async () => {
    await register(entry({ capacity: 1 }))
    expect(await ask('/apps/one/session')).toMatchObject({
      status: 402,
      text: expect.stringContaining('Payer-Address'),
    })
    const session = await open()
    expect(session.session_id).toBe(session.manifest)
    expect(session.info.priceInfo?.pricePerUnit).toBe(PER_SECOND)
    expect(await discovered()).toMatchObject([{ app: 'demo/one', capacity_used: 1, capacity_available: 0 }])
    const other = await challenge()
    expect(await ask('/apps/one/session', { headers: other.headers })).toMatchObject({ status: 503 })
    for (const method of ['GET', 'DELETE'])
      expect(await ask(`${session.app_url}/a/b?c=d`, { method })).toEqual({ status: 200, text: `${method} /a/b?c=d` })
    expect((await ask(`${session.control_url}/stop`)).status).toBe(204)
    expect((await ask(session.app_url)).status).toBe(404)
    const sold = o.events.find(({ type }) => type === 'ai_job_sold')
    expect(sold).toMatchObject({ pipeline: 'live-runner', modelId: 'demo/one', sender: o.gatewaySigner.address })
  })

  it('that is not paid any more is ended, and what is under way in it is cut', async () => {
    // Half a second's worth: a fifth of a ticket is what an interval costs.
    await register(entry({ price_info: { price: (PER_SECOND * 3_600n * 4n).toString(), currency: 'wei' } }))
    const session = await open(1)
    let cut = false
    handle = (request) => void request.socket.on('close', () => (cut = true))
    const hanging = ask(session.app_url)
    await vi.waitFor(async () => expect((await ask(`${session.control_url}/app/x`)).status).toBe(404), SOON)
    expect(await hanging).toMatchObject({ status: 502, text: expect.stringContaining('account is empty') })
    await vi.waitFor(() => expect(cut).toBe(true), SOON)
    expect(await discovered()).toMatchObject([{ capacity_used: 0 }])
  })

  it('goes on while it is paid; a payment for another one is refused', async () => {
    await register(entry())
    const session = await open()
    const paid = await ask(session.paymentUrl, { headers: await session.pay(2) })
    expect(paid.status).toBe(200)
    const other = await ask(session.paymentUrl, { headers: await session.pay(2, 'another') })
    expect(other).toMatchObject({ status: 403, text: expect.stringContaining('mismatched session') })
    expect((await ask(session.paymentUrl)).status).toBe(403)
  })

  it('at a fixed price is paid once', async () => {
    await register(
      entry({ price_info: { price: devnetPaymentParameters.ticketEvWei.toString(), currency: 'wei', unit: 'fixed' } }),
    )
    const session = await open(1)
    const again = await ask(session.paymentUrl, { headers: await session.pay(1) })
    expect(again).toMatchObject({ status: 409 })
    expect((await ask(session.app_url, { method: 'GET' })).status).toBe(200)
  })

  it('is not had for the price of another app', async () => {
    await register(
      entry(),
      entry({ label: 'dear', price_info: { price: (PER_SECOND * 7_200n).toString(), currency: 'wei' } }),
    )
    const { headers } = await challenge()
    expect(await ask('/apps/dear/session', { headers })).toMatchObject({
      status: 400,
      text: expect.stringContaining('does not match'),
    })
  })
})

describe('a single request', () => {
  const fixed = { price: devnetPaymentParameters.ticketEvWei.toString(), currency: 'wei', unit: 'fixed' }
  const sold = () => o.events.filter(({ type }) => type === 'ai_job_sold').length

  it('is paid where the app did the work, and given back where it failed', async () => {
    await register(entry({ mode: 'single_shot', price_info: fixed }))
    const { headers } = await challenge('/apps/one/app', 1)
    handle = (_, response) => response.destroy()
    expect((await ask('/apps/one/app', { headers })).status).toBe(502)
    handle = (_, response) => void response.end('well')
    // The same payment, whose tickets are spent, still stands for the work.
    expect(await ask('/apps/one/app', { headers })).toEqual({ status: 200, text: 'well' })
    expect(sold()).toBe(1)
    expect(await ask('/apps/one/app', { headers })).toMatchObject({ status: 400 })
    expect((await ask('/apps/one/session', { headers: payer() })).status).toBe(400)
  })
})

describe('an app that reports itself', () => {
  const beat = (body: Readonly<Record<string, unknown>>, secret: string) =>
    ask('/runners/heartbeat', {
      headers: { authorization: secret },
      body: JSON.stringify({ ...entry({ routing: undefined }), ...body }),
    })

  it('is offered while its signs of life come, which have a secret of their own', async () => {
    expect((await beat({}, 'guess')).status).toBe(401)
    const first = JSON.parse((await beat({ runner_id: 'mine' }, SECRET)).text) as Record<string, unknown>
    expect(first).toMatchObject({
      ...{ runner_id: 'mine', orchestrator: 'http://inside:1', heartbeat_interval: '5s', heartbeat_ttl: '20s' },
      ...{
        session_ids: [],
        o2r: { name: 'o2r', url: expect.stringMatching(/^http:\/\/inside:1\/ai\/trickle\/mine-/) },
      },
    })
    const secret = first.heartbeat_secret as string
    expect((await beat({ runner_id: 'mine' }, SECRET)).status).toBe(401)
    const next = JSON.parse((await beat({ runner_id: 'mine', metadata: 'hello' }, secret)).text)
    expect(next.heartbeat_secret).toBeUndefined()
    expect(await discovered()).toMatchObject([
      { metadata: 'hello', url: expect.stringMatching(/\/apps\/mine\/session$/) },
    ])
    await beat({ runner_id: 'mine', status: 'loading' }, secret)
    expect(await discovered()).toEqual([])
    await beat({ runner_id: 'mine' }, secret)
    clock.advance(TTL_MS + 1)
    expect(await discovered()).toEqual([])
    expect((await beat({ runner_id: 'mine' }, secret)).status).toBe(404)
  })

  it('hears of its sessions, opens channels and addresses for them, and may leave', async () => {
    const first = JSON.parse((await beat({ runner_id: 'one', capacity: 2 }, SECRET)).text)
    const name = first.o2r.channel_name as string
    const heard: string[] = []
    const stop = new AbortController()
    const url = trickle.url(name)
    const reading = (async () => {
      for await (const { data } of subscribe({ url, anyCertificate: true, signal: stop.signal, from: 0 })) {
        let text = ''
        for await (const chunk of data) text += Buffer.from(chunk).toString('utf8')
        heard.push((JSON.parse(text) as { event: string }).event)
      }
    })().catch(() => {})
    let token: string | undefined
    handle = (request, response) => {
      token = request.headers['livepeer-session-token'] as string
      response.end(request.url)
    }
    const session = await open()
    expect((await ask(`${session.app_url}/x`)).text).toBe('/x')
    const own = `/runner/one/session/${session.session_id}`
    const asApp = (path: string, body: unknown, given = token, method = 'POST') =>
      ask(`${own}/${path}`, { method, headers: { 'livepeer-session-token': given ?? '' }, body: JSON.stringify(body) })
    expect((await asApp('channels', { channels: [{ name: 'x' }] }, 'guess')).status).toBe(401)
    const opened = await asApp('channels', { channels: [{ name: 'events', mime_type: 'application/json' }] })
    expect(JSON.parse(opened.text).channels).toMatchObject([
      {
        name: 'events',
        channel_name: `${session.session_id}-events`,
        internal_url: expect.stringMatching(/^http:\/\/inside:1/),
      },
    ])
    expect((await asApp('channels', { channels: [{ name: 'a b' }] })).status).toBe(400)
    expect((await asApp('channels', { channels: [] })).status).toBe(400)
    const many = Array.from({ length: 25 }, (_, i) => ({ name: `c${i}` }))
    expect((await asApp('channels', { channels: many })).status).toBe(400)
    expect((await asApp('channels', { channels: ['events'] }, token, 'DELETE')).text).toBe('{"deleted":["events"]}')
    expect((await asApp('channels', { channels: ['events'] }, token, 'DELETE')).status).toBe(404)
    const proxied = JSON.parse((await asApp('proxy', { target_url: `${appUrl()}/ui` })).text) as { url: string }
    expect(await ask(`${proxied.url}/a?b=c`, { method: 'GET' })).toEqual({ status: 200, text: '/ui/a?b=c' })
    expect((await asApp('proxy', { target_url: 'http://example.org/' })).status).toBe(400)
    expect((await asApp('stop', {})).status).toBe(204)
    expect((await ask(proxied.url)).status).toBe(404)
    await vi.waitFor(() => expect(heard).toEqual(['reserved', 'released']), SOON)
    const leave = { headers: { authorization: first.heartbeat_secret as string } }
    expect((await ask('/runners/one/unregister')).status).toBe(401)
    expect((await ask('/runners/one/unregister', leave)).status).toBe(204)
    expect(await discovered()).toEqual([])
    stop.abort()
    await reading
  })
})

describe('a document of apps', () => {
  it('with a wrong entry is refused as a whole, in words that name it', async () => {
    const wrong: readonly (readonly [what: string, more: Readonly<Record<string, unknown>>, text: RegExp])[] = [
      ['without a label', { label: '' }, /label/],
      ['with a label that has a slash', { label: 'a/b' }, /cannot contain \//],
      ['without an address', { runner_url: undefined }, /runner_url/],
      ['with an address of another kind', { runner_url: 'file:///etc/passwd' }, /runner_url/],
      ['without a health address', { health_url: undefined }, /health_url/],
      ['with a status that there is not', { healthy_status_code: 42 }, /healthy_status_code/],
      ['without a price', { price_info: undefined }, /price_info.price must be a positive decimal/],
      ['with a price of nothing', { price_info: { price: 0 } }, /positive decimal/],
      ['with another currency', { price_info: { price: 1, currency: 'eur' } }, /must be usd/],
      ['with another unit', { price_info: { price: 1, unit: 'day' } }, /hour, 720p, or fixed/],
      ['with a price below a wei', { price_info: { price: '0.1', currency: 'wei' } }, /less than 1 wei/],
      ['with a book for metadata', { metadata: 'x'.repeat(1_025) }, /metadata/],
      ['with a negative capacity', { capacity: -1 }, /capacity/],
    ]
    for (const [what, more, text] of wrong) {
      const refused = register(entry({ label: 'good' }), entry({ label: 'bad', ...more }))
      await expect(refused, what).rejects.toMatchObject({ status: 400, message: expect.stringMatching(text) })
    }
    expect(await discovered()).toEqual([])
  })

  it('has the same label once; registering it again changes what it says and keeps its sessions', async () => {
    await expect(register(entry(), entry())).rejects.toThrow(/runners\[1\]: duplicate label/)
    await register(entry())
    const session = await open()
    await register(entry({ version: '2' }))
    expect(await discovered()).toMatchObject([{ version: '2', capacity_used: 1 }])
    expect((await ask(session.app_url, { method: 'GET' })).status).toBe(200)
  })

  it('is offered only while its app is healthy; an app that falls ill loses its sessions', async () => {
    healthy = false
    expect(await register(entry())).toMatchObject({ runners: [{ healthy: false }] })
    expect(await discovered()).toEqual([])
    healthy = true
    await vi.waitFor(async () => expect(await discovered()).toHaveLength(1), SOON)
    const session = await open()
    healthy = false
    await vi.waitFor(async () => expect(await discovered()).toEqual([]), SOON)
    expect((await ask(session.app_url)).status).toBe(404)
  })
})

describe('over HTTP/2, as clients in Go speak it,', () => {
  /** Sends a request, and gives up after the first bytes where it is told so. */
  async function asked(path: string, body: string, cancel = false) {
    const session = connect(o.serviceUri(), { rejectUnauthorized: false })
    session.on('error', () => {})
    const stream = session.request({ ':path': path, ':method': 'POST', 'content-type': 'text/plain' })
    stream.on('error', () => {})
    stream.end(body)
    let status: unknown
    stream.on('response', (headers) => {
      status = headers[':status']
    })
    let text = ''
    for await (const chunk of stream) {
      text += String(chunk)
      if (cancel) break
    }
    session.destroy()
    return { status, text }
  }

  it('requests, long answers and events go through, and who leaves is noticed', async () => {
    await register(entry())
    const { app_url: address } = await open()
    const path = new URL(address).pathname
    handle = async (request, response) => {
      let text = ''
      for await (const chunk of request) text += chunk
      response.end(`${request.method} ${request.url} ${text} ${request.headers.host}`.padEnd(300_000))
    }
    const whole = await asked(`${path}/a?b=c`, 'hello')
    expect([whole.status, whole.text.trim()]).toEqual([200, `POST /a?b=c hello ${new URL(appUrl()).host}`])
    expect(whole.text).toHaveLength(300_000)
    let left = false
    handle = (_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.write('data: one\n\n')
      response.on('close', () => (left = true))
    }
    expect(await asked(path, '', true)).toEqual({ status: 200, text: 'data: one\n\n' })
    await vi.waitFor(() => expect(left).toBe(true), SOON)
    handle = (_, response) => response.destroy()
    expect(await asked(path, '')).toMatchObject({ status: 502 })
    expect(await asked('/apps/one/session', '')).toMatchObject({ status: 402 })
    expect(await asked('/apps/nobody/session', '')).toEqual({ status: 404, text: 'runner not found\n' })
  })
})

it('paths that are none, other methods and long bodies are answered in words', async () => {
  await register(entry())
  expect((await ask('/apps/nobody/session')).status).toBe(404)
  expect((await ask('/apps/one/session', { method: 'GET' })).status).toBe(405)
  expect((await ask('/apps/one/app')).text).toContain('not single-shot')
  expect((await ask('/runners/heartbeat', { body: 'x'.repeat(300_000) })).status).toBe(413)
  expect((await ask('/runners/heartbeat', { body: 'no JSON' })).status).toBe(400)
})
