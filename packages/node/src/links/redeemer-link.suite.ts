import { recipientRandHash, type TicketStore, type WinningTicket, winningTicket } from '@millrace/payments'
import type { Address } from '@millrace/wire'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { RedeemerLink } from './ports.ts'

export const RECIPIENT: Address = '0x00000000000000000000000000000000000000a1'
export const SENDER: Address = '0x00000000000000000000000000000000000000b2'

/** A link to a redeemer of RECIPIENT whose store and senders' funds are in the test's hands. */
export type OpenRedeemerLink = {
  readonly link: RedeemerLink
  readonly store: TicketStore
  /** Sets what the sender's reserve allows, and tells the redeemer that it changed. */
  fund(sender: Address, floatWei: bigint): void
  close(): Promise<void>
}

/** A ticket that won; each number makes another one. */
export const wonTicket = (nonce: number, recipient: Address = RECIPIENT): WinningTicket =>
  winningTicket({
    ticket: {
      recipient,
      sender: SENDER,
      faceValue: 1_000n,
      winProb: 2n ** 200n,
      senderNonce: nonce,
      recipientRandHash: recipientRandHash(7n),
      creationRound: 5n,
      creationRoundBlockHash: `0x${'ab'.repeat(32)}`,
      paramsExpirationBlock: 100n,
    },
    signature: new Uint8Array(65).fill(nonce),
    recipientRand: 7n,
  })

/** What the redeemer holds of the sender, in order. */
export const heldBy = async (store: TicketStore) =>
  (await store.openTickets(SENDER, { expiredAtBlock: 1_000n, limit: 100 }, {})).map(({ state: _, ...ticket }) => ticket)

/** Waits until the redeemer holds so many tickets. */
export async function untilHeld(store: TicketStore, count: number): Promise<readonly WinningTicket[]> {
  for (let i = 0; i < 400; i++) {
    const held = await heldBy(store)
    if (held.length >= count) return held
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  return heldBy(store)
}

/** The behaviour of every way in which an orchestrator reaches its redeemer; run it inside a `describe`. */
export function redeemerLinkSuite(open: () => Promise<OpenRedeemerLink>): void {
  let o: OpenRedeemerLink

  beforeEach(async () => {
    o = await open()
  })
  afterEach(async () => o.close())

  it('a winning ticket arrives whole', async () => {
    const ticket = wonTicket(1)
    await o.link.queueTicket(ticket)
    expect(await untilHeld(o.store, 1)).toEqual([ticket])
  })

  it('tickets arrive in the order in which they won, each once', async () => {
    const tickets = [1, 2, 3, 4, 5].map((nonce) => wonTicket(nonce))
    await Promise.all([...tickets, ...tickets].map((ticket) => o.link.queueTicket(ticket)))
    expect((await untilHeld(o.store, 5)).map(({ hash }) => hash)).toEqual(tickets.map(({ hash }) => hash))
  })

  it('the max float is what the reserve allows this recipient', async () => {
    o.fund(SENDER, 12_345_678_901_234_567_890n)
    expect(await o.link.maxFloat(SENDER)).toBe(12_345_678_901_234_567_890n)
    expect(await o.link.maxFloat('0x00000000000000000000000000000000000000ff')).toBe(0n)
  })

  it('a max float that changes is known soon after', async () => {
    o.fund(SENDER, 1_000n)
    expect(await o.link.maxFloat(SENDER)).toBe(1_000n)
    for (const wei of [500n, 0n, 2n ** 100n]) {
      o.fund(SENDER, wei)
      await expect.poll(() => o.link.maxFloat(SENDER), { timeout: 2_000, interval: 5 }).toBe(wei)
    }
  })
}
