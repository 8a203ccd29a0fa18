import { fromHex, type Hex, toHex } from '@millrace/base'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseAddress, ZERO_ADDRESS } from '../address.ts'
import { decodePaymentHeader, encodePaymentHeader } from '../headers.ts'
import { type Address, manifestId, sessionId } from '../identifiers.ts'
import { fact } from '../network-facts.fixture.ts'
import { AuthTokens, authTokenMac } from '../node/auth-tokens.ts'
import { createKeySigner, signatureVerifier } from '../node/signing.ts'
import { renditionsHash, signHashMessage, verifyHashMessage } from '../signing.ts'
import { WireError } from '../wire-error.ts'
import { capabilitiesOf, DEFAULT_CAPABILITIES } from './capabilities.ts'
import { CODECS } from './codecs.fixture.ts'
import { decodeNotifySegment, encodeNotifySegment } from './notifySegment.ts'
import {
  decodeOrchestratorRequest,
  encodeOrchestratorRequest,
  signOrchestratorRequest,
  verifyOrchestratorRequest,
} from './orchestratorRequest.ts'
import { decodePayment, encodePayment, type Payment, type TicketParams } from './payment.ts'
import { priceFromRational, priceToRational } from './priceInfo.ts'
import { decodeRegisterRequest, encodeRegisterRequest } from './registerRequest.ts'
import {
  type SegmentCommitment,
  type SignedSegmentCommitment,
  segmentCommitmentDigest,
  signSegmentCommitment,
  verifySegmentCommitment,
} from './segmentCommitment.ts'
import { decodeTranscodeResult, encodeTranscodeResult, type TranscodeResult } from './transcodeResult.ts'

const KEY = fact<{ privateKey: string }, { address: Address }>('key')
const signer = createKeySigner(KEY.input.privateKey.split(' ')[0] as Hex)

describe('golden messages', () => {
  it('an orchestrator request signs its own address as text', () => {
    const { input, expected } = fact<{ address: Address }, { sig: string; protobuf: string }>('orchestrator-request')
    const request = signOrchestratorRequest(signer)
    expect(request.address).toBe(parseAddress(input.address))
    expect(toHex(request.signature)).toBe(expected.sig)
    expect(toHex(encodeOrchestratorRequest(request)).slice(2)).toBe(expected.protobuf)
    const got = decodeOrchestratorRequest(fromHex(expected.protobuf))
    expect(verifyOrchestratorRequest(signatureVerifier, got)).toBe(true)
    expect(verifyOrchestratorRequest(signatureVerifier, { ...got, address: ZERO_ADDRESS })).toBe(false)
  })

  it('a payment header is byte for byte what upstream sends', () => {
    type Ticket = Omit<TicketParams, 'faceValue' | 'winProb'> & {
      sender: Address
      faceValue: string
      winProb: string
      senderNonce: number
      creationRound: number
      creationRoundBlockHash: Hex
    }
    const ticket = fact<Ticket, { sig: string }>('ticket-sign')
    const { expected } = fact<unknown, { base64: string }>('payment-header')
    const payment: Payment = {
      sender: parseAddress(ticket.input.sender),
      ticketParams: {
        recipient: parseAddress(ticket.input.recipient),
        faceValue: BigInt(ticket.input.faceValue),
        winProb: BigInt(ticket.input.winProb),
        recipientRandHash: ticket.input.recipientRandHash,
        seed: 7777n,
        expirationBlock: 1000n,
      },
      expirationParams: {
        creationRound: BigInt(ticket.input.creationRound),
        creationRoundBlockHash: ticket.input.creationRoundBlockHash,
      },
      tickets: [{ senderNonce: 1, signature: fromHex(ticket.expected.sig) }],
      expectedPrice: { pricePerUnit: 101n, pixelsPerUnit: 100n },
    }
    expect(encodePaymentHeader(payment)).toBe(expected.base64)
    expect(decodePaymentHeader(expected.base64)).toEqual(payment)
  })

  it('an auth token is the HMAC upstream makes', () => {
    type Input = { secret: string; sessionId: string; expiration: number }
    const { input, expected } = fact<Input, { token: string }>('auth-token')
    const secret = new TextEncoder().encode(input.secret)
    expect(toHex(authTokenMac(secret, sessionId(input.sessionId), input.expiration))).toBe(expected.token)
  })

  it('a result that is an error', () => {
    const { input, expected } = fact<{ seq: number; error: string }, string>('transcode-result-error')
    const result: TranscodeResult = { seq: input.seq, result: { error: input.error } }
    expect(toHex(encodeTranscodeResult(result)).slice(2)).toBe(expected)
    expect(decodeTranscodeResult(fromHex(expected))).toEqual(result)
  })

  it('the end of a session for a worker', () => {
    const { input, expected } = fact<{ sessionId: string }, string>('notify-teardown')
    const notify = { kind: 'teardown', sessionId: sessionId(input.sessionId) } as const
    expect(toHex(encodeNotifySegment(notify)).slice(2)).toBe(expected)
    expect(decodeNotifySegment(fromHex(expected))).toEqual(notify)
  })

  it('the registration of a worker', () => {
    const { input, expected } = fact<{ secret: string; capacity: number }, string>('register-request')
    const request = { ...input, caps: undefined, capabilities: capabilitiesOf(DEFAULT_CAPABILITIES) }
    expect(toHex(encodeRegisterRequest(request)).slice(2)).toBe(expected)
    expect(decodeRegisterRequest(fromHex(expected))).toEqual({
      secret: 'foo',
      capacity: 10,
      capabilities: capabilitiesOf(DEFAULT_CAPABILITIES),
    })
  })
})

describe('auth tokens', () => {
  it('are accepted until they expire, and only as they were issued', () => {
    let now = 5_000_000
    const tokens = new AuthTokens({ now: () => now })
    const token = tokens.issue()
    expect(token.sessionId).toMatch(/^[0-9a-f]{8}$/)
    expect(tokens.fault(token)).toBeUndefined()
    expect(tokens.fault(undefined)).toBe('missing')
    expect(tokens.fault({ ...token, expiration: token.expiration + 1 })).toBe('invalid')
    expect(tokens.fault({ ...token, sessionId: sessionId('00000000') })).toBe('invalid')
    expect(new AuthTokens().fault(token)).toBe('invalid')
    now += 1_800_000
    expect(tokens.fault(token)).toBe('expired')
    expect(tokens.fault(token, { ignoreExpiry: true })).toBeUndefined()
  })
})

describe('segment commitments', () => {
  const domain = { chainId: 31337n, ticketBroker: parseAddress('0x73AEd7b5dEb30222fa896f399d46cC99c7BEe57F') }
  const commitment: SegmentCommitment = {
    sender: parseAddress('0x2c7536E3605D9C16a7a3D7b1898e529396a65c23'),
    recipient: signer.address,
    manifestId: manifestId('übung'),
    seq: 1234,
    sourceHash: `0x${'11'.repeat(32)}`,
    profilesHash: `0x${'22'.repeat(32)}`,
    renditionsHash: `0x${'33'.repeat(32)}`,
    pixels: 99_849_600n,
    sessionId: sessionId('deadbeef'),
    round: 3000n,
  }

  it('have the EIP-712 digest that wallets compute', () => {
    // Computed once by an independent library.
    expect(toHex(segmentCommitmentDigest(domain, { ...commitment, recipient: domain.ticketBroker }))).toBe(
      '0x8e03f1a11b60c658dad8818c4a3bf339ab1e3098adacbfaae2fef34c06e5733b',
    )
  })

  it('are refused when anything in them, the domain or the signature changed', () => {
    const signed = signSegmentCommitment(signer, domain, commitment)
    expect(verifySegmentCommitment(signatureVerifier, domain, signed)).toBe(true)
    const changes: Partial<SignedSegmentCommitment>[] = [
      { sender: ZERO_ADDRESS },
      { recipient: ZERO_ADDRESS },
      { manifestId: manifestId('other') },
      { seq: 1235 },
      { sourceHash: commitment.profilesHash },
      { profilesHash: commitment.sourceHash },
      { renditionsHash: commitment.sourceHash },
      { pixels: 1n },
      { sessionId: sessionId('') },
      { round: 3001n },
    ]
    for (const change of changes)
      expect(verifySegmentCommitment(signatureVerifier, domain, { ...signed, ...change })).toBe(false)
    expect(verifySegmentCommitment(signatureVerifier, { ...domain, chainId: 1n }, signed)).toBe(false)
    expect(verifySegmentCommitment(signatureVerifier, { ...domain, ticketBroker: ZERO_ADDRESS }, signed)).toBe(false)
    for (let bit = 0; bit < 65 * 8; bit++) {
      const signature = Uint8Array.from(signed.signature)
      signature[bit >> 3]! ^= 1 << (bit & 7)
      expect(verifySegmentCommitment(signatureVerifier, domain, { ...signed, signature })).toBe(false)
    }
  })

  it('are skipped by peers that do not know them', () => {
    const data = { segments: [], signature: new Uint8Array(0) }
    const plain = encodeTranscodeResult({ seq: 0, result: { data } })
    const signed = signSegmentCommitment(signer, domain, commitment)
    const evident = encodeTranscodeResult({ seq: 0, result: { data: { ...data, commitment: signed } } })
    expect(evident.length).toBeGreaterThan(plain.length)
    expect(decodeTranscodeResult(evident).result).toEqual({ data: { ...data, commitment: signed } })
  })
})

it('a result is signed over the hashes of its renditions, in their order', () => {
  const hashes = [1, 2].map((n) => new Uint8Array(32).fill(n))
  const signature = signHashMessage(signer, renditionsHash(hashes))
  expect(verifyHashMessage(signatureVerifier, signer.address, renditionsHash(hashes), signature)).toBe(true)
  const swapped = renditionsHash([...hashes].reverse())
  expect(verifyHashMessage(signatureVerifier, signer.address, swapped, signature)).toBe(false)
})

describe('prices', () => {
  it('are fractions in lowest terms', () => {
    expect(priceToRational({ pricePerUnit: 202n, pixelsPerUnit: 200n })).toEqual({ num: 101n, den: 100n })
    expect(priceFromRational({ num: 202n, den: 200n })).toEqual({ pricePerUnit: 101n, pixelsPerUnit: 100n })
  })
  it('without a denominator, below zero or beyond int64 are refused', () => {
    for (const [pricePerUnit, pixelsPerUnit] of [
      [1n, 0n],
      [-1n, 1n],
      [1n, -1n],
    ] as const)
      expect(() => priceToRational({ pricePerUnit, pixelsPerUnit })).toThrow(
        expect.objectContaining({ code: 'invalid_price' }),
      )
    expect(() => priceFromRational({ num: 1n << 63n, den: 1n })).toThrow(WireError)
  })
})

describe('a payment', () => {
  const ticketParams: TicketParams = {
    recipient: signer.address,
    faceValue: 1n,
    winProb: 1n,
    recipientRandHash: `0x${'ab'.repeat(32)}`,
    seed: 0n,
    expirationBlock: 1n,
  }
  const expirationParams = { creationRound: 0n, creationRoundBlockHash: `0x${'00'.repeat(32)}` as Hex }

  it('with ticket parameters needs expiration parameters, because upstream orchestrators crash without', () => {
    const { expirationParams: _, ...without } = { expirationParams }
    const payment = { sender: signer.address, ticketParams, tickets: [], ...without }
    expect(() => encodePayment(payment)).toThrow(expect.objectContaining({ code: 'missing_field' }))
    const bytes = encodePayment({ ...payment, expirationParams })
    // Field 3 is the expiration parameters; as field 15 nobody knows it.
    const at = bytes.lastIndexOf(0x1a)
    const broken = Uint8Array.from(bytes)
    broken[at] = 0x7a
    expect(() => decodePayment(broken)).toThrow(expect.objectContaining({ code: 'missing_field' }))
  })

  it('may hold 600 tickets and no more', () => {
    const tickets = Array.from({ length: 600 }, (_, i) => ({
      senderNonce: i + 1,
      signature: new Uint8Array(65).fill(i),
    }))
    const payment = { sender: signer.address, ticketParams, expirationParams, tickets }
    expect(decodePaymentHeader(encodePaymentHeader(payment))).toEqual(payment)
    expect(encodePaymentHeader(payment).length).toBeLessThan(64_000)
    expect(() => encodePayment({ ...payment, tickets: [...tickets, tickets[0]!] })).toThrow(
      expect.objectContaining({ code: 'too_many_items' }),
    )
  })

  it('is absent when the header is absent or empty', () => {
    expect(decodePaymentHeader(undefined)).toBeUndefined()
    expect(decodePaymentHeader('')).toBeUndefined()
    expect(() => decodePaymentHeader('!')).toThrow(expect.objectContaining({ code: 'malformed_base64' }))
    expect(() => decodePaymentHeader('A'.repeat(1_000_004))).toThrow(
      expect.objectContaining({ code: 'message_too_large' }),
    )
  })

  it('with integers above 32 bytes is refused', () => {
    expect(() =>
      encodePayment({
        sender: signer.address,
        ticketParams: { ...ticketParams, faceValue: 1n << 256n },
        expirationParams,
        tickets: [],
      }),
    ).toThrow(expect.objectContaining({ code: 'integer_too_large' }))
  })
})

// Each codec gives back what it was given, and any bytes give a message or a WireError.
describe.each(Object.entries(CODECS))('%s', (_, { arbitrary, encode, decode }) => {
  it('comes back as it was', () => {
    fc.assert(
      fc.property(arbitrary, (value) => {
        expect(decode(encode(value as never))).toEqual(value)
      }),
    )
  })

  it('of random bytes is a message or a WireError', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        decodeOrWireError(decode, bytes)
      }),
      { numRuns: 500 },
    )
  })

  it('of damaged bytes is a message or a WireError', () => {
    fc.assert(
      fc.property(arbitrary, fc.nat(), fc.nat(255), fc.nat(), (value, at, byte, cut) => {
        const bytes = encode(value as never)
        const damaged = Uint8Array.from(bytes)
        if (damaged.length > 0) damaged[at % damaged.length] = byte
        decodeOrWireError(decode, damaged)
        decodeOrWireError(decode, damaged.subarray(0, cut % (damaged.length + 1)))
      }),
    )
  })
})

function decodeOrWireError(decode: (bytes: Uint8Array) => unknown, bytes: Uint8Array): void {
  try {
    decode(bytes)
  } catch (error) {
    if (!(error instanceof WireError)) throw error
  }
}
