import { fromHex, keccak256, toHex } from '@millrace/base'
import { describe, expect, it } from 'vitest'
import { decodeBase64, encodeBase64 } from '../base64.ts'
import { decodeSegmentHeader, encodeSegmentHeader } from '../headers.ts'
import { manifestId, sessionId } from '../identifiers.ts'
import { fact } from '../network-facts.fixture.ts'
import { AuthTokens } from '../node/auth-tokens.ts'
import { createKeySigner, signatureVerifier } from '../node/signing.ts'
import { jobCapabilities } from './capabilities.ts'
import { PROFILE_PRESETS } from './profile-presets.ts'
import {
  decodeSegData,
  encodeSegData,
  flattenSegment,
  type SegData,
  segmentDurationMs,
  signSegment,
  verifySegment,
} from './segData.ts'
import { checkSegDataSeal } from './segmentSeal.ts'
import { DEFAULT_LADDER } from './video-profile.ts'

const signer = createKeySigner(new Uint8Array(32).fill(9))
const tokens = new AuthTokens({ secret: new Uint8Array(32).fill(1), now: () => 1_000_000 })

const segment = (more: Partial<SegData> = {}): SegData =>
  signSegment(signer, {
    manifestId: manifestId('stream'),
    seq: 7,
    hash: `0x${'42'.repeat(32)}`,
    profiles: DEFAULT_LADDER,
    durationMs: 2000,
    capabilities: jobCapabilities({ profiles: DEFAULT_LADDER, storage: 'direct' }),
    authToken: tokens.issue(sessionId('abcd1234')),
    calcPerceptualHash: false,
    storage: [],
    forceSessionReinit: false,
    wantsCommitment: false,
    ...more,
  })

describe('a segment header', () => {
  it('signs the bytes upstream signs', () => {
    type Input = { manifestID: string; seq: number; hash: `0x${string}`; profiles: string[] }
    const { input, expected } = fact<Input, { keccak256: string; flattenHex: string }>('segment-flatten')
    const flat = flattenSegment({
      manifestId: manifestId(input.manifestID),
      seq: input.seq,
      hash: input.hash,
      profiles: input.profiles.map((name) => PROFILE_PRESETS.get(name)!),
    })
    expect(toHex(flat)).toBe(expected.flattenHex)
    expect(toHex(keccak256(flat))).toBe(expected.keccak256)
  })

  it('comes back as it was', () => {
    const sent = segment({ segmentParameters: { fromMs: 0, toMs: 500 }, forceSessionReinit: true })
    const { segment: got } = decodeSegmentHeader(encodeSegmentHeader(sent, signer))
    expect(got).toEqual(sent)
    expect(verifySegment(signatureVerifier, signer.address, got)).toBe(true)
  })

  it('tells peers that are too old for profile lists that it is invalid for them, and carries empty constraints', () => {
    const bytes = toHex(encodeSegData(segment()))
    expect(bytes).toContain('2207696e76616c6964')
    expect(bytes).toContain('2a00')
  })

  it('has a duration of 2 s when it tells none, and none below 0 or above 5 minutes', () => {
    const { input, expected } = fact<number[], (number | { error: string })[]>('seg-duration')
    input.forEach((durationMs, i) => {
      const want = expected[i]!
      if (typeof want === 'number') expect(segmentDurationMs({ durationMs })).toBe(want)
      else expect(() => segmentDurationMs({ durationMs })).toThrow(want.error)
    })
    expect(segmentDurationMs({ durationMs: 300_000 })).toBe(300_000)
  })

  it('comes back with any duration that 32 bits hold, so that a wrong one is refused by its own rule', () => {
    for (const durationMs of [-(2 ** 31), -1, 0, 2 ** 31 - 1])
      expect(decodeSegData(encodeSegData(segment({ durationMs }))).durationMs).toBe(durationMs)
  })

  it('needs names of profiles, whole sequence numbers and few profiles', () => {
    const nameless = [{ ...DEFAULT_LADDER[0]!, name: '' }]
    expect(() => encodeSegData(segment({ profiles: nameless }))).toThrow('needs a name')
    expect(() => segment({ seq: -1 })).toThrow(expect.objectContaining({ code: 'number_out_of_range' }))
    expect(() => segment({ seq: 2 ** 53 })).toThrow(expect.objectContaining({ code: 'number_out_of_range' }))
    const many = Array.from({ length: 33 }, (_, i) => ({ ...DEFAULT_LADDER[0]!, name: `${i}` }))
    expect(() => encodeSegData(segment({ profiles: many }))).toThrow(
      expect.objectContaining({ code: 'too_many_items' }),
    )
  })

  it('with a sequence number beyond 2^53 is refused', () => {
    // seq (field 2) = 2^63 - 1 behind an otherwise whole header; the last value of a field counts.
    const bytes = Uint8Array.of(...encodeSegData(segment()), ...fromHex('10ffffffffffffffff7f'))
    expect(() => decodeSegData(bytes)).toThrow(expect.objectContaining({ code: 'number_out_of_range' }))
  })

  it('without a seal is accepted from gateways that do not ask for a commitment', () => {
    const header = decodeSegmentHeader(encodeSegmentHeader(segment()))
    expect(() => checkSegDataSeal(signatureVerifier, signer.address, header)).not.toThrow()
  })

  it('that asks for a commitment needs the seal of its sender', () => {
    const sent = segment({ wantsCommitment: true })
    const check = (value: string, sender = signer.address) =>
      checkSegDataSeal(signatureVerifier, sender, decodeSegmentHeader(value))
    expect(() => check(encodeSegmentHeader(sent, signer))).not.toThrow()
    expect(() => check(encodeSegmentHeader(sent))).toThrow('ErrSegSig')
    const other = createKeySigner(new Uint8Array(32).fill(8))
    expect(() => check(encodeSegmentHeader(sent, other))).toThrow('ErrSegSig')
  })

  it('with one flipped bit anywhere is refused when it is sealed', () => {
    const bytes = decodeBase64(encodeSegmentHeader(segment({ wantsCommitment: true }), signer))
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const flipped = Uint8Array.from(bytes)
      flipped[bit >> 3]! ^= 1 << (bit & 7)
      expect(isAccepted(encodeBase64(flipped)), `bit ${bit}`).toBe(false)
    }
  })

  it('with one flipped bit in the header text is refused when it is sealed', () => {
    const value = encodeSegmentHeader(segment({ wantsCommitment: true }), signer)
    for (let at = 0; at < value.length; at++) {
      for (const mask of [1, 2, 4, 8, 16, 32, 64]) {
        const text = value.slice(0, at) + String.fromCharCode(value.charCodeAt(at) ^ mask) + value.slice(at + 1)
        expect(isAccepted(text), `character ${at}`).toBe(false)
      }
    }
  })
})

function isAccepted(value: string): boolean {
  try {
    const header = decodeSegmentHeader(value)
    if (!verifySegment(signatureVerifier, signer.address, header.segment)) return false
    checkSegDataSeal(signatureVerifier, signer.address, header)
    return true
  } catch {
    return false
  }
}
