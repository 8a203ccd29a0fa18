// Tickets: signatures by both curves, whole payments as an orchestrator takes them, payment headers.
import { keccak256, silentLog } from '@millrace/base'
import { curve, recoverHashSigner, signHash, wasmCurve } from '@millrace/base/node'
import {
  DEVNET_DEPOSIT_WEI,
  DEVNET_GAS_PRICE_WEI,
  DEVNET_PRICE_PER_PIXEL,
  DEVNET_RESERVE_WEI,
  MemoryNonceTable,
  devnetPaymentParameters as parameters,
  paymentOf,
  SenderMonitor,
  TicketRecipient,
  TicketSender,
} from '@millrace/payments'
import { decodePaymentHeader, encodePaymentHeader, priceFromRational } from '@millrace/wire'
import { createKeySigner, hmacSha256, signatureVerifier } from '@millrace/wire/node'
import { bound, rates, spread, summary, table } from './measure.js'

const ORCHESTRATOR = '0x00000000000000000000000000000000000000ee'
/** Tickets that a segment of the default ladder carries on the laptop's network. */
const PER_SEGMENT = 5

export async function bench({ quick }) {
  const options = { rounds: 5, ms: quick ? 100 : 400 }
  const key = new Uint8Array(32).fill(3)
  const hash = keccak256(key)
  const signature = signHash(hash, key)
  const curves = curve.engine === 'native' ? { native: curve, wasm: wasmCurve } : { wasm: wasmCurve }
  if (curve.engine !== 'native') console.log('NOT RUN: the native curve, which does not load on this machine')
  const works = Object.fromEntries(
    Object.entries(curves).flatMap(([name, by]) => [
      [`verified, ${name} curve`, () => recoverHashSigner(hash, signature, by)],
      [`signed, ${name} curve`, () => signHash(hash, key, by)],
    ]),
  )
  const signatures = await rates(works, options)
  table(
    ['ticket signatures, one thread', 'a second, median (least to most) of 5'],
    Object.entries(signatures).map(([name, found]) => [name, spread(found, 0)]),
  )

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
  const gateway = createKeySigner(key)
  let seed = 0
  const recipient = new TicketRecipient(
    { recipient: ORCHESTRATOR, parameters, secret: new Uint8Array(32).fill(5) },
    {
      clock,
      gasPrices: { gasPrice: () => DEVNET_GAS_PRICE_WEI },
      senders: new SenderMonitor({ claimant: ORCHESTRATOR }, { reserves, clock }),
      verifier: signatureVerifier,
      nonces: new MemoryNonceTable(),
      hmacSha256,
      randomBytes: (length) => new Uint8Array(length).map((_, i) => (i < 4 ? seed++ >> (8 * i) : i)),
      queueTicket: async () => {},
      log: silentLog,
    },
  )
  const sender = new TicketSender({ parameters }, { signer: gateway, clock, reserves })
  let session
  const pay = async () => {
    if (!session || sender.ticketsLeft(session) < PER_SEGMENT)
      session = sender.startSession(await recipient.ticketParams(gateway.address, DEVNET_PRICE_PER_PIXEL))
    const batch = await sender.createTicketBatch(session, PER_SEGMENT)
    return encodePaymentHeader(paymentOf(gateway.address, batch, priceFromRational(DEVNET_PRICE_PER_PIXEL)))
  }
  // A nonce is taken once, so every payment is made before the clock starts.
  const count = quick ? 200 : 600
  const header = await pay()
  const received = []
  const made = []
  for (let round = 0; round < 5; round++) {
    const headers = []
    const making = performance.now()
    for (let i = 0; i < count; i++) headers.push(await pay())
    made.push((count * 1000) / (performance.now() - making))
    const began = performance.now()
    for (const one of headers) {
      const { accepted, error } = await recipient.receivePayment(decodePaymentHeader(one))
      if (accepted !== PER_SEGMENT) throw error ?? new Error('a payment was not accepted')
    }
    received.push((count * 1000) / (performance.now() - began))
  }
  const codec = await rates({ decode: () => decodePaymentHeader(header) }, options)
  console.log('')
  table(
    [`payments of ${PER_SEGMENT} tickets, one thread, ${curve.engine} curve`, 'a second, median (least to most) of 5'],
    [
      ['made: tickets signed, header written', spread(made, 0)],
      ['taken: header read, all checks, nonces in memory', spread(received, 0)],
      [`header read, ${header.length} characters`, spread(codec.decode, 0)],
    ],
  )
  bound(`a payment of ${PER_SEGMENT} tickets taken`, 1000 / summary(received).median, 2, 'ms')
}
