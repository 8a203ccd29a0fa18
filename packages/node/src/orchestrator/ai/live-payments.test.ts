import { keccak256, toHex } from '@millrace/base'
import { paymentOf } from '@millrace/payments'
import {
  decodeOrchestratorInfo,
  decodePaymentResult,
  encodePaymentHeader,
  encodeSegmentHeader,
  HEADER,
  manifestId,
  type OrchestratorInfo,
  sessionId,
  signOrchestratorRequest,
  signSegment,
} from '@millrace/wire'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { OrchestratorRpc } from '../../links/grpc/orchestrator-client.ts'
import { SecureClient } from '../../links/http/secure-fetch.ts'
import { openOrchestrator, type TestOrchestrator } from '../orchestrator-fixture.ts'

const STREAM = manifestId('35_stream')
const TICKETS = 4

let o: TestOrchestrator
let http: SecureClient
let rpc: OrchestratorRpc

beforeEach(async () => {
  o = await openOrchestrator()
  http = new SecureClient()
  rpc = new OrchestratorRpc(o.serviceUri())
})
afterEach(async () => {
  rpc.close()
  http.close()
  await o[Symbol.asyncDispose]()
})

const terms = () => rpc.getOrchestrator(signOrchestratorRequest(o.gatewaySigner), { timeoutMs: 3_000 })

async function headersOf(info: OrchestratorInfo): Promise<Record<string, string>> {
  const batch = await o.tickets.createTicketBatch(o.tickets.startSession(info.ticketParams!), TICKETS)
  const segment = signSegment(o.gatewaySigner, {
    ...{ manifestId: STREAM, seq: 0, profiles: [], durationMs: 0, storage: [] },
    ...(info.authToken && { authToken: info.authToken }),
    ...{ calcPerceptualHash: false, forceSessionReinit: false, wantsCommitment: false },
    hash: toHex(keccak256(new Uint8Array(0))),
  })
  return {
    [HEADER.payment]: encodePaymentHeader(paymentOf(o.gatewaySigner.address, batch, info.priceInfo)),
    [HEADER.segment]: encodeSegmentHeader(segment),
  }
}

const post = (path: string, headers: Record<string, string>, body = new Uint8Array(0)) =>
  http.fetch(`${o.serviceUri()}${path}`, {
    ...{ method: 'POST' as const, headers, body, headTimeoutMs: 5_000, timeoutMs: 5_000, maxBytes: 1 << 20 },
  })
const refresh = (body: unknown) =>
  post('/refresh-payment', { 'content-type': 'application/json' }, new TextEncoder().encode(JSON.stringify(body)))
const textOf = ({ body }: { body: Uint8Array }) => Buffer.from(body).toString('utf8').trim()

describe('a payment without work', () => {
  it('is credited to the account that its headers name, and answered with fresh terms and the same token', async () => {
    const info = await terms()
    const answer = await post('/payment', await headersOf(info))
    expect(answer.status, textOf(answer)).toBe(200)
    const { info: fresh } = decodePaymentResult(answer.body)
    expect(fresh?.authToken).toEqual(info.authToken)
    expect(fresh?.ticketParams?.recipient).toBe(o.signer.address)
    expect(o.balances.balance(o.gatewaySigner.address, sessionId(STREAM))?.num).toBeGreaterThan(0n)
    expect(o.balances.balance(o.gatewaySigner.address, info.authToken!.sessionId)).toBeUndefined()
    expect(o.events).toContainEqual(expect.objectContaining({ type: 'payment_received', tickets: TICKETS }))
  })

  it('that comes twice is taken once', async () => {
    const headers = await headersOf(await terms())
    await post('/payment', headers)
    const credit = o.balances.balance(o.gatewaySigner.address, sessionId(STREAM))
    const again = await post('/payment', headers)
    expect([again.status, textOf(again)]).toEqual([400, expect.stringContaining('nonce')])
    expect(o.balances.balance(o.gatewaySigner.address, sessionId(STREAM))).toEqual(credit)
  })

  it.each([
    ['a damaged payment', { [HEADER.payment]: 'AAA' }, 402],
    ['no segment header', { [HEADER.segment]: '' }, 403],
  ])('with %s is refused with %s', async (_, change, status) => {
    const answer = await post('/payment', { ...(await headersOf(await terms())), ...change })
    expect(answer.status).toBe(status)
  })
})

describe('fresh terms for payments', () => {
  it('are told at the price that was agreed on, for an account that was paid before', async () => {
    const info = await terms()
    await post('/payment', await headersOf(info))
    const answer = await refresh({ sender: o.gatewaySigner.address, manifest_id: STREAM })
    expect(answer.status, textOf(answer)).toBe(200)
    const told = JSON.parse(textOf(answer)) as Record<string, string>
    expect(told).toMatchObject({ orchestrator: o.serviceUri(), manifest_id: STREAM })
    expect(told.payment_url).toBe(`${o.serviceUri()}/payment`)
    const fresh = decodeOrchestratorInfo(Buffer.from(told.payment_params!, 'base64'))
    expect(fresh.priceInfo).toEqual(info.priceInfo)
    expect(fresh.authToken?.sessionId).toBe(STREAM)
  })

  it.each([
    ['an account without an agreed price', () => ({ sender: o.gatewaySigner.address, manifest_id: 'other' }), 409],
    ['no address', () => ({ sender: 'me', manifest_id: STREAM }), 400],
    ['no account', () => ({ sender: o.gatewaySigner.address }), 400],
    ['no object', () => null, 400],
  ])('are refused for %s', async (_, body, status) => {
    expect((await refresh(body())).status).toBe(status)
  })
})
