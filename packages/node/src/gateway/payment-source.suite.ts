import { rational } from '@millrace/base'
import { DEVNET_PRICE_PER_BYTE, paymentOf, ticketEv } from '@millrace/payments'
import { type Payment, sessionId, signOrchestratorRequest } from '@millrace/wire'
import { afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import { openOrchestrator, type TestOrchestrator } from '../orchestrator/orchestrator-fixture.ts'
import type { TestFunds } from '../signer/signer-fixture.ts'
import { EdgeLink } from './distribution/edge-link.ts'
import { delivers, hexHash, LADDER, openBuying, openMedia, openSession, type TestMedia } from './gateway-fixture.ts'
import type { PaidSession, PaymentSource } from './payment-source.ts'
import { submitSegment } from './submit.ts'

/** A source of payments of the orchestrator's gateway, and the funds of its account. */
export type OpenPaymentSource = { readonly source: PaymentSource; readonly funds: TestFunds; close(): Promise<void> }

/** The behaviour of every way in which a gateway signs and pays; run it inside a `describe`. */
export function paymentSourceSuite(open: (o: TestOrchestrator) => Promise<OpenPaymentSource>): void {
  let media: TestMedia
  let o: TestOrchestrator
  let opened: OpenPaymentSource
  let paid: PaidSession

  beforeAll(async () => {
    media = await openMedia()
  }, 60_000)
  beforeEach(async () => {
    o = await openOrchestrator({ pricePerByte: DEVNET_PRICE_PER_BYTE })
    delivers(o, media)
    opened = await open(o)
    const info = await o.orchestrator.getOrchestrator(signOrchestratorRequest(o.gatewaySigner))
    paid = { info, sessionId: info.authToken!.sessionId, manifestId: media.segment(0).manifestId }
  })
  afterEach(async () => {
    await opened.close()
    await o[Symbol.asyncDispose]()
  })

  const call = {}
  /** Gives tickets to the orchestrator as a segment would carry them; tells what it thinks of them. */
  const give = async (batch: Awaited<ReturnType<PaymentSource['makeTickets']>>) => {
    const payment: Payment = paymentOf(opened.source.address, batch, paid.info.priceInfo)
    const { accepted, error } = await o.receive(payment)
    return { accepted, error }
  }

  it('has the address of the account that pays', () => {
    expect(opened.source.address).toBe(o.gatewaySigner.address)
  })

  it('makes as many tickets as are asked for, each good once, with nonces that go on counting', async () => {
    const nonces: number[] = []
    for (const count of [1, 5, 7, 1]) {
      const batch = await opened.source.makeTickets(paid, count, call)
      expect(batch.tickets).toHaveLength(count)
      nonces.push(...batch.tickets.map(({ senderNonce }) => senderNonce))
      expect(await give(batch)).toEqual({ accepted: count, error: undefined })
    }
    expect(nonces).toEqual(Array.from({ length: 14 }, (_, i) => i + 1))
  })

  it('pays an edge for what viewers will fetch', async () => {
    const { serviceUri } = paid.info
    const buying = openBuying(o.gatewaySigner, () => [])
    try {
      const link = new EdgeLink(
        { ...paid, serviceUri, origin: 'http://127.0.0.1:1' },
        { ...buying, payer: opened.source },
      )
      await link.open()
      await link.ask()
      expect(link.covers(2_000_000)).toBe(true)
      expect(o.balances.balance(opened.source.address, paid.sessionId)).toEqual(link.credit)
      await link.close({ code: 'over', message: 'over' })
    } finally {
      buying.close()
    }
  })

  it('makes more tickets than a signer makes at once', async () => {
    const batch = await opened.source.makeTickets(paid, 250, call)
    expect(batch.tickets).toHaveLength(250)
    expect(await give(batch)).toEqual({ accepted: 250, error: undefined })
  })

  it('gives no nonce twice to segments that are paid at the same time', async () => {
    const batches = await Promise.all([3, 2, 4].map((count) => opened.source.makeTickets(paid, count, call)))
    const nonces = batches.flatMap(({ tickets }) => tickets.map(({ senderNonce }) => senderNonce))
    expect(nonces.toSorted((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9])
    for (const batch of batches) expect((await give(batch)).error).toBeUndefined()
  })

  it('counts anew for new parameters', async () => {
    await opened.source.makeTickets(paid, 3, call)
    const info = await o.orchestrator.getOrchestrator(signOrchestratorRequest(o.gatewaySigner))
    const fresh = { ...paid, info: { ...info, authToken: paid.info.authToken! } }
    const batch = await opened.source.makeTickets(fresh, 2, call)
    expect(batch.tickets.map(({ senderNonce }) => senderNonce)).toEqual([1, 2])
    expect(await give(batch)).toEqual({ accepted: 2, error: undefined })
  })

  it('makes no tickets of parameters that have expired', async () => {
    o.chain.block += 1_000n
    const error = await opened.source.makeTickets(paid, 1, call).catch((error) => error)
    // Either of them has the gateway open the session anew.
    expect(['ticket_params_expired', 'session_stale']).toContain(error.code)
  })

  it('makes no more tickets than parameters are good for', async () => {
    await opened.source.makeTickets(paid, 600, call)
    const error = await opened.source.makeTickets(paid, 1, call).catch((error) => error)
    expect(['too_many_nonces', 'session_stale']).toContain(error.code)
  })

  it('makes no ticket whose face value the deposit does not cover', async () => {
    opened.funds.deposit = 1n
    await expect(opened.source.makeTickets(paid, 1, call)).rejects.toThrow(/faceValue/)
  })

  it.each([
    ['no_sender_deposit', { deposit: 0n }],
    ['no_sender_reserve', { reserve: { fundsRemaining: 0n, claimedInCurrentRound: 0n } }],
    ['sender_unlocking', { withdrawRound: 5n }],
  ] as const)('says that the account cannot pay anybody: %s', async (code, change) => {
    Object.assign(opened.funds, change)
    const error = await submit(0).catch((error) => error)
    expect(error).toMatchObject({ name: 'TicketError', code, fatal: true })
  })

  it('buys segments that the orchestrator takes, pays what they cost, and gets receipts for them', async () => {
    let fees = 0n
    for (const seq of [0, 1, 2]) {
      const { result } = await submit(seq)
      expect(result).toMatchObject({ paid: true, commitment: { seq, sender: o.gatewaySigner.address } })
      fees += result.feeWei
    }
    expect(fees).toBeGreaterThan(0n)
    // Both ledgers know the same rest.
    const ours = buying!.balances.balance(o.signer.address, paid.sessionId)
    const theirs = o.balances.balance(o.gatewaySigner.address, paid.sessionId)!
    expect(ours).toEqual(theirs)
    const ev = ticketEv(paid.info.ticketParams!)
    expect(ours.num).toBeGreaterThanOrEqual(0n)
    // What was estimated too high stays as credit; it does not grow with each segment.
    expect(ours.num / ours.den).toBeLessThan((20n * ev.num) / ev.den)
  })

  it('pays an orchestrator that is free nothing, and signs its segments', async () => {
    o.price.perPixel = rational(0n)
    const { result } = await submit(0)
    expect(result).toMatchObject({ feeWei: 0n, tickets: 0 })
    expect(o.jobs).toHaveLength(1)
  })

  it('has sessions that do not know of each other', async () => {
    const info = await o.orchestrator.getOrchestrator(signOrchestratorRequest(o.gatewaySigner))
    const other = { ...paid, info, sessionId: sessionId('another') }
    const [a, b] = await Promise.all([
      opened.source.makeTickets(paid, 2, call),
      opened.source.makeTickets(other, 2, call),
    ])
    expect(a.tickets.map(({ senderNonce }) => senderNonce)).toEqual([1, 2])
    expect(b.tickets.map(({ senderNonce }) => senderNonce)).toEqual([1, 2])
  })

  let buying: ReturnType<typeof openBuying> | undefined
  let session: Awaited<ReturnType<typeof openSession>> | undefined
  beforeEach(() => {
    buying = openBuying(o.gatewaySigner, () => [])
    session = undefined
  })
  afterEach(() => buying?.close())

  async function submit(seq: number) {
    session ??= await openSession(o, o.gatewaySigner)
    paid = { ...paid, info: session.info, sessionId: session.sessionId }
    return submitSegment(
      {
        segment: hexHash(media.segment(seq)),
        ladder: LADDER,
        domain: o.domain,
        traceparent: '00-trace-01',
        signal: new AbortController().signal,
      },
      { ...buying!, session, payer: opened.source, hashing: o.hashing, lastSeenBlock: () => o.chain.block },
    )
  }
}
