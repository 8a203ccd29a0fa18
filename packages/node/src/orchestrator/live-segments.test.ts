import { concatBytes, keccak256, toHex } from '@millrace/base'
import { paymentOf } from '@millrace/payments'
import {
  DEFAULT_LADDER,
  decodeTranscodeResult,
  encodePaymentHeader,
  encodeSegmentHeader,
  HEADER,
  jobCapabilities,
  type LiveMessage,
  manifestId,
  type NodeEventOf,
  type OrchestratorInfo,
  PEER_ERROR,
  renditionsHash,
  type SegData,
  signOrchestratorRequest,
  signSegment,
  UNKNOWN_HASH,
  verifyHashMessage,
  verifySegmentCommitment,
} from '@millrace/wire'
import { signatureVerifier } from '@millrace/wire/node'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type LiveRequest, openLiveRequest } from '../links/http/live-segment-client.ts'
import { LIVE_SEGMENT_PATH } from '../links/http/live-segment-server.ts'
import { SecureClient } from '../links/http/secure-fetch.ts'
import { openOrchestrator, type TestOrchestrator } from './orchestrator-fixture.ts'

const PIECES = ['one piece', 'another piece', 'the last piece'].map((text) => new Uint8Array(Buffer.from(text)))
const LADDER = DEFAULT_LADDER.slice(0, 2)
const PIXELS_A_PIECE = LADDER.reduce((sum, { width, height }) => sum + BigInt(width * height), 0n)

let o: TestOrchestrator
let http: SecureClient
let info: OrchestratorInfo
let over: AbortController
const messages: LiveMessage[] = []

beforeEach(async () => {
  o = await openOrchestrator()
  http = new SecureClient()
  over = new AbortController()
  messages.length = 0
  info = await o.orchestrator.getOrchestrator(signOrchestratorRequest(o.gatewaySigner))
})

afterEach(async () => {
  over.abort(new Error('the test is over'))
  http.close()
  await o[Symbol.asyncDispose]()
})

function header(change: Partial<SegData> = {}): string {
  const segment = signSegment(o.gatewaySigner, {
    manifestId: manifestId('clip'),
    seq: 3,
    profiles: LADDER,
    durationMs: 2_000,
    capabilities: jobCapabilities({ profiles: LADDER, storage: 'direct' }),
    ...(info.authToken && { authToken: info.authToken }),
    calcPerceptualHash: false,
    forceSessionReinit: false,
    hash: toHex(keccak256(concatBytes(...PIECES))),
    storage: [],
    wantsCommitment: true,
    ...change,
  })
  return encodeSegmentHeader(segment, o.gatewaySigner)
}

const opening = () => header({ hash: UNKNOWN_HASH, live: true })

async function open(segment = opening()): Promise<LiveRequest> {
  const batch = await o.tickets.createTicketBatch(o.tickets.startSession(info.ticketParams!), 6)
  return openLiveRequest(http, `${o.serviceUri()}${LIVE_SEGMENT_PATH}`, {
    headers: {
      [HEADER.segment]: segment,
      [HEADER.payment]: encodePaymentHeader(paymentOf(o.gatewaySigner.address, batch, info.priceInfo)),
    },
    headTimeoutMs: 5_000,
    maxBytes: 1 << 20,
    signal: over.signal,
    message: (message) => messages.push(message),
  })
}

const kinds = (kind: LiveMessage['kind']) => messages.filter((message) => message.kind === kind)
async function until(condition: () => boolean): Promise<void> {
  for (let i = 0; i < 200 && !condition(); i++) await new Promise((resolve) => setTimeout(resolve, 20))
  expect(condition()).toBe(true)
}
const debits = () =>
  o.events.filter((event): event is NodeEventOf<'segment_debited'> => event.type === 'segment_debited')

async function sendAll(request: LiveRequest, close: string): Promise<ReturnType<typeof decodeTranscodeResult>> {
  for (const bytes of PIECES) await request.write({ kind: 'media', bytes })
  await request.write({ kind: 'close', header: close })
  request.end()
  await request.answered
  const [result] = messages.splice(-1)
  if (result?.kind !== 'result') throw new Error('no result came')
  return decodeTranscodeResult(result.bytes)
}

describe('a live segment', () => {
  it('gives its parts while it arrives, and a signed, committed and debited result after its header', async () => {
    const request = await open()
    await request.write({ kind: 'media', bytes: PIECES[0]! })
    await until(() => kinds('part').length === LADDER.length)
    expect(kinds('init')).toHaveLength(LADDER.length)
    expect(debits()).toEqual([])
    for (const bytes of PIECES.slice(1)) await request.write({ kind: 'media', bytes })
    await request.write({ kind: 'close', header: header() })
    request.end()
    await request.answered
    const last = messages.at(-1)!
    if (last.kind !== 'result') throw new Error('no result came')
    const { result, seq } = decodeTranscodeResult(last.bytes)
    if ('error' in result) throw new Error(result.error)
    expect(seq).toBe(3)
    const joined = LADDER.map((_, i) =>
      concatBytes(
        ...messages.flatMap((m) => ((m.kind === 'init' || m.kind === 'part') && m.rendition === i ? [m.bytes] : [])),
      ),
    )
    const hash = renditionsHash(joined.map((bytes) => keccak256(bytes)))
    expect(verifyHashMessage(signatureVerifier, o.signer.address, hash, result.data.signature)).toBe(true)
    expect(verifySegmentCommitment(signatureVerifier, o.domain, result.data.commitment!)).toBe(true)
    expect(result.data.commitment).toMatchObject({
      sourceHash: toHex(keccak256(concatBytes(...PIECES))),
      renditionsHash: toHex(hash),
      pixels: 3n * PIXELS_A_PIECE,
    })
    expect(debits().map(({ pixels }) => pixels)).toEqual([String(3n * PIXELS_A_PIECE)])
  })

  it.each([
    ['other bytes than came', () => header({ hash: toHex(keccak256(PIECES[0]!)) })],
    ['another segment', () => header({ seq: 4 })],
    ['other profiles', () => header({ profiles: LADDER.slice(0, 1) })],
    ['an unknown hash', () => opening()],
  ])('closed by the header of %s is not signed, and what was given out is debited', async (_, close) => {
    const { result } = await sendAll(await open(), close())
    expect(result).toHaveProperty('error')
    expect(o.commitments).toEqual([])
    expect(debits().map(({ pixels }) => pixels)).toEqual([String(3n * PIXELS_A_PIECE)])
  })

  it('that goes on and on is given up, because it is paid only for what it said to last', async () => {
    await o[Symbol.asyncDispose]()
    o = await openOrchestrator({ liveLimitMs: 300 })
    info = await o.orchestrator.getOrchestrator(signOrchestratorRequest(o.gatewaySigner))
    const request = await open(header({ hash: UNKNOWN_HASH, live: true, durationMs: 50 }))
    const feeding = setInterval(() => void request.write({ kind: 'media', bytes: PIECES[0]! }), 20)
    await request.answered.finally(() => clearInterval(feeding))
    const last = messages.at(-1)!
    const { result } = decodeTranscodeResult(last.kind === 'result' ? last.bytes : new Uint8Array(0))
    expect(result).toEqual({ error: expect.stringContaining('did not end within 300 ms') })
    expect(debits()).toHaveLength(1)
  })

  it('whose sender goes away is given up, and what was given out is debited', async () => {
    const request = await open()
    await request.write({ kind: 'media', bytes: PIECES[0]! })
    await until(() => kinds('part').length === LADDER.length)
    over.abort(new Error('the gateway is gone'))
    await until(() => debits().length === 1)
    expect(debits()[0]!.pixels).toBe(String(PIXELS_A_PIECE))
    expect(o.commitments).toEqual([])
  })

  it.each([
    ['a message that is larger than any may be', Uint8Array.of(1, 0xff, 0xff, 0xff, 0xff)],
    ['a message of an unknown kind', Uint8Array.of(99, 0, 0, 0, 0)],
  ])('with %s fails, and the next one is served', async (_, garbage) => {
    const request = await open()
    await request.write({ kind: 'media', bytes: PIECES[0]! })
    await until(() => kinds('part').length === LADDER.length)
    request.writeRaw(garbage)
    await request.answered
    const last = messages.at(-1)!
    expect(last.kind === 'result' && decodeTranscodeResult(last.bytes).result).toHaveProperty('error')
    messages.length = 0
    const { result } = await sendAll(await open(), header())
    expect(result).toHaveProperty('data')
  })

  it.each([
    ['of a known hash', () => header()],
    ['that is not sealed', () => encodeSegmentHeader(signedOpening())],
  ])('is not opened by a header %s', async (_, segment) => {
    const request = await open(segment())
    expect(await request.answered).toMatchObject({ status: 403, text: PEER_ERROR.segmentSignature })
  })

  it('cannot be opened at the door of whole segments', async () => {
    const answer = await http.fetch(`${o.serviceUri()}/segment`, {
      headers: { [HEADER.segment]: opening() },
      body: PIECES[0]!,
      headTimeoutMs: 5_000,
      timeoutMs: 5_000,
      maxBytes: 1 << 20,
    })
    expect(answer.status).toBe(403)
  })

  it('is offered in the terms only while a worker takes such ones', async () => {
    expect(info.takesLiveSegments).toBe(true)
    o.worker.transcodeLive = undefined
    const later = await o.orchestrator.getOrchestrator(signOrchestratorRequest(o.gatewaySigner))
    expect(later.takesLiveSegments).toBeUndefined()
  })
})

const signedOpening = (): SegData =>
  signSegment(o.gatewaySigner, {
    manifestId: manifestId('clip'),
    seq: 3,
    profiles: LADDER,
    durationMs: 2_000,
    capabilities: jobCapabilities({ profiles: LADDER, storage: 'direct' }),
    ...(info.authToken && { authToken: info.authToken }),
    calcPerceptualHash: false,
    forceSessionReinit: false,
    hash: UNKNOWN_HASH,
    storage: [],
    wantsCommitment: false,
    live: true,
  })
