import { addRational, type Hex, multiplyRational, type Rational, rational, silentLog } from '@millrace/base'
import {
  type Address,
  decodePayment,
  decodePaymentHeader,
  encodePayment,
  encodePaymentHeader,
  type Payment,
  priceFromRational,
  ZERO_ADDRESS,
} from '@millrace/wire'
import { createKeySigner, hmacSha256, signatureVerifier } from '@millrace/wire/node'
import { describe, expect, it } from 'vitest'
import { devnetPaymentParameters } from './devnet-parameters.ts'
import { isSenderValidationError } from './errors.ts'
import { MemoryChain } from './memory-chain.fixture.ts'
import { fact } from './network-facts.fixture.ts'
import { MemoryNonceTable } from './nonce-table.ts'
import { TicketRecipient, type TicketRecipientDeps } from './recipient.ts'
import { paymentOf, TicketSender } from './sender.ts'
import { SenderMonitor } from './senderMonitor.ts'
import { ticketEv, ticketHash, ticketOf, type WinningTicket } from './ticket.ts'

const gateway = createKeySigner(new Uint8Array(32).fill(3))
const ORCHESTRATOR: Address = '0x00000000000000000000000000000000000000ee'
const PRICE = rational(101n, 500n)
const parameters = devnetPaymentParameters

/** Both sides of payments over one chain in memory; the same seeds each time, so that every run is the same. */
function open(more: Partial<TicketRecipientDeps> = {}) {
  const chain = new MemoryChain()
  chain.fund(gateway.address)
  const queued: WinningTicket[] = []
  let seed = 0
  const recipient = new TicketRecipient(
    { recipient: ORCHESTRATOR, parameters, secret: new Uint8Array(32).fill(5) },
    {
      clock: chain,
      gasPrices: chain,
      senders: new SenderMonitor({ claimant: ORCHESTRATOR }, { reserves: chain, clock: chain }),
      verifier: signatureVerifier,
      nonces: new MemoryNonceTable(),
      hmacSha256,
      randomBytes: (length) => new Uint8Array(length).fill(++seed),
      queueTicket: async (ticket) => void queued.push(ticket),
      isActive: () => chain.active,
      log: silentLog,
      ...more,
    },
  )
  const sender = new TicketSender({ parameters }, { signer: gateway, clock: chain, reserves: chain })
  const pay = async (tickets: number, price: Rational = PRICE): Promise<Payment> => {
    const params = (await recipient.ticketParams(gateway.address, price))!
    const batch = await sender.createTicketBatch(sender.startSession(params), tickets)
    return paymentOf(gateway.address, batch, priceFromRational(price))
  }
  return { chain, queued, recipient, sender, pay }
}

describe('a payment', () => {
  it('is credited with the expected value of its tickets', async () => {
    const { pay, recipient } = open()
    const payment = decodePaymentHeader(encodePaymentHeader(await pay(6)))!
    const received = await recipient.receivePayment(payment)
    expect(received.error).toBeUndefined()
    expect(received.accepted).toBe(6)
    expect(received.expectedPrice).toEqual(PRICE)
    expect(received.credit).toEqual(multiplyRational(ticketEv(payment.ticketParams!), rational(6n)))
  })

  it('of no tickets only tells the price', async () => {
    const { recipient } = open()
    const payment = paymentOf(gateway.address, undefined, { pricePerUnit: 1n, pixelsPerUnit: 5n })
    expect(await recipient.receivePayment(payment)).toMatchObject({ accepted: 0, expectedPrice: rational(1n, 5n) })
    expect((await recipient.receivePayment({ sender: gateway.address, tickets: [] })).error).toBeUndefined()
  })

  it('wins as often as its probability says, and the winners are worth what was credited', async () => {
    const { chain, pay, recipient, queued } = open()
    const TICKETS = 6000
    let credit = rational(0n)
    for (let i = 0; i < TICKETS / 600; i++) {
      const received = await recipient.receivePayment(await pay(600))
      expect(received.error).toBeUndefined()
      credit = addRational(credit, received.credit)
      chain.mine()
    }
    const { faceValue, winProb } = queued[0]!.ticket
    expect(credit).toEqual(multiplyRational(ticketEv({ faceValue, winProb }), rational(BigInt(TICKETS))))
    // One in ten; four standard deviations of 6000 draws are 93.
    expect(queued.length).toBeGreaterThan(TICKETS / 10 - 93)
    expect(queued.length).toBeLessThan(TICKETS / 10 + 93)
    for (const { ticket } of queued) expect(ticket.faceValue).toBe(parameters.ticketEvWei * 10n)
  })

  it('with one flipped bit anywhere is refused', async () => {
    const { pay, recipient, chain } = open({
      nonces: { claim: async (entries) => entries.map(() => 'new'), purgeExpired: async () => {} },
    })
    const payment = await pay(2)
    const bytes = encodePayment(payment)
    const intact = await recipient.receivePayment(decodePayment(bytes))
    expect(intact.accepted).toBe(2)
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const flipped = Uint8Array.from(bytes)
      flipped[bit >> 3]! ^= 1 << (bit & 7)
      let accepted = 2
      let error: unknown
      try {
        const decoded = decodePayment(flipped)
        // Whoever the flipped bytes name as sender has funds as well.
        chain.fund(decoded.sender)
        const received = await recipient.receivePayment(decoded)
        accepted = received.accepted
        error = received.error
        // A ticket that became an unknown field is not there to be refused; it is not credited either.
        if (decoded.tickets.length < 2) error ??= 'ticket missing'
      } catch (cause) {
        accepted = 0
        error = cause
      }
      expect(error, `bit ${bit}`).toBeDefined()
      expect(accepted, `bit ${bit}`).toBeLessThan(2)
    }
  })
})

describe('ticket parameters', () => {
  it('ask for nothing where nothing is to be paid', async () => {
    const { recipient } = open()
    expect(await recipient.ticketParams(gateway.address, rational(0n))).toBeUndefined()
    expect(await recipient.ticketParams(ZERO_ADDRESS, PRICE)).toBeUndefined()
  })

  it('take the round before while the hash of this round is not known', async () => {
    const { chain, recipient } = open()
    const params = async () => (await recipient.ticketParams(gateway.address, PRICE))!.expirationParams
    expect(await params()).toEqual({ creationRound: 100n, creationRoundBlockHash: chain.blockHashForRound(100n) })
    chain.round = 101n
    expect(await params()).toEqual({ creationRound: 100n, creationRoundBlockHash: chain.blockHashForRound(100n) })
  })

  it('are refused to a sender whose reserve is too small', async () => {
    const { chain, recipient } = open()
    chain.fund(gateway.address, { reserve: 1000n })
    await expect(recipient.ticketParams(gateway.address, PRICE)).rejects.toThrow('insufficient sender reserve')
  })

  it('are understood again after a restart with the same secret, and not with another', async () => {
    const first = open()
    const payment = await first.pay(1)
    expect((await open().recipient.receivePayment(payment)).accepted).toBe(1)
    const stranger = new TicketRecipient(
      { recipient: ORCHESTRATOR, parameters, secret: new Uint8Array(32).fill(6) },
      {
        clock: first.chain,
        gasPrices: first.chain,
        senders: new SenderMonitor({ claimant: ORCHESTRATOR }, { reserves: first.chain, clock: first.chain }),
        verifier: signatureVerifier,
        nonces: new MemoryNonceTable(),
        hmacSha256,
        randomBytes: (length) => new Uint8Array(length),
        queueTicket: async () => {},
        log: silentLog,
      },
    )
    expect((await stranger.receivePayment(payment)).error?.message).toBe(
      'invalid recipientRand for ticket recipientRandHash',
    )
  })
})

describe('the recipient', () => {
  it('accepts a ticket nonce once', async () => {
    const { pay, recipient } = open()
    const payment = await pay(1)
    expect((await recipient.receivePayment(payment)).accepted).toBe(1)
    const again = await recipient.receivePayment(payment)
    expect(again).toMatchObject({ accepted: 0, credit: rational(0n), error: { code: 'nonce_seen', fatal: false } })
    expect(again.error?.message).toBe(
      `invalid ticket senderNonce: already seen sender=${gateway.address.slice(2)} nonce=1`,
    )
  })

  it('accepts 600 nonces for one set of parameters', async () => {
    const { pay, recipient, sender } = open()
    const full = await pay(600)
    expect((await recipient.receivePayment(full)).accepted).toBe(600)
    const id = full.ticketParams!.recipientRandHash
    expect(sender.ticketsLeft(id)).toBe(0)
    await expect(sender.createTicketBatch(id, 1)).rejects.toMatchObject({ code: 'too_many_nonces' })
    const ticket = ticketOf(full.ticketParams!, {
      sender: gateway.address,
      senderNonce: 601,
      expirationParams: full.expirationParams!,
    })
    const signature = gateway.signPersonal(ticketHash(ticket))
    await expect(recipient.receiveTicket(ticket, signature, full.ticketParams!.seed, PRICE)).rejects.toThrow(
      'too many values',
    )
  })

  it('credits the good tickets of a payment with a badly signed one, and tells the fault', async () => {
    const { pay, recipient } = open()
    const payment = await pay(3)
    const [first, second, third] = payment.tickets
    const tickets = [first!, { ...second!, signature: first!.signature }, third!]
    expect(await recipient.receivePayment({ ...payment, tickets })).toMatchObject({
      accepted: 2,
      error: { code: 'invalid_ticket_signature' },
    })
  })

  it('stops at a fatal fault', async () => {
    const { pay, recipient } = open()
    const payment = await pay(3)
    const ticketParams = { ...payment.ticketParams!, recipient: gateway.address }
    expect(await recipient.receivePayment({ ...payment, ticketParams })).toMatchObject({
      accepted: 0,
      error: { code: 'invalid_recipient', fatal: true },
    })
  })

  it('refuses another price than the one it asked', async () => {
    const { pay, recipient } = open()
    const payment = await pay(1)
    const received = await recipient.receivePayment({
      ...payment,
      expectedPrice: { pricePerUnit: 1n, pixelsPerUnit: 5n },
    })
    expect(received.error?.code).toBe('invalid_recipient_rand')
    const none = { ...payment, expectedPrice: { pricePerUnit: 1n, pixelsPerUnit: 0n } }
    expect((await recipient.receivePayment(none)).error?.message).toMatch(
      /^invalid expected price sent with payment err="/,
    )
    const { expectedPrice: _, ...priceless } = payment
    expect((await recipient.receivePayment(priceless)).error?.code).toBe('invalid_expected_price')
  })

  it('refuses a sender that is about to withdraw, before it looks at the ticket', async () => {
    const { chain, pay, recipient } = open()
    const payment = await pay(1)
    chain.fund(gateway.address, { withdrawRound: 101n })
    const ticketParams = { ...payment.ticketParams!, recipient: gateway.address }
    expect((await recipient.receivePayment({ ...payment, ticketParams })).error?.code).toBe('sender_unlocking')
  })

  it('refuses expired parameters, but redeems a winner among them and one that was seen before', async () => {
    const { chain, pay, recipient, queued } = open()
    const payment = await pay(40)
    await recipient.receivePayment(payment)
    const won = queued.length
    expect(won).toBeGreaterThan(0)
    chain.mine(10n)
    expect((await recipient.receivePayment(payment)).error?.code).toBe('nonce_seen')
    expect(queued).toHaveLength(2 * won)
    await recipient.purgeExpired()
    expect(await recipient.receivePayment(payment)).toMatchObject({
      accepted: 0,
      error: { code: 'ticket_params_expired', fatal: false, message: 'TicketParams expired' },
    })
    expect(queued).toHaveLength(3 * won)
  })

  it('takes nothing while it is not in the active set', async () => {
    const { chain, pay, recipient } = open()
    const payment = await pay(1)
    chain.active = false
    expect((await recipient.receivePayment(payment)).error?.message).toBe(
      `orchestrator ${ORCHESTRATOR} is inactive in round 100, cannot process payments`,
    )
  })

  it('refuses tickets without a sender', async () => {
    const { pay, recipient } = open()
    const payment = { ...(await pay(1)), sender: ZERO_ADDRESS }
    expect((await recipient.receivePayment(payment)).error?.message).toMatch(/^Could not find Sender for payment/)
  })

  it('credits the sender even when a winner cannot be queued', async () => {
    const { pay, recipient } = open({ queueTicket: async () => Promise.reject(new Error('disk full')) })
    const received = await recipient.receivePayment(await pay(40))
    expect(received.accepted).toBe(40)
    expect(received.won.length).toBeGreaterThan(0)
  })
})

describe('the sender', () => {
  it('counts nonces from 1 and goes on with a session it knows', async () => {
    const { recipient, sender } = open()
    const params = (await recipient.ticketParams(gateway.address, PRICE))!
    const id = sender.startSession(params)
    const nonces = async (size: number) => (await sender.createTicketBatch(id, size)).tickets.map((t) => t.senderNonce)
    expect(await nonces(2)).toEqual([1, 2])
    expect(sender.startSession({ ...params })).toBe(id)
    expect(await nonces(1)).toEqual([3])
    sender.endSession(id)
    await expect(sender.createTicketBatch(id, 1)).rejects.toMatchObject({ code: 'unknown_session' })
  })

  it('does not use parameters that are about to expire', async () => {
    const { chain, recipient, sender } = open()
    const params = (await recipient.ticketParams(gateway.address, PRICE))!
    const { input, expected } = fact<{ lastSeenL1Block: number; expirationBlocks: number[] }, string[]>(
      'sender-params-expiry',
    )
    chain.block = BigInt(input.lastSeenL1Block)
    for (const [i, block] of input.expirationBlocks.entries()) {
      const check = sender.validateTicketParams({ ...params, expirationBlock: BigInt(block) })
      if (expected[i] === 'ok') await expect(check).resolves.toBeUndefined()
      else await expect(check).rejects.toThrow(expected[i])
    }
  })

  // 2026-06: parameters with block 0 counted as having no end, and were not held to any limit.
  it('refuses parameters that never expire, be they free, within its limits or far above them', async () => {
    const { recipient, sender } = open()
    const params = (await recipient.ticketParams(gateway.address, PRICE))!
    const endless = { ...params, expirationBlock: 0n }
    const dear = { faceValue: parameters.maxTicketEvWei * 1000n, winProb: (1n << 256n) - 1n }
    for (const one of [endless, { ...endless, winProb: 0n }, { ...endless, ...dear }]) {
      await expect(sender.validateTicketParams(one)).rejects.toMatchObject({ code: 'no_expiration_block' })
      await expect(sender.createTicketBatch(sender.startSession(one), 1)).rejects.toMatchObject({
        code: 'no_expiration_block',
      })
    }
  })

  it('gives no more value than it was told to', async () => {
    const { chain, recipient, sender } = open()
    const params = (await recipient.ticketParams(gateway.address, PRICE))!
    const winProb = (1n << 255n) - 1n
    const dear = { ...params, faceValue: parameters.maxTicketEvWei * 2n, winProb }
    await expect(sender.validateTicketParams(dear)).resolves.toBeUndefined()
    await expect(sender.validateTicketParams({ ...dear, faceValue: dear.faceValue + 10n })).rejects.toMatchObject({
      code: 'ticket_ev_too_high',
    })
    await expect(sender.validateTicketParams(dear, { tickets: 6 })).resolves.toBeUndefined()
    await expect(sender.validateTicketParams(dear, { tickets: 7 })).rejects.toMatchObject({ code: 'total_ev_too_high' })
    await expect(sender.validateTicketParams({ ...params, winProb: (1n << 256n) - 1n })).rejects.toMatchObject({
      code: 'face_value_too_low',
    })
    chain.fund(gateway.address, { deposit: params.faceValue - 1n })
    await expect(sender.validateTicketParams(params)).rejects.toMatchObject({ code: 'face_value_too_high' })
    await expect(sender.validateTicketParams({ ...params, winProb: 0n })).resolves.toBeUndefined()
  })

  it('stops its stream when it cannot pay anyone', async () => {
    const { chain, sender } = open()
    const fault = async (funds: Parameters<MemoryChain['fund']>[1]) => {
      chain.fund(gateway.address, funds)
      return sender.validateSender().catch((error: unknown) => {
        expect(isSenderValidationError(error)).toBe(true)
        return (error as Error).message
      })
    }
    expect(await fault({})).toBeUndefined()
    expect(await fault({ reserve: 0n })).toBe('no sender reserve')
    expect(await fault({ deposit: 0n })).toBe('no sender deposit')
    expect(await fault({ withdrawRound: 101n })).toMatch(/^unable to validate sender/)
    expect(isSenderValidationError(new Error('x'))).toBe(false)
  })

  it('falls back to its own round when the parameters tell none', async () => {
    const { chain, recipient, sender } = open()
    const { expirationParams: _, ...params } = (await recipient.ticketParams(gateway.address, PRICE))!
    const batch = await sender.createTicketBatch(sender.startSession(params), 1)
    expect(batch.expirationParams).toEqual({
      creationRound: 100n,
      creationRoundBlockHash: chain.blockHashForRound(100n) satisfies Hex,
    })
  })
})
