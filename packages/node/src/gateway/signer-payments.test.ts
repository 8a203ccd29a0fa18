import { rational } from '@millrace/base'
import { paymentOf } from '@millrace/payments'
import { signOrchestratorRequest } from '@millrace/wire'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { type PaymentOrder, SignerError, type SignerLink } from '../links/signer-link.ts'
import { openOrchestrator, type TestOrchestrator } from '../orchestrator/orchestrator-fixture.ts'
import { openSigner } from '../signer/signer-fixture.ts'
import type { PaidSession } from './payment-source.ts'
import { isSignerFault, SignerPayments } from './signer-payments.ts'

let o: TestOrchestrator
let session: PaidSession

beforeEach(async () => {
  o = await openOrchestrator()
  const info = await o.orchestrator.getOrchestrator(signOrchestratorRequest(o.gatewaySigner))
  session = { info, sessionId: info.authToken!.sessionId, manifestId: 'stream' as never }
})
afterEach(() => o[Symbol.asyncDispose]())

/** Payments by a signer whose answers the test may lose or change. */
async function open(change: (link: SignerLink) => Partial<SignerLink> = () => ({}), signer = openSigner(o).signer) {
  const link: SignerLink = {
    identity: () => signer.identity(),
    generatePayment: (order) => signer.generatePayment(order),
    signSegment: (order) => signer.signSegment(order),
    discover: (caps) => signer.discover(caps),
  }
  return new SignerPayments({ link: { ...link, ...change(link) }, identity: await signer.identity() })
}

it('an answer that is lost costs nothing: the same tickets are signed again', async () => {
  let lose = false
  const orders: PaymentOrder[] = []
  const payments = await open((link) => ({
    generatePayment: async (order) => {
      orders.push(order)
      const signed = await link.generatePayment(order)
      if (lose) throw new SignerError('signer_unreachable', 503, 'gone')
      return signed
    },
  }))
  await payments.makeTickets(session, 2, {})
  lose = true
  const lost = await payments.makeTickets(session, 3, {}).catch((error) => error)
  expect(isSignerFault(lost)).toBe(true)
  lose = false
  const batch = await payments.makeTickets(session, 3, {})
  expect(batch.tickets.map(({ senderNonce }) => senderNonce)).toEqual([3, 4, 5])
  expect(orders[2]).toEqual(orders[1])
  const { accepted } = await o.receive(paymentOf(payments.address, batch, session.info.priceInfo))
  expect(accepted).toBe(3)
})

it('pixels are named that cost what the tickets are worth, over many payments', async () => {
  let pixels = 0n
  const payments = await open((link) => ({
    generatePayment: (order) => {
      pixels += order.inPixels
      return link.generatePayment(order)
    },
  }))
  let tickets = 0
  for (const count of [1, 1, 2, 5, 1, 3, 1, 1, 7])
    tickets += (await payments.makeTickets(session, count, {})).tickets.length
  expect(tickets).toBe(22)
  const { faceValue, winProb } = session.info.ticketParams!
  const { pricePerUnit, pixelsPerUnit } = session.info.priceInfo!
  const worth = (22n * faceValue * winProb) / ((1n << 256n) - 1n)
  const fee = (pixels * pricePerUnit) / pixelsPerUnit
  // Less than a pixel is missing in the end, however many payments there were.
  expect(worth - fee).toBeLessThanOrEqual(pricePerUnit / pixelsPerUnit + 1n)
  expect(worth - fee).toBeGreaterThanOrEqual(0n)
})

it('an orchestrator whose pixel costs more than a ticket is paid in as many as it takes', async () => {
  const dear = { ...session, info: { ...session.info, priceInfo: { pricePerUnit: 10n ** 8n, pixelsPerUnit: 1n } } }
  const payments = await open()
  const { tickets } = await payments.makeTickets(dear, 1, {})
  expect(tickets.length).toBeGreaterThan(1)
})

it('terms that have run out for the signer have the session opened anew', async () => {
  const payments = await open()
  o.chain.block += 1_000n
  await expect(payments.makeTickets(session, 1, {})).rejects.toMatchObject({ code: 'session_stale', retryable: true })
})

it('a price that the signer does not pay is the orchestrator’s, not the signer’s', async () => {
  const { signer } = openSigner(o, { maxPrice: () => rational(0n) })
  const error = await (await open(() => ({}), signer)).makeTickets(session, 1, {}).catch((error) => error)
  expect(error).toMatchObject({ code: 'price_exceeded' })
  expect(isSignerFault(error)).toBe(false)
})

it('a payment of another account, or for other parameters, is not passed on', async () => {
  const other = await openOrchestrator()
  try {
    const { signer } = openSigner(other)
    const stranger = await open(() => ({ generatePayment: (order) => signer.generatePayment(order) }))
    await expect(stranger.makeTickets(session, 1, {})).rejects.toMatchObject({ code: 'signer_refused' })
    const fresh = await o.orchestrator.getOrchestrator(signOrchestratorRequest(o.gatewaySigner))
    const mixed = await open((link) => ({
      generatePayment: (order) => link.generatePayment({ ...order, orchestrator: fresh }),
    }))
    await expect(mixed.makeTickets(session, 1, {})).rejects.toMatchObject({ code: 'signer_refused' })
  } finally {
    await other[Symbol.asyncDispose]()
  }
})
