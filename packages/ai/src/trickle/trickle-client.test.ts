import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { concatBytes, silentLog, utf8 } from '@millrace/base'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { SEQ_CURRENT } from './headers.ts'
import { TricklePublisher } from './trickle-publisher.ts'
import { TrickleServer } from './trickle-server.ts'
import { subscribe, type TrickleSubscriberOptions } from './trickle-subscriber.ts'

let http: Server
let trickle: TrickleServer
let url: string
const publishers: TricklePublisher[] = []

beforeEach(async () => {
  trickle = new TrickleServer({ autoCreate: true }, { log: silentLog })
  http = createServer((incoming, outgoing) => void trickle.handle(incoming, outgoing))
  http.requestTimeout = 0
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(http.address() as AddressInfo).port}/ai/trickle/film`
})
afterEach(async () => {
  for (const publisher of publishers.splice(0)) publisher.stop()
  await trickle.stop()
  http.closeAllConnections()
  await new Promise((resolve) => http.close(resolve))
})

const publisherOf = (options: Partial<ConstructorParameters<typeof TricklePublisher>[0]> = {}) => {
  const publisher = new TricklePublisher({ url, mimeType: 'text/plain', ...options })
  publishers.push(publisher)
  return publisher
}

/** What a reader gets until the channel ends. */
async function readAll(options: Partial<TrickleSubscriberOptions> = {}) {
  const got: { seq: number; text: string; skipped: number }[] = []
  for await (const { seq, skipped, data } of subscribe({ url, ...options })) {
    const chunks: Uint8Array[] = []
    for await (const chunk of data) chunks.push(chunk)
    got.push({ seq, text: Buffer.from(concatBytes(...chunks)).toString(), skipped })
  }
  return got
}

describe('publisher and subscriber', () => {
  it('carry segments in order, and both know when the channel ends', async () => {
    const publisher = publisherOf()
    await publisher.create()
    const reading = readAll()
    await sleep(100)
    for (let i = 0; i < 12; i++) {
      expect(await publisher.write(utf8(`segment ${i}`))).toBe(i)
      // A reader has time to take each; what happens when it has not is another matter.
      await sleep(20)
    }
    await publisher.close()
    expect(await reading).toEqual(Array.from({ length: 12 }, (_, seq) => ({ seq, text: `segment ${seq}`, skipped: 0 })))
    await expect(readAll()).rejects.toMatchObject({ code: 'channel_not_found' })
  })

  it('carry the pieces of a segment as they come', async () => {
    const publisher = publisherOf()
    await publisher.create()
    const seen: string[] = []
    const reading = (async () => {
      for await (const { data } of subscribe({ url }))
        for await (const chunk of data) seen.push(Buffer.from(chunk).toString())
    })()
    await sleep(50)
    await publisher.write(
      (async function* () {
        for (const piece of ['a', 'b', 'c']) {
          yield utf8(piece)
          await expect.poll(() => seen.at(-1)).toBe(piece)
        }
      })(),
    )
    await publisher.close()
    await reading
    expect(seen).toEqual(['a', 'b', 'c'])
  })

  it('break a segment off whose source fails, and go on with the next', async () => {
    const publisher = publisherOf()
    await publisher.create()
    const broken = (async function* () {
      yield utf8('half')
      throw new Error('the source failed')
    })()
    await expect(publisher.write(broken)).rejects.toThrow('the source failed')
    expect(await publisher.write(utf8('whole'))).toBe(1)
    expect(trickle.channel('film')?.get(0)?.closed ?? false).toBe(false)
  })

  it('begin with the segment that is being written, where that is asked for', async () => {
    const publisher = publisherOf()
    await publisher.create()
    for (const text of ['a', 'b', 'c']) await publisher.write(utf8(text))
    const reading = readAll({ from: SEQ_CURRENT })
    await sleep(100)
    await publisher.write(utf8('d'))
    await sleep(50)
    await publisher.close()
    expect((await reading).map(({ text }) => text)).toEqual(['c', 'd'])
  })

  it('say how much a reader missed that was too slow', async () => {
    const publisher = publisherOf()
    await publisher.create()
    const got: { seq: number; skipped: number }[] = []
    let done: () => void = () => {}
    const written = new Promise<void>((resolve) => {
      done = resolve
    })
    const reading = (async () => {
      for await (const { seq, skipped, data } of subscribe({ url, from: 0 })) {
        for await (const _ of data);
        got.push({ seq, skipped })
        if (seq === 0) await written
      }
    })()
    for (let i = 0; i < 20; i++) await publisher.write(utf8(String(i)))
    done()
    await sleep(200)
    await publisher.write(utf8('last'))
    await sleep(100)
    await publisher.close()
    await reading
    // Segment 1 was asked for before the reader fell behind.
    expect(got.slice(0, 2).map(({ seq }) => seq)).toEqual([0, 1])
    const [next] = got.slice(2)
    expect(next?.skipped).toBeGreaterThan(10)
    expect(got.at(-1)?.seq).toBe(20)
  })

  it('make a request for a number anew that has waited for long, and miss nothing', async () => {
    const publisher = publisherOf()
    await publisher.create()
    const reading = readAll({ renewMs: 50, from: 0 })
    await sleep(300)
    await publisher.write(utf8('late'))
    await sleep(100)
    await publisher.close()
    expect(await reading).toEqual([{ seq: 0, text: 'late', skipped: 0 }])
  })

  it('go on after a restart of the publisher', async () => {
    const first = publisherOf()
    await first.create()
    const reading = readAll({ from: 0 })
    await first.write(utf8('one'))
    first.stop()
    await sleep(50)
    const second = publisherOf({ from: trickle.channel('film')?.nextWrite ?? 0, reset: true })
    await second.write(utf8('two'))
    await sleep(50)
    await second.close()
    expect((await reading).map(({ text }) => text)).toEqual(['one', 'two'])
  })

  it('end when they are told to', async () => {
    const publisher = publisherOf()
    await publisher.create()
    const stop = new AbortController()
    const reading = readAll({ signal: stop.signal })
    await sleep(50)
    stop.abort(new Error('enough'))
    await expect(reading).rejects.toThrow('enough')
  })

  it('tell a publisher whose channel others have ended', async () => {
    const publisher = publisherOf()
    await publisher.create()
    await publisher.write(utf8('one'))
    await expect.poll(() => trickle.channel('film')?.get(1)).toBeDefined()
    trickle.close('film')
    await expect(publisher.write(utf8('two'))).rejects.toMatchObject({ code: 'channel_ended' })
  })

  it('give up a server that is not there', async () => {
    const nobody = 'http://127.0.0.1:1/ai/trickle/film'
    await expect(readAll({ url: nobody, maxFailures: 0 })).rejects.toMatchObject({ code: 'channel_unreachable' })
    await expect(publisherOf({ url: nobody }).create()).rejects.toMatchObject({ code: 'channel_unreachable' })
  })
})
