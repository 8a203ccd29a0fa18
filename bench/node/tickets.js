// Tickets on one core, from the sender's signature to the recipient's nonce table, by the curve that a node uses here.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { keccak256, silentLog } from '@millrace/base'
import { curve, recoverHashSigner, signHash } from '@millrace/base/node'
import { openNodeStore, TicketNonceTable } from '@millrace/node'
import {
  DEVNET_DEPOSIT_WEI,
  DEVNET_GAS_PRICE_WEI,
  DEVNET_PRICE_PER_PIXEL,
  DEVNET_RESERVE_WEI,
  MemoryNonceTable,
  devnetPaymentParameters as parameters,
  paymentOf,
  recipientRandHash,
  SenderMonitor,
  TicketRecipient,
  TicketSender,
} from '@millrace/payments'
import { decodePaymentHeader, encodePaymentHeader, priceFromRational } from '@millrace/wire'
import { createKeySigner, hmacSha256, signatureVerifier } from '@millrace/wire/node'
import { cpuRates, floor, spread, summary, table } from '../measure.js'

const ORCHESTRATOR = '0x00000000000000000000000000000000000000ee'
/** Tickets of a payment: what a segment carries on the laptop's network, and what a large one carries on the live one. */
const SIZES = [5, 50]

export async function bench({ quick }) {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-bench-'))
  const store = openNodeStore(join(folder, 'store.sqlite'))
  try {
    const { pay, taken } = openPayments(new MemoryNonceTable())
    const durable = openPayments(new TicketNonceTable(store))
    const hash = keccak256(new Uint8Array(32).fill(3))
    const signature = signHash(hash, new Uint8Array(32).fill(3))
    const calls = quick ? 2_000 : 10_000
    const parts = await cpuRates(
      {
        recover: () => recoverHashSigner(hash, signature),
        keccak: () => keccak256(hash),
        randHash: () => recipientRandHash(12_345n),
      },
      { calls },
    )
    const payments = {}
    for (const size of SIZES) {
      const prepare = () => pay(size)
      const many = Math.ceil(calls / 4 / size)
      const found = await cpuRates(
        {
          made: () => pay(size),
          taken: { prepare, run: taken },
          durable: { prepare: () => durable.pay(size), run: durable.taken },
        },
        { calls: many },
      )
      for (const [name, values] of Object.entries(found)) payments[`${name} ${size}`] = values.map((v) => v * size)
    }
    const engine = `${curve.engine} curve, WebAssembly keccak`
    table(
      [`one core, ${engine}`, 'a second of processor time, median (least to most) of 5'],
      [
        ['signer recovered', spread(parts.recover, 0)],
        ['keccak-256 of 32 bytes', spread(parts.keccak, 0)],
        ['random-number hash', spread(parts.randHash, 0)],
        ...SIZES.flatMap((size) => [
          [`tickets made, ${size} a payment, with the header`, spread(payments[`made ${size}`], 0)],
          [`tickets taken, ${size} a payment, nonces in memory`, spread(payments[`taken ${size}`], 0)],
          [`tickets taken, ${size} a payment, nonces on disk (SQLite, FULL)`, spread(payments[`durable ${size}`], 0)],
        ]),
      ],
    )
    if (curve.engine !== 'native') {
      console.log('NOT RUN: the bounds, which are stated for the native curve; it does not load on this machine')
      return
    }
    floor('signers recovered', summary(parts.recover).median, 12_000, 'a second')
    for (const size of SIZES)
      floor(`tickets taken, ${size} a payment`, summary(payments[`taken ${size}`]).median, 8_000, 'a second')
  } finally {
    store.close()
    await rm(folder, { recursive: true, force: true })
  }
}

/** A gateway's and an orchestrator's side of payments with everything real but the chain, which stands still. */
function openPayments(nonces) {
  const clock = {
    lastInitializedRound: () => 1n,
    blockHashForRound: () => `0x${'11'.repeat(32)}`,
    lastSeenL1Block: () => 60n,
    transcoderPoolSize: () => 2n,
    onL1Block: () => () => {},
  }
  const reserves = {
    senderInfo: async () => ({
      deposit: DEVNET_DEPOSIT_WEI,
      withdrawRound: 0n,
      reserve: { fundsRemaining: DEVNET_RESERVE_WEI, claimedInCurrentRound: 0n },
    }),
    claimedReserve: async () => 0n,
  }
  const gateway = createKeySigner(new Uint8Array(32).fill(3))
  let seed = 0
  const recipient = new TicketRecipient(
    { recipient: ORCHESTRATOR, parameters, secret: new Uint8Array(32).fill(5) },
    {
      clock,
      gasPrices: { gasPrice: () => DEVNET_GAS_PRICE_WEI },
      senders: new SenderMonitor({ claimant: ORCHESTRATOR }, { reserves, clock }),
      verifier: signatureVerifier,
      nonces,
      hmacSha256,
      randomBytes: (length) => new Uint8Array(length).map((_, i) => (i < 4 ? seed >> (8 * i) : i)),
      queueTicket: async () => {},
      log: silentLog,
    },
  )
  const sender = new TicketSender({ parameters }, { signer: gateway, clock, reserves })
  let session
  return {
    pay: async (size) => {
      if (!session || sender.ticketsLeft(session) < size) {
        seed++
        session = sender.startSession(await recipient.ticketParams(gateway.address, DEVNET_PRICE_PER_PIXEL))
      }
      const batch = await sender.createTicketBatch(session, size)
      const payment = paymentOf(gateway.address, batch, priceFromRational(DEVNET_PRICE_PER_PIXEL))
      return { header: encodePaymentHeader(payment), tickets: payment.tickets }
    },
    taken: async ({ header, tickets }) => {
      const { accepted, error } = await recipient.receivePayment(decodePaymentHeader(header))
      if (accepted !== tickets.length) throw error ?? new Error('a ticket was not accepted')
    },
  }
}
