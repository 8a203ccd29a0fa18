import { describe, expect, it } from 'vitest'
import { decodeSegmentHeader, encodePaymentHeader, encodeSegmentHeader } from './headers.ts'
import { manifestId, sessionId } from './identifiers.ts'
import { AUTH_TOKEN_VALIDITY_S, authTokenNeedsRefresh } from './messages/authToken.ts'
import { decodePayment } from './messages/payment.ts'
import { decodePingPong } from './messages/pingPong.ts'
import { decodeTranscodeResult } from './messages/transcodeResult.ts'
import { isNonRetryableTranscodeError } from './peer-errors.ts'

it('a token is refreshed in the last tenth of its life', () => {
  const token = { token: new Uint8Array(0), sessionId: sessionId('s'), expiration: 10_000 }
  const tenth = AUTH_TOKEN_VALIDITY_S / 10
  expect(authTokenNeedsRefresh(token, 10_000 - tenth - 1)).toBe(false)
  expect(authTokenNeedsRefresh(token, 10_000 - tenth)).toBe(true)
  expect(authTokenNeedsRefresh(token, 20_000)).toBe(true)
})

it('a segment that every orchestrator would fail on is not tried again', () => {
  expect(isNonRetryableTranscodeError('Decoder not found')).toBe(true)
  expect(isNonRetryableTranscodeError('transcoding failed: No keyframes in input')).toBe(true)
  expect(isNonRetryableTranscodeError('OrchestratorBusy')).toBe(false)
})

describe('bytes that could mean two things', () => {
  it('are refused when a known field has another wire type', () => {
    // Field 1 of PingPong is bytes (0x0a); as a varint, fixed number or group it is not.
    expect(decodePingPong(Uint8Array.of(0x0a, 1, 7))).toEqual({ value: Uint8Array.of(7) })
    for (const bytes of [
      [0x08, 1],
      [0x09, 1, 2, 3, 4, 5, 6, 7, 8],
      [0x0d, 1, 2, 3, 4],
      [0x0b, 0x0c],
    ])
      expect(() => decodePingPong(Uint8Array.from(bytes))).toThrow(
        expect.objectContaining({ code: 'malformed_message' }),
      )
  })

  it('are read as before when a field is unknown', () => {
    expect(decodePingPong(Uint8Array.of(0x12, 1, 9, 0x0a, 1, 7))).toEqual({ value: Uint8Array.of(7) })
  })

  it('are refused when a part is cut off', () => {
    expect(() => decodePingPong(Uint8Array.of(0x0a, 5, 1))).toThrow(
      expect.objectContaining({ code: 'malformed_message' }),
    )
  })
})

describe('what a message must have', () => {
  it('a result has data or an error', () => {
    expect(() => decodeTranscodeResult(Uint8Array.of(0x08, 1))).toThrow(
      expect.objectContaining({ code: 'missing_field' }),
    )
  })

  it('tickets come with their parameters', () => {
    const ticketsOnly = Uint8Array.of(0x22, 2, 0x08, 1)
    expect(() => decodePayment(ticketsOnly)).toThrow(expect.objectContaining({ code: 'missing_field' }))
  })

  it('a segment comes with its header', () => {
    expect(() => decodeSegmentHeader(undefined)).toThrow(expect.objectContaining({ code: 'missing_field' }))
    expect(() => decodeSegmentHeader('')).toThrow(expect.objectContaining({ code: 'missing_field' }))
  })

  it('values that do not fit the wire are refused before they are sent', () => {
    const payment = { sender: '0x00' as const, tickets: [] }
    expect(() => encodePaymentHeader(payment)).toThrow(expect.objectContaining({ code: 'invalid_address' }))
    const price = { pricePerUnit: 1n << 64n, pixelsPerUnit: 1n }
    const dear = { ...payment, sender: `0x${'00'.repeat(20)}` as const, expectedPrice: price }
    expect(() => encodePaymentHeader(dear)).toThrow(expect.objectContaining({ code: 'unencodable' }))
    const segment = {
      manifestId: manifestId('x'.repeat(513)),
      seq: 0,
      hash: `0x${'00'.repeat(32)}` as const,
      profiles: [],
      durationMs: 0,
      calcPerceptualHash: false,
      forceSessionReinit: false,
      signature: new Uint8Array(0),
      storage: [],
      wantsCommitment: false,
    }
    expect(() => encodeSegmentHeader(segment)).toThrow(expect.objectContaining({ code: 'invalid_text' }))
    expect(() => encodeSegmentHeader({ ...segment, manifestId: manifestId('m'), durationMs: 1.5 })).toThrow(
      expect.objectContaining({ code: 'invalid_duration' }),
    )
    expect(() =>
      encodeSegmentHeader({ ...segment, manifestId: manifestId('m'), signature: new Uint8Array(64) }),
    ).toThrow(expect.objectContaining({ code: 'wrong_length' }))
  })
})
