import { type RequestListener, request, type ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { devnetPaymentParameters } from '@millrace/payments'
import type { NodeEventOf } from '@millrace/wire'
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { bodyOf, curlCommands, OrchestratorCaller, TestApp } from './capability-app.ts'
import { startTestNetwork } from './network-fixture.ts'

/** A second costs half a ticket: what a session holds in advance is ten. */
const PER_SECOND = devnetPaymentParameters.ticketEvWei / 2n
const SOON = { timeout: 10_000 }

const echo: RequestListener = async (asked, response) => {
  const body = await bodyOf(asked)
  response.setHeader('content-type', 'application/json')
  response.end(JSON.stringify({ method: asked.method, path: asked.url, body }))
}

let running: Awaited<ReturnType<typeof startTestNetwork>>
const app = new TestApp(echo)
const orchestrator = new OrchestratorCaller(() => running.network.options.ports.orchestrators[0])
const events: NodeEventOf<'ai_job_sold' | 'ai_job_bought' | 'payment_received'>[] = []
const url = (path: string) => `${running.network.gatewayUrl}/apps${path}`

beforeAll(async () => {
  await app.open()
  app.server.on('upgrade', (asked, socket: Duplex) => {
    app.seen.push(asked)
    socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n')
    socket.on('data', (chunk) => socket.write(`heard ${chunk}`))
    socket.on('error', () => {})
  })
  running = await startTestNetwork('one process', {
    gateway: { ai: {} },
    orchestrators: { liveRunners: { paymentIntervalMs: 300 } },
  })
  running.network.hub.listen((event) => {
    if (event.type === 'ai_job_sold' || event.type === 'ai_job_bought' || event.type === 'payment_received')
      events.push(event)
  })
  const runner = (more: Readonly<Record<string, unknown>>) => ({
    ...{ runner_url: `${app.url}/base`, health_url: '/health', capacity: 2, routing: 'label' },
    price_info: { price: (PER_SECOND * 3_600n).toString(), currency: 'wei', unit: 'hour' },
    ...more,
  })
  // As an operator does with curl.
  const answer = await fetch(
    `http://127.0.0.1:${running.network.options.ports.orchestratorCli[0]}/registerLiveRunners`,
    {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        runners: [
          runner({ label: 'echo', app: 'demo/echo', mode: 'single-shot' }),
          runner({ label: 'one', app: 'demo/one', mode: 'single-shot', capacity: 1 }),
          runner({ label: 'chat', app: 'demo/chat' }),
        ],
      }),
    },
  )
  expect(await answer.text()).toContain('"healthy":true')
}, 60_000)
afterAll(async () => {
  await running?.[Symbol.asyncDispose]()
  orchestrator.close()
  app.close()
})
beforeEach(() => {
  app.seen.length = 0
  events.length = 0
  app.handle = echo
})

const tickets = () => events.reduce((sum, event) => (event.type === 'payment_received' ? sum + event.tickets : sum), 0)
const sold = () => events.filter(({ type }) => type === 'ai_job_sold').length

it('an unmodified HTTP app is called through the gateway, which pays; what is left pays for the next call', async () => {
  const called = await fetch(url('/demo/echo/app/say?loud=yes'), { method: 'PUT', body: 'hello' })
  expect([called.status, await called.json()]).toEqual([
    200,
    { method: 'PUT', path: '/base/say?loud=yes', body: 'hello' },
  ])
  expect(app.seen[0]!.headers).toMatchObject({
    'livepeer-runner-route': 'echo',
    'livepeer-session-id': expect.any(String),
    'livepeer-session-token': expect.any(String),
    'livepeer-session-control': expect.stringMatching(/^https:.*\/runner\/echo\/session\//),
  })
  expect(app.seen[0]!.headers['livepeer-payment']).toBeUndefined()
  await vi.waitFor(() => expect(events.map(({ type }) => type)).toContain('ai_job_bought'), SOON)
  const fee = BigInt(events.find((event) => event.type === 'ai_job_sold')!.feeWei)
  expect([fee > 0n, fee < 5n * PER_SECOND, tickets()]).toEqual([true, true, 10])
  events.length = 0
  expect((await fetch(url('/demo/echo/app/again'))).status).toBe(200)
  expect(tickets()).toBeLessThan(5)
})

it('the commands of docs/any-compute.md call an app, and open a session', async () => {
  const commands = (await curlCommands('any-compute.md')).filter(({ url: { pathname } }) =>
    pathname.startsWith('/apps'),
  )
  expect(commands.map(({ url: { pathname } }) => pathname)).toEqual([
    '/apps/demo/echo/app/say',
    '/apps/demo/chat/session',
  ])
  const { port } = new URL(running.network.gatewayUrl)
  const answers = []
  for (const { url: at, method, headers, body } of commands)
    answers.push(await fetch(Object.assign(at, { port }), { method, headers, body: body ?? null }))
  expect(answers.map(({ status }) => status)).toEqual([200, 200])
  expect(await answers[0]!.json()).toEqual({ method: 'POST', path: '/base/say', body: 'hello' })
  const { control_url: control } = (await answers[1]!.json()) as Record<string, string>
  expect((await fetch(`${control}/stop`, { method: 'POST' })).status).toBe(204)
})

it('a page can ask what apps there are', async () => {
  const { apps } = (await (await fetch(url(''))).json()) as { apps: unknown[] }
  expect(apps).toContainEqual({
    ...{ app: 'demo/chat', mode: 'persistent', orchestrators: 1, capacity: 2, available: 2 },
    price: { wei: PER_SECOND.toString(), unit: 'seconds' },
  })
})

it('a session is open for many requests, for events and for a WebSocket, and is paid until it is stopped', async () => {
  const opened = await fetch(url('/demo/chat/session'), { method: 'POST' })
  expect(opened.status).toBe(200)
  const session = (await opened.json()) as Record<'session_id' | 'app_url' | 'control_url', string>
  expect(session.app_url).toBe(`${url('/demo/chat/session')}/${session.session_id}/app`)

  app.handle = (_, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.write('data: one\n\n')
    setTimeout(() => response.end('data: two\n\n'), 50)
  }
  expect(await (await fetch(`${session.app_url}/events`)).text()).toBe('data: one\n\ndata: two\n\n')

  const socket = await new Promise<Duplex>((resolve, reject) => {
    const headers = { connection: 'Upgrade', upgrade: 'websocket' }
    const asked = request(`${session.app_url}/socket?a=b`, { headers })
    asked.on('upgrade', (_, duplex) => resolve(duplex))
    asked.on('error', reject)
    asked.end()
  })
  socket.write('hello')
  expect(String(await new Promise((resolve) => socket.once('data', resolve)))).toBe('heard hello')
  expect(app.seen.map(({ url: path }) => path)).toEqual(['/base/events', '/base/socket?a=b'])
  expect(app.seen[1]!.headers['livepeer-session-id']).toBe(app.seen[0]!.headers['livepeer-session-id'])

  const cut = new Promise((resolve) => socket.once('close', resolve))
  expect((await fetch(`${session.control_url}/stop`, { method: 'POST' })).status).toBe(204)
  await cut
  expect((await fetch(session.app_url)).status).toBe(404)
  await vi.waitFor(() => expect(sold()).toBe(1), SOON)
})

describe('what goes wrong', () => {
  async function answered(asking: Promise<Response>): Promise<readonly [number, string]> {
    const answer = await asking
    return [answer.status, await answer.text()]
  }

  it.each([
    ['an app that nobody has', '/no/such/app/x', 'GET', 404, /no orchestrator offers the app no\/such/],
    ['a session with a single-shot app', '/demo/echo/session', 'POST', 400, /takes single requests/],
    ['a session that there is not', '/demo/chat/session/none/app/x', 'GET', 404, /no such session/],
    ['another method', '/demo/chat/session', 'GET', 405, /Method not allowed/],
    ['a way out of the app', '/demo/echo/app/..%2f..%2fx', 'GET', 200, /"path":"\/base\/..%2f..%2fx"/],
  ] as const)('%s', async (_, path, method, status, text) => {
    expect(await answered(fetch(url(path), { method }))).toEqual([status, expect.stringMatching(text)])
  })

  it.each([
    ['breaks off', 502, (response: ServerResponse): void => void response.destroy()],
    ['fails', 500, (response: ServerResponse): void => void response.writeHead(500).end('fell over')],
  ] as const)(
    'an app that %s is not paid, and what was paid in advance pays for later calls',
    async (_, status, answer) => {
      app.handle = (_asked, response) => answer(response)
      expect((await fetch(url('/demo/echo/app/x'))).status).toBe(status)
      app.handle = echo
      const before = tickets()
      expect((await fetch(url('/demo/echo/app/x'))).status).toBe(200)
      await vi.waitFor(() => expect(sold()).toBe(1), SOON)
      expect(tickets() - before).toBeLessThan(5)
    },
  )

  it('an app that is busy is not had; a client that goes away leaves its place to others', async () => {
    let stopped = false
    app.handle = (asked) => void asked.socket.on('close', () => (stopped = true))
    const gone = new AbortController()
    const first = fetch(url('/demo/one/app/x'), { signal: gone.signal })
    await vi.waitFor(() => expect(app.seen.length).toBe(1), SOON)
    const busy = await answered(fetch(url('/demo/one/app/x')))
    expect(busy).toEqual([503, expect.stringMatching(/busy|no capacity available/)])
    gone.abort()
    await expect(first).rejects.toThrow()
    await vi.waitFor(() => expect(stopped).toBe(true), SOON)
    app.handle = echo
    await vi.waitFor(async () => expect((await fetch(url('/demo/one/app/x'))).status).toBe(200), SOON)
  })
})
