import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http'
import { Agent, request as secureRequest } from 'node:https'
import type { AddressInfo } from 'node:net'
import { devnetPaymentParameters } from '@millrace/payments'
import type { NodeEventOf } from '@millrace/wire'
import { afterAll, beforeAll, beforeEach, expect, it, vi } from 'vitest'
import { startTestNetwork } from './network-fixture.ts'

const SECRET = 'orch-secret'
/** The header of the example in go-livepeer's documentation, which leaves out `parameters`. */
const EXAMPLE =
  'eyJyZXF1ZXN0IjogIntcInJ1blwiOiBcImVjaG9cIn0iLCAiY2FwYWJpbGl0eSI6ICJ0ZXh0LXJldmVyc2FsIiwgInRpbWVvdXRfc2Vjb25kcyI6IDMwfQ=='
/** Two minutes cost six tickets. */
const PRICE = devnetPaymentParameters.ticketEvWei / 20n

let running: Awaited<ReturnType<typeof startTestNetwork>>
let app: Server
let handle: RequestListener
let seen: IncomingMessage[] = []
const agent = new Agent({ rejectUnauthorized: false })
const events: NodeEventOf<'ai_job_sold' | 'ai_job_bought' | 'payment_received'>[] = []

beforeAll(async () => {
  app = createServer((request, response) => {
    seen.push(request)
    handle(request, response)
  })
  await new Promise<void>((resolve) => app.listen(0, '127.0.0.1', resolve))
  running = await startTestNetwork('one process', { gateway: { ai: {} }, orchestrators: { workerSecret: SECRET } })
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
  handle = reverseText
})

/** The app of the example. */
const reverseText: RequestListener = async (request, response) => {
  const { text = '' } = JSON.parse((await bodyOf(request)) || '{}') as { text?: string }
  response.setHeader('content-type', 'application/json')
  response.end(JSON.stringify({ original: text, reversed: [...text].reverse().join('') }))
}

async function bodyOf(stream: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of stream) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString('utf8')
}

type Answer = { readonly status: number; readonly text: string; readonly headers: IncomingMessage['headers'] }

/** Asks an orchestrator, whose certificate nobody vouches for. */
function ask(path: string, options: { method?: string; headers?: Record<string, string>; body?: string } = {}) {
  const { method = 'POST', headers = {}, body } = options
  const port = running.network.options.ports.orchestrators[0]
  return new Promise<Answer>((resolve, reject) => {
    const outgoing = secureRequest({ host: '127.0.0.1', port, path, method, headers, agent }, (answer) => {
      bodyOf(answer).then((text) => resolve({ status: answer.statusCode ?? 0, text, headers: answer.headers }), reject)
    })
    outgoing.on('error', reject)
    outgoing.end(body)
  })
}

const appUrl = () => `http://127.0.0.1:${(app.address() as AddressInfo).port}`

function register(more: Readonly<Record<string, unknown>> = {}, secret = SECRET): Promise<Answer> {
  const settings = { name: 'text-reversal', url: appUrl(), capacity: 1, price_per_unit: 0, price_scaling: 1 }
  const body = JSON.stringify({ ...settings, currency: 'wei', ...more })
  return ask('/capability/register', { headers: { authorization: secret }, body })
}

const jobHeader = (job: Readonly<Record<string, unknown>>): string =>
  Buffer.from(JSON.stringify({ request: '{"run":"echo"}', timeout_seconds: 30, ...job })).toString('base64')

const call = (
  header: string | undefined,
  { path = '/reverse-text', body = '{"text":"Hello, Livepeer BYOC!"}', signal }: CallOptions = {},
): Promise<Response> =>
  fetch(`${running.network.gatewayUrl}/process/request${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(header !== undefined && { livepeer: header }) },
    body,
    ...(signal && { signal }),
  })
type CallOptions = { path?: string; body?: string; signal?: AbortSignal }

const sold = () => events.filter(({ type }) => type === 'ai_job_sold').length
const tickets = () => events.reduce((sum, event) => (event.type === 'payment_received' ? sum + event.tickets : sum), 0)

it('the example of go-livepeer’s documentation runs as it stands', async () => {
  expect(await register()).toMatchObject({ status: 200, text: 'ok' })
  const answer = await call(EXAMPLE)
  expect(answer.status).toBe(200)
  expect(await answer.json()).toEqual({ original: 'Hello, Livepeer BYOC!', reversed: '!COYB reepeviL ,olleH' })
  expect(answer.headers.get('x-orchestrator-url')).toMatch(/^https:\/\/127\.0\.0\.1:/)
  expect(answer.headers.get('livepeer-balance')).toBe('0')
  expect(tickets()).toBe(0)
})

it('a job is paid by the second, in advance, and what is left pays for the next', async () => {
  await register({ price_per_unit: Number(PRICE), name: 'paid', token: 'token of the app' })
  const before = tickets()
  const first = await call(jobHeader({ capability: 'paid' }), { path: '/reverse-text?x=1' })
  expect(first.status).toBe(200)
  expect(seen[0]).toMatchObject({ url: '/reverse-text?x=1', headers: { authorization: 'Bearer token of the app' } })
  expect(seen[0]!.headers.livepeer).toBeUndefined()
  expect(tickets() - before).toBe(6)
  // A job of a moment costs a second.
  expect(BigInt(first.headers.get('livepeer-balance')!)).toBe(119n * PRICE)
  expect(events.findLast(({ type }) => type === 'ai_job_sold')).toMatchObject({
    modelId: 'paid',
    units: '1',
    feeWei: PRICE.toString(),
  })
  const second = await call(jobHeader({ capability: 'paid' }))
  expect(tickets() - before).toBe(7)
  expect(BigInt(second.headers.get('livepeer-balance')!)).toBe(138n * PRICE)
})
