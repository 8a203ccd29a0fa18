import type { JobToken } from '@millrace/ai'
import { ManualClock, rational, silentLog } from '@millrace/base'
import { parseAddress, type TicketParams } from '@millrace/wire'
import { beforeEach, expect, it } from 'vitest'
import type { PaymentSource } from '../payment-source.ts'
import { JobPayments } from './job-payments.ts'

const ADDRESS = parseAddress(`0x${'11'.repeat(20)}`)
const HASH = `0x${'22'.repeat(32)}` as const
const expirationParams = { creationRound: 1n, creationRoundBlockHash: HASH }
/** Each ticket is worth 100 wei, whatever comes of it. */
const ticketParams: TicketParams = {
  ...{ recipient: ADDRESS, faceValue: 100n, winProb: 2n ** 256n - 1n, recipientRandHash: HASH, seed: 1n },
  ...{ expirationBlock: 1n, expirationParams },
}
const { signal } = new AbortController()
let clock: ManualClock
let payments: JobPayments
let made: number

beforeEach(() => {
  clock = new ManualClock()
  made = 0
  const payer: PaymentSource = {
    address: ADDRESS,
    checkFunds: async () => {},
    makeTickets: async (_, count) => {
      made += count
      const tickets = Array.from({ length: count }, (_, i) => ({ senderNonce: i + 1, signature: new Uint8Array(65) }))
      return { sender: ADDRESS, ticketParams, expirationParams, tickets }
    },
    segmentHeader: async () => '',
  }
  const maxPrice = (capability: string) => (capability === 'cheap' ? rational(9n) : undefined)
  payments = new JobPayments({ payer, maxPrice, clock, log: silentLog })
})

/** Ten wei a second: two minutes cost 1 200. */
const token = (balanceWei: bigint): JobToken => ({
  ...{ sender: undefined, ticketParams, balanceWei, price: { pricePerUnit: 10n, pixelsPerUnit: 1n } },
  ...{ serviceUri: 'https://orchestrator', availableCapacity: 1 },
})
const pay = (balance: bigint) => payments.pay('words', token(balance), { signal })

it('the account is filled up to two minutes of work, and no further', async () => {
  expect((await pay(0n)).tickets).toBeGreaterThanOrEqual(12)
  expect(await pay(1_200n)).toMatchObject({ header: undefined, tickets: 0 })
  made = 0
  await pay(1_110n)
  expect(made).toBe(1)
})

it('more than the most is not paid, and nothing without a payer', () => {
  expect(payments.accepts('words', token(0n))).toBe(true)
  expect(payments.accepts('cheap', token(0n))).toBe(false)
  const free = new JobPayments({ payer: undefined, maxPrice: () => undefined, clock, log: silentLog })
  expect(free.accepts('words', token(0n))).toBe(false)
})

it('an orchestrator that forgets again and again what it was paid is not paid any more, for an hour', async () => {
  for (let times = 0; times < 5 && payments.accepts('words', token(0n)); times++) (await pay(0n)).end(1)
  expect(payments.accepts('words', token(0n))).toBe(false)
  expect(made).toBeLessThan(6 * 13)
  clock.advance(3_600_001)
  expect(payments.accepts('words', token(0n))).toBe(true)
})

it('an orchestrator that counts as its gateway does is paid for ever', async () => {
  let balance = 0n
  for (let jobs = 0; jobs < 50; jobs++) {
    expect(payments.accepts('words', token(balance))).toBe(true)
    const { tickets, end } = await pay(balance)
    end(7)
    balance += BigInt(tickets) * 100n - 70n
  }
  expect(balance).toBeGreaterThan(1_000n)
})
