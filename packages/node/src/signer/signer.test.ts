import { ManualClock, type Rational, rational, silentLog, toHex } from '@millrace/base'
import { ticketEv, ticketHash, ticketOf } from '@millrace/payments'
import {
  checkSegDataSeal,
  decodePaymentHeader,
  decodeSegmentHeader,
  manifestId,
  type OrchestratorInfo,
  type Payment,
  personalMessageHash,
  type SegData,
  signOrchestratorRequest,
  verifyOrchestratorRequest,
  verifySegment,
} from '@millrace/wire'
import { signatureVerifier } from '@millrace/wire/node'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { PaymentOrder, SignedPayment } from '../links/signer-link.ts'
import { openOrchestrator, type TestOrchestrator } from '../orchestrator/orchestrator-fixture.ts'
import { openSigner } from './signer-fixture.ts'
import { SpendingLimit } from './spending-limit.ts'

let o: TestOrchestrator
let info: OrchestratorInfo
let ev: Rational

beforeEach(async () => {
  o = await openOrchestrator()
  info = await o.orchestrator.getOrchestrator(signOrchestratorRequest(o.gatewaySigner))
  ev = ticketEv(info.ticketParams!)
})
afterEach(() => o[Symbol.asyncDispose]())

const order = (more: Partial<PaymentOrder> = {}): PaymentOrder => ({
  orchestrator: info,
  manifestId: 'stream',
  type: '',
  inPixels: 10_000_000n,
  ...more,
})
const ticketsOf = ({ payment }: SignedPayment) => (decodePaymentHeader(payment) as Payment).tickets
const stateOf = ({ state }: SignedPayment) => JSON.parse(new TextDecoder().decode(state.state))
const withPrice = (pricePerUnit: bigint): OrchestratorInfo => ({
  ...info,
  priceInfo: { ...info.priceInfo!, pricePerUnit },
})

describe('the identity of a signer', () => {
  it('is what orchestrators ask of a gateway, with the chain of its tickets', async () => {
    const { signer } = openSigner(o)
    const { address, signature, domain } = await signer.identity()
    expect(verifyOrchestratorRequest(signatureVerifier, { address, signature, ignoreCapacityCheck: false })).toBe(true)
    expect(address).toBe(o.gatewaySigner.address)
    expect(domain).toEqual(o.domain)
  })
})

describe('a payment', () => {
  it('is worth the fee: tickets that the orchestrator takes, and a header that names the session', async () => {
    const { signer } = openSigner(o)
    const signed = await signer.generatePayment(order())
    const payment = decodePaymentHeader(signed.payment)!
    expect(payment.sender).toBe(o.gatewaySigner.address)
    const price = rational(info.priceInfo!.pricePerUnit, info.priceInfo!.pixelsPerUnit)
    const fee = (10_000_000n * price.num) / price.den
    const worth = (BigInt(payment.tickets.length) * ev.num) / ev.den
    expect(worth).toBeGreaterThanOrEqual(fee)
    expect(worth - fee).toBeLessThan(ev.num / ev.den + 1n)
    expect(await o.receive(payment)).toMatchObject({ accepted: payment.tickets.length })
    const { segment, encoded } = decodeSegmentHeader(signed.segCreds)
    expect(segment).toMatchObject({ manifestId: 'stream', seq: 0, authToken: info.authToken })
    expect(verifySegment(signatureVerifier, payment.sender, segment)).toBe(true)
    checkSegDataSeal(signatureVerifier, payment.sender, { segment, encoded })
  })

  it('hands out a state with the names that go-livepeer gives them, signed as a personal message', async () => {
    const { signer } = openSigner(o)
    const signed = await signer.generatePayment(order({ app: 'an-app' }))
    expect(stateOf(signed)).toEqual({
      StateID: expect.stringMatching(/^[0-9a-f]{8}$/),
      PMSessionID: info.ticketParams!.recipientRandHash,
      LastUpdate: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      OrchestratorAddress: info.address,
      App: 'an-app',
      AuthExpiry: 0,
      SenderNonce: ticketsOf(signed).length,
      Balance: expect.stringMatching(/^\d+(\/\d+)?$/),
      InitialPricePerUnit: Number(info.priceInfo!.pricePerUnit),
      InitialPixelsPerUnit: Number(info.priceInfo!.pixelsPerUnit),
      Type: '',
      SequenceNumber: 0,
      AuthID: '',
    })
    const { state, signature } = signed.state
    expect(signatureVerifier.verifyPersonal(o.gatewaySigner.address, state, signature)).toBe(true)
  })

  it('spends first what was left of the one before, and goes on with the nonces', async () => {
    const { signer } = openSigner(o)
    const first = await signer.generatePayment(order({ inPixels: 1n }))
    expect(ticketsOf(first).map(({ senderNonce }) => senderNonce)).toEqual([1])
    // A pixel cost nearly nothing of the ticket, so the next pixels are paid already but for the least that must be sent.
    const second = await signer.generatePayment(order({ inPixels: 1n, state: first.state }))
    expect(ticketsOf(second).map(({ senderNonce }) => senderNonce)).toEqual([2])
    const third = signer.generatePayment(order({ inPixels: 1n, state: second.state }))
    await expect(third).rejects.toMatchObject({ code: 'no_tickets', status: 482 })
    expect(stateOf(second)).toMatchObject({ SequenceNumber: 1, StateID: stateOf(first).StateID })
  })

  it('with a state that was used before makes the same tickets again, which are worth nothing more', async () => {
    const { signer } = openSigner(o)
    const first = await signer.generatePayment(order())
    const [a, b] = [
      await signer.generatePayment(order({ state: first.state })),
      await signer.generatePayment(order({ state: first.state })),
    ]
    expect(ticketsOf(b)).toEqual(ticketsOf(a))
    await o.receive(decodePaymentHeader(a.payment)!)
    expect(await o.receive(decodePaymentHeader(b.payment)!)).toMatchObject({ accepted: 0 })
  })

  it.each([
    ['live', 10n],
    ['lv2v', 60n * 1280n * 720n * 30n],
    ['fixed', 1n],
  ] as const)('of type %s is for %s units at first', async (type, units) => {
    const { signer } = openSigner(o)
    // A price at which the units cost about three tickets.
    const orchestrator = { ...info, priceInfo: { pricePerUnit: (3n * ev.num) / ev.den, pixelsPerUnit: units } }
    const signed = await signer.generatePayment(order({ orchestrator, type }))
    expect(ticketsOf(signed)).toHaveLength(3)
    expect(stateOf(signed).Type).toBe(type)
  })

  it('of a live session is for the time since the last one', async () => {
    const clock = new ManualClock(Date.now())
    const { signer } = openSigner(o, { clock })
    const orchestrator = { ...info, priceInfo: { pricePerUnit: ev.num / ev.den + 1n, pixelsPerUnit: 1n } }
    const first = await signer.generatePayment(order({ orchestrator, type: 'live' }))
    await clock.advance(3_500)
    const second = await signer.generatePayment(order({ orchestrator, type: 'live', state: first.state }))
    const [before, after] = [first, second].map((signed) => ticketsOf(signed).length)
    // Ten seconds ahead, then the four that began.
    expect(before).toBeGreaterThanOrEqual(10)
    expect(after).toBeGreaterThanOrEqual(4)
    expect(after).toBeLessThanOrEqual(5)
  })
})

describe('a signer does not pay', () => {
  const refused = (order: PaymentOrder, more: Parameters<typeof openSigner>[1] = {}) =>
    openSigner(o, more).signer.generatePayment(order)

  it.each([
    ['without a price', (info: OrchestratorInfo) => ({ ...info, priceInfo: undefined }), 'missing or zero priceInfo'],
    [
      'at no price',
      (info: OrchestratorInfo) => ({ ...info, priceInfo: { pricePerUnit: 0n, pixelsPerUnit: 1n } }),
      'missing or zero priceInfo',
    ],
    [
      'without ticket parameters',
      (info: OrchestratorInfo) => ({ ...info, ticketParams: undefined }),
      'missing ticketParams in OrchestratorInfo',
    ],
    [
      'without an auth token',
      (info: OrchestratorInfo) => ({ ...info, authToken: undefined }),
      'remote signer could not check whether to refresh session: missing auth token',
    ],
  ] as const)('%s', async (_, change, message) => {
    await expect(refused(order({ orchestrator: change(info) as OrchestratorInfo }))).rejects.toMatchObject({
      status: 400,
      message,
    })
  })

  it('for terms that are about to run out, and says whom to ask for new ones', async () => {
    const stale = { ...info, authToken: { ...info.authToken!, expiration: Math.floor(Date.now() / 1000) + 100 } }
    const refresh = { code: 'refresh_session', status: 480, meta: { serviceUri: info.serviceUri } }
    await expect(refused(order({ orchestrator: stale }))).rejects.toMatchObject(refresh)
    o.chain.block = info.ticketParams!.expirationBlock
    await expect(refused(order())).rejects.toMatchObject(refresh)
  })

  it('more than its operator, the caller or the first price of the session allows', async () => {
    const price = rational(info.priceInfo!.pricePerUnit, info.priceInfo!.pixelsPerUnit)
    const below = rational(price.num, price.den * 2n)
    const tooDear = { code: 'price_exceeded', status: 481 }
    await expect(refused(order(), { maxPrice: () => below })).rejects.toMatchObject(tooDear)
    const maxPrice = { price: below, unit: 'pixels', currency: 'wei' }
    await expect(refused(order({ maxPrice }))).rejects.toMatchObject(tooDear)
    const first = await refused(order())
    const dearer = withPrice(info.priceInfo!.pricePerUnit + 1n)
    await expect(refused(order({ orchestrator: dearer, state: first.state }))).rejects.toMatchObject(tooDear)
    await expect(refused(order(), { maxPrice: () => price })).resolves.toBeDefined()
  })

  it.each([
    [
      'no number',
      { price: rational(0n), unit: 'pixels', currency: 'wei' },
      'maxPrice.price must be a positive decimal',
    ],
    ['another currency', { price: rational(1n), unit: 'pixels', currency: 'usd' }, 'maxPrice.currency must be wei'],
    ['another unit', { price: rational(1n), unit: 'seconds', currency: 'wei' }, /maxPrice.unit must be pixels/],
  ])('to a ceiling with %s', async (_, maxPrice, message) => {
    await expect(refused(order({ maxPrice }))).rejects.toMatchObject({
      status: 400,
      message: expect.stringMatching(message),
    })
  })

  it('for nothing', async () => {
    await expect(refused(order({ inPixels: 0n }))).rejects.toMatchObject({
      status: 400,
      message: 'missing billable unit or job type',
    })
  })

  it('more than a hundred tickets at once', async () => {
    await expect(refused(order({ inPixels: 10n ** 12n }))).rejects.toMatchObject({
      code: 'too_many_tickets',
      status: 400,
    })
  })

  it('with a state that it did not sign, or of something else', async () => {
    const { signer } = openSigner(o)
    const { state } = await signer.generatePayment(order({ type: 'fixed', app: 'a' }))
    const bad = { code: 'bad_state', status: 400 }
    const flipped = { ...state, state: state.state.map((byte, i) => (i === 20 ? byte ^ 1 : byte)) }
    const other = { ...info, address: `0x${'ab'.repeat(20)}` as const }
    const cases: readonly (readonly [Partial<PaymentOrder>, string])[] = [
      [{ state: flipped, type: 'fixed', app: 'a' }, 'invalid sig'],
      [{ state, type: 'fixed', app: 'a', orchestrator: other }, 'orchestratorAddress mismatch'],
      [{ state, type: 'fixed', app: 'b' }, 'app mismatch'],
      [{ state, type: 'live', app: 'a' }, 'job type mismatch'],
    ]
    for (const [change, message] of cases)
      await expect(signer.generatePayment(order(change))).rejects.toMatchObject({ ...bad, message })
    const text = new TextEncoder().encode('{"StateID":1}')
    const signed = { state: text, signature: o.gatewaySigner.signPersonal(text) }
    await expect(signer.generatePayment(order({ state: signed }))).rejects.toMatchObject({
      ...bad,
      message: 'invalid state',
    })
    const nameless = order({ state, type: 'fixed', app: 'a', manifestId: undefined })
    await expect(signer.generatePayment(nameless)).rejects.toMatchObject({ status: 400, message: 'missing manifestID' })
  })

  it('from an account without a deposit', async () => {
    const { signer, funds } = openSigner(o)
    funds.deposit = 0n
    await expect(signer.generatePayment(order())).rejects.toMatchObject({
      code: 'cannot_pay',
      status: 500,
      meta: { reason: 'no_sender_deposit' },
    })
  })

  it('more in an hour than its operator allows, and again when time has passed', async () => {
    const clock = new ManualClock(Date.now())
    const count = ticketsOf(await openSigner(o).signer.generatePayment(order())).length
    const perHourWei = (BigInt(count) * ev.num) / ev.den + 1n
    const { signer } = openSigner(o, { spending: new SpendingLimit({ perHourWei }, { clock }) })
    await signer.generatePayment(order())
    await expect(signer.generatePayment(order())).rejects.toMatchObject({ code: 'spending_limit', status: 429 })
    await clock.advance(1_800_000)
    await expect(signer.generatePayment(order())).rejects.toMatchObject({ code: 'spending_limit' })
    await clock.advance(1_800_000)
    await signer.generatePayment(order())
  })
})

describe('a segment', () => {
  const segment = (more: Partial<SegData> = {}): Omit<SegData, 'signature'> => ({
    manifestId: manifestId('stream'),
    seq: 7,
    profiles: [],
    durationMs: 2000,
    authToken: info.authToken!,
    calcPerceptualHash: false,
    forceSessionReinit: false,
    hash: `0x${'12'.repeat(32)}`,
    storage: [],
    wantsCommitment: true,
    ...more,
  })

  it('is signed as the gateway itself would, with its seal', async () => {
    const { signer } = openSigner(o)
    const { segment: signed, encoded } = decodeSegmentHeader(await signer.signSegment({ segment: segment() }))
    const { signature: _, ...rest } = signed
    expect(rest).toEqual(segment())
    expect(verifySegment(signatureVerifier, o.gatewaySigner.address, signed)).toBe(true)
    checkSegDataSeal(signatureVerifier, o.gatewaySigner.address, { segment: signed, encoded })
  })

  it.each(['', '.hidden', 'a b', 'x'.repeat(129), 'späne'])('is not signed with the name %j', async (name) => {
    const { signer } = openSigner(o)
    const order = { segment: segment({ manifestId: manifestId(name) }) }
    await expect(signer.signSegment(order)).rejects.toMatchObject({ code: 'bad_segment', status: 400 })
  })

  it('that reads as a ticket is not signed: its signature would be good for the whole deposit', async () => {
    const { checkSignable } = await import('./signable-segment.ts')
    const self = o.gatewaySigner.address
    const expirationParams = { creationRound: 5n, creationRoundBlockHash: `0x${'07'.repeat(32)}` as const }
    const params = { ...info.ticketParams!, faceValue: 10n ** 18n, winProb: (1n << 256n) - 1n }
    const ticket = ticketOf(params, { sender: self, senderNonce: 1, expirationParams })
    // What stands before the round in a ticket, as the name of a stream; number and hash of the segment are round and block hash.
    const word = (value: bigint) => value.toString(16).padStart(64, '0')
    const head = `${params.recipient.slice(2)}${self.slice(2)}${word(params.faceValue)}${word(params.winProb)}${word(1n)}${params.recipientRandHash.slice(2)}`
    const bytes = new Uint8Array(Buffer.from(`${head}${word(5n)}${'07'.repeat(32)}`, 'hex'))
    const { keccak256 } = await import('@millrace/base')
    // The two are signed alike: this is why it matters.
    expect(toHex(personalMessageHash(keccak256(bytes)))).toBe(toHex(personalMessageHash(ticketHash(ticket))))
    // A name whose UTF-8 has this account's address where a ticket has its sender.
    const plain = Array.from({ length: 1000 }, (_, i) => String.fromCharCode(97 + (i % 26))).join('')
    const text = `${plain.slice(0, 20)}${plain.slice(0, 20)}${plain.slice(0, 60)}`
    const ascii = `0x${Buffer.from(plain.slice(0, 20)).toString('hex')}` as `0x${string}`
    expect(() => checkSignable(ascii, segment({ manifestId: manifestId(text), seq: 5 }))).toThrow(/reads as a ticket/)
    expect(() => checkSignable(self, segment({ manifestId: manifestId(text), seq: 5 }))).not.toThrow()
  })
})

it('nothing of a signer is logged that must be secret', async () => {
  const lines: unknown[] = []
  const log = { ...silentLog, info: (...line: unknown[]) => void lines.push(line), child: () => log }
  const { signer } = openSigner(o, { log: log as never })
  const { payment, state } = await signer.generatePayment(order(), { headers: { Authorization: ['Bearer secret'] } })
  const text = JSON.stringify(lines, (_, value) => (typeof value === 'bigint' ? value.toString() : value))
  expect(text).toContain('a payment was signed')
  for (const secret of ['secret', payment, toHex(state.signature)]) expect(text).not.toContain(secret)
})
