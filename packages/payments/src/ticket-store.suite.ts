import { fromHex, type Hex } from '@millrace/base'
import { type Address, manifestId, sessionId } from '@millrace/wire'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { TicketStore } from './ports.ts'
import { type WinningTicket, winningTicket } from './ticket.ts'

/** An open store for one test; `reopen` closes it and opens it again on the same data, where it keeps any. */
export type OpenTicketStore = {
  readonly store: TicketStore
  reopen?(): Promise<TicketStore>
  close?(): Promise<void>
}

const ALICE: Address = '0x00000000000000000000000000000000000000a1'
const BOB: Address = '0x00000000000000000000000000000000000000b2'
const TX: Hex = `0x${'cd'.repeat(32)}`
const OTHER_TX: Hex = `0x${'ef'.repeat(32)}`
const call = {}

/** The behaviour of every ticket store; run it inside a `describe`. */
export function ticketStoreSuite(open: () => Promise<OpenTicketStore> | OpenTicketStore): void {
  let opened: OpenTicketStore
  let store: TicketStore
  beforeEach(async () => {
    opened = await open()
    store = opened.store
  })
  afterEach(async () => opened.close?.())

  const openHashes = async (sender: Address, expiredAtBlock = 100n, page: { limit?: number; offset?: number } = {}) =>
    (await store.openTickets(sender, { expiredAtBlock, limit: 100, ...page }, call)).map(({ hash }) => hash)

  it('gives a stored ticket back as it was, with its origin', async () => {
    const ticket = ticketNumber(1, {
      faceValue: (1n << 256n) - 1n,
      winProb: (1n << 255n) + 7n,
      recipientRand: (1n << 256n) - 3n,
      origin: { manifestId: manifestId('m'), seq: 9, sessionId: sessionId('s') },
    })
    expect(await store.storeWinning(ticket, call)).toBe(true)
    expect(await store.find(ticket.hash, call)).toEqual({ ...ticket, state: { status: 'queued' } })
  })

  it('keeps a ticket once', async () => {
    const ticket = ticketNumber(1)
    expect(await store.storeWinning(ticket, call)).toBe(true)
    await store.markRedeemed(ticket.hash, { txHash: TX, block: 5n }, call)
    expect(await store.storeWinning(ticket, call)).toBe(false)
    expect((await store.find(ticket.hash, call))?.state).toEqual({ status: 'redeemed', txHash: TX, block: 5n })
  })

  it('does not find what it was never given', async () => {
    expect(await store.find(TX, call)).toBeUndefined()
    expect(await store.sendersWithOpenTickets(call)).toEqual([])
  })

  it('lists the open tickets of one sender in the order they came', async () => {
    const mine = [3, 1, 2].map((n) => ticketNumber(n))
    for (const ticket of mine) await store.storeWinning(ticket, call)
    const other = ticketNumber(4, { sender: BOB })
    await store.storeWinning(other, call)
    expect(await openHashes(ALICE)).toEqual(mine.map(({ hash }) => hash))
    expect(await openHashes(BOB)).toEqual([other.hash])
    expect([...(await store.sendersWithOpenTickets(call))].sort()).toEqual([ALICE, BOB])
  })

  it('lists a ticket only from the block at which its parameters expire', async () => {
    const ticket = ticketNumber(1, { paramsExpirationBlock: 50n })
    await store.storeWinning(ticket, call)
    expect(await openHashes(ALICE, 49n)).toEqual([])
    expect(await openHashes(ALICE, 50n)).toEqual([ticket.hash])
  })

  it('pages through the open tickets', async () => {
    const hashes: Hex[] = []
    for (let n = 1; n <= 7; n++) {
      const ticket = ticketNumber(n)
      hashes.push(ticket.hash)
      await store.storeWinning(ticket, call)
    }
    expect(await openHashes(ALICE, 100n, { limit: 3 })).toEqual(hashes.slice(0, 3))
    expect(await openHashes(ALICE, 100n, { limit: 3, offset: 6 })).toEqual(hashes.slice(6))
  })

  it('keeps a submitted ticket open and remembers its latest transaction', async () => {
    const ticket = ticketNumber(1)
    await store.storeWinning(ticket, call)
    await store.markSubmitted(ticket.hash, TX, call)
    await store.markSubmitted(ticket.hash, OTHER_TX, call)
    expect((await store.find(ticket.hash, call))?.state).toEqual({ status: 'submitted', txHash: OTHER_TX })
    expect(await openHashes(ALICE)).toEqual([ticket.hash])
    await store.markQueued(ticket.hash, call)
    expect((await store.find(ticket.hash, call))?.state).toEqual({ status: 'queued' })
  })

  it('closes a ticket that was redeemed or dropped', async () => {
    const [redeemed, foreign, dropped] = [1, 2, 3].map((n) => ticketNumber(n)) as [
      WinningTicket,
      WinningTicket,
      WinningTicket,
    ]
    for (const ticket of [redeemed, foreign, dropped]) await store.storeWinning(ticket, call)
    await store.markRedeemed(redeemed.hash, { txHash: TX, block: 7n }, call)
    await store.markRedeemed(foreign.hash, { block: 8n }, call)
    await store.markDropped(dropped.hash, { reason: 'ticket_expired', block: 9n }, call)
    expect(await openHashes(ALICE)).toEqual([])
    expect(await store.sendersWithOpenTickets(call)).toEqual([])
    expect((await store.find(foreign.hash, call))?.state).toEqual({ status: 'redeemed', block: 8n })
    expect((await store.find(dropped.hash, call))?.state).toEqual({
      status: 'dropped',
      reason: 'ticket_expired',
      block: 9n,
    })
  })

  it('queues again what was closed above the block that the chain went back to', async () => {
    const tickets = [1, 2, 3, 4].map((n) => ticketNumber(n))
    for (const ticket of tickets) await store.storeWinning(ticket, call)
    await store.markRedeemed(tickets[0]!.hash, { txHash: TX, block: 10n }, call)
    await store.markRedeemed(tickets[1]!.hash, { txHash: TX, block: 11n }, call)
    await store.markDropped(tickets[2]!.hash, { reason: 'ticket_expired', block: 12n }, call)
    expect(await store.requeueAbove(10n, call)).toBe(2)
    expect(await openHashes(ALICE)).toEqual(tickets.slice(1).map(({ hash }) => hash))
    expect((await store.find(tickets[0]!.hash, call))?.state.status).toBe('redeemed')
  })

  it('keeps everything across a restart', async ({ skip }) => {
    if (!opened.reopen) return skip()
    const tickets = [1, 2, 3].map((n) => ticketNumber(n))
    for (const ticket of tickets) await store.storeWinning(ticket, call)
    await store.markSubmitted(tickets[1]!.hash, TX, call)
    await store.markRedeemed(tickets[2]!.hash, { txHash: TX, block: 5n }, call)
    const before = await Promise.all(tickets.map(({ hash }) => store.find(hash, call)))
    store = await opened.reopen()
    expect(await Promise.all(tickets.map(({ hash }) => store.find(hash, call)))).toEqual(before)
    expect(await openHashes(ALICE)).toEqual(tickets.slice(0, 2).map(({ hash }) => hash))
  })
}

function ticketNumber(
  n: number,
  more: {
    sender?: Address
    faceValue?: bigint
    winProb?: bigint
    recipientRand?: bigint
    paramsExpirationBlock?: bigint
    origin?: NonNullable<WinningTicket['origin']>
  } = {},
): WinningTicket {
  const signature = new Uint8Array(65).fill(n)
  return winningTicket(
    {
      ticket: {
        recipient: '0x00000000000000000000000000000000000000ee',
        sender: more.sender ?? ALICE,
        faceValue: more.faceValue ?? 1000n,
        winProb: more.winProb ?? 1n,
        senderNonce: n,
        recipientRandHash: `0x${'ab'.repeat(32)}`,
        creationRound: 12n,
        creationRoundBlockHash: `0x${'12'.repeat(32)}`,
        paramsExpirationBlock: more.paramsExpirationBlock ?? 10n,
      },
      // As Uint8Array, so that stores which give Buffers back are found out.
      signature: fromHex(`0x${signature.reduce((text, byte) => text + byte.toString(16).padStart(2, '0'), '')}`),
      recipientRand: more.recipientRand ?? BigInt(n),
    },
    more.origin,
  )
}
