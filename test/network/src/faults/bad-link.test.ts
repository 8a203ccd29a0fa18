import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { BadLink, type LinkFaults } from './bad-link.ts'

let link: BadLink
let server: ReturnType<typeof createServer>
let client: Socket
let received: Buffer

/** A server that sends back what it gets, and a connection to it over the link. */
beforeEach(async () => {
  server = createServer((socket) => {
    socket.on('error', () => {})
    socket.pipe(socket)
  }).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  link = await BadLink.open(() => (server.address() as AddressInfo).port)
  client = connect({ host: '127.0.0.1', port: link.port })
  received = Buffer.alloc(0)
  client.on('data', (chunk) => {
    received = Buffer.concat([received, chunk])
  })
  client.on('error', () => {})
  await new Promise((resolve) => client.once('connect', resolve))
})
afterEach(async () => {
  client.destroy()
  await link[Symbol.asyncDispose]()
  server.close()
})

async function timeOf(bytes: Buffer, faults: LinkFaults = {}): Promise<number> {
  link.faults = faults
  received = Buffer.alloc(0)
  const began = performance.now()
  client.write(bytes)
  await expect.poll(() => received.length, { interval: 2, timeout: 10_000 }).toBe(bytes.length)
  expect(received.equals(bytes)).toBe(true)
  return performance.now() - began
}

const bytes = (length: number) => Buffer.from(Array.from({ length }, (_, i) => (i * 7) % 256))

describe('a link', () => {
  it('carries bytes both ways unchanged, and counts no harm', async () => {
    await timeOf(bytes(300_000))
    expect(link.chunks).toBeGreaterThan(1)
    expect(link.harmed).toBe(0)
  })

  it('delays each way', async () => {
    expect(await timeOf(bytes(10), { delayMs: 100 })).toBeGreaterThanOrEqual(199)
    expect(link.harmed).toBe(2)
  })

  it('keeps the order when chunks stall', async () => {
    await timeOf(bytes(300_000), { stallPart: 0.5, stallMs: 50 })
    expect(link.harmed).toBeGreaterThan(0)
  })

  it('throttles', async () => {
    expect(await timeOf(bytes(50_000), { bytesPerSecond: 200_000 })).toBeGreaterThanOrEqual(249)
  })

  it('goes silent without a word', async () => {
    link.faults = { silent: true }
    client.write('lost')
    await new Promise((resolve) => setTimeout(resolve, 100))
    expect(received).toHaveLength(0)
    expect(client.destroyed).toBe(false)
    expect(link.harmed).toBe(1)
  })

  it('cuts every connection', async () => {
    await timeOf(bytes(10))
    const closed = new Promise((resolve) => client.once('close', resolve))
    expect(link.cut()).toBe(1)
    await closed
    expect(link.harmed).toBe(1)
  })

  it('ends when either end does, after what was under way has arrived', async () => {
    await timeOf(bytes(10))
    link.faults = { delayMs: 50 }
    received = Buffer.alloc(0)
    client.end(bytes(20))
    await new Promise((resolve) => client.once('close', resolve))
    expect(received).toEqual(bytes(20))
    await expect.poll(() => link.cut()).toBe(0)
  })
})
