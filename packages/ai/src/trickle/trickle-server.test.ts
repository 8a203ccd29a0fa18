import { createServer, type IncomingMessage, request, type Server } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { ManualClock, silentLog } from '@millrace/base'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  CHANGES,
  TrickleRefusal,
  TrickleServer,
  type TrickleServerDeps,
  type TrickleServerOptions,
} from './trickle-server.ts'

let server: Server
let trickle: TrickleServer
let clock: ManualClock
let base: string

async function open(options: TrickleServerOptions = {}, deps: Partial<TrickleServerDeps> = {}): Promise<void> {
  clock = new ManualClock(0)
  trickle = new TrickleServer(options, { clock, log: silentLog, ...deps })
  server = createServer((incoming, outgoing) => {
    if (!trickle.handle(incoming, outgoing)) outgoing.writeHead(418).end()
  })
  server.requestTimeout = 0
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}/ai/trickle`
}
beforeEach(() => open({ autoCreate: true }))
afterEach(async () => {
  await trickle.stop()
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
})
async function reopen(...given: Parameters<typeof open>): Promise<void> {
  await trickle.stop()
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
  await open(...given)
}

const ask = (path: string, init: RequestInit = {}) => fetch(`${base}/${path}`, init)
const post = (path: string, body: string, headers: Record<string, string> = {}) =>
  ask(path, { method: 'POST', body, headers: { 'content-type': 'video/MP2T', ...headers } })
const facts = async (answer: Response | Promise<Response>) => {
  const { status, headers } = await answer
  const [seq, latest, closed] = ['seq', 'latest', 'closed'].map((name) => headers.get(`lp-trickle-${name}`))
  return { status, seq, latest, closed }
}

/** A request whose body the test sends piece by piece. */
function openPost(path: string, headers: Record<string, string> = {}) {
  const outgoing = request(`${base}/${path}`, {
    method: 'POST',
    agent: false,
    headers: { 'content-type': 'video/MP2T', ...headers },
  })
  outgoing.on('error', () => {})
  outgoing.flushHeaders()
  const answer = new Promise<IncomingMessage>((resolve) => outgoing.on('response', resolve))
  return { outgoing, answer }
}

/** Reads an answer piece by piece. */
async function openGet(path: string) {
  const answer = await ask(path)
  const reader = answer.body!.getReader()
  const text = async () => new TextDecoder().decode((await reader.read()).value)
  return { answer, text, reader }
}

describe('a channel', () => {
  it('is created by a POST that says what it holds, and is the same when it is created again', async () => {
    const create = () => ask('film', { method: 'POST', headers: { 'Expect-Content': 'application/json' } })
    expect(await facts(create())).toMatchObject({ status: 200 })
    expect(await facts(create())).toMatchObject({ status: 200 })
    await post('film/0', '{}')
    expect((await ask('film/0')).headers.get('content-type')).toBe('application/json')
  })

  it('has the type of its first segment when that creates it, and keeps it', async () => {
    await post('film/0', 'a', { 'content-type': 'video/mp4' })
    await post('film/1', 'b', { 'content-type': 'text/plain' })
    expect((await ask('film/1')).headers.get('content-type')).toBe('video/mp4')
  })

  it('is created by nobody but its own process on orchestrators', async () => {
    await reopen()
    expect((await ask('film', { method: 'POST' })).status).toBe(404)
    const refused = await post('film/0', 'x')
    expect(refused.status).toBe(404)
    expect(refused.headers.get('connection')).toBe('close')
    trickle.create('film', 'video/MP2T')
    expect((await ask('film', { method: 'POST' })).status).toBe(200)
    expect((await post('film/0', 'x')).status).toBe(200)
  })

  it('answers 404 everywhere, and 400 to being deleted, once it is deleted', async () => {
    await post('film/0', 'x')
    expect((await ask('film', { method: 'DELETE' })).status).toBe(200)
    expect((await ask('film', { method: 'DELETE' })).status).toBe(400)
    for (const path of ['film/0', 'film/next', 'film/-1']) expect((await ask(path)).status, path).toBe(404)
    expect((await ask('film/0', { method: 'DELETE' })).status).toBe(404)
  })

  it('says which segment comes next', async () => {
    await post('film/0', 'x')
    const answer = await ask('film/next')
    expect(await answer.clone().text()).toBe('1')
    expect(await facts(answer)).toMatchObject({ status: 200, latest: '1' })
  })

  it('ends when nobody has written to it for five minutes', async () => {
    await post('film/0', 'x')
    await clock.advance(200_000)
    await post('film/1', 'y')
    await clock.advance(200_000)
    trickle.sweep()
    expect(trickle.names).toEqual(['film'])
    await clock.advance(101_000)
    trickle.sweep()
    expect(trickle.names).toEqual([])
  })

  it('is told of on the channel of changes, where that is asked for', async () => {
    await reopen({ autoCreate: true, changefeed: true })
    await post('film/0', 'x')
    await ask('film', { method: 'DELETE' })
    expect(await (await ask(`${CHANGES}/0`)).json()).toEqual({ added: ['film'] })
    expect(await (await ask(`${CHANGES}/1`)).json()).toEqual({ removed: ['film'] })
    await clock.advance(1_000_000)
    trickle.sweep()
    expect(trickle.names).toEqual([CHANGES])
  })

  it('is refused to those whom the owner refuses, with the status that the owner names', async () => {
    const refuse = new TrickleRefusal(402, 'pay first')
    await reopen(
      { autoCreate: true },
      { allow: (action) => (action === 'publish' ? Promise.reject(refuse) : undefined) },
    )
    const answer = await post('film/0', 'x')
    expect([answer.status, await answer.text()]).toEqual([402, 'pay first\n'])
    expect((await ask('film', { method: 'POST' })).status).toBe(200)
  })

  it('has neighbours up to a limit', async () => {
    await reopen({ autoCreate: true, maxChannels: 1 })
    expect((await ask('one', { method: 'POST' })).status).toBe(200)
    expect((await ask('two', { method: 'POST' })).status).toBe(500)
  })
})

describe('a segment', () => {
  it('reaches its readers while it is written', async () => {
    const { outgoing, answer } = openPost('film/0')
    outgoing.write('one')
    await expect.poll(() => trickle.channel('film')?.nextWrite).toBe(1)
    const reader = await openGet('film/0')
    expect(await reader.text()).toBe('one')
    outgoing.write('two')
    expect(await reader.text()).toBe('two')
    outgoing.end('three')
    expect(await reader.text()).toBe('three')
    expect((await reader.reader.read()).done).toBe(true)
    const { statusCode, headers } = await answer
    expect([statusCode, headers['lp-trickle-seq']]).toEqual([200, '0'])
  })

  it('is given whole to those who come late', async () => {
    const { outgoing } = openPost('film/0')
    outgoing.write('early ')
    await expect.poll(() => trickle.channel('film')?.nextWrite).toBe(1)
    const late = ask('film/-2').then((answer) => answer.text())
    outgoing.end('late')
    expect(await late).toBe('early late')
    expect(await (await ask('film/0')).text()).toBe('early late')
  })

  it('can be waited for: the head comes with the first byte', async () => {
    await ask('film', { method: 'POST' })
    let answered = false
    const waiting = ask('film/-1').then((answer) => {
      answered = true
      return answer
    })
    await sleep(100)
    expect(answered).toBe(false)
    await post('film/0', 'x')
    expect(await facts(waiting)).toEqual({ status: 200, seq: '0', latest: null, closed: null })
  })

  it('names the latest one only where it is another', async () => {
    for (const seq of [0, 1, 2]) await post(`film/${seq}`, 'x')
    expect(await facts(ask('film/1'))).toEqual({ status: 200, seq: '1', latest: '3', closed: null })
    expect(await facts(ask('film/-2'))).toEqual({ status: 200, seq: '2', latest: '3', closed: null })
  })

  it('has the number of the next one where it is posted as -1', async () => {
    await post('film/4', 'x')
    expect(await facts(post('film/-1', 'y'))).toMatchObject({ status: 200, seq: '5' })
  })

  it('of the last five is there, any other is 470 with where to go on', async () => {
    for (let seq = 0; seq < 8; seq++) await post(`film/${seq}`, `${seq}`)
    expect(await (await ask('film/3')).text()).toBe('3')
    for (const seq of [2, 20]) {
      const answer = await ask(`film/${seq}`)
      expect(await answer.clone().text()).toBe('Entry not found\n')
      expect(await facts(answer)).toEqual({ status: 470, seq: `${seq}`, latest: '8', closed: null })
    }
  })

  it('before the first one may be the second', async () => {
    await ask('film', { method: 'POST' })
    const waiting = ask('film/1').then((answer) => answer.text())
    await sleep(50)
    await post('film/1', 'x')
    expect(await waiting).toBe('x')
  })

  it('that is older ends when its place is taken', async () => {
    const old = openPost('film/0')
    old.outgoing.write('x')
    await expect.poll(() => trickle.channel('film')?.nextWrite).toBe(1)
    const reading = ask('film/0').then((answer) => answer.text())
    await sleep(50)
    await post('film/5', 'y')
    expect(await reading).toBe('x')
  })

  it('without a byte is left out: its readers get nothing, and the next number is the next one', async () => {
    await ask('film', { method: 'POST' })
    const waiting = ask('film/0')
    await sleep(50)
    const { outgoing, answer } = openPost('film/0')
    outgoing.end()
    const { statusCode, headers } = await answer
    expect([statusCode, headers['lp-trickle-seq'], headers.connection]).toEqual([200, '0', 'close'])
    expect(await facts(waiting)).toEqual({ status: 200, seq: '0', latest: '1', closed: null })
    expect(await (await waiting).text()).toBe('')
  })

  it('goes on where it broke off, when its publisher comes back', async () => {
    const { outgoing } = openPost('film/0')
    outgoing.write('one ')
    await expect.poll(() => trickle.channel('film')?.nextWrite).toBe(1)
    const reading = ask('film/0').then((answer) => answer.text())
    await sleep(50)
    outgoing.destroy()
    await sleep(50)
    await post('film/0', 'two')
    expect(await reading).toBe('one two')
  })

  it('that a publisher left open ends when it begins anew', async () => {
    const { outgoing } = openPost('film/0')
    outgoing.write('x')
    await expect.poll(() => trickle.channel('film')?.nextWrite).toBe(1)
    const reading = ask('film/0').then((answer) => answer.text())
    await sleep(50)
    outgoing.destroy()
    await post('film/1', 'y', { 'Lp-Trickle-Reset': '1' })
    expect(await reading).toBe('x')
  })

  it('can be ended by DELETE, which lets its silent publisher and its readers go', async () => {
    const { outgoing, answer } = openPost('film/0')
    await expect.poll(() => trickle.channel('film')?.get(0)).toBeDefined()
    const waiting = ask('film/0')
    await sleep(50)
    expect((await ask('film/0', { method: 'DELETE' })).status).toBe(200)
    expect((await answer).statusCode).toBe(200)
    expect(await facts(waiting)).toMatchObject({ status: 200, seq: '0', latest: '1' })
    expect((await ask('film/9', { method: 'DELETE' })).status).toBe(400)
    outgoing.destroy()
  })

  it('is the last one when its channel ends: readers and publishers that wait are told', async () => {
    await post('film/0', 'x')
    const { answer } = openPost('film/1')
    await expect.poll(() => trickle.channel('film')?.get(1)).toBeDefined()
    const waiting = ask('film/1')
    await sleep(50)
    await ask('film', { method: 'DELETE' })
    expect(await facts(waiting)).toMatchObject({ status: 200, closed: 'terminated' })
    expect((await answer).headers['lp-trickle-closed']).toBe('terminated')
  })

  it('may be no larger than the limit, which ends it', async () => {
    await reopen({ autoCreate: true, maxSegmentBytes: 10 })
    expect((await post('film/0', 'x'.repeat(11))).status).toBe(413)
    expect(trickle.channel('film')?.bytes).toBe(0)
  })

  it.each(['film/x', 'film/-3', 'film/1.5', 'film/99999999999999999', 'film/', 'film/1/2'])(
    'has no number %s',
    async (path) => {
      await ask('film', { method: 'POST' })
      expect((await ask(path)).status).toBe(400)
      expect((await post(path, 'x')).status).toBe(400)
    },
  )
})

describe('publishers that do what they should not (faults.md 51)', () => {
  it('may leave out numbers: readers are told where to go on', async () => {
    await post('film/0', 'a')
    await post('film/1000', 'b')
    expect(await facts(ask('film/1'))).toEqual({ status: 470, seq: '1', latest: '1001', closed: null })
    expect(await facts(post('film/-1', 'c'))).toMatchObject({ seq: '1001' })
  })

  it('may begin anew a hundred times, and hold no more than five segments', async () => {
    for (let i = 0; i < 100; i++) {
      const { outgoing } = openPost(`film/${i}`, { 'Lp-Trickle-Reset': '1' })
      outgoing.write('x'.repeat(1_000))
      await expect.poll(() => trickle.channel('film')?.nextWrite, { interval: 1 }).toBe(i + 1)
      outgoing.destroy()
    }
    expect(trickle.channel('film')?.bytes).toBe(5_000)
    expect((await post('film/100', 'y', { 'Lp-Trickle-Reset': '1' })).status).toBe(200)
    expect(await (await ask('film/99')).text()).toHaveLength(1_000)
  })

  it('may be two at one segment: what both write is there, and both are answered', async () => {
    const [one, two] = [openPost('film/0'), openPost('film/0')]
    one.outgoing.write('a')
    await expect.poll(() => trickle.channel('film')?.bytes).toBe(1)
    two.outgoing.write('b')
    await expect.poll(() => trickle.channel('film')?.bytes).toBe(2)
    one.outgoing.end('c')
    expect((await one.answer).statusCode).toBe(200)
    two.outgoing.end('d')
    expect((await two.answer).statusCode).toBe(200)
    expect(await (await ask('film/0')).text()).toBe('abcd')
  })

  it('cannot name a number below zero, nor one that is none', async () => {
    for (const seq of ['-2', '-17', '1e3', '0x1', '']) expect((await post(`film/${seq}`, 'x')).status, seq).toBe(400)
  })
})

describe('a publisher that waits', () => {
  it('is told again and again that the server is there', async () => {
    await reopen({ autoCreate: true, keepAliveMs: 50 })
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
    let seen = ''
    socket.on('data', (chunk) => {
      seen += chunk
    })
    socket.write('POST /ai/trickle/film/0 HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n')
    await expect.poll(() => seen.match(/HTTP\/1.1 100 Continue/g)?.length ?? 0).toBeGreaterThanOrEqual(2)
    socket.write('1\r\nx\r\n0\r\n\r\n')
    await expect.poll(() => seen).toContain('HTTP/1.1 200 OK')
    socket.destroy()
  })
})

describe('a reader', () => {
  it('that takes nothing is cut off, and holds up nobody', async () => {
    await reopen({ autoCreate: true, readerStallMs: 100 })
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
    socket.pause()
    socket.on('error', () => {})
    const large = 'x'.repeat(16 * 1024 * 1024)
    await post('film/0', large)
    socket.write('GET /ai/trickle/film/0 HTTP/1.1\r\nHost: x\r\n\r\n')
    await expect.poll(() => openConnections(), { timeout: 5_000 }).toBe(1)
    expect((await (await ask('film/0')).text()).length).toBe(large.length)
    socket.resume()
    await new Promise((resolve) => socket.on('close', resolve))
  })
})

const openConnections = () =>
  new Promise<number>((resolve) => server.getConnections((_, count) => resolve(Math.min(1, count))))

it('leaves all other paths to others', async () => {
  expect((await fetch(new URL('/other', base))).status).toBe(418)
  expect((await ask('film', { method: 'PUT' })).status).toBe(405)
  expect((await ask('film/0', { method: 'PUT' })).status).toBe(405)
})
