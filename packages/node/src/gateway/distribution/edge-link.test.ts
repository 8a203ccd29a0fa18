import { request } from 'node:http'
import { ManualClock, MillraceError } from '@millrace/base'
import { encodeDistributionRequest, type NodeEventBody, type NodeEventOf, type NodeEventType } from '@millrace/wire'
import { createKeySigner } from '@millrace/wire/node'
import { expect, it } from 'vitest'
import { isRefusal } from '../../links/orchestrator-service.ts'
import { KeyPayments } from '../payment-source.ts'
import { newViewer, openEdge, STREAM } from './edge-fixture.ts'

const of = <Type extends NodeEventType>(events: readonly NodeEventBody[], type: Type) =>
  events.filter((event) => event.type === type) as unknown as NodeEventOf<Type>[]
const sum = (values: readonly (string | number)[]): bigint => values.reduce((all: bigint, one) => all + BigInt(one), 0n)

/** Status and size, or the code of the refusal. */
async function view(url: string, headers: Record<string, string> = {}, method = 'GET') {
  const answer = await fetch(url, { headers, method })
  const body = new Uint8Array(await answer.arrayBuffer())
  const code = answer.status >= 400 ? Buffer.from(body).toString().trim() : undefined
  return { status: answer.status, headers: answer.headers, body, code }
}

it('bytes are billed as they are served, and what is paid is credited, to the wei', async () => {
  await using edge = await openEdge()
  const { link, origin, events, orchestrator } = edge
  let served = 0
  for (let i = 0; i < 6; i++) {
    const path = origin.put(`run-${i}.m4s`, 300_001 + i)
    const size = origin.file(path).length
    for (let viewer = 0; viewer < 2; viewer++) {
      const got = await view(edge.address(path, size))
      expect(got.status).toBe(200)
      expect(Buffer.from(got.body).equals(origin.file(path))).toBe(true)
      served += size
    }
    await link.ask()
  }
  expect(origin.asked).toHaveLength(6)
  expect(link.billedBytes).toBe(served)
  const credited = of(orchestrator.events, 'distribution_credited')
  const paid = of(events, 'distribution_paid')
  expect(sum(credited.map(({ tickets }) => tickets))).toBe(sum(paid.map(({ tickets }) => tickets)))
  expect(sum(credited.map(({ creditWei }) => creditWei))).toBe(link.paidWei)
  expect(sum(of(events, 'distribution_used').map(({ feeWei }) => feeWei))).toBe(link.feeWei)
  await link.close({ code: 'over', message: 'over' })
  const debited = of(orchestrator.events, 'distribution_debited')
  expect(sum(debited.map(({ bytes }) => bytes))).toBe(BigInt(served))
  expect(sum(debited.map(({ feeWei }) => feeWei))).toBe(link.feeWei)
  expect(sum(debited.map(({ pulledBytes }) => pulledBytes))).toBe(BigInt(served) / 2n)
  expect(edge.balance()).toEqual(link.credit)
  expect(link.credit.num).toBeGreaterThan(0n)
})

it('many viewers of one file cost the gateway one fetch', async () => {
  await using edge = await openEdge()
  const path = edge.origin.put('run-1.m4s', 10_000)
  const answers = await Promise.all(Array.from({ length: 60 }, () => view(edge.address(path, 10_000))))
  expect(answers.every(({ status }) => status === 200)).toBe(true)
  expect(edge.origin.asked).toHaveLength(1)
  await edge.link.ask()
  expect(edge.link.billedBytes).toBe(600_000)
})

it('only who was sent there is served, and only media of the stream', async () => {
  const clock = new ManualClock(Date.now())
  await using edge = await openEdge({ clock })
  const path = edge.origin.put('run-1.m4s', 1_000)
  const good = edge.address(path, 100_000)
  const [, token = ''] = /\/edge\/[^/]+\/([^/]+)\//.exec(good) ?? []
  const other = token.startsWith('B') ? `C${token.slice(1)}` : `B${token.slice(1)}`
  const cases: readonly [string, string, number][] = [
    [good.replace(token, other), 'viewer_token_invalid', 403],
    [good.replace(`/cmaf/${STREAM}/`, '/cmaf/other/'), 'viewer_token_invalid', 403],
    [good.replace(edge.link.sessionId, 'ffffffff'), 'distribution_session_unknown', 404],
    [good.replace('run-1.m4s', 'fmp4.m3u8'), 'not_found', 404],
    [good.replace('run-1.m4s', '..%2f..%2fsecret.ts'), 'not_found', 404],
    [good.replace('run-1.m4s', 'run-9.m4s'), 'not_found', 404],
  ]
  for (const [url, code, status] of cases) expect(await view(url)).toMatchObject({ code, status })
  clock.advance(-300_000)
  const expired = edge.address(path, 1_000)
  expect(await view(expired)).toMatchObject({ code: 'viewer_token_expired', status: 403 })
  await edge.link.close({ code: 'over', message: 'over' })
  expect(await view(good)).toMatchObject({ code: 'distribution_session_unknown', status: 404 })
  expect(edge.link.billedBytes).toBe(0)
})

it('answers are what players and caches expect, and parts are billed as parts', async () => {
  await using edge = await openEdge()
  const path = edge.origin.put('run-1.m4s', 1_000)
  const url = edge.address(path, 100_000)
  const whole = await view(url)
  expect(Object.fromEntries(whole.headers)).toMatchObject({
    'access-control-allow-origin': '*',
    'cache-control': 'private, max-age=31536000, immutable',
    'content-type': 'video/mp4',
    'content-length': '1000',
    'accept-ranges': 'bytes',
  })
  const part = await view(url, { range: 'bytes=100-299' })
  expect([part.status, part.headers.get('content-range'), part.body.length]).toEqual([206, 'bytes 100-299/1000', 200])
  expect((await view(url, { range: 'bytes=5000-' })).status).toBe(416)
  expect((await view(url, { 'if-none-match': whole.headers.get('etag') as string })).status).toBe(304)
  expect((await view(url, {}, 'HEAD')).headers.get('content-length')).toBe('1000')
  expect((await view(url, {}, 'POST')).status).toBe(405)
  const preflight = await view(url, {}, 'OPTIONS')
  expect([preflight.status, preflight.headers.get('access-control-allow-headers')]).toEqual([
    204,
    'Range, If-None-Match',
  ])
  await edge.link.ask()
  expect(edge.link.billedBytes).toBe(1_200)
})

it('a viewer who fetches the same file hundreds of times gets what its token allows, and no more is billed', async () => {
  await using edge = await openEdge()
  const path = edge.origin.put('run-1.m4s', 2_000)
  const url = edge.address(path, 7_000)
  const again: Awaited<ReturnType<typeof view>>[] = []
  for (let i = 0; i < 3; i++) again.push(...(await Promise.all(Array.from({ length: 100 }, () => view(url)))))
  expect(again.filter(({ status }) => status === 200)).toHaveLength(3)
  expect(again.filter(({ code }) => code === 'viewer_budget_spent')).toHaveLength(297)
  await edge.link.ask()
  expect(edge.link.billedBytes).toBe(6_000)
  // What nobody was sent there for may not be had either.
  expect((await view(edge.address(path, 0))).status).toBe(429)
})

it('an edge serves no more than it is paid for, and goes on when it is paid', async () => {
  await using edge = await openEdge()
  const path = edge.origin.put('run-1.m4s', 900_000)
  const { link } = edge
  const statuses: number[] = []
  for (let i = 0; i < 4; i++) statuses.push((await view(edge.address(path, 900_000))).status)
  // Two megabytes are paid for when a session begins.
  expect(statuses).toEqual([200, 200, 402, 402])
  expect(await view(edge.address(path, 900_000))).toMatchObject({ code: 'distribution_unpaid' })
  expect(link.covers(900_000)).toBe(false)
  await link.ask()
  await link.ask()
  expect(link.covers(900_000)).toBe(true)
  expect((await view(edge.address(path, 900_000))).status).toBe(200)
})

it('who bills more than was promised is not believed', async () => {
  await using edge = await openEdge()
  const { link, orchestrator, origin } = edge
  const path = origin.put('run-1.m4s', 1_000)
  const viewer = newViewer()
  await view(edge.address(path, 1_000, viewer))
  const update = orchestrator.edge!.update.bind(orchestrator.edge)
  let viewers = [{ viewer, bytes: 1_001 }]
  orchestrator.edge!.update = async (headers, body) => {
    const report = await update(headers, body)
    return isRefusal(report) ? report : { ...report, viewers }
  }
  await expect(link.ask()).rejects.toMatchObject({ code: 'edge_overbilled' })
  viewers = [{ viewer: newViewer(), bytes: 1 }]
  await expect(link.ask()).rejects.toMatchObject({ code: 'edge_overbilled' })
  expect(link.billedBytes).toBe(0)
  viewers = [{ viewer, bytes: 1_000 }]
  await link.ask()
  viewers = [{ viewer, bytes: 999 }]
  await expect(link.ask()).rejects.toMatchObject({ code: 'edge_overbilled' })
  expect(link.billedBytes).toBe(1_000)
})

it('an edge that was restarted, or that asks another price, is left', async () => {
  await using edge = await openEdge()
  const path = edge.origin.put('run-1.m4s', 1_000)
  await view(edge.address(path, 1_000))
  await edge.link.ask()
  const update = edge.orchestrator.edge!.update.bind(edge.orchestrator.edge)
  edge.orchestrator.edge!.update = async (headers, body) => {
    const report = await update(headers, body)
    return isRefusal(report) ? report : { ...report, totalBytes: 0 }
  }
  await expect(edge.link.ask()).rejects.toMatchObject({ code: 'edge_overbilled' })
  edge.orchestrator.edge!.update = async (headers, body) => {
    const report = await update(headers, body)
    if (isRefusal(report)) return report
    return { ...report, info: { ...report.info, priceInfo: { pricePerUnit: 9n, pixelsPerUnit: 2n } } }
  }
  await expect(edge.link.ask()).rejects.toMatchObject({ code: 'edge_price_changed' })
})

it('a session belongs to who began it: others, and requests that are sent again, are refused', async () => {
  await using edge = await openEdge()
  const { orchestrator, link } = edge
  const taken: { headers: Parameters<NonNullable<typeof orchestrator.edge>['update']>[0]; body: Uint8Array }[] = []
  const update = orchestrator.edge!.update.bind(orchestrator.edge)
  orchestrator.edge!.update = (headers, body) => {
    taken.push({ headers, body })
    return update(headers, body)
  }
  await link.ask()
  const { headers, body } = taken[0]!
  expect(await update(headers, body)).toMatchObject({ status: 409 })
  const more = encodeDistributionRequest({
    origin: 'http://127.0.0.1:1',
    viewerKey: new Uint8Array(32),
    since: 0,
    end: false,
  })
  expect(await update(headers, more)).toMatchObject({ status: 403 })
  expect(await update({ ...headers, segment: undefined }, body)).toMatchObject({ status: 403 })
  expect(await update({ ...headers, payment: undefined }, body)).toMatchObject({ status: 403 })
  const stranger = { signer: createKeySigner(new Uint8Array(32).fill(3)), tickets: orchestrator.tickets }
  await expect(edge.linkOf(new KeyPayments(stranger)).open()).rejects.toMatchObject({
    code: 'distribution_refused',
    meta: { status: 403 },
  })
  await link.ask()
})

it('sessions that nobody pays for make room, and those that are paid stay', async () => {
  await using edge = await openEdge({ maxEdgeSessions: 2 })
  const { linkOf, newInfo, payer, orchestrator } = edge
  const noTickets = { ...payer, address: payer.address, checkFunds: async () => {} }
  const unpaid = {
    ...noTickets,
    makeTickets: () => Promise.reject(new MillraceError('no_tickets', '', { retryable: true })),
  }
  const poor = linkOf({ ...unpaid, segmentHeader: payer.segmentHeader.bind(payer) }, await newInfo())
  await poor.open()
  expect(poor.credit.num).toBe(0n)
  const second = linkOf(payer, await newInfo())
  await second.open()
  await expect(linkOf(payer, await newInfo()).open()).rejects.toMatchObject({ meta: { status: 503 } })
  await edge.link.ask()
  await second.ask()
  expect(orchestrator.events.some(({ type }) => type === 'distribution_credited')).toBe(true)
})

it('what a viewer did not take is not billed', async () => {
  await using edge = await openEdge()
  const size = 1_900_000
  const path = edge.origin.put('run-1.m4s', size)
  const url = edge.address(path, size)
  await new Promise<void>((resolve) => {
    const asking = request(url, (answer) => {
      answer.once('data', () => {
        asking.destroy()
        resolve()
      })
    })
    asking.on('error', () => {})
    asking.end()
  })
  const billed = () => edge.link.ask().then(() => edge.link.billedBytes)
  await expect.poll(billed, { timeout: 5_000 }).toBeGreaterThan(0)
  expect(edge.link.billedBytes).toBeLessThanOrEqual(size)
  expect(edge.balance()).toEqual(edge.link.credit)
})

it('an edge fetches from no private address for a stranger, and from none that is gone', async () => {
  await using stranger = await openEdge({ publicOnly: true })
  const path = stranger.origin.put('run-1.m4s', 1_000)
  expect(await view(stranger.address(path, 1_000))).toMatchObject({ code: 'edge_pull_failed', status: 502 })
  expect(stranger.origin.asked).toHaveLength(0)
  await using edge = await openEdge()
  edge.origin.answerBy((_, response) => response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end())
  expect(await view(edge.address(path, 1_000))).toMatchObject({ code: 'edge_pull_failed' })
  await edge.origin[Symbol.asyncDispose]()
  expect(await view(edge.address(path, 1_000))).toMatchObject({ code: 'edge_pull_failed' })
})

it.each([
  ['without a price', { pricePerByte: { num: 0n, den: 1n } }],
  ['without a chain', { unpaidEdge: true }],
])('an edge %s costs nothing', async (_, options) => {
  await using edge = await openEdge(options)
  const path = edge.origin.put('run-1.m4s', 3_000_000)
  expect((await view(edge.address(path, 3_000_000))).status).toBe(200)
  await edge.link.ask()
  expect([edge.link.billedBytes, edge.link.paidWei, edge.link.feeWei]).toEqual([3_000_000, 0n, 0n])
  expect(of(edge.events, 'distribution_paid')).toEqual([])
})
