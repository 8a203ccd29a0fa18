import { hasCode, MillraceError } from '@millrace/base'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeAvcConfig, encodeAvcConfig } from './avcc.ts'
import { BitReader } from './bit-reader.ts'
import { joinAnnexB, splitAnnexB, splitLengthPrefixed } from './nal.ts'
import { avcCodecString, parseHevcSps, parseSps } from './sps.ts'

/** High profile, 1280x720, from x264. */
const SPS = Uint8Array.from(
  Buffer.from('6764001facd9405005bb011000000300100000030 3c0f18319 60'.replaceAll(' ', ''), 'hex'),
)
const PPS = Uint8Array.from(Buffer.from('68ebe3cb22c0', 'hex'))

const onlyTyped = (run: () => unknown) => {
  try {
    run()
  } catch (error) {
    if (!(error instanceof MillraceError)) throw error
  }
}

describe('H.264 syntax', () => {
  it('reads size and profile of a sequence parameter set', () => {
    expect(parseSps(SPS)).toMatchObject({ width: 1280, height: 720, profileIdc: 100, levelIdc: 31, interlaced: false })
    expect(avcCodecString(SPS)).toBe('avc1.64001f')
  })

  it('refuses a picture larger than any decoder should be asked for', () => {
    // Baseline, 1024 macroblocks a side.
    const bits = `${'01100111'.slice(1)}`
    const ue = (value: number) => {
      const code = (value + 1).toString(2)
      return '0'.repeat(code.length - 1) + code
    }
    const text = `0${bits}${'01000010'}${'00000000'}${'00011111'}${ue(0)}${ue(0)}${ue(2)}${ue(1)}0${ue(1023)}${ue(1023)}1100${'1'.padEnd(16, '0')}`
    const bytes = Uint8Array.from(text.match(/.{1,8}/g)!.map((byte) => Number.parseInt(byte.padEnd(8, '0'), 2)))
    expect(() => parseSps(bytes)).toThrow(expect.objectContaining({ code: 'picture_too_large' }))
  })

  it('round-trips the decoder configuration of MP4 and FLV', () => {
    const config = decodeAvcConfig(encodeAvcConfig(SPS, PPS))
    expect(config).toEqual({ lengthSize: 4, sps: [SPS], pps: [PPS] })
  })

  it('splits and joins Annex B streams with any number of zeros between units', () => {
    const nals = [SPS, PPS, Uint8Array.of(0x65, 1, 2, 0, 0, 3, 1, 9)]
    expect([...splitAnnexB(joinAnnexB(nals))]).toEqual(nals)
    const spaced = Buffer.concat(nals.flatMap((nal) => [Buffer.of(0, 0, 0, 0, 0, 1), nal]))
    expect([...splitAnnexB(spaced)].map((nal) => [...nal])).toEqual(nals.map((nal) => [...nal]))
  })

  it('throws only typed errors on arbitrary bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        onlyTyped(() => parseSps(Uint8Array.of(0x67, ...bytes)))
        onlyTyped(() => parseHevcSps(Uint8Array.of(0x42, 1, ...bytes)))
        onlyTyped(() => decodeAvcConfig(bytes))
        onlyTyped(() => [...splitLengthPrefixed(bytes, 4)])
        onlyTyped(() => [...splitAnnexB(bytes)])
      }),
      { numRuns: 500 },
    )
  })

  it('says what is wrong with a NAL length that runs over the end', () => {
    let error: unknown
    try {
      void [...splitLengthPrefixed(Uint8Array.of(0xff, 0xff, 0xff, 0xff, 1), 4)]
    } catch (thrown) {
      error = thrown
    }
    expect(hasCode(error, 'bad_nal_length')).toBe(true)
  })

  it('refuses exponential-Golomb codes that never end', () => {
    expect(() => new BitReader(new Uint8Array(20)).ue()).toThrow(expect.objectContaining({ code: 'bad_bitstream' }))
  })
})
