import { DEVNET_PRICE_PER_PIXEL } from '@millrace/payments'
import { AUTH_TOKEN_VALIDITY_S, manifestId } from '@millrace/wire'
import { createKeySigner } from '@millrace/wire/node'
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { openOrchestrator, type TestOrchestrator } from '../orchestrator/orchestrator-fixture.ts'
import { type BoughtSegment, SegmentBuyer } from './buyer.ts'
import type { DirectoryEntry } from './directory.ts'
import { delivers, entryOf, LADDER, openBuying, openMedia, type TestMedia, times } from './gateway-fixture.ts'
import { KeyPayments } from './payment-source.ts'
import { SessionPool } from './session-pool.ts'

const SIGNAL = new AbortController().signal
const NOBODY: ReadonlySet<string> = new Set()
const BY_PRICE = { price: 1, quality: 0, latency: 0, stake: 0, random: 0 }

let media: TestMedia
let cheap: TestOrchestrator
let dear: TestOrchestrator
let entries: DirectoryEntry[]
let buying: ReturnType<typeof openBuying>

beforeAll(async () => {
  media = await openMedia()
}, 60_000)

beforeEach(async () => {
  cheap = await openOrchestrator()
  dear = await openOrchestrator({ pricePerPixel: times(DEVNET_PRICE_PER_PIXEL, 9n) })
  delivers(cheap, media)
  delivers(dear, media)
  entries = [entryOf(dear), entryOf(cheap)]
  buying = openBuying(cheap.gatewaySigner, () => entries)
})

afterEach(async () => {
  buying.close()
  await cheap[Symbol.asyncDispose]()
  await dear[Symbol.asyncDispose]()
})

function openPool(options: Partial<ConstructorParameters<typeof SessionPool>[0]> = {}): SessionPool {
  return new SessionPool(
    { maxPricePerPixel: undefined, weights: BY_PRICE, ...options },
    {
      ...buying,
      lastSeenBlock: () => cheap.chain.block,
      payer: new KeyPayments({ signer: cheap.gatewaySigner, tickets: cheap.tickets }),
      onCreditLost: () => {},
      random: () => 0.5,
    },
  )
}

const ID = manifestId('clip')
const take = (pool: SessionPool, exclude = NOBODY, signal = SIGNAL) =>
  pool.take({ manifestId: ID, seq: 0, attempt: 1, exclude, signal })
const only = (o: TestOrchestrator): ReadonlySet<string> =>
  new Set(entries.map(({ serviceUri }) => serviceUri).filter((uri) => uri !== o.serviceUri()))

describe('a session pool', () => {
  it('prefers the cheaper, once it knows both', async () => {
    const pool = openPool()
    expect((await take(pool, only(dear)))?.serviceUri).toBe(dear.serviceUri())
    expect((await take(pool, only(cheap)))?.serviceUri).toBe(cheap.serviceUri())
    const chosen: (string | undefined)[] = []
    for (let i = 0; i < 24; i++) chosen.push((await take(pool))?.serviceUri)
    expect(new Set(chosen)).toEqual(new Set([cheap.serviceUri()]))
    const drawn = buying.choices
      .get(ID)!
      .findLast(({ verdicts }) => verdicts.some(({ reason }) => reason === 'picked'))!
    expect(drawn.verdicts.find(({ serviceUri }) => serviceUri === cheap.serviceUri())?.probability).toBeCloseTo(0.9)
  })

  it('leaves out who is dearer than the gateway would ever pay', async () => {
    const pool = openPool({ maxPricePerPixel: times(DEVNET_PRICE_PER_PIXEL, 2n) })
    expect(await take(pool, only(dear))).toBeUndefined()
    expect((await take(pool))?.serviceUri).toBe(cheap.serviceUri())
  })

  it('stays with an orchestrator while its session lasts', async () => {
    const pool = openPool()
    const sessions = [await take(pool), await take(pool), await take(pool)]
    expect(new Set(sessions.map((session) => session?.sessionId)).size).toBe(1)
  })

  it('opens a new session when the ticket parameters run out', async () => {
    entries = [entryOf(cheap)]
    const pool = openPool()
    const first = (await take(pool))!
    cheap.chain.block = first.info.ticketParams!.expirationBlock - 2n
    expect((await take(pool))!.sessionId).toBe(first.sessionId)
    cheap.chain.block = first.info.ticketParams!.expirationBlock - 1n
    const second = (await take(pool))!
    expect(second.sessionId).not.toBe(first.sessionId)
    expect(second.info.ticketParams!.expirationBlock).toBeGreaterThan(first.info.ticketParams!.expirationBlock)
  })

  it('remembers the first price over all sessions, so that it cannot creep up with every refresh', async () => {
    entries = [entryOf(cheap)]
    const pool = openPool()
    const first = (await take(pool))!
    cheap.price.perPixel = times(DEVNET_PRICE_PER_PIXEL, 2n)
    cheap.chain.block = first.info.ticketParams!.expirationBlock
    const second = (await take(pool))!
    expect(second.sessionId).not.toBe(first.sessionId)
    expect(second.info.priceInfo).not.toEqual(first.info.priceInfo)
    expect(second.initialPrice).toEqual(first.initialPrice)
  })

  it('opens a new session when the token runs out', async () => {
    entries = [entryOf(cheap)]
    const pool = openPool()
    const first = (await take(pool))!
    await buying.clock.advance(1_000 * AUTH_TOKEN_VALIDITY_S * 0.8)
    expect((await take(pool))!.sessionId).toBe(first.sessionId)
    await buying.clock.advance(1_000 * AUTH_TOKEN_VALIDITY_S * 0.11)
    expect((await take(pool))!.sessionId).not.toBe(first.sessionId)
  })

  it.each([
    ['set back', -1],
    ['set forward', 1],
    ['right', 0],
  ])(
    'goes on with a session while the clock of the machine is %s by an hour, and no longer than its token lasts',
    async (_, hours) => {
      entries = [entryOf(cheap)]
      const pool = openPool()
      const first = (await take(pool))!
      buying.clock.skew(3_600_000 * hours)
      expect((await take(pool))!.sessionId).toBe(first.sessionId)
      // Now the two clocks disagree by an hour, and sessions begin and end as before.
      await buying.clock.advance(1_000 * AUTH_TOKEN_VALIDITY_S)
      const second = (await take(pool))!
      expect(second.sessionId).not.toBe(first.sessionId)
      await buying.clock.advance(60_000)
      expect((await take(pool))!.sessionId).toBe(second.sessionId)
    },
  )

  it('refuses who wants another account paid than the directory names', async () => {
    const impostor = createKeySigner(new Uint8Array(32).fill(3)).address
    entries = [{ ...entryOf(cheap), address: impostor }]
    expect(await take(openPool())).toBeUndefined()
    entries = [{ ...entryOf(cheap), address: undefined }]
    buying.clock.advance(10_000)
    expect((await take(openPool()))?.info.address).toBe(cheap.signer.address)
  })

  it('takes who signs with another key than the account that staked, as long as that account is paid', async () => {
    const bondedAddress = createKeySigner(new Uint8Array(32).fill(4)).address
    await using proxied = await openOrchestrator({ bondedAddress })
    entries = [{ ...entryOf(proxied), address: bondedAddress }]
    expect((await take(openPool()))?.info.address).toBe(proxied.signer.address)
  })

  it('has nobody when the directory is empty, and somebody once it is not', async () => {
    const known = entries
    entries = []
    const pool = openPool()
    expect(await take(pool)).toBeUndefined()
    entries = known
    buying.clock.advance(10_000)
    expect(await take(pool)).toBeDefined()
  })

  it('takes a suspended orchestrator only when there is nobody else', async () => {
    const pool = openPool()
    await take(pool, only(cheap))
    await take(pool, only(dear))
    buying.book.failed(cheap.serviceUri())
    const session = (await take(pool, only(dear)))!
    pool.drop(session)
    expect((await take(pool, NOBODY))?.serviceUri).toBe(dear.serviceUri())
    expect((await take(pool, only(cheap)))?.serviceUri).toBe(cheap.serviceUri())
  })

  it('opens one session for two segments that come at once, and one that is given up spoils nothing for the other', async () => {
    entries = [entryOf(cheap)]
    const pool = openPool()
    const leaving = new AbortController()
    const first = take(pool, NOBODY, leaving.signal)
    const second = take(pool)
    await Promise.resolve()
    leaving.abort(new Error('the publisher went away'))
    expect((await second)?.serviceUri).toBe(cheap.serviceUri())
    await first
  })

  /** The sessions that the orchestrator was told the end of. */
  function endings(o: TestOrchestrator): readonly string[] {
    const ended: string[] = []
    const end = o.orchestrator.endSession.bind(o.orchestrator)
    o.orchestrator.endSession = async (token) => {
      ended.push(token.sessionId)
      await end(token)
    }
    return ended
  }

  it('gives a session back that it drops, once its last segment is back', async () => {
    const ended = endings(cheap)
    entries = [entryOf(cheap)]
    const pool = openPool()
    const session = (await take(pool))!
    expect(await take(pool)).toBe(session)
    pool.giveBack(session)
    pool.drop(session)
    const next = (await take(pool))!
    expect(next.sessionId).not.toBe(session.sessionId)
    expect(ended).toEqual([])
    pool.giveBack(session)
    await expect.poll(() => ended).toEqual([session.sessionId])
    await pool.close()
    expect(ended).toEqual([session.sessionId, next.sessionId])
  })

  it('gives all sessions back when it closes', async () => {
    const ended = endings(cheap)
    entries = [entryOf(cheap)]
    const pool = openPool()
    const session = (await take(pool))!
    await pool.close()
    expect(ended).toEqual([session.sessionId])
  })
})

describe('a buyer', () => {
  function openBuyer(random: () => number = () => 0.5): SegmentBuyer {
    return new SegmentBuyer(
      { manifestId: ID, ladder: LADDER, maxAttempts: 3, maxPricePerPixel: undefined, domain: cheap.domain },
      {
        ...buying,
        lastSeenBlock: () => cheap.chain.block,
        payer: new KeyPayments({ signer: cheap.gatewaySigner, tickets: cheap.tickets }),
        hashing: cheap.hashing,
        random,
      },
    )
  }
  const types = () => buying.events.map(({ type }) => type)

  it('goes on to the next when an orchestrator vanishes, and leaves that one alone', async () => {
    const buyer = openBuyer()
    const first = (await buyer.buy(media.segment(0), { signal: SIGNAL })) as BoughtSegment
    const [gone, left] = first.orchestrator === cheap.signer.address ? [cheap, dear] : [dear, cheap]
    const uri = gone.serviceUri()
    await gone[Symbol.asyncDispose]()
    const second = (await buyer.buy(media.segment(1), { signal: SIGNAL })) as BoughtSegment
    expect(second.orchestrator).toBe(left.signer.address)
    expect(types()).toContain('segment_attempt_failed')
    expect(buying.events).toContainEqual(
      expect.objectContaining({ type: 'orchestrator_suspended', orchestrator: gone.signer.address }),
    )
    expect(buying.book.isSuspended(uri)).toBe(true)
    const attempts = types().filter((type) => type === 'segment_attempt_failed').length
    const third = (await buyer.buy(media.segment(2), { signal: SIGNAL })) as BoughtSegment
    expect(third.orchestrator).toBe(left.signer.address)
    expect(types().filter((type) => type === 'segment_attempt_failed')).toHaveLength(attempts)
    await buyer.close()
  })

  it('keeps the receipt of what it bought, and nothing of what it refused', async () => {
    entries = [entryOf(cheap)]
    const buyer = openBuyer()
    const bought = (await buyer.buy(media.segment(0), { signal: SIGNAL })) as BoughtSegment
    expect(bought.paid).toBe(true)
    expect(buying.commitments).toEqual([bought.commitment])
    cheap.worker.transcode = async (job) => ({
      decodedPixels: 1n,
      renditions: job.profiles.map(() => ({ data: media.clips[0]!.data, pixels: 1n })),
    })
    expect(await buyer.buy(media.segment(1), { signal: SIGNAL })).toEqual({ lost: 'all_failed' })
    expect(buying.commitments).toHaveLength(1)
    expect(buying.events).toContainEqual(
      expect.objectContaining({ type: 'segment_attempt_failed', code: 'pixel_mismatch', seq: 1 }),
    )
  })

  it('opens a stale session anew and asks the same orchestrator again', async () => {
    entries = [entryOf(cheap)]
    const buyer = openBuyer()
    await buyer.buy(media.segment(0), { signal: SIGNAL })
    // A restarted orchestrator has another secret: the next header is refused with `invalid auth token`.
    const accept = cheap.orchestrator.acceptSegment.bind(cheap.orchestrator)
    let refusals = 0
    cheap.orchestrator.acceptSegment = async (headers) =>
      refusals++ === 0 ? { status: 403, text: 'invalid auth token' } : accept(headers)
    const bought = (await buyer.buy(media.segment(1), { signal: SIGNAL })) as BoughtSegment
    expect(bought.orchestrator).toBe(cheap.signer.address)
    expect(buying.book.isSuspended(cheap.serviceUri())).toBe(false)
  })

  it('does not go round with a segment that nobody can transcode', async () => {
    for (const o of [cheap, dear])
      o.worker.transcode = async (job) => {
        o.jobs.push(job)
        throw new Error('No keyframes in input')
      }
    expect(await openBuyer().buy(media.segment(0), { signal: SIGNAL })).toEqual({ lost: 'not_transcodable' })
    expect(cheap.jobs.length + dear.jobs.length).toBe(1)
  })

  it('says so when there is nobody', async () => {
    entries = []
    expect(await openBuyer().buy(media.segment(0), { signal: SIGNAL })).toEqual({ lost: 'no_orchestrator' })
  })

  it('stops at once when it is told to', async () => {
    const stop = new AbortController()
    for (const o of [cheap, dear])
      o.worker.transcode = () => {
        stop.abort(new Error('stopping'))
        return new Promise(() => {})
      }
    expect(await openBuyer().buy(media.segment(0), { signal: stop.signal })).toEqual({ lost: 'deadline' })
    expect(types()).not.toContain('orchestrator_suspended')
  })
})
