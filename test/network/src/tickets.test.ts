import { fromHex, silentLog } from '@millrace/base'
import { DEVNET_ACCOUNTS, devnetAddress, devnetKeyHex } from '@millrace/devnet'
import {
  DEVNET_DEPOSIT_WEI,
  DEVNET_GAS_PRICE_WEI,
  DEVNET_PRICE_PER_PIXEL,
  DEVNET_RESERVE_WEI,
  devnetPaymentParameters,
  MemoryNonceTable,
  paymentOf,
  type RoundClock,
  SenderMonitor,
  type SenderReserves,
  TicketRecipient,
  TicketSender,
  type WinningTicket,
} from '@millrace/payments'
import { decodePaymentHeader, encodePaymentHeader, priceFromRational } from '@millrace/wire'
import { createKeySigner, hmacSha256, signatureVerifier } from '@millrace/wire/node'
import { describe, expect, it } from 'vitest'

/** Tickets in one set of parameters, and sets. */
const PER_PAYMENT = 500
const PAYMENTS = 8

/** The laptop's chain as it is at its first block with a round: nothing moves, so that every run is the same. */
const clock: RoundClock = {
  lastInitializedRound: () => 1n,
  blockHashForRound: () => `0x${'11'.repeat(32)}`,
  lastSeenL1Block: () => 60n,
  transcoderPoolSize: () => 2n,
  onL1Block: () => () => {},
}
const reserves: SenderReserves = {
  senderInfo: async () => ({
    deposit: DEVNET_DEPOSIT_WEI,
    withdrawRound: 0n,
    reserve: { fundsRemaining: DEVNET_RESERVE_WEI, claimedInCurrentRound: 0n },
  }),
  claimedReserve: async () => 0n,
}

describe('tickets of the network on a laptop', () => {
  // Keys, secret and seeds are fixed and signatures are deterministic (RFC 6979), so the winners are the same in every run: this cannot flake.
  // With other seeds 4,000 draws of one in ten have a standard deviation of 0.47 points: 3 points off is 6.3 of them, less than 1 in 10^9.
  it('between 7 and 13 of a hundred win, for the gateway and the orchestrator that the network has', async () => {
    expect(DEVNET_ACCOUNTS).toContain('gateway')
    const gateway = createKeySigner(fromHex(devnetKeyHex('gateway')))
    const orchestrator = devnetAddress('orchestrator1')
    const won: WinningTicket[] = []
    let seed = 0
    const recipient = new TicketRecipient(
      { recipient: orchestrator, parameters: devnetPaymentParameters, secret: new Uint8Array(32).fill(9) },
      {
        clock,
        gasPrices: { gasPrice: () => DEVNET_GAS_PRICE_WEI },
        senders: new SenderMonitor({ claimant: orchestrator }, { reserves, clock }),
        verifier: signatureVerifier,
        nonces: new MemoryNonceTable(),
        hmacSha256,
        randomBytes: (length) => new Uint8Array(length).fill(++seed),
        queueTicket: async (ticket) => void won.push(ticket),
        log: silentLog,
      },
    )
    const sender = new TicketSender({ parameters: devnetPaymentParameters }, { signer: gateway, clock, reserves })
    let accepted = 0
    for (let i = 0; i < PAYMENTS; i++) {
      const params = await recipient.ticketParams(gateway.address, DEVNET_PRICE_PER_PIXEL)
      if (!params) throw new Error('the orchestrator asks for nothing')
      const batch = await sender.createTicketBatch(sender.startSession(params), PER_PAYMENT)
      const header = encodePaymentHeader(paymentOf(gateway.address, batch, priceFromRational(DEVNET_PRICE_PER_PIXEL)))
      const payment = decodePaymentHeader(header)
      if (!payment) throw new Error('the header holds no payment')
      const received = await recipient.receivePayment(payment)
      expect(received.error).toBeUndefined()
      accepted += received.accepted
    }
    const tickets = PER_PAYMENT * PAYMENTS
    expect(accepted).toBe(tickets)
    const share = won.length / tickets
    console.log(`  ${won.length} of ${tickets} tickets won: ${(100 * share).toFixed(2)} %`)
    expect(share).toBeGreaterThanOrEqual(0.07)
    expect(share).toBeLessThanOrEqual(0.13)
    expect(new Set(won.map(({ hash }) => hash)).size).toBe(won.length)
  })
})
