import { request } from 'node:http'
import { connect } from 'node:net'
import { decodeView, nodeId } from '@millrace/wire'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { EventHub } from '../events/event-hub.ts'
import { Health, type HealthProblem } from './health.ts'
import { OperatorServer } from './operator-server.ts'
import { type Routes, text } from './route.ts'

let hub: EventHub
let server: OperatorServer
let health: Health
let problem: HealthProblem | undefined
const routes: Routes = {
  '/echo': ({ parameters }) => text(parameters.need('word')),
  '/below/': ({ path }) => text(path),
  '/fails': () => {
    throw new Error('a secret')
  },
}

beforeEach(async () => {
  hub = new EventHub()
  health = new Health([() => problem])
  health.started()
  problem = undefined
  server = new OperatorServer({ host: '127.0.0.1', port: 0, version: '1.2.3' }, { hub, health, routes })
  await server.start()
})

afterEach(async () => server.stop())

/** Asks with these headers, among them ones that fetch would not let a page choose. */
function ask(path: string, headers: Record<string, string> = {}): Promise<{ status: number; body: string }> {
  const { hostname, port } = new URL(server.url)
  return new Promise((resolve, reject) => {
    const outgoing = request({ hostname, port, path, headers }, async (response) => {
      let body = ''
      for await (const chunk of response) body += chunk
      resolve({ status: response.statusCode!, body })
    })
    outgoing.on('error', reject)
    outgoing.end()
  })
}

it('the view tells version and all figures', async () => {
  hub.teller(nodeId('o'))({ type: 'node_started', roles: ['orchestrator'], name: 'o' })
  const { status, body } = await ask('/view')
  expect(status).toBe(200)
  const { version, view } = JSON.parse(body) as { version: string; view: unknown }
  expect(version).toBe('1.2.3')
  expect(decodeView(JSON.stringify(view))).toEqual(hub.view())
})

it('health is answered, what is not there is named', async () => {
  expect(await ask('/healthz')).toEqual({ status: 200, body: '{"ok":true,"problems":[]}' })
  expect(await ask('/nothing')).toEqual({ status: 404, body: 'there is nothing at /nothing\n' })
})

it('health and readiness turn red and say why', async () => {
  expect((await ask('/readyz')).status).toBe(200)
  health.draining()
  expect((await ask('/healthz')).status).toBe(200)
  expect(await ask('/readyz')).toMatchObject({ status: 503, body: expect.stringContaining('"code":"draining"') })
  problem = { code: 'block_watch_stalled', message: 'no new block for 60 s' }
  const body = expect.stringContaining('no new block for 60 s')
  expect(await ask('/healthz')).toMatchObject({ status: 503, body })
  expect(await ask('/readyz')).toMatchObject({ status: 503, body })
})

it('a route that ends with a slash answers for what is below, and only for that', async () => {
  expect((await ask('/below/a/b')).body).toBe('/below/a/b')
  expect((await ask('/below')).status).toBe(404)
  expect((await ask('/')).status).toBe(404)
})

describe('a parameter', () => {
  const post = (body: string, query = '') =>
    fetch(`${server.url}/echo${query}`, {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    })

  it('is read from the query or from a form, which counts first', async () => {
    expect((await ask('/echo?word=query')).body).toBe('query')
    expect(await (await post('word=form%20text', '?word=query')).text()).toBe('form text')
  })

  it('that is missing is named', async () => {
    expect(await ask('/echo')).toEqual({ status: 400, body: 'missing form param: word\n' })
    expect(await ask('/echo?word=')).toEqual({ status: 400, body: 'missing form param: word\n' })
  })

  it('of a form that never ends is refused', async () => {
    expect((await post(`word=${'x'.repeat(300_000)}`)).status).toBe(400)
  })
})

it('a fault that nobody foresaw is not shown', async () => {
  expect(await ask('/fails')).toEqual({ status: 500, body: 'internal error, see the log\n' })
})

describe('a request from another site', () => {
  const port = () => new URL(server.url).port

  it.each(['/healthz', '/view', '/events', '/echo?word=x'])(
    'is refused on %s by its host, a name that an attacker resolves',
    async (path) => {
      expect((await ask(path, { host: `evil.example:${port()}` })).status).toBe(403)
    },
  )

  it.each([
    'http://evil.example',
    'https://127.0.0.1',
    'null',
    'http://127.0.0.1:1',
    'http://127.0.0.1.evil.example',
    'http://localhost',
  ])('is refused by its origin %s', async (origin) => {
    expect((await ask('/view', { origin, host: `127.0.0.1:${port()}` })).status).toBe(403)
  })

  it.each(['127.0.0.1.evil.example', 'localhost.evil.example', '0.0.0.0', '127.0.0.1@evil.example', '[::2]'])(
    'is refused when its host only looks local: %s',
    async (host) => {
      expect((await ask('/view', { host: `${host}:${port()}` })).status).toBe(403)
    },
  )

  it.each([
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
    { referer: 'http://evil.example/page' },
    { referer: 'http://127.0.0.1:1/' },
  ] as Record<string, string>[])('is refused when it is an image or a link of that site: %o', async (headers) => {
    expect((await ask('/echo?word=x', headers)).status).toBe(403)
  })

  it('is not confused with one from this machine', async () => {
    const hosts = [`127.0.0.1:${port()}`, `localhost:${port()}`, `[::1]:${port()}`, 'localhost']
    for (const host of hosts) expect((await ask('/view', { host })).status, host).toBe(200)
    const host = `localhost:${port()}`
    expect((await ask('/view', { host, 'sec-fetch-site': 'same-origin', origin: `http://${host}` })).status).toBe(200)
  })
})

it('a path that cannot be read is refused, and the server goes on', async () => {
  const { hostname, port } = new URL(server.url)
  const socket = connect(Number(port), hostname)
  socket.end('GET // HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n')
  let answer = ''
  for await (const chunk of socket) answer += chunk
  expect(answer).toMatch(/^HTTP\/1.1 400 /)
  expect((await ask('/healthz')).status).toBe(200)
})

it('a busy port names itself and its flag', async () => {
  const port = Number(new URL(server.url).port)
  const second = new OperatorServer({ host: '127.0.0.1', port, version: '' }, { hub, health })
  await expect(second.start()).rejects.toMatchObject({
    code: 'port_in_use',
    message: expect.stringContaining(String(port)),
    meta: { port, flag: '--cli-addr (of `millrace up`: --port-offset)' },
  })
  await second.stop()
})

it('stopping ends readers of events too', async () => {
  const response = await fetch(`${server.url}/events`)
  const reader = response.body!.getReader()
  await reader.read()
  await server.stop()
  const ended = (async () => {
    while (!(await reader.read()).done);
  })()
  await ended.catch(() => 'cut off')
})
