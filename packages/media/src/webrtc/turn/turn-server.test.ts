import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { silentLog } from '@millrace/base'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { errorOf, TurnTestClient, UDP_TRANSPORT } from '../../testing/turn-client.ts'
import { decodeXorAddress, type Endpoint } from './stun-address.ts'
import { ATTRIBUTE, attributeOf, encodeStun, METHOD, uint32 } from './stun-message.ts'
import { TurnAuth } from './turn-credentials.ts'
import { TurnServer, type TurnServerOptions } from './turn-server.ts'

const HERE = '127.0.0.1'
/** What clients are told of a session that a router stands before. */
const PUBLIC = '203.0.113.7'

let session: Socket
let stranger: Socket
let heard: { text: string; from: Endpoint }[]
let server: TurnServer
let clients: TurnTestClient[]

const bound = async (): Promise<Socket> => {
  const socket = createSocket('udp4')
  socket.bind(0, HERE)
  await once(socket, 'listening')
  return socket
}
const peer = (address = HERE): Endpoint => ({ address, port: session.address().port })

async function start(options: Partial<TurnServerOptions> = {}): Promise<void> {
  await server?.stop()
  server = new TurnServer(
    {
      listen: { host: HERE, port: 0 },
      name: 'live.example.org',
      relayAddress: HERE,
      from: HERE,
      ...options,
    },
    {
      log: silentLog,
      peers: {
        owns: (address) => address === HERE || address === PUBLIC,
        reach: ({ address, port }) => (port === peer().port && [HERE, PUBLIC].includes(address) ? peer() : undefined),
      },
    },
  )
  await server.start()
}

/** A client with credentials of its own. */
async function client(transport: 'udp' | 'tcp' = 'udp'): Promise<TurnTestClient> {
  const opened = await TurnTestClient.open(transport, server.port)
  const [{ username = '', credential = '' } = {}] = server.iceServers()
  opened.credentials = { username, credential }
  clients.push(opened)
  return opened
}

beforeEach(async () => {
  heard = []
  clients = []
  session = await bound()
  stranger = await bound()
  session.on('message', (bytes, from) => void heard.push({ text: bytes.toString(), from }))
  await start()
})
afterEach(async () => {
  for (const one of clients) one.close()
  session.close()
  stranger.close()
  await server.stop()
})

describe('the TURN server of a gateway', () => {
  it.each(['udp', 'tcp'] as const)(
    'relays to a session and back over %s, by messages and by channels',
    async (transport) => {
      const one = await client(transport)
      const allocated = await one.allocate()
      expect(errorOf(allocated)).toBeUndefined()
      const relayed = decodeXorAddress(attributeOf(allocated, ATTRIBUTE.xorRelayedAddress)!, allocated.transactionId)
      expect(errorOf(await one.permit(HERE))).toBeUndefined()
      one.send(peer(), 'ping')
      await expect.poll(() => heard).toMatchObject([{ text: 'ping', from: { address: HERE, port: relayed.port } }])
      session.send('pong', relayed.port, HERE)
      await expect.poll(() => one.data).toEqual([{ from: peer(), data: 'pong' }])

      expect(errorOf(await one.bind(0x4001, peer()))).toBeUndefined()
      one.sendOn(0x4001, 'by channel')
      await expect.poll(() => heard.at(-1)?.text).toBe('by channel')
      session.send('back', relayed.port, HERE)
      await expect.poll(() => one.data.at(-1)).toEqual({ from: 0x4001, data: 'back' })
    },
  )

  it('says under which name and port it is reached, with a password for one client', async () => {
    const [first, second] = [server.iceServers(), server.iceServers()]
    expect(first.map(({ urls }) => urls)).toEqual([
      `turn:live.example.org:${server.port}?transport=udp`,
      `turn:live.example.org:${server.port}?transport=tcp`,
    ])
    expect(first[0]?.username).not.toBe(second[0]?.username)
    expect(first[0]?.credential).not.toBe(second[0]?.credential)
  })

  it('tells anybody the address that was seen', async () => {
    const one = await client()
    const answer = await one.ask(METHOD.binding)
    expect(decodeXorAddress(attributeOf(answer, ATTRIBUTE.xorMappedAddress)!, answer.transactionId).address).toBe(HERE)
  })

  it('reaches a session under the address of the router before it', async () => {
    const one = await client()
    await one.allocate()
    expect(errorOf(await one.permit(PUBLIC))).toBeUndefined()
    one.send(peer(PUBLIC), 'around')
    await expect.poll(() => heard.length).toBe(1)
    session.send('back', heard[0]!.from.port, HERE)
    await expect.poll(() => one.data).toEqual([{ from: peer(PUBLIC), data: 'back' }])
  })

  it('is no way to anybody else: no other address, no other port, and nobody gets in who was not called', async () => {
    const one = await client()
    const allocated = await one.allocate()
    const { port } = decodeXorAddress(attributeOf(allocated, ATTRIBUTE.xorRelayedAddress)!, allocated.transactionId)
    for (const address of ['10.0.0.1', '192.168.1.1', '169.254.169.254', '8.8.8.8', '0.0.0.0', '127.0.0.2'])
      expect(errorOf(await one.permit(address))).toBe(403)
    expect(errorOf(await one.permit(HERE, '10.0.0.1'))).toBe(403)
    expect(errorOf(await one.bind(0x4000, { address: '10.0.0.1', port: 80 }))).toBe(403)
    const reached: string[] = []
    stranger.on('message', (bytes) => void reached.push(bytes.toString()))
    expect(errorOf(await one.permit(HERE))).toBeUndefined()
    one.send({ address: HERE, port: stranger.address().port }, 'to another port')
    expect(errorOf(await one.bind(0x4002, { address: HERE, port: stranger.address().port }))).toBeUndefined()
    one.sendOn(0x4002, 'by channel to another port')
    stranger.send('from a stranger', port, HERE)
    one.send(peer(), 'to the session')
    await expect.poll(() => heard.length).toBe(1)
    stranger.send('from a stranger', port, HERE)
    session.send('from the session', port, HERE)
    await expect.poll(() => one.data.length).toBe(1)
    expect(one.data[0]?.data).toBe('from the session')
    expect(reached).toEqual([])
  })

  it('relays nothing without a permission', async () => {
    const one = await client()
    await one.allocate()
    one.send(peer(), 'too early')
    one.sendOn(0x4000, 'no channel')
    await one.permit(HERE)
    one.send(peer(), 'now')
    await expect.poll(() => heard.map(({ text }) => text)).toEqual(['now'])
  })

  it('lets nobody in without a good name, its password and a fresh nonce', async () => {
    const one = await client()
    const bare = await one.ask(METHOD.allocate, [UDP_TRANSPORT])
    expect(errorOf(bare)).toBe(401)
    expect(Buffer.from(attributeOf(bare, ATTRIBUTE.realm)!).toString()).toBe('millrace')
    const { credentials } = one
    one.credentials = { username: credentials!.username, credential: 'guessed' }
    expect(errorOf(await one.allocate())).toBe(401)
    one.credentials = { username: `9${credentials!.username}`, credential: credentials!.credential }
    expect(errorOf(await one.allocate())).toBe(401)
    one.credentials = credentials
    const { nonce } = one
    one.nonce = nonce.replace(/^./, '0')
    expect(errorOf(await one.ask(METHOD.allocate, ...one.signed([UDP_TRANSPORT])))).toBe(438)
    one.nonce = nonce
    expect(errorOf(await one.allocate())).toBeUndefined()
    const other = await client('tcp')
    other.credentials = undefined
    expect(errorOf(await other.request(METHOD.refresh))).toBe(401)
  })

  it('takes no name whose time is over', () => {
    let now = 1_000_000
    const auth = new TurnAuth({ realm: 'r', lifeMs: 60_000, now: () => now })
    const { username } = auth.issue()
    const nonce = auth.nonce('192.0.2.1')
    expect([auth.isCurrent(username), auth.isFresh(nonce, '192.0.2.1')]).toEqual([true, true])
    expect(auth.isFresh(nonce, '192.0.2.2')).toBe(false)
    now += 61_000
    expect(auth.isCurrent(username)).toBe(false)
    now += 3_600_000
    expect(auth.isFresh(nonce, '192.0.2.1')).toBe(false)
    for (const bad of ['', 'x', '99999999999', `${'9'.repeat(12)}:short`]) expect(auth.isCurrent(bad)).toBe(false)
  })

  it('refuses what it does not do by the number that says so', async () => {
    const one = await client()
    expect(errorOf(await one.request(METHOD.refresh))).toBe(437)
    expect(errorOf(await one.request(METHOD.allocate))).toBe(400)
    const tcp = { type: ATTRIBUTE.requestedTransport, value: uint32(6 << 24) }
    expect(errorOf(await one.request(METHOD.allocate, [tcp]))).toBe(442)
    const ipv6 = { type: ATTRIBUTE.requestedAddressFamily, value: uint32(2 << 24) }
    expect(errorOf(await one.allocate([ipv6]))).toBe(440)
    expect(errorOf(await one.allocate([{ type: ATTRIBUTE.evenPort, value: Buffer.of(0x80) }]))).toBe(508)
    const unknown = await one.allocate([{ type: ATTRIBUTE.dontFragment, value: new Uint8Array(0) }])
    expect(errorOf(unknown)).toBe(420)
    expect([...attributeOf(unknown, ATTRIBUTE.unknownAttributes)!]).toEqual([0, ATTRIBUTE.dontFragment])
    expect(errorOf(await one.allocate())).toBeUndefined()
    expect(errorOf(await one.allocate())).toBe(437)
    expect(errorOf(await one.bind(0x3fff, peer()))).toBe(400)
    expect(errorOf(await one.bind(0x4000, peer()))).toBeUndefined()
    expect(errorOf(await one.bind(0x4001, peer()))).toBe(400)
    expect(errorOf(await one.bind(0x4000, { ...peer(), port: 1 }))).toBe(400)
    const other = server.iceServers()[0]!
    one.credentials = { username: other.username!, credential: other.credential! }
    expect(errorOf(await one.request(METHOD.refresh))).toBe(441)
  })

  it('gives a client whose answer was lost the same answer again', async () => {
    const one = await client()
    await one.request(METHOD.refresh)
    const transactionId = new Uint8Array(12).fill(7)
    const [attributes, key] = one.signed([UDP_TRANSPORT])
    const bytes = encodeStun({ method: METHOD.allocate, kind: 'request', transactionId, attributes }, { key })
    const [first, second] = [await one.repeat(bytes, transactionId), await one.repeat(bytes, transactionId)]
    expect(second.attributes).toEqual(first.attributes)
    expect(server.allocations).toBe(1)
  })

  it('ends an allocation when its client says so, falls silent or hangs up', async () => {
    const [udp, tcp] = [await client('udp'), await client('tcp')]
    expect(errorOf(await udp.allocate())).toBeUndefined()
    expect(errorOf(await tcp.allocate())).toBeUndefined()
    expect(server.allocations).toBe(2)
    await udp.request(METHOD.refresh, [{ type: ATTRIBUTE.lifetime, value: uint32(0) }])
    expect(server.allocations).toBe(1)
    tcp.close()
    await expect.poll(() => server.allocations).toBe(0)
    await start({ limits: { lifetimeS: 0.01 } })
    const silent = await client('tcp')
    expect(errorOf(await silent.allocate())).toBeUndefined()
    await expect.poll(() => server.allocations, { timeout: 3_000 }).toBe(0)
    await expect.poll(() => silent.closed).toBe(true)
  })

  it('bounds allocations of a name, of an address and in all', async () => {
    for (const [limits, code] of [
      [{ perName: 1 }, 486],
      [{ perAddress: 1 }, 486],
      [{ inAll: 1 }, 508],
    ] as const) {
      await start({ limits })
      const [first, second] = [await client(), await client('tcp')]
      if ('perName' in limits) second.credentials = first.credentials
      const answers = await Promise.all([first.allocate(), second.allocate()])
      expect(answers.map(errorOf).sort()).toEqual([code, undefined])
    }
  })

  it('bounds what an allocation carries in a second', async () => {
    await start({ limits: { bytesPerSecond: 1_000 } })
    const one = await client()
    await one.allocate()
    await one.permit(HERE)
    for (let n = 0; n < 20; n++) one.send(peer(), 'x'.repeat(200))
    one.send(peer(), 'y')
    await new Promise((resolve) => setTimeout(resolve, 100))
    const bytes = heard.reduce((sum, { text }) => sum + text.length, 0)
    expect(bytes).toBeGreaterThanOrEqual(800)
    expect(bytes).toBeLessThanOrEqual(1_300)
  })

  it('answers a stranger only so often, and drops connections that speak something else', async () => {
    const one = await client()
    const transactionId = new Uint8Array(12)
    let answers = 0
    stranger.on('message', () => void answers++)
    const bytes = encodeStun({ method: METHOD.allocate, kind: 'request', transactionId, attributes: [] })
    for (let n = 0; n < 400; n++) stranger.send(bytes, server.port, HERE)
    await expect.poll(() => answers).toBeGreaterThan(0)
    await new Promise((resolve) => setTimeout(resolve, 200))
    // The count begins anew every second.
    expect(answers).toBeLessThanOrEqual(200)
    const other = await client('tcp')
    other.raw(Buffer.from('\x80GET / HTTP/1.1\r\n\r\n'))
    await expect.poll(() => other.closed).toBe(true)
    await start()
    expect(errorOf(await (await client()).allocate())).toBeUndefined()
    one.close()
    clients.shift()
  })
})
