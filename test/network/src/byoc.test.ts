import { randomBytes } from 'node:crypto'
import type { RequestListener, ServerResponse } from 'node:http'
import { TricklePublisher } from '@millrace/ai'
import { toHex, utf8 } from '@millrace/base'
import { devnetPaymentParameters } from '@millrace/payments'
import { checksumAddress, type NodeEventOf, signNodeMessage } from '@millrace/wire'
import { createKeySigner } from '@millrace/wire/node'
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { bodyOf, curlCommands, OrchestratorCaller, TestApp } from './capability-app.ts'
import { startTestNetwork } from './network-fixture.ts'

const SECRET = 'orch-secret'
const SOON = { timeout: 10_000 }
/** The header of the example in go-livepeer's documentation, which leaves out `parameters`. */
const EXAMPLE =
  'eyJyZXF1ZXN0IjogIntcInJ1blwiOiBcImVjaG9cIn0iLCAiY2FwYWJpbGl0eSI6ICJ0ZXh0LXJldmVyc2FsIiwgInRpbWVvdXRfc2Vjb25kcyI6IDMwfQ=='
/** Two minutes cost six tickets. */
const PRICE = devnetPaymentParameters.ticketEvWei / 20n

/** The app of the example. */
const reverseText: RequestListener = async (request, response) => {
  const { text = '' } = JSON.parse((await bodyOf(request)) || '{}') as { text?: string }
  response.setHeader('content-type', 'application/json')
  response.end(JSON.stringify({ original: text, reversed: [...text].reverse().join('') }))
}

let running: Awaited<ReturnType<typeof startTestNetwork>>
const app = new TestApp(reverseText)
const orchestrator = new OrchestratorCaller(() => running.network.options.ports.orchestrators[0])
const stranger = createKeySigner(new Uint8Array(randomBytes(32)))
const events: NodeEventOf<'ai_job_sold' | 'ai_job_bought' | 'payment_received'>[] = []

beforeAll(async () => {
  await app.open()
  running = await startTestNetwork('one process', { gateway: { ai: {} }, orchestrators: { workerSecret: SECRET } })
  running.network.hub.listen((event) => {
    if (event.type === 'ai_job_sold' || event.type === 'ai_job_bought' || event.type === 'payment_received')
      events.push(event)
  })
}, 60_000)
afterAll(async () => {
  await running?.[Symbol.asyncDispose]()
  orchestrator.close()
  app.close()
})
beforeEach(() => {
  app.seen.length = 0
  app.handle = reverseText
})

function register(more: Readonly<Record<string, unknown>> = {}, secret = SECRET) {
  const settings = { name: 'text-reversal', url: app.url, capacity: 1, price_per_unit: 0, price_scaling: 1 }
  const body = JSON.stringify({ ...settings, currency: 'wei', ...more })
  return orchestrator.ask('/capability/register', { headers: { authorization: secret }, body })
}
const registerPaid = (name: string, more: Readonly<Record<string, unknown>> = {}) =>
  register({ price_per_unit: Number(PRICE), name, ...more })

const jobHeader = (job: Readonly<Record<string, unknown>>): string =>
  Buffer.from(JSON.stringify({ request: '{"run":"echo"}', timeout_seconds: 30, ...job })).toString('base64')

type CallOptions = { path?: string; body?: string; signal?: AbortSignal; method?: string }
const call = (
  header: string | undefined,
  {
    path = '/request/reverse-text',
    body = '{"text":"Hello, Livepeer BYOC!"}',
    signal,
    method = 'POST',
  }: CallOptions = {},
): Promise<Response> =>
  fetch(`${running.network.gatewayUrl}/process${path}`, {
    method,
    headers: { 'content-type': 'application/json', ...(header !== undefined && { livepeer: header }) },
    ...(method === 'POST' && { body }),
    ...(signal && { signal }),
  })

/** Places that a capability has left, as any account is told. */
async function placesOf(name: string): Promise<number> {
  const addr = checksumAddress(stranger.address)
  const creds = { addr, sig: toHex(signNodeMessage(stranger, utf8(addr))) }
  const answer = await orchestrator.ask('/process/token', {
    method: 'GET',
    headers: {
      'livepeer-eth-address': Buffer.from(JSON.stringify(creds)).toString('base64'),
      'livepeer-capability': name,
    },
  })
  return (JSON.parse(answer.text) as { available_capacity: number }).available_capacity
}

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

it('the commands of docs/any-compute.md register a capability and call it', async () => {
  const commands = (await curlCommands('any-compute.md')).filter(({ url }) => !url.pathname.startsWith('/apps'))
  expect(commands.map(({ url }) => url.pathname)).toEqual(['/capability/register', '/process/request/reverse-text'])
  const [registering, calling] = commands
  const { headers, body } = registering!
  const settings = JSON.stringify({ ...JSON.parse(body!), url: app.url })
  const registered = await orchestrator.ask(registering!.url.pathname, { headers, body: settings })
  expect(registered).toMatchObject({ status: 200, text: 'ok' })
  expect(calling!.headers.livepeer).toBe(EXAMPLE)
  const { port } = new URL(running.network.gatewayUrl)
  const answer = await fetch(Object.assign(calling!.url, { port }), { ...calling, body: calling!.body ?? null })
  expect([answer.status, await answer.json()]).toEqual([200, { original: 'Hello', reversed: 'olleH' }])
})

it('a job is paid by the second, in advance, and what is left pays for the next', async () => {
  await registerPaid('paid', { token: 'token of the app' })
  const before = tickets()
  const first = await call(jobHeader({ capability: 'paid' }), { path: '/request/reverse-text?x=1' })
  expect(first.status).toBe(200)
  expect(app.seen[0]).toMatchObject({ url: '/reverse-text?x=1', headers: { authorization: 'Bearer token of the app' } })
  expect(app.seen[0]!.headers.livepeer).toBeUndefined()
  expect(tickets() - before).toBe(6)
  // A job of a moment costs a second.
  expect(BigInt(first.headers.get('livepeer-balance')!)).toBe(119n * PRICE)
  expect(events.findLast(({ type }) => type === 'ai_job_sold')).toMatchObject({
    ...{ modelId: 'paid', units: '1', feeWei: PRICE.toString() },
  })
  const second = await call(jobHeader({ capability: 'paid' }))
  expect(tickets() - before).toBe(7)
  expect(BigInt(second.headers.get('livepeer-balance')!)).toBe(138n * PRICE)
})

it('events come as they are, with what is left before the last one', async () => {
  await registerPaid('events')
  app.handle = (_, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'x-metadata': 'of the app' })
    response.end('data: {"word":"one"}\n\ndata: [DONE]\n\n')
  }
  const answer = await call(jobHeader({ capability: 'events' }))
  expect(answer.headers.get('x-metadata')).toBe('of the app')
  const left = `data: {"balance": ${119n * PRICE}.000}\n\n`
  expect(await answer.text()).toBe(`data: {"word":"one"}\n\n${left}data: [DONE]\n\n`)
})

it.each([
  ['with a status of its own', 418, /^short$/, (response: ServerResponse) => response.writeHead(418).end('short')],
  [
    'that it failed',
    502,
    /none of \d orch.*500: fell over/s,
    (response: ServerResponse) => response.writeHead(500).end('fell over'),
  ],
  ['nothing, but breaks off', 502, /cannot be reached/, (response: ServerResponse) => response.destroy()],
  [
    'half of it',
    502,
    /closed before the body was complete/,
    (response: ServerResponse) => {
      response.writeHead(200, { 'content-length': '100' }).write('half')
      setTimeout(() => response.destroy(), 20)
    },
  ],
  [
    'with a way elsewhere',
    502,
    /redirects/,
    (response: ServerResponse) => response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end(),
  ],
  ['that its token is wrong', 502, /token failed/, (response: ServerResponse) => response.writeHead(401).end()],
  ['too late', 504, /did not answer within 1000 ms/, () => {}],
] as const)('an app that answers %s is not paid, and gives its place back', async (_, status, text, answerWith) => {
  await register({ name: 'troubled' })
  app.handle = (_request, response) => void answerWith(response)
  const before = sold()
  const answer = await call(jobHeader({ capability: 'troubled', timeout_seconds: 1 }))
  expect([answer.status, await answer.text()]).toEqual([status, expect.stringMatching(text)])
  expect(sold()).toBe(before)
  await register({ name: 'troubled' })
  expect(await placesOf('troubled')).toBe(1)
})

it('a capability whose app is gone is offered to nobody until it registers again', async () => {
  await register({ name: 'gone', url: 'http://127.0.0.1:1' })
  expect((await call(jobHeader({ capability: 'gone' }))).status).toBe(502)
  const next = await call(jobHeader({ capability: 'gone' }))
  expect([next.status, await next.text()]).toEqual([400, 'No orchestrators found for capability gone\n'])
})

it('a client that goes away has its job stopped, and the place is free again', async () => {
  await register({ name: 'left' })
  let stopped = false
  app.handle = (request) => void request.socket.on('close', () => (stopped = true))
  const gone = new AbortController()
  const answer = call(jobHeader({ capability: 'left' }), { signal: gone.signal })
  await vi.waitFor(() => expect(app.seen.length).toBe(1), SOON)
  expect(await placesOf('left')).toBe(0)
  const busy = await call(jobHeader({ capability: 'left' }))
  expect(busy.status).toBe(400)
  gone.abort()
  await expect(answer).rejects.toThrow()
  await vi.waitFor(async () => expect([stopped, await placesOf('left')]).toEqual([true, 1]), SOON)
})

describe('bad input at the gateway', () => {
  it.each([
    ['no header', undefined, 400, /header Livepeer is missing/],
    ['a header that is not base64', '{"capability":"x"}', 400, /not base64/],
    ['a header that is not JSON', Buffer.from('nothing').toString('base64'), 400, /not JSON/],
    ['no capability', jobHeader({}), 400, /capability/],
    ['a capability of another type', jobHeader({ capability: 7 }), 400, /capability/],
    ['no time', jobHeader({ capability: 'paid', timeout_seconds: 0 }), 400, /timeout_seconds is required/],
    ['a time of a year', jobHeader({ capability: 'paid', timeout_seconds: 31_536_000 }), 400, /1 to 86400/],
    ['a request that is not JSON', jobHeader({ capability: 'paid', request: 'echo' }), 400, /request of the job/],
    ['parameters that are not JSON', jobHeader({ capability: 'paid', parameters: '{' }), 400, /parameters of the job/],
    [
      'parameters of another type',
      jobHeader({ capability: 'paid', parameters: '{"orchestrators":{"include":"all"}}' }),
      400,
      /include/,
    ],
    ['a capability that nobody has', jobHeader({ capability: 'unknown' }), 400, /No orchestrators found/],
    [
      'orchestrators that there are not',
      jobHeader({ capability: 'paid', parameters: '{"orchestrators":{"include":["https://example.org"]}}' }),
      400,
      /No orchestrators found/,
    ],
  ] as const)('%s', async (_, header, status, text) => {
    const answer = await call(header)
    expect([answer.status, await answer.text()]).toEqual([status, expect.stringMatching(text)])
    expect(app.seen).toEqual([])
  })

  it('another method, and a body without end', async () => {
    expect((await call(jobHeader({ capability: 'paid' }), { method: 'GET' })).status).toBe(405)
    const huge = await call(jobHeader({ capability: 'paid' }), { body: 'x'.repeat(50_000_001) }).catch(() => undefined)
    expect(huge?.status ?? 413).toBe(413)
    expect(app.seen).toEqual([])
  })
})

describe('bad input at the orchestrator', () => {
  it.each([
    ['a wrong secret', { authorization: 'guess' }, '{}', 400, /^invalid authorization/],
    ['no secret', {}, '{}', 400, /^invalid authorization/],
    ['no JSON', { authorization: SECRET }, 'name=x', 400, /not JSON/],
    ['no name', { authorization: SECRET }, '{"url":"http://127.0.0.1:1"}', 400, /^name/],
    ['no address', { authorization: SECRET }, '{"name":"x","url":"ftp://example.org"}', 400, /^url/],
    [
      'a negative price',
      { authorization: SECRET },
      '{"name":"x","url":"http://a","price_per_unit":-1}',
      400,
      /price_per_unit/,
    ],
    [
      'a currency without a feed',
      { authorization: SECRET },
      '{"name":"x","url":"http://a","price_per_unit":1,"currency":"usd"}',
      400,
      /priceFeedAddr/,
    ],
    ['a book', { authorization: SECRET }, 'x'.repeat(70_000), 413, /larger than/],
  ] as const)('%s registers nothing', async (_, headers, body, status, text) => {
    const answer = await orchestrator.ask('/capability/register', { headers: { ...headers }, body })
    expect(answer).toMatchObject({ status, text: expect.stringMatching(text) })
  })

  it.each([
    ['nobody signed', {}, 400, /Could not verify job creds/],
    ['another account signed', { sender: stranger.address, sig: `0x${'11'.repeat(65)}` }, 400, /did not sign it/],
  ] as const)('a job that %s is refused', async (_, more, status, text) => {
    const headers = { livepeer: jobHeader({ capability: 'paid', ...more }) }
    const answer = await orchestrator.ask('/process/request/x', { headers, body: '{}' })
    expect(answer).toMatchObject({ status, text: expect.stringMatching(text) })
  })

  it('a job of somebody who has not paid, or for a path outside of the app, is refused, and its place is free', async () => {
    await registerPaid('unpaid')
    const signed = (job: Readonly<Record<string, unknown>>) => ({
      ...{ request: '{}', parameters: '{}', timeout_seconds: 5, sender: stranger.address, ...job },
      sig: toHex(signNodeMessage(stranger, utf8('{}{}'))),
    })
    const ask = (path: string, capability: string) =>
      orchestrator.ask(path, { headers: { livepeer: jobHeader(signed({ capability })) }, body: '{}' })
    expect(await ask('/process/request/x', 'unpaid')).toMatchObject({
      status: 400,
      text: 'Insufficient balance for request\n',
    })
    await register({ name: 'inside', url: `${app.url}/inner/`, price_per_unit: 0 })
    expect(await ask('/process/request/%2e%2e/outer', 'inside')).toMatchObject({ status: 404 })
    expect(await ask('/process/request/fine', 'inside')).toMatchObject({ status: 200 })
    expect(app.seen.map(({ url }) => url)).toEqual(['/inner/fine'])
    expect(await placesOf('inside')).toBe(1)
    const stop = {
      request: '{"stream_id":"none"}',
      sig: toHex(signNodeMessage(stranger, utf8('{"stream_id":"none"}{}'))),
    }
    const headers = { livepeer: jobHeader({ ...signed({ capability: 'inside' }), ...stop }) }
    expect(await orchestrator.ask('/ai/stream/stop', { headers, body: '{}' })).toMatchObject({ status: 404 })
  })
})

it('a stream gives its app channels, its data comes as events, and what it is told is handed on', async () => {
  await registerPaid('live')
  const told: { path: string | undefined; id: unknown; body: Record<string, unknown> }[] = []
  app.handle = async (request, response) => {
    const body = JSON.parse((await bodyOf(request)) || '{}') as Record<string, unknown>
    told.push({ path: request.url, id: request.headers['x-stream-id'], body })
    response.setHeader('content-type', 'application/json')
    response.end('{"heard":true}')
  }
  const header = jobHeader({ capability: 'live', request: '{}', parameters: '{"enable_data_output":true}' })
  const begun = await call(header, { path: '/stream/start', body: '{"stream_name":"show","params":"{\\"speed\\":1}"}' })
  expect(begun.status).toBe(200)
  const stream = (await begun.json()) as Record<string, string>
  const id = stream.stream_id!
  expect(id).toMatch(/^show-[0-9a-f]{32}$/)
  expect(told[0]).toMatchObject({ path: '/stream/start', id, body: { gateway_request_id: id, params: { speed: 1 } } })
  const channel = (field: string) => told[0]!.body[field] as string
  expect(channel('control_url')).toMatch(new RegExp(`/ai/trickle/${id}-control$`))

  const reading = await fetch(stream.data_url!)
  const data = new TricklePublisher({ url: channel('data_url'), anyCertificate: true, mimeType: 'application/jsonl' })
  const happenings = new TricklePublisher({ url: channel('events_url'), anyCertificate: true })
  await data.write(utf8('{"word":"one"}\n{"word":"two"}\n'))
  await happenings.write(utf8('{"event":{"type":"status","state":"ONLINE"},"queue_event_type":"ai_stream_events"}'))
  const reader = reading.body!.pipeThrough(new TextDecoderStream()).getReader()
  let text = ''
  while (!text.includes('two')) text += (await reader.read()).value ?? ''
  expect(text).toBe('data: {"word":"one"}\n\ndata: {"word":"two"}\n\n')
  await vi.waitFor(async () =>
    expect(await (await fetch(stream.status_url!)).json()).toMatchObject({ state: 'ONLINE', stream_id: id }),
  )

  const updated = await call(header, { path: `/stream/${id}/update`, body: '{"speed":2}' })
  expect([updated.status, await updated.json()]).toEqual([200, { heard: true }])
  expect(told[1]).toMatchObject({ path: '/stream/params', id, body: { speed: 2 } })
  const video = await call(undefined, { path: `/stream/${id}/whip` })
  expect([video.status, await video.text()]).toEqual([501, expect.stringContaining('not served')])
  expect(await (await call(header, { path: '/stream/none/update' })).text()).toBe('Stream not found\n')

  const stopped = await call(undefined, { path: `/stream/${id}/stop`, body: '{}' })
  expect([stopped.status, await stopped.json()]).toEqual([200, { heard: true }])
  expect(told[2]).toMatchObject({ path: '/stream/stop', id })
  while (!text.includes('stream_ended')) text += (await reader.read()).value ?? 'stream_ended missing'
  expect(text).toContain('event: end\ndata: {"type":"stream_ended"}\n\n')
  await expect(data.write(utf8('{}'))).rejects.toMatchObject({ code: expect.stringMatching(/^channel_/) })
  expect(events.findLast(({ type }) => type === 'ai_job_sold')).toMatchObject({ modelId: 'live' })
  happenings.stop()
  data.stop()
})

it('a stream whose orchestrator gives up goes on with another one', async () => {
  const ports = running.network.options.ports.orchestrators
  const second = new OrchestratorCaller(() => ports[1])
  const settings = { name: 'swapped', url: app.url, capacity: 1, price_per_unit: 0 }
  const headers = { authorization: SECRET }
  for (const one of [orchestrator, second])
    await one.ask('/capability/register', { headers, body: JSON.stringify(settings) })
  const starts: Record<string, string>[] = []
  app.handle = async (request, response) => {
    const body = await bodyOf(request)
    if (request.url === '/stream/start') starts.push(JSON.parse(body) as Record<string, string>)
    response.end('{}')
  }
  const begun = await call(jobHeader({ capability: 'swapped' }), { path: '/stream/start', body: '{}' })
  const { stream_id: id } = (await begun.json()) as Record<string, string>
  const channel = new TricklePublisher({ url: starts[0]!.events_url!, anyCertificate: true })
  await channel.close()
  await vi.waitFor(() => expect(starts).toHaveLength(2), SOON)
  const [from, to] = starts.map(({ events_url: at }) => new URL(at!).port)
  expect([from, to].sort()).toEqual(ports.map(String).sort())
  await call(undefined, { path: `/stream/${id}/stop`, body: '{}' })
  second.close()
})
