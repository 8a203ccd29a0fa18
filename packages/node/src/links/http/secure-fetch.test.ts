import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { makeCertificate } from '../tls.ts'
import { SecureClient } from './secure-fetch.ts'

let folder: string
let client: SecureClient
let server: Server
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-peer-'))
  client = new SecureClient()
})
afterEach(() => {
  client.close()
  server.closeAllConnections()
  server.close()
  rmSync(folder, { recursive: true, force: true })
})

/** A peer with a certificate of its own, at a port that may be given. */
async function peer(answer: (request: IncomingMessage, response: ServerResponse) => void, port = 0): Promise<number> {
  server = createServer({ ...(await makeCertificate('127.0.0.1', folder)) }, answer).listen(port, '127.0.0.1')
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}
const fetchFrom = (port: number, limits: { readonly maxBytes?: number; readonly timeoutMs?: number } = {}) =>
  client.fetch(`https://127.0.0.1:${port}/`, { headTimeoutMs: 2_000, timeoutMs: 5_000, maxBytes: 1_000, ...limits })

it('an answer that is ten times as large as it may be is cut off', async () => {
  const port = await peer((_, response) => response.end(Buffer.alloc(10_000)))
  await expect(fetchFrom(port)).rejects.toMatchObject({ code: 'body_too_large' })
})

it('an answer without end is cut off as soon as it is too large', async () => {
  let sent = 0
  const port = await peer((_, response) => {
    const more = () => {
      sent += 16_384
      if (!response.destroyed && sent < 1 << 28) response.write(Buffer.alloc(16_384), () => setImmediate(more))
    }
    more()
  })
  await expect(fetchFrom(port)).rejects.toMatchObject({ code: 'body_too_large' })
  expect(sent).toBeLessThan(1 << 24)
})

it('an answer that drips in byte by byte is given up when its time is over', async () => {
  const port = await peer((_, response) => {
    const timer = setInterval(() => response.write('.'), 50)
    response.once('close', () => clearInterval(timer))
  })
  const began = Date.now()
  await expect(fetchFrom(port, { timeoutMs: 400 })).rejects.toMatchObject({ code: 'body_timeout' })
  expect(Date.now() - began).toBeLessThan(3_000)
})

it('a peer that comes back with another certificate is asked as before', async () => {
  const port = await peer((_, response) => response.end('first'))
  expect(Buffer.from((await fetchFrom(port)).body).toString()).toBe('first')
  server.closeAllConnections()
  server.close()
  await once(server, 'close')
  await peer((_, response) => response.end('second'), port)
  expect(Buffer.from((await fetchFrom(port)).body).toString()).toBe('second')
})
