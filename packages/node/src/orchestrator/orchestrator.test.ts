import { connect } from 'node:http2'
import { request } from 'node:https'
import { keccak256, toHex } from '@millrace/base'
import { paymentOf } from '@millrace/payments'
import {
  CONTENT_TYPE,
  DEFAULT_LADDER,
  decodeTranscodeResult,
  encodePaymentHeader,
  encodeSegmentHeader,
  HEADER,
  jobCapabilities,
  manifestId,
  type OrchestratorInfo,
  type Payment,
  PEER_ERROR,
  renditionsHash,
  type SegData,
  signOrchestratorRequest,
  signSegment,
  verifyHashMessage,
  verifySegmentCommitment,
} from '@millrace/wire'
import { signatureVerifier } from '@millrace/wire/node'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { OrchestratorRpc } from '../links/grpc/orchestrator-client.ts'
import { SecureClient, type SecureResponse } from '../links/http/secure-fetch.ts'
import { openOrchestrator, type TestOrchestrator } from './orchestrator-fixture.ts'

const BODY = new Uint8Array(Buffer.from('a source segment whose hash is signed'))

let o: TestOrchestrator
let rpc: OrchestratorRpc
let http: SecureClient

beforeEach(async () => {
  o = await openOrchestrator()
  rpc = new OrchestratorRpc(o.serviceUri())
  http = new SecureClient()
})

afterEach(async () => {
  rpc.close()
  http.close()
  await o[Symbol.asyncDispose]()
})

const terms = (): Promise<OrchestratorInfo> =>
  rpc.getOrchestrator(signOrchestratorRequest(o.gatewaySigner), { timeoutMs: 3_000 })

async function payment(info: OrchestratorInfo, tickets = 6): Promise<Payment> {
  if (!info.ticketParams) throw new Error('no ticket parameters')
  const batch = await o.tickets.createTicketBatch(o.tickets.startSession(info.ticketParams), tickets)
  return paymentOf(o.gatewaySigner.address, batch, info.priceInfo)
}

function segment(info: OrchestratorInfo, change: Partial<SegData> = {}): SegData {
  return signSegment(o.gatewaySigner, {
    manifestId: manifestId('clip'),
    seq: 3,
    profiles: DEFAULT_LADDER,
    durationMs: 2_000,
    capabilities: jobCapabilities({ profiles: DEFAULT_LADDER, storage: 'direct' }),
    ...(info.authToken && { authToken: info.authToken }),
    calcPerceptualHash: false,
    forceSessionReinit: false,
    hash: toHex(keccak256(BODY)),
    storage: [],
    wantsCommitment: true,
    ...change,
  })
}

const send = (headers: { payment?: string; segment?: string }, body: Uint8Array = BODY): Promise<SecureResponse> =>
  http.fetch(`${o.serviceUri()}/segment`, {
    headers: {
      'Content-Type': CONTENT_TYPE.segment,
      ...(headers.segment !== undefined && { [HEADER.segment]: headers.segment }),
      ...(headers.payment !== undefined && { [HEADER.payment]: headers.payment }),
    },
    body,
    headTimeoutMs: 5_000,
    timeoutMs: 5_000,
    maxBytes: 1 << 20,
  })

const textOf = (response: SecureResponse): string => Buffer.from(response.body).toString('utf8').trim()

describe('terms', () => {
  it('are told to a gateway that signs its address', async () => {
    const info = await terms()
    expect(info).toMatchObject({ serviceUri: o.serviceUri(), address: o.signer.address })
    expect(info.priceInfo?.pricePerUnit).toBeGreaterThan(0n)
    expect(info.ticketParams?.recipient).toBe(o.signer.address)
    expect(info.authToken?.sessionId).toMatch(/^[0-9a-f]{8}$/)
  })

  it('name the further instances of the orchestrator', async () => {
    const nodes = ['https://one.example:8935', 'https://two.example:8935']
    await using many = await openOrchestrator({ nodes })
    const client = new OrchestratorRpc(many.serviceUri())
    const info = await client.getOrchestrator(signOrchestratorRequest(many.gatewaySigner), { timeoutMs: 3_000 })
    expect(info.nodes).toEqual(nodes)
    client.close()
  })

  it('give every request a session of its own', async () => {
    const [a, b] = [await terms(), await terms()]
    expect(a.authToken?.sessionId).not.toBe(b.authToken?.sessionId)
  })

  it('are refused to a signature of somebody else, with the text that gateways know', async () => {
    const request = { ...signOrchestratorRequest(o.gatewaySigner), address: o.signer.address }
    await expect(rpc.getOrchestrator(request, { timeoutMs: 3_000 })).rejects.toMatchObject({
      meta: { peerText: `Invalid orchestrator request: ${PEER_ERROR.orchestratorRequestSignature}` },
    })
  })

  it('are refused when all sessions are taken', async () => {
    await using small = await openOrchestrator({ maxSessions: 0 })
    const client = new OrchestratorRpc(small.serviceUri())
    const asking = client.getOrchestrator(signOrchestratorRequest(small.gatewaySigner), { timeoutMs: 3_000 })
    await expect(asking).rejects.toMatchObject({
      meta: { peerText: `Invalid orchestrator request: ${PEER_ERROR.orchestratorCapped}` },
    })
    client.close()
  })
})

describe('a paid segment', () => {
  it('is transcoded, signed, committed to and debited', async () => {
    const info = await terms()
    const sent = segment(info)
    const response = await send({
      payment: encodePaymentHeader(await payment(info)),
      segment: encodeSegmentHeader(sent, o.gatewaySigner),
    })
    expect(response.status).toBe(200)
    const { result, info: fresh, seq } = decodeTranscodeResult(response.body)
    if ('error' in result) throw new Error(result.error)
    expect(seq).toBe(3)
    expect(result.data.segments).toHaveLength(DEFAULT_LADDER.length)
    const renditions = await Promise.all(
      result.data.segments.map(
        async ({ url }) => (await http.fetch(url, { headTimeoutMs: 3_000, timeoutMs: 3_000, maxBytes: 1 << 20 })).body,
      ),
    )
    const hash = renditionsHash(renditions.map((rendition) => keccak256(rendition)))
    expect(verifyHashMessage(signatureVerifier, o.signer.address, hash, result.data.signature)).toBe(true)
    const { commitment } = result.data
    expect(commitment && verifySegmentCommitment(signatureVerifier, o.domain, commitment)).toBe(true)
    expect(commitment).toMatchObject({
      sender: o.gatewaySigner.address,
      sourceHash: sent.hash,
      renditionsHash: toHex(hash),
      seq: 3,
    })
    expect(o.commitments).toEqual([commitment])
    expect(fresh?.authToken).toEqual(info.authToken)
    const debit = o.events.find((event) => event.type === 'segment_debited')
    expect(debit).toMatchObject({ sender: o.gatewaySigner.address })
    expect(BigInt((debit as { balanceWei: string }).balanceWei)).toBeGreaterThanOrEqual(0n)
  })

  it('is refused without payment, and nothing is rendered', async () => {
    const info = await terms()
    const priceOnly = paymentOf(o.gatewaySigner.address, undefined, info.priceInfo)
    const response = await send({
      payment: encodePaymentHeader(priceOnly),
      segment: encodeSegmentHeader(segment(info), o.gatewaySigner),
    })
    expect([response.status, textOf(response)]).toEqual([400, PEER_ERROR.insufficientBalance])
    expect(o.jobs).toEqual([])
  })

  it('is refused when its body is another one', async () => {
    const info = await terms()
    const changed = Uint8Array.from(BODY)
    changed[0]! ^= 1
    const headers = {
      payment: encodePaymentHeader(await payment(info)),
      segment: encodeSegmentHeader(segment(info), o.gatewaySigner),
    }
    const response = await send(headers, changed)
    expect([response.status, textOf(response)]).toEqual([403, PEER_ERROR.forbidden])
    expect(o.jobs).toEqual([])
  })

  it('is refused with expired ticket parameters', async () => {
    const info = await terms()
    const headers = {
      payment: encodePaymentHeader(await payment(info)),
      segment: encodeSegmentHeader(segment(info), o.gatewaySigner),
    }
    o.chain.block += 20n
    const response = await send(headers)
    expect([response.status, textOf(response)]).toEqual([400, 'TicketParams expired'])
    expect(o.jobs).toEqual([])
  })

  it('is refused when its tickets were used before', async () => {
    const info = await terms()
    const headers = {
      payment: encodePaymentHeader(await payment(info)),
      segment: encodeSegmentHeader(segment(info), o.gatewaySigner),
    }
    expect((await send(headers)).status).toBe(200)
    const again = await send(headers)
    expect(again.status).toBe(400)
    expect(textOf(again)).toContain('invalid ticket senderNonce: already seen')
    expect(o.jobs).toHaveLength(1)
  })

  it('is taken whatever the order in which its tickets were made, and each of them once', async () => {
    const info = await terms()
    const made = []
    for (const seq of [3, 4, 5])
      made.push({
        payment: encodePaymentHeader(await payment(info)),
        segment: encodeSegmentHeader(segment(info, { seq }), o.gatewaySigner),
      })
    const shuffled = [made[2]!, made[0]!, made[1]!]
    for (const headers of shuffled) {
      const response = await send(headers)
      expect(response.status).toBe(200)
      expect(decodeTranscodeResult(response.body).result).toHaveProperty('data')
    }
    expect(o.jobs.map(({ seq }) => seq)).toEqual([5, 3, 4])
    for (const headers of shuffled) {
      const again = await send(headers)
      expect(again.status).toBe(400)
      expect(textOf(again)).toContain('invalid ticket senderNonce: already seen')
    }
    expect(o.jobs).toHaveLength(3)
  })

  it('comes with video signatures beside its renditions when it asks for them', async () => {
    const signature = Uint8Array.of(1, 2, 3)
    const { transcode } = o.worker
    o.worker.transcode = async (job, call) => {
      const made = await transcode(job, call)
      return { ...made, renditions: made.renditions.map((rendition) => ({ ...rendition, signature })) }
    }
    const info = await terms()
    const response = await send({
      payment: encodePaymentHeader(await payment(info)),
      segment: encodeSegmentHeader(segment(info, { calcPerceptualHash: true }), o.gatewaySigner),
    })
    const { result } = decodeTranscodeResult(response.body)
    if ('error' in result) throw new Error(result.error)
    expect(o.jobs[0]!.signatures).toBe(true)
    for (const { url, perceptualHashUrl } of result.data.segments) {
      expect(perceptualHashUrl).toBe(`${url}.phash`)
      const hash = await http.fetch(perceptualHashUrl!, { headTimeoutMs: 3_000, timeoutMs: 3_000, maxBytes: 100 })
      expect([hash.headers['content-type'], [...hash.body]]).toEqual(['application/octet-stream', [...signature]])
    }
  })

  it('carries its failure inside the result once the work has begun', async () => {
    o.worker.transcode = async () => {
      throw new Error('No keyframes in input')
    }
    const info = await terms()
    const response = await send({
      payment: encodePaymentHeader(await payment(info)),
      segment: encodeSegmentHeader(segment(info), o.gatewaySigner),
    })
    expect(response.status).toBe(200)
    expect(decodeTranscodeResult(response.body).result).toEqual({ error: 'No keyframes in input' })
  })

  it.each([
    ['of nobody', (s: SegData) => ({ ...s, signature: new Uint8Array(65) }), PEER_ERROR.segmentSignature],
    ['for another manifest', (s: SegData) => ({ ...s, manifestId: manifestId('other') }), PEER_ERROR.segmentSignature],
    ['for another seq', (s: SegData) => ({ ...s, seq: 4 }), PEER_ERROR.segmentSignature],
    ['without a token', ({ authToken: _, ...s }: SegData) => s as SegData, PEER_ERROR.missingAuthToken],
  ] as const)('is refused with a header %s', async (_, change, text) => {
    const info = await terms()
    const header = encodeSegmentHeader(change(segment(info)), o.gatewaySigner)
    const response = await send({ payment: encodePaymentHeader(await payment(info)), segment: header })
    expect([response.status, textOf(response)]).toEqual([403, text])
    expect(o.jobs).toEqual([])
  })
})

describe('one flipped bit', () => {
  // Every third bit keeps the test short; fast enough to go over whole headers.
  const flips = (header: string, step: number): string[] => {
    const bytes = Buffer.from(header, 'base64')
    const out: string[] = []
    for (let bit = 0; bit < bytes.length * 8; bit += step) {
      const changed = Buffer.from(bytes)
      changed[bit >> 3]! ^= 1 << (bit & 7)
      out.push(changed.toString('base64'))
    }
    return out
  }

  it('in the segment header is refused, and nothing is rendered', async () => {
    const info = await terms()
    const paid = encodePaymentHeader(await payment(info))
    for (const changed of flips(encodeSegmentHeader(segment(info), o.gatewaySigner), 7)) {
      const response = await send({ payment: paid, segment: changed })
      expect(response.status, changed).toBe(403)
    }
    expect(o.jobs).toEqual([])
  })

  it('in the payment is refused, and nothing is rendered', async () => {
    const info = await terms()
    const header = encodeSegmentHeader(segment(info), o.gatewaySigner)
    for (const changed of flips(encodePaymentHeader(await payment(info, 1)), 5)) {
      const response = await send({ payment: changed, segment: header })
      expect([400, 402, 403], changed).toContain(response.status)
    }
    expect(o.jobs).toEqual([])
  })
})

describe('the TLS port', () => {
  it('serves HTTP/2 and HTTP/1.1 beside gRPC', async () => {
    const session = connect(o.serviceUri(), { rejectUnauthorized: false })
    const status = await new Promise((resolve, reject) => {
      const stream = session.request({ ':path': '/healthz' })
      stream.on('response', (headers) => resolve(headers[':status']))
      stream.on('error', reject)
      stream.resume()
    })
    session.close()
    expect(status).toBe(200)
    expect(
      (await http.fetch(`${o.serviceUri()}/healthz`, { headTimeoutMs: 2_000, timeoutMs: 2_000, maxBytes: 100 })).status,
    ).toBe(200)
    expect((await terms()).address).toBe(o.signer.address)
  })

  it('takes payments of 600 tickets, which need headers of 60 KB', async () => {
    const info = await terms()
    if (!info.ticketParams) throw new Error('no ticket parameters')
    const session = o.tickets.startSession(info.ticketParams)
    const one = await o.tickets.createTicketBatch(session, 5)
    const many = {
      ...one,
      tickets: Array.from({ length: 600 }, (_, i) => ({ ...one.tickets[0]!, senderNonce: i + 1 })),
    }
    const header = encodePaymentHeader(paymentOf(o.gatewaySigner.address, many, info.priceInfo))
    expect(header.length).toBeGreaterThan(50_000)
    const response = await send({ payment: header, segment: encodeSegmentHeader(segment(info), o.gatewaySigner) })
    // The copied signatures are wrong: what counts is that the header was read and judged.
    expect([response.status, textOf(response)]).toEqual([400, 'invalid ticket signature'])
  })

  it('answers garbage in its headers and survives a sender that goes away', async () => {
    expect((await send({ payment: '!!!', segment: 'AAAA' })).status).toBe(402)
    expect((await send({ segment: '!!!' })).status).toBe(403)
    expect((await send({})).status).toBe(403)
    const info = await terms()
    const headers = {
      [HEADER.segment]: encodeSegmentHeader(segment(info), o.gatewaySigner),
      [HEADER.payment]: encodePaymentHeader(await payment(info)),
      'content-length': '100000',
    }
    await new Promise<void>((resolve) => {
      const half = request(`${o.serviceUri()}/segment`, { method: 'POST', headers, rejectUnauthorized: false })
      half.on('error', () => resolve())
      half.write(BODY.subarray(0, 10), () => setTimeout(() => half.destroy(new Error('gone')), 50))
    })
    expect((await terms()).address).toBe(o.signer.address)
    expect(o.jobs).toEqual([])
  })

  it('ends a session for its token only', async () => {
    const { authToken } = await terms()
    if (!authToken) throw new Error('no token')
    const forged = { ...authToken, token: new Uint8Array(32) }
    await expect(rpc.endSession(forged, { timeoutMs: 2_000 })).rejects.toMatchObject({
      meta: { peerText: PEER_ERROR.endSessionInvalidAuthToken },
    })
    await expect(rpc.endSession(authToken, { timeoutMs: 2_000 })).resolves.toBeUndefined()
  })
})
