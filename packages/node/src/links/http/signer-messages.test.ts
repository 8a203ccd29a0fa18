import { rational } from '@millrace/base'
import { CAPABILITY, capabilitiesOf, manifestId, type OrchestratorInfo, sessionId, ZERO_ADDRESS } from '@millrace/wire'
import { expect, it } from 'vitest'
import { openState } from '../../signer/payment-state.ts'
import { type PaymentOrder, SignerError } from '../signer-link.ts'
import {
  decodeDiscovered,
  decodeIdentity,
  decodePaymentOrder,
  decodeSegmentAnswer,
  decodeSegmentOrder,
  decodeSignedPayment,
  decodeSignerError,
  encodeIdentity,
  encodePaymentOrder,
  encodeSegmentOrder,
  encodeSignedPayment,
} from './signer-messages.ts'

const info: OrchestratorInfo = {
  serviceUri: 'https://o:8935',
  ticketParams: {
    recipient: `0x${'12'.repeat(20)}`,
    faceValue: 10n ** 16n,
    winProb: 2n ** 200n,
    recipientRandHash: `0x${'34'.repeat(32)}`,
    seed: 5n,
    expirationBlock: 100n,
  },
  priceInfo: { pricePerUnit: 7n, pixelsPerUnit: 3n },
  address: `0x${'56'.repeat(20)}`,
  authToken: { token: new Uint8Array(32), sessionId: sessionId('abcd'), expiration: 1_900_000_000 },
  hardware: [],
  storage: [],
  capabilitiesPrices: [],
  nodes: [],
}
const order: PaymentOrder = {
  state: { state: new Uint8Array([1, 2]), signature: new Uint8Array(65) },
  orchestrator: info,
  manifestId: 'stream',
  app: 'an-app',
  type: '',
  inPixels: 9_007_199_254_740_991n,
  maxPrice: { price: rational(1300n), unit: 'pixels', currency: 'wei' },
  capabilities: capabilitiesOf(1n << BigInt(CAPABILITY.h264)),
}
const segment = {
  manifestId: manifestId('stream'),
  seq: 7,
  profiles: [],
  durationMs: 2000,
  calcPerceptualHash: false,
  forceSessionReinit: false,
  hash: `0x${'12'.repeat(32)}` as const,
  storage: [],
  wantsCommitment: true,
}
/** As it is after a way through the network. */
const sent = (value: unknown) =>
  JSON.parse(JSON.stringify(value, (_, item) => (typeof item === 'bigint' ? Number(item) : item)))

it('every message arrives as it was sent', () => {
  expect(decodePaymentOrder(sent(encodePaymentOrder(order)))).toEqual(order)
  expect(decodeSegmentOrder(sent(encodeSegmentOrder({ segment, state: order.state })))).toEqual({
    segment,
    state: order.state,
  })
  const identity = {
    address: info.address,
    signature: new Uint8Array(65).fill(7),
    domain: { chainId: 42161n, ticketBroker: ZERO_ADDRESS },
  }
  expect(decodeIdentity(sent(encodeIdentity(identity)))).toEqual(identity)
  const signed = { payment: 'AA==', segCreds: 'BB==', state: order.state! }
  expect(decodeSignedPayment(sent(encodeSignedPayment(signed)))).toEqual(signed)
})

it('names are read in any case, as Go reads them', () => {
  const { ManifestID, inPixels, ...rest } = sent(encodePaymentOrder(order))
  expect(decodePaymentOrder({ ...rest, manifestId: ManifestID, INPIXELS: inPixels })).toEqual(order)
})

it('an identity of go-livepeer has no chain', () => {
  const {
    chainId: _,
    ticketBroker: __,
    ...theirs
  } = encodeIdentity({
    address: info.address,
    signature: new Uint8Array(65),
    domain: { chainId: 1n, ticketBroker: ZERO_ADDRESS },
  })
  expect(decodeIdentity(theirs)).toEqual({ address: info.address, signature: new Uint8Array(65) })
})

it('whatever is sent, nothing but a SignerError comes of it', () => {
  // A small generator with a fixed seed, so that every run is the same.
  let seed = 12345
  const random = (below: number) => {
    seed = (seed * 1103515245 + 12345) % 2147483648
    return seed % below
  }
  const bases = [
    sent(encodePaymentOrder(order)),
    sent(encodeSegmentOrder({ segment, state: order.state })),
    sent(encodeIdentity({ address: info.address, signature: new Uint8Array(65) })),
    [{ address: 'https://o', capabilities: ['a'] }],
  ].map((base) => JSON.stringify(base))
  const odd = ['null', '[]', '{}', '-1', '1e999', '""', '"\\u0000"', '1.5', '[[[[]]]]', 'true', '"__proto__"']
  const readers = [
    decodePaymentOrder,
    decodeSegmentOrder,
    decodeIdentity,
    decodeSignedPayment,
    decodeDiscovered,
    decodeSegmentAnswer,
  ]
  let refused = 0
  for (let i = 0; i < 1_000; i++) {
    let text = bases[random(bases.length)]!
    const at = random(text.length)
    const mutation = random(3)
    if (mutation === 0) text = `${text.slice(0, at)}${String.fromCharCode(32 + random(95))}${text.slice(at + 1)}`
    else if (mutation === 1)
      text = text.replace(/:("[^"]*"|[\d.]+|\{)/, (all) =>
        random(2) ? `:${odd[random(odd.length)]},"x":${all.slice(1)}` : all,
      )
    else text = odd[random(odd.length)]!
    let json: unknown
    try {
      json = JSON.parse(text)
    } catch {
      continue
    }
    for (const read of readers) {
      try {
        read(json)
      } catch (error) {
        refused++
        expect(error, text).toBeInstanceOf(SignerError)
      }
    }
    expect(() => decodeSignerError(json)).not.toThrow()
    const state = new TextEncoder().encode(text)
    const verifier = { verifyPersonal: () => true, verifyTypedDigest: () => true }
    expect(() => openState(verifier, info.address, { state, signature: new Uint8Array(65) })).toThrow(SignerError)
  }
  expect(refused).toBeGreaterThan(300)
})
