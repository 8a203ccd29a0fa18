import { DEVNET_PRICE_PER_PIXEL } from '@millrace/payments'
import {
  capabilitiesOf,
  jobCapabilities,
  manifestId,
  NO_CONSTRAINTS,
  type OrchestratorInfo,
  type TicketParams,
} from '@millrace/wire'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { openOrchestrator, type TestOrchestrator } from '../orchestrator/orchestrator-fixture.ts'
import { entryOf, LADDER, openBuying, times } from './gateway-fixture.ts'
import { KeyPayments } from './payment-source.ts'
import { SessionPool, type SessionPoolOptions } from './session-pool.ts'

const SIGNAL = new AbortController().signal
const ID = manifestId('clip')

const EVEN = { price: 0, quality: 0, latency: 0, stake: 0, random: 1 }

let first: TestOrchestrator
let second: TestOrchestrator
let buying: ReturnType<typeof openBuying>
let pools: SessionPool[]
/** Random numbers that are spread evenly. */
let drawn = 0

beforeEach(async () => {
  first = await openOrchestrator()
  second = await openOrchestrator({ pricePerPixel: times(DEVNET_PRICE_PER_PIXEL, 3n) })
  buying = openBuying(first.gatewaySigner, () => [entryOf(first), entryOf(second)])
  pools = []
  drawn = 0
})

afterEach(async () => {
  for (const pool of pools) await pool.close()
  buying.close()
  await first[Symbol.asyncDispose]()
  await second[Symbol.asyncDispose]()
})

function openPool(options: Partial<SessionPoolOptions>, perfScore?: (address: string) => number | undefined) {
  const pool = new SessionPool(
    { weights: EVEN, ...options },
    {
      ...buying,
      perfScore,
      lastSeenBlock: () => first.chain.block,
      payer: new KeyPayments({ signer: first.gatewaySigner, tickets: first.tickets }),
      onCreditLost: () => {},
      random: () => {
        drawn = (drawn + 0.317) % 1
        return drawn
      },
    },
  )
  pools.push(pool)
  return pool
}

const take = (pool: SessionPool, exclude: readonly string[] = []) =>
  pool.take({ manifestId: ID, seq: 0, attempt: 1, exclude: new Set(exclude), signal: SIGNAL })

/** Who is chosen over many segments. */
async function chosen(pool: SessionPool): Promise<Set<string | undefined>> {
  const uris = new Set<string | undefined>()
  for (let i = 0; i < 64; i++) uris.add((await take(pool))?.serviceUri)
  return uris
}

const tells = (o: TestOrchestrator, change: (info: OrchestratorInfo) => OrchestratorInfo): void => {
  const get = o.orchestrator.getOrchestrator.bind(o.orchestrator)
  o.orchestrator.getOrchestrator = async (request) => change(await get(request))
}

const lastChoice = () => buying.choices.get(ID)!.at(-1)!

const needs = (minVersion = '') =>
  capabilitiesOf(jobCapabilities({ profiles: LADDER, storage: 'direct' }).bits, {
    constraints: { ...NO_CONSTRAINTS, minVersion },
  })

it('the block list keeps an orchestrator out, and says so', async () => {
  const pool = openPool({ requirements: { blocklist: new Set([first.signer.address]) } })
  expect(await chosen(pool)).toEqual(new Set([second.serviceUri()]))
  expect(lastChoice().leftOut).toEqual([
    expect.objectContaining({ serviceUri: first.serviceUri(), reason: 'blocked', address: first.signer.address }),
  ])
})

it('an orchestrator below the lowest version is left out', async () => {
  tells(first, (info) => ({ ...info, capabilities: { ...info.capabilities!, version: '0.8.9' } }))
  const pool = openPool({ requirements: { capabilities: needs('0.9.0') } })
  expect(await chosen(pool)).toEqual(new Set([second.serviceUri()]))
  expect(lastChoice().leftOut).toEqual([expect.objectContaining({ reason: 'incompatible' })])
  expect(lastChoice().leftOut[0]!.detail).toContain('0.8.9')
})

it('an orchestrator that cannot do what the ladder needs is left out', async () => {
  tells(first, (info) => ({ ...info, capabilities: { ...info.capabilities!, bits: 1n } }))
  expect(await chosen(openPool({ requirements: { capabilities: needs() } }))).toEqual(new Set([second.serviceUri()]))
})

it('one that is left out is not asked again for a minute', async () => {
  const asked = vi.spyOn(first.orchestrator, 'getOrchestrator')
  const pool = openPool({ requirements: { blocklist: new Set([first.signer.address]) } })
  for (let i = 0; i < 5; i++) await take(pool)
  expect(asked).toHaveBeenCalledTimes(1)
  await buying.clock.advance(60_000)
  await take(pool)
  await vi.waitFor(() => expect(asked).toHaveBeenCalledTimes(2))
})

it('where there is nobody else, one that could do nothing is asked again soon, and used once it can', async () => {
  let bits = 0n
  tells(first, (info) => ({
    ...info,
    capabilities: { ...info.capabilities!, ...(bits === 0n && { bits }) },
  }))
  buying.close()
  buying = openBuying(first.gatewaySigner, () => [entryOf(first)])
  const pool = openPool({ requirements: { capabilities: needs() } })
  expect(await take(pool)).toBeUndefined()
  bits = 1n
  expect(await take(pool)).toBeUndefined()
  await buying.clock.advance(1_000)
  expect(await take(pool)).toBeDefined()
})

it('the highest price is forgotten only on request, and only when everybody is dearer', async () => {
  const cheap = { maxPricePerPixel: times(DEVNET_PRICE_PER_PIXEL, 2n) }
  expect(await chosen(openPool(cheap))).toEqual(new Set([first.serviceUri()]))
  expect(await chosen(openPool({ ...cheap, ignoreMaxPriceIfNeeded: true }))).toEqual(new Set([first.serviceUri()]))
  const none = { maxPricePerPixel: { num: 1n, den: 10n ** 18n } }
  expect(await chosen(openPool(none))).toEqual(new Set([undefined]))
  expect((await chosen(openPool({ ...none, ignoreMaxPriceIfNeeded: true }))).size).toBe(2)
})

it('a low performance score keeps an orchestrator out while a better one is there', async () => {
  const scores = new Map([
    [first.signer.address as string, 0.2],
    [second.signer.address as string, 0.9],
  ])
  const pool = openPool({ minPerfScore: 0.5 }, (address) => scores.get(address))
  expect(await chosen(pool)).toEqual(new Set([second.serviceUri()]))
  expect(
    lastChoice()
      .candidates.map(({ perfScore }) => perfScore)
      .sort(),
  ).toEqual([0.2, 0.9])
  scores.set(second.signer.address, 0.1)
  expect((await chosen(openPool({ minPerfScore: 0.5 }, (address) => scores.get(address)))).size).toBe(2)
})

it('further nodes that an orchestrator names are used, as many as are asked for, and share its stake', async () => {
  const nodes = [second.serviceUri(), 'https://127.0.0.1:1', 'https://user:password@127.0.0.1', 'nonsense']
  buying.close()
  buying = openBuying(first.gatewaySigner, () => [{ ...entryOf(first), stakeLpt: 100n }])
  tells(first, (info) => ({ ...info, nodes }))
  // A node of the orchestrator is the same orchestrator: its tickets pay the same account.
  const paysFirst = (params: TicketParams | undefined) => params && { ...params, recipient: first.signer.address }
  tells(second, ({ ticketParams, ...info }) => ({
    ...info,
    address: first.signer.address,
    ticketParams: paysFirst(ticketParams)!,
    nodes: ['https://127.0.0.1:2'],
  }))
  expect(await chosen(openPool({}))).toEqual(new Set([first.serviceUri()]))
  const pool = openPool({ extraNodes: 1 })
  await take(pool)
  await vi.waitFor(() => expect(pool.ready).toBe(2))
  expect((await take(pool, [first.serviceUri()]))?.serviceUri).toBe(second.serviceUri())
  expect(lastChoice().candidates.map(({ stakeLpt }) => stakeLpt)).toEqual([50n, 50n])
  expect(lastChoice().leftOut).toEqual([])
})

it('an orchestrator of the internet cannot name a node inside the operator’s network', async () => {
  const entry = { ...entryOf(first), hearsay: true }
  await expect(buying.book.info(entry, {})).rejects.toMatchObject({ code: 'private_address' })
})

it('one that the directory does not name any more is not chosen any more', async () => {
  let entries = [entryOf(first), entryOf(second)]
  buying.close()
  buying = openBuying(first.gatewaySigner, () => entries)
  const pool = openPool({})
  expect((await chosen(pool)).size).toBe(2)
  entries = [entryOf(second)]
  await buying.clock.advance(10_000)
  expect(await chosen(pool)).toEqual(new Set([second.serviceUri()]))
})

it('a session whose segments take longer than they last is swapped for another', async () => {
  const pool = openPool({ weights: { price: 1, quality: 0, latency: 0, stake: 0, random: 0 } })
  const session = (await take(pool))!
  await vi.waitFor(() => expect(pool.ready).toBe(2))
  expect((await take(pool))?.serviceUri).toBe(session.serviceUri)
  buying.book.measured(session.serviceUri, 1.2)
  expect((await take(pool))?.serviceUri).not.toBe(session.serviceUri)
  expect(lastChoice().verdicts).toContainEqual(
    expect.objectContaining({ serviceUri: session.serviceUri, reason: 'slow' }),
  )
})

it('prices are read anew while a session waits, so that whoever becomes cheaper is seen', async () => {
  const pool = openPool({})
  const use = async () => pool.giveBack((await take(pool))!)
  const prices = () =>
    new Set(lastChoice().candidates.map(({ pricePerPixel: { num, den } }) => Number(num) / Number(den)))
  await use()
  await vi.waitFor(() => expect(pool.ready).toBe(2))
  await use()
  expect(prices().size).toBe(2)
  // The one that waits changes its price; that of the one in use comes with every result.
  const [waiting, used] = lastChoice().picked === first.serviceUri() ? [second, first] : [first, second]
  waiting.price.perPixel = used.price.perPixel
  await buying.clock.advance(61_000)
  await vi.waitFor(async () => {
    await use()
    expect(prices().size).toBe(1)
  })
})

it('an orchestrator that failed again and again is tried by one segment at a time', async () => {
  buying.close()
  buying = openBuying(first.gatewaySigner, () => [entryOf(first)])
  const pool = openPool({})
  const probe = (await take(pool))!
  for (let i = 0; i < 3; i++) buying.book.failed(first.serviceUri())
  expect(await take(pool)).toBeUndefined()
  expect(lastChoice().verdicts).toEqual([expect.objectContaining({ reason: 'probed' })])
  pool.giveBack(probe)
  expect(await take(pool)).toBeDefined()
})
