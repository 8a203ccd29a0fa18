import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import { afterEach, describe, expect, it } from 'vitest'
import { guardedRequest, guardedText } from './guarded-request.ts'

const servers: Server[] = []
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    server.close()
  }
})

async function serve(handle: RequestListener): Promise<string> {
  const server = createServer(handle)
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

const limits = { maxBytes: 1_000, timeoutMs: 3_000 }
const refused = (url: string) => guardedText(url, { allowPrivate: false, ...limits })
const allowed = (url: string) => guardedText(url, { allowPrivate: true, ...limits })

describe('an address that a user named', () => {
  it('is fetched, through redirects, where it is allowed to be', async () => {
    const url = await serve((request, response) => {
      if (request.url === '/a') response.writeHead(302, { location: '/b' }).end()
      else response.end(`${request.url} ${request.headers['accept-encoding']}`)
    })
    expect(await allowed(`${url}/a`)).toEqual({ text: '/b identity', url: `${url}/b` })
  })

  it.each([
    'file:///etc/passwd',
    'gopher://example.org/',
    'data:text/plain,x',
    'concat:a|b',
    'rtsp://example.org/',
    '/etc/passwd',
  ])('of another kind is not fetched (faults.md 35): %s', async (url) =>
    expect(allowed(url)).rejects.toMatchObject({ code: 'address_kind_refused' }),
  )

  it.each([
    'http://127.0.0.1/',
    'http://169.254.169.254/latest/meta-data',
    'http://[::1]/',
    'http://[::ffff:127.0.0.1]/',
    'http://0x7f.1/',
    'http://2130706433/',
    'http://localhost/',
    'http://224.0.0.1/',
  ])('may not be private (faults.md 36): %s', async (url) =>
    expect(refused(url)).rejects.toMatchObject({ code: 'private_address' }),
  )

  it.each([
    ['a private address', 'http://127.0.0.1:1/', 'private_address'],
    ['a name of a private address', 'http://other.test/', 'private_address'],
    ['another protocol', 'rtsp://8.8.8.8/', 'address_kind_refused'],
    ['a file', 'file:///etc/passwd', 'address_kind_refused'],
  ])('is not followed to %s (faults.md 36)', async (_, location, code) => {
    const url = await serve((_request, response) => void response.writeHead(302, { location }).end())
    const request = guardedText(`http://allowed.test:${new URL(url).port}/`, {
      ...limits,
      allowPrivate: ['allowed.test'],
      resolve: async () => [{ address: '127.0.0.1', family: 4 }],
    })
    await expect(request).rejects.toMatchObject({ code })
  })

  it('is looked up once, and connected to where it led then (faults.md 36)', async () => {
    const url = await serve((_request, response) => void response.end('the first'))
    let asked = 0
    const resolve = async () => {
      asked++
      return [{ address: asked === 1 ? '127.0.0.1' : '169.254.169.254', family: 4 }]
    }
    const answer = await guardedRequest(`http://rebinding.test:${new URL(url).port}/`, { allowPrivate: true, resolve })
    answer.cancel()
    expect(asked).toBe(1)
    const second = guardedRequest('http://rebinding.test/', { allowPrivate: false, resolve })
    await expect(second).rejects.toMatchObject({ code: 'private_address' })
  })

  it('is not followed for ever', async () => {
    const url = await serve((request, response) => void response.writeHead(302, { location: `${request.url}x` }).end())
    await expect(allowed(`${url}/`)).rejects.toMatchObject({ code: 'too_many_redirects' })
  })

  it('may not answer compressed, so that nothing can unpack to more than was sent (faults.md 39)', async () => {
    const bomb = gzipSync(Buffer.alloc(10_000_000))
    const url = await serve((_request, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb)
    })
    await expect(allowed(url)).rejects.toMatchObject({ code: 'compressed_answer' })
  })

  it('is cut off when its answer has no length and no end (faults.md 40)', async () => {
    let sent = 0
    const url = await serve((_request, response) => {
      const more = () => {
        while (!response.destroyed && response.write(Buffer.alloc(500))) sent += 500
        if (sent > 20_000_000) response.destroy()
      }
      response.on('drain', more)
      more()
    })
    await expect(allowed(url)).rejects.toMatchObject({ code: 'body_too_large' })
    const long = await serve(
      (_request, response) => void response.writeHead(200, { 'content-length': '5000' }).write('x'),
    )
    await expect(allowed(long)).rejects.toMatchObject({ code: 'body_too_large' })
  })

  it('is given up when it is silent, drips or breaks off', async () => {
    const silent = await serve(() => {})
    await expect(guardedText(silent, { allowPrivate: true, ...limits, headTimeoutMs: 100 })).rejects.toMatchObject({
      code: 'address_unreachable',
      retryable: true,
    })
    const drips = await serve((_request, response) => {
      const timer = setInterval(() => response.write('x'), 20)
      response.on('close', () => clearInterval(timer))
    })
    await expect(guardedText(drips, { allowPrivate: true, maxBytes: 1_000, timeoutMs: 200 })).rejects.toMatchObject({
      code: 'body_timeout',
    })
    const broken = await serve((_request, response) => {
      response.writeHead(200, { 'content-length': '500' }).write('x')
      setTimeout(() => response.destroy(), 50)
    })
    await expect(allowed(broken)).rejects.toMatchObject({ code: 'body_truncated' })
  })
})
