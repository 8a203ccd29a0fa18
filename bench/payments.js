// A gateway's and an orchestrator's side of payments, with everything real but the chain, which stands still.
import { silentLog } from '@millrace/base'
import {
  DEVNET_DEPOSIT_WEI,
  DEVNET_GAS_PRICE_WEI,
  DEVNET_PRICE_PER_PIXEL,
  DEVNET_RESERVE_WEI,
  devnetPaymentParameters as parameters,
  paymentOf,
  SenderMonitor,
  TicketRecipient,
  TicketSender,
} from '@millrace/payments'
import { decodePaymentHeader, encodePaymentHeader, priceFromRational } from '@millrace/wire'
import { createKeySigner, hmacSha256, signatureVerifier } from '@millrace/wire/node'

const ORCHESTRATOR = '0x00000000000000000000000000000000000000ee'

/**
 * `pay(n)` makes a payment of n tickets and resolves with its header; `taken(header)` takes it as an orchestrator does,
 * with its nonces noted in the table, and throws when a ticket of it was not accepted.
 */
export function openPayments(nonces) {
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
      return encodePaymentHeader(payment)
    },
    taken: async (header) => {
      const payment = decodePaymentHeader(header)
      const { accepted, error } = await recipient.receivePayment(payment)
      if (accepted !== payment.tickets.length) throw error ?? new Error('a ticket was not accepted')
    },
  }
}
