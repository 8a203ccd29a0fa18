import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, request, type Server } from 'node:http'
import { request as requestTls } from 'node:https'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { decodeView, nodeId } from '@millrace/wire'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { EventHub } from '../events/event-hub.ts'
import { makeCertificate } from '../links/tls.ts'
import { WebServer } from './web-server.ts'

const SECRET = 'the private key'

let root: string
let gateway: Server
let asked: IncomingMessage[]
let hub: EventHub
let server: WebServer

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'millrace-web-'))
  await mkdir(join(root, 'page/assets'), { recursive: true })
  await writeFile(join(root, 'secret.txt'), SECRET)
  await writeFile(join(root, 'page/index.html'), '<title>Millrace</title>')
  await writeFile(join(root, 'page/assets/app.js'), 'let a')
  asked = []
  gateway = createServer((incoming, response) => {
    asked.push(incoming)
    if (incoming.url === '/stream/half/0.ts') {
      response.writeHead(200, { 'content-length': '100' })
      response.write('half')
      setImmediate(() => response.destroy())
      return
    }
    const whole = incoming.headers.range === undefined
    response.writeHead(whole ? 200 : 206, { 'content-type': 'video/mp2t', 'content-range': whole ? '' : 'bytes 1-2/4' })
    response.end(whole ? 'abcd' : 'bc')
  })
  await new Promise<void>((resolve) => gateway.listen(0, '127.0.0.1', resolve))
  hub = new EventHub()
  server = new WebServer(
    {
      host: '127.0.0.1',
      port: 0,
      folder: join(root, 'page'),
      gatewayUrl: `http://127.0.0.1:${(gateway.address() as { port: number }).port}`,
      info: () => ({ rtmpUrl: 'rtmp://here/live' }),
    },
    { hub },
  )
  await server.start()
})

afterEach(async () => {
  await server.stop()
  gateway.closeAllConnections()
  await new Promise((resolve) => gateway.close(resolve))
  await rm(root, { recursive: true, force: true })
})

/** Sends a path as it is written; fetch would tidy it up. */
function get(path: string, headers: Record<string, string> = {}, method = 'GET') {
  const { hostname, port } = new URL(server.url)
  return new Promise<{ status: number; headers: IncomingMessage['headers']; body: string }>((resolve, reject) => {
    const outgoing = request({ hostname, port, path, headers, method }, async (response) => {
      try {
        let body = ''
        for await (const chunk of response) body += chunk
        resolve({ status: response.statusCode!, headers: response.headers, body })
      } catch (error) {
        reject(error)
      }
    })
    outgoing.on('error', reject)
    outgoing.end()
  })
}

describe('the page', () => {
  it.each(['/', '/index.html', '/streams/clip', '/anything/else'])('is served at %s', async (path) => {
    const { status, headers, body } = await get(path)
    expect([status, body]).toEqual([200, '<title>Millrace</title>'])
    expect(headers['content-type']).toBe('text/html; charset=utf-8')
    expect(headers['cache-control']).toBe('no-cache')
  })

  it('may load only what comes from this origin', async () => {
    const { headers } = await get('/')
    const policy = String(headers['content-security-policy'])
    expect(policy).toContain("default-src 'self'")
    expect(policy).not.toMatch(/script-src|'unsafe-eval'|\*|https?:/)
    expect(headers['x-content-type-options']).toBe('nosniff')
    expect(headers['referrer-policy']).toBe('no-referrer')
  })

  it('has its assets cached for ever, because their names change with their content', async () => {
    const { headers, body } = await get('/assets/app.js')
    expect([body, headers['content-type']]).toEqual(['let a', 'text/javascript'])
    expect(headers['cache-control']).toContain('immutable')
  })

  it('answers HEAD without a body and refuses to be written to', async () => {
    expect(await get('/', {}, 'HEAD')).toMatchObject({ status: 200, body: '' })
    expect((await get('/', {}, 'POST')).status).toBe(405)
    expect((await get('/hls/clip/0.ts', {}, 'DELETE')).status).toBe(405)
    expect(asked).toEqual([])
  })
})

describe('a path out of the folder', () => {
  it.each([
    '/../secret.txt',
    '/assets/../../secret.txt',
    '/%2e%2e/secret.txt',
    '/%2e%2e%2fsecret.txt',
    '/..%2fsecret.txt',
    '/assets/..%2f..%2fsecret.txt',
    '/%252e%252e%252fsecret.txt',
    '/....//secret.txt',
    '/..%5csecret.txt',
    '/..;/secret.txt',
    '/secret.txt%00.html',
    '/%00',
    '/%c0%ae%c0%ae/secret.txt',
  ])('leads nowhere: %s', async (path) => {
    const { status, body } = await get(path)
    expect([400, 404]).toContain(status)
    expect(body).not.toContain(SECRET)
  })

  it('that is absolute leads nowhere', async () => {
    expect((await get(`/${join(root, 'secret.txt')}`)).body).not.toContain(SECRET)
    expect((await get(`//${root}/secret.txt`)).body).not.toContain(SECRET)
  })

  it.each(['//', '//:0/', '/\\\\'])('that cannot be read is refused, and the server goes on: %s', async (path) => {
    const { hostname, port } = new URL(server.url)
    const socket = connect(Number(port), hostname)
    socket.end(`GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`)
    let answer = ''
    for await (const chunk of socket) answer += chunk
    expect(answer).toMatch(/^HTTP\/1.1 (400|404) /)
    expect((await get('/')).status).toBe(200)
  })
})

describe('the network', () => {
  it('is told with the view that events are folded into', async () => {
    hub.teller(nodeId('g'))({ type: 'node_started', roles: ['gateway'], name: 'g' })
    const { headers, body } = await get('/api/network')
    expect(headers['cache-control']).toBe('no-store')
    const { rtmpUrl, view } = JSON.parse(body) as { rtmpUrl: string; view: unknown }
    expect(rtmpUrl).toBe('rtmp://here/live')
    expect(decodeView(JSON.stringify(view))).toEqual(hub.view())
  })
})

describe("the gateway's video", () => {
  it('is shown under /hls and under /stream, which its playlists name', async () => {
    expect(await get('/hls/clip/0.ts')).toMatchObject({ status: 200, body: 'abcd' })
    expect(await get('/stream/clip/0.ts')).toMatchObject({ status: 200, body: 'abcd' })
    expect(asked.map(({ url }) => url)).toEqual(['/stream/clip/0.ts', '/stream/clip/0.ts'])
  })

  it('is given in ranges', async () => {
    const { status, headers, body } = await get('/hls/clip/0.ts', { range: 'bytes=1-2', cookie: 'secret' })
    expect([status, body, headers['content-range']]).toEqual([206, 'bc', 'bytes 1-2/4'])
    expect(asked[0]!.headers).toMatchObject({ range: 'bytes=1-2' })
    expect(asked[0]!.headers.cookie).toBeUndefined()
  })

  it.each(['/hls/../live/clip/0.ts', '/hls/%2e%2e/live/clip/0.ts', '/stream/../live/clip'])(
    'is all that the gateway is asked for: %s',
    async (path) => {
      await get(path)
      for (const { url } of asked) expect(url).toMatch(/^\/stream\//)
    },
  )

  it('ends early where the gateway does, so that no player takes a half for a whole', async () => {
    await expect(get('/hls/half/0.ts')).rejects.toThrow()
  })

  it('is missing with 502 when the gateway is gone', async () => {
    gateway.closeAllConnections()
    await new Promise((resolve) => gateway.close(resolve))
    expect(await get('/hls/clip/0.ts')).toMatchObject({ status: 502, body: 'the gateway does not answer\n' })
  })
})

describe('a page that is open to the world', () => {
  /** Asks over TLS with a certificate that nobody knows. */
  const ask = (port: number, method: string, headers: Record<string, string> = {}) =>
    new Promise<number>((resolve, reject) => {
      const at = { host: '127.0.0.1', port, path: '/webrtc/whip/cam', method, headers, rejectUnauthorized: false }
      requestTls({ ...at, agent: false })
        .on('response', (answer) => resolve(answer.resume().statusCode ?? 0))
        .on('error', reject)
        .end(method === 'POST' ? 'v=0' : undefined)
    })

  it('lets nobody publish without the key, which the gateway is not told, and tells it who asks', async () => {
    await makeCertificate('127.0.0.1', root)
    const open = new WebServer(
      {
        host: '127.0.0.1',
        port: 0,
        folder: join(root, 'page'),
        gatewayUrl: `http://127.0.0.1:${(gateway.address() as { port: number }).port}`,
        info: () => ({}),
        tls: { certFile: join(root, 'cert.pem'), keyFile: join(root, 'key.pem') },
        publishKey: 'the-publish-key',
      },
      { hub },
    )
    await open.start()
    try {
      expect(open.url).toMatch(/^https:/)
      const port = Number(new URL(open.url).port)
      expect(await ask(port, 'POST')).toBe(401)
      expect(await ask(port, 'POST', { authorization: 'Bearer the-publish-ke' })).toBe(401)
      expect(asked).toEqual([])
      const headers = { authorization: 'Bearer the-publish-key', 'x-forwarded-for': '203.0.113.9' }
      expect(await ask(port, 'POST', headers)).toBe(200)
      expect(asked[0]?.headers).toMatchObject({ 'x-forwarded-for': '127.0.0.1', 'x-forwarded-proto': 'https' })
      expect(asked[0]?.headers.authorization).toBeUndefined()
      // What clients ask before they publish is no secret: it opens the way to this gateway only.
      expect(await ask(port, 'OPTIONS')).toBe(200)
    } finally {
      await open.stop()
    }
  })
})
