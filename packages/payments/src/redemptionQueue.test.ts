import { type Hex, type LogFields, MillraceError, silentLog } from '@millrace/base'
import type { Address, NodeEventBody } from '@millrace/wire'
import { describe, expect, it } from 'vitest'
import { MemoryChain } from './memory-chain.fixture.ts'
import { MemoryTicketStore } from './memory-ticket-store.ts'
import { mainChainPaymentParameters } from './parameters.ts'
import type { RedemptionOutcome } from './ports.ts'
import { RedemptionQueue } from './redemptionQueue.ts'
import { SenderMonitor } from './senderMonitor.ts'
import { type Ticket, type WinningTicket, winningTicket } from './ticket.ts'

const ME: Address = '0x00000000000000000000000000000000000000ee'
const ALICE: Address = '0x00000000000000000000000000000000000000a1'
const BOB: Address = '0x00000000000000000000000000000000000000b2'

function open(chain = new MemoryChain(), store = new MemoryTicketStore()) {
  chain.fund(ALICE)
  chain.fund(BOB)
  const events: NodeEventBody[] = []
  const senders = new SenderMonitor({ claimant: ME }, { reserves: chain, clock: chain })
  const queue = new RedemptionQueue(
    { recipient: ME, parameters: mainChainPaymentParameters },
    {
      broker: chain,
      store,
      clock: chain,
      gasPrices: chain,
      senders,
      isActive: () => chain.active,
      tell: (event) => events.push(event),
      log: silentLog,
    },
  )
  return { chain, store, senders, queue, events }
}

const ticket = (senderNonce: number, more: Partial<Ticket> = {}): WinningTicket =>
  winningTicket({
    ticket: {
      recipient: ME,
      sender: ALICE,
      faceValue: 35_000_000n,
      winProb: 1n,
      senderNonce,
      recipientRandHash: `0x${'ab'.repeat(32)}`,
      creationRound: 100n,
      creationRoundBlockHash: `0x${'64'.repeat(32)}`,
      paramsExpirationBlock: 1000n,
      ...more,
    },
    signature: new Uint8Array(65).fill(1),
    recipientRand: 1n,
  })

async function queued<Setup extends ReturnType<typeof open>>(
  setup: Setup,
  ...tickets: WinningTicket[]
): Promise<Setup> {
  for (const one of tickets) await setup.queue.queueTicket(one)
  return setup
}

const statusOf = async (setup: ReturnType<typeof open>, { hash }: WinningTicket) =>
  (await setup.store.find(hash))?.state.status

describe('the redemption queue', () => {
  it('redeems tickets of a sender in the order they came', async () => {
    const tickets = [3, 1, 2].map((n) => ticket(n))
    const setup = await queued(open(), ...tickets)
    await setup.queue.redeemNow()
    expect(setup.chain.sent.map(({ hash }) => hash)).toEqual(tickets.map(({ hash }) => hash))
    for (const one of tickets) expect(await statusOf(setup, one)).toBe('redeemed')
    expect(setup.events.map(({ type }) => type)).toEqual([
      'ticket_won',
      'ticket_won',
      'ticket_won',
      'ticket_redeemed',
      'ticket_redeemed',
      'ticket_redeemed',
    ])
    expect(setup.events.at(-1)).toMatchObject({
      paidWei: '35000000',
      txHash: setup.chain.sent[2]!.txHash,
      block: '1000',
    })
    expect(setup.senders.pending(ALICE)).toBe(0n)
  })

  it('waits until the parameters of a ticket have expired', async () => {
    const late = ticket(1, { paramsExpirationBlock: 1003n })
    const setup = await queued(open(), late)
    await setup.queue.start({ signal: new AbortController().signal })
    for (const [block, sent] of [
      [1001n, 0],
      [1002n, 0],
      [1003n, 1],
    ] as const) {
      setup.chain.mine()
      await setup.queue.settled()
      expect(setup.chain.block).toBe(block)
      expect(setup.chain.sent).toHaveLength(sent)
    }
    await setup.queue.stop()
    expect(setup.chain.listeners).toBe(0)
  })

  it('does not let one ticket that cannot be redeemed hold up later ones', async () => {
    const [poor, broken, good] = [ticket(1, { faceValue: 1n }), ticket(2), ticket(3)]
    const setup = open()
    setup.chain.refusals.set(broken.hash, new Error('the provider is away'))
    await queued(setup, poor, broken, good)
    await setup.queue.redeemNow()
    expect(setup.chain.sent.map(({ hash }) => hash)).toEqual([good.hash])
    expect(await statusOf(setup, poor)).toBe('queued')
    expect(await statusOf(setup, broken)).toBe('queued')
    setup.chain.refusals.clear()
    setup.chain.mine()
    await setup.queue.redeemNow()
    expect(await statusOf(setup, broken)).toBe('redeemed')
  })

  it('reads on when the first hundred tickets cannot be redeemed', async () => {
    const poor = Array.from({ length: 150 }, (_, i) => ticket(i + 1, { faceValue: 1n }))
    const good = ticket(1000)
    const setup = await queued(open(), ...poor, good)
    await setup.queue.redeemNow()
    expect(await statusOf(setup, good)).toBe('redeemed')
    expect(setup.chain.sent).toHaveLength(1)
  })

  it('goes on with other tickets while one transaction is pending', async () => {
    const [slow, next, other] = [ticket(1), ticket(3), ticket(2, { sender: BOB })]
    const setup = open()
    let resolve: (outcome: RedemptionOutcome) => void = () => {}
    const mined = new Promise<RedemptionOutcome>((done) => {
      resolve = done
    })
    setup.chain.behaviour.set(slow.hash, () => mined)
    await queued(setup, slow)
    const first = setup.queue.redeemNow()
    await new Promise((done) => setImmediate(done))
    expect(setup.senders.pending(ALICE)).toBe(35_000_000n)
    await queued(setup, next, other)
    const second = setup.queue.redeemNow()
    await new Promise((done) => setImmediate(done))
    expect(await statusOf(setup, next)).toBe('redeemed')
    expect(await statusOf(setup, other)).toBe('redeemed')
    expect(await statusOf(setup, slow)).toBe('submitted')
    resolve({ status: 'redeemed', txHash: setup.chain.sent[0]!.txHash, block: 1000n })
    await Promise.all([first, second])
    expect(await statusOf(setup, slow)).toBe('redeemed')
    expect(setup.chain.sent).toHaveLength(3)
    expect(setup.senders.pending(ALICE)).toBe(0n)
  })

  it('drops a ticket for a reason that is final, and says so', async () => {
    const [thrown, reverted] = [ticket(1), ticket(2)]
    const setup = open()
    const cause = new MillraceError('ticket_round_without_block_hash', 'no block hash')
    setup.chain.refusals.set(thrown.hash, new MillraceError('transaction_failed', 'failed', { cause }))
    setup.chain.behaviour.set(reverted.hash, async () => ({ status: 'reverted', code: 'ticket_signature_invalid' }))
    await queued(setup, thrown, reverted)
    await setup.queue.redeemNow()
    expect((await setup.store.find(thrown.hash))?.state).toMatchObject({
      status: 'dropped',
      reason: 'ticket_round_without_block_hash',
    })
    expect((await setup.store.find(reverted.hash))?.state).toMatchObject({ reason: 'ticket_signature_invalid' })
    expect(setup.events.filter(({ type }) => type === 'ticket_dropped')).toHaveLength(2)
  })

  it('keeps a ticket whose transaction reverted without a reason or disappeared', async () => {
    for (const outcome of [
      { status: 'reverted' },
      { status: 'reverted', code: 'out_of_gas' },
      { status: 'dropped' },
    ] as const) {
      const setup = open()
      const one = ticket(1)
      setup.chain.behaviour.set(one.hash, async () => outcome)
      await queued(setup, one)
      await setup.queue.redeemNow()
      expect(await statusOf(setup, one)).toBe('queued')
      expect(setup.senders.pending(ALICE)).toBe(0n)
      setup.chain.behaviour.clear()
      setup.chain.mine()
      await setup.queue.redeemNow()
      expect(await statusOf(setup, one)).toBe('redeemed')
    }
  })

  it('keeps a ticket while the protocol is paused, and redeems it afterwards', async () => {
    const setup = open()
    const one = ticket(1)
    const paused = 'redeemWinningTicket: system is paused'
    setup.chain.refusals.set(one.hash, new MillraceError('reverted', paused, { meta: { reason: 'system is paused' } }))
    await queued(setup, one)
    for (let block = 0; block < 10; block++) {
      await setup.queue.redeemNow()
      setup.chain.mine()
    }
    expect(await statusOf(setup, one)).toBe('queued')
    setup.chain.refusals.clear()
    for (let block = 0; block < 10; block++) {
      setup.chain.mine()
      await setup.queue.redeemNow()
    }
    expect(await statusOf(setup, one)).toBe('redeemed')
  })

  it('tries a failing ticket less and less often', async () => {
    const setup = open()
    const one = ticket(1)
    setup.chain.behaviour.set(one.hash, async () => ({ status: 'dropped' }))
    await queued(setup, one)
    for (let block = 0; block < 40; block++) {
      await setup.queue.redeemNow()
      setup.chain.mine()
    }
    // At blocks 0, 1, 3, 7, 15 and 31.
    expect(setup.chain.sent).toHaveLength(6)
  })

  it('drops tickets whose creation round is too long ago', async () => {
    const setup = await queued(open(), ticket(1, { creationRound: 98n }), ticket(2, { creationRound: 97n }))
    await setup.queue.redeemNow()
    expect(setup.chain.sent).toHaveLength(1)
    expect(setup.events.at(-1)).toMatchObject({ type: 'ticket_dropped', reason: 'ticket_expired' })
  })

  it('redeems only what is worth more than its transaction, of senders that can pay for it', async () => {
    const setup = open()
    const cost = mainChainPaymentParameters.redeemGas * setup.chain.gas
    const [equal, poor] = [ticket(1, { faceValue: cost }), ticket(2, { sender: BOB })]
    setup.chain.fund(BOB, { deposit: cost, reserve: 0n })
    await queued(setup, equal, poor)
    await setup.queue.redeemNow()
    expect(setup.chain.sent).toHaveLength(0)
    setup.chain.fund(BOB, { deposit: cost + 1n, reserve: 0n })
    setup.chain.mine()
    await setup.queue.redeemNow()
    expect(setup.chain.sent.map(({ hash }) => hash)).toEqual([poor.hash])
  })

  // 2026-07, GHSA-cfpp-6gv2-r325: anybody gave a sender without money 1 wei, the ticket was redeemed for that and used up.
  it('is not made to burn a ticket of a drained sender by a dust deposit', async () => {
    const drained = ticket(1)
    const setup = open()
    const cost = mainChainPaymentParameters.redeemGas * setup.chain.gas
    for (const deposit of [0n, 1n, cost]) {
      setup.chain.fund(ALICE, { deposit, reserve: 0n })
      await queued(setup, drained)
      await setup.queue.redeemNow()
      expect(setup.chain.sent).toHaveLength(0)
      expect(await statusOf(setup, drained)).toBe('queued')
      setup.chain.mine(33n)
    }
    setup.chain.fund(ALICE, { deposit: drained.ticket.faceValue, reserve: 0n })
    await setup.queue.redeemNow()
    expect(await statusOf(setup, drained)).toBe('redeemed')
    expect(setup.events.at(-1)).toMatchObject({ type: 'ticket_redeemed', paidWei: String(drained.ticket.faceValue) })
  })

  it('does nothing while the recipient is not active', async () => {
    const setup = await queued(open(), ticket(1))
    setup.chain.active = false
    await setup.queue.redeemNow()
    expect(setup.chain.sent).toHaveLength(0)
  })

  it('refuses tickets for somebody else and keeps a ticket once', async () => {
    const setup = open()
    await expect(setup.queue.queueTicket(ticket(1, { recipient: BOB }))).rejects.toMatchObject({
      code: 'invalid_recipient',
    })
    await queued(setup, ticket(1), ticket(1))
    expect(setup.events).toHaveLength(1)
  })

  it('survives a store that fails, and goes on at the next block', async () => {
    const setup = await queued(open(), ticket(1))
    const { sendersWithOpenTickets } = setup.store
    setup.store.sendersWithOpenTickets = async () => Promise.reject(new Error('locked'))
    await setup.queue.redeemNow()
    setup.store.sendersWithOpenTickets = sendersWithOpenTickets
    await setup.queue.redeemNow()
    expect(setup.chain.sent).toHaveLength(1)
  })
})

describe('after a crash', () => {
  const stop = () => {
    const controller = new AbortController()
    return { controller, signal: controller.signal }
  }

  it('a ticket that was submitted is waited for, not sent again', async () => {
    const one = ticket(1)
    const before = open()
    before.chain.behaviour.set(one.hash, () => new Promise(() => {}))
    await queued(before, one)
    const { controller, signal } = stop()
    await before.queue.start({ signal })
    before.chain.mine()
    await new Promise((done) => setImmediate(done))
    expect(await statusOf(before, one)).toBe('submitted')
    controller.abort(new Error('killed'))
    await before.queue.stop()
    expect(await statusOf(before, one)).toBe('submitted')

    before.chain.behaviour.clear()
    const after = open(before.chain, before.store)
    await after.queue.redeemNow()
    expect(await statusOf(after, one)).toBe('redeemed')
    expect(after.chain.sent).toHaveLength(1)
  })

  it('a ticket whose transaction was mined meanwhile is redeemed without another', async () => {
    const one = ticket(1)
    const setup = await queued(open(), one)
    const txHash: Hex = `0x${'77'.repeat(32)}`
    await setup.store.markSubmitted(one.hash, txHash)
    setup.chain.used.add(one.hash)
    await setup.queue.redeemNow()
    expect((await setup.store.find(one.hash))?.state).toEqual({ status: 'redeemed', txHash, block: 1000n })
    expect(setup.chain.sent).toHaveLength(0)
  })

  it('a ticket that was sent but not yet marked is not paid twice', async () => {
    const one = ticket(1)
    const setup = await queued(open(), one)
    setup.chain.used.add(one.hash)
    await setup.queue.redeemNow()
    expect(await statusOf(setup, one)).toBe('redeemed')
    expect(setup.chain.sent).toHaveLength(0)
  })

  it('a ticket whose transaction is gone is sent again', async () => {
    const one = ticket(1)
    const setup = await queued(open(), one)
    await setup.store.markSubmitted(one.hash, `0x${'77'.repeat(32)}`)
    await setup.queue.redeemNow()
    expect(await statusOf(setup, one)).toBe('queued')
    setup.chain.mine()
    await setup.queue.redeemNow()
    expect(await statusOf(setup, one)).toBe('redeemed')
    expect(setup.chain.sent).toHaveLength(1)
  })
})

it('a failed attempt is told in the log with the ticket it belongs to', async () => {
  const lines: LogFields[] = []
  const chain = new MemoryChain()
  const store = new MemoryTicketStore()
  chain.fund(ALICE)
  const log = { ...silentLog, warn: (_: string, fields?: LogFields) => void lines.push(fields ?? {}) }
  const senders = new SenderMonitor({ claimant: ME }, { reserves: chain, clock: chain })
  const queue = new RedemptionQueue(
    { recipient: ME, parameters: mainChainPaymentParameters },
    { broker: chain, store, clock: chain, gasPrices: chain, senders, log },
  )
  const one = ticket(1)
  chain.refusals.set(one.hash, new Error('the provider is away'))
  await queue.queueTicket(one)
  await queue.redeemNow()
  expect(lines).toEqual([{ ticketHash: one.hash, error: 'the provider is away' }])
})
