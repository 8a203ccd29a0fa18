import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http'
import { Agent, request as secureRequest } from 'node:https'
import type { AddressInfo } from 'node:net'
import { devnetPaymentParameters } from '@millrace/payments'
import type { NodeEventOf } from '@millrace/wire'
import { afterAll, beforeAll, beforeEach, expect, it, vi } from 'vitest'
import { startTestNetwork } from './network-fixture.ts'

const SECRET = 'orch-secret'
const INTERVAL_MS = 300
/** A second costs half a ticket: what a session holds in advance is ten. */
const PER_SECOND = devnetPaymentParameters.ticketEvWei / 2n

let running: Awaited<ReturnType<typeof startTestNetwork>>
let app: Server
let handle: RequestListener
let seen: IncomingMessage[] = []
const agent = new Agent({ rejectUnauthorized: false })
const events: NodeEventOf<'ai_job_sold' | 'ai_job_bought' | 'payment_received'>[] = []
const url = () => running.network.gatewayUrl

/** An app that knows nothing of Livepeer. */
const echo: RequestListener = async (request, response) => {
  if (request.url === '/health') return void response.end('fine')
  const body = await bodyOf(request)
  response.setHeader('content-type', 'application/json')
  response.end(JSON.stringify({ method: request.method, path: request.url, body }))
}

const runner = (more: Readonly<Record<string, unknown>>) => ({
  ...{ runner_url: `http://127.0.0.1:${(app.address() as AddressInfo).port}/base`, health_url: '/../health' },
  ...{ capacity: 2, price_info: { price: (PER_SECOND * 3_600n).toString(), currency: 'wei', unit: 'hour' } },
  ...more,
})

beforeAll(async () => {
  app = createServer((request, response) => {
    if (!request.url?.includes('/health')) seen.push(request)
    handle(request, response)
  })
  handle = echo
  await new Promise<void>((resolve) => app.listen(0, '127.0.0.1', resolve))
  running = await startTestNetwork('one process', {
    gateway: { ai: {} },
    orchestrators: { workerSecret: SECRET, liveRunners: { paymentIntervalMs: INTERVAL_MS } },
  })
  running.network.hub.listen((event) => {
    if (event.type === 'ai_job_sold' || event.type === 'ai_job_bought' || event.type === 'payment_received')
      events.push(event)
  })
}, 60_000)
afterAll(async () => {
  await running?.[Symbol.asyncDispose]()
  agent.destroy()
  app?.closeAllConnections()
  app?.close()
})
beforeEach(() => {
  seen = []
  events.length = 0
  handle = echo
})

async function bodyOf(stream: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of stream) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString('utf8')
}

type Answer = { readonly status: number; readonly text: string }

/** Asks an orchestrator, whose certificate nobody vouches for. */
function ask(path: string, options: { method?: string; headers?: Record<string, string>; body?: string } = {}) {
  const { method = 'POST', headers = {}, body } = options
  const port = running.network.options.ports.orchestrators[0]
  return new Promise<Answer>((resolve, reject) => {
    const outgoing = secureRequest({ host: '127.0.0.1', port, path, method, headers, agent }, (answer) => {
      bodyOf(answer).then((text) => resolve({ status: answer.statusCode ?? 0, text }), reject)
    })
    outgoing.on('error', reject)
    outgoing.end(body)
  })
}

/** As an operator does with curl. */
const register = (...runners: readonly unknown[]): Promise<Response> =>
  fetch(`http://127.0.0.1:${running.network.options.ports.orchestratorCli[0]}/registerLiveRunners`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ runners }),
  })

const discovered = async () => {
  const [entry] = JSON.parse((await ask('/discovery', { method: 'GET' })).text)
  return (entry.runners ?? []) as { url: string; app: string; capacity_available: number; price_info: unknown }[]
}

it('an unmodified HTTP app is registered in one line and called through the gateway, which pays', async () => {
  const answer = await register(runner({ label: 'echo', routing: 'label', app: 'demo/echo', mode: 'single-shot' }))
  expect(await answer.text()).toContain('"healthy":true')
  expect(await discovered()).toMatchObject([
    { app: 'demo/echo', url: expect.stringMatching(/\/apps\/echo\/app$/), price_info: { unit: 'seconds' } },
  ])
  const called = await fetch(`${url()}/apps/demo/echo/app/say?loud=yes`, { method: 'PUT', body: 'hello' })
  expect(called.status).toBe(200)
  expect(await called.json()).toEqual({ method: 'PUT', path: '/base/say?loud=yes', body: 'hello' })
  expect(seen[0]!.headers).toMatchObject({
    'livepeer-runner-route': 'echo',
    'livepeer-session-id': expect.any(String),
    'livepeer-session-token': expect.any(String),
    'livepeer-session-control': expect.stringMatching(/^https:.*\/runner\/echo\/session\//),
  })
  expect(seen[0]!.headers['livepeer-payment']).toBeUndefined()
  await vi.waitFor(() => expect(events.map(({ type }) => type)).toContain('ai_job_bought'))
  const sold = events.find((event) => event.type === 'ai_job_sold')
  expect(BigInt(sold!.feeWei)).toBeGreaterThan(0n)
  expect(BigInt(sold!.feeWei)).toBeLessThan(5n * PER_SECOND)
  expect(events.find(({ type }) => type === 'payment_received')).toMatchObject({ tickets: 10 })
  // What is left pays for the next call.
  events.length = 0
  expect((await fetch(`${url()}/apps/demo/echo/app/again`)).status).toBe(200)
  const again = events.filter((event) => event.type === 'payment_received')
  expect(again.reduce((sum, { tickets }) => sum + tickets, 0)).toBeLessThan(3)
})
