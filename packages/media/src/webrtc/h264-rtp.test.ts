import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { joinAnnexB } from '../h264/nal.ts'
import { H264Depacketizer, spropParameterSets } from './depacketize/h264.ts'
import { MAX_PAYLOAD, packetizeH264 } from './h264-packetizer.ts'
import type { RtpPiece } from './rtp-order.ts'

/** 640x360 as Chromium sends it. */
const SPS = Uint8Array.from(Buffer.from('6742c01edb0280bfe58088000003000800000301e078a11960', 'hex'))
const PPS = Uint8Array.of(0x68, 0xce, 0x3c, 0x80)
const AUD = Uint8Array.of(9, 0xf0)

const nal = (head: number, size: number, fill = 0xab) =>
  Uint8Array.from({ length: size }, (_, i) => (i === 0 ? head : fill))
const idr = (size: number) => nal(0x65, size)
const slice = (size: number) => nal(0x41, size)

const packets = (nals: readonly Uint8Array[], timestamp: number, first = 0): RtpPiece[] =>
  packetizeH264(joinAnnexB(nals)).map((piece, i) => ({ ...piece, timestamp, sequence: first + i }))

const units = (depacketizer: H264Depacketizer, all: readonly RtpPiece[], lost = 0) =>
  all.flatMap((packet, i) => depacketizer.push(packet, i === 0 ? lost : 0))

describe('H.264 in RTP packets', () => {
  it('puts parameter sets into one packet, cuts large units, and marks the last packet only', () => {
    const all = packetizeH264(joinAnnexB([AUD, SPS, PPS, idr(3_000), idr(100)]))
    expect(all.map(({ payload }) => payload[0]! & 0x1f)).toEqual([24, 28, 28, 28, 5])
    expect(all.map(({ marker }) => marker)).toEqual([false, false, false, false, true])
    expect(Math.max(...all.map(({ payload }) => payload.length))).toBeLessThanOrEqual(MAX_PAYLOAD)
    // Start bit on the first fragment, end bit on the last.
    expect(all.slice(1, 4).map(({ payload }) => payload[1]! >> 6)).toEqual([2, 0, 1])
  })

  it('gives back the pictures that were cut', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 2, max: 6_000 }), { minLength: 1, maxLength: 6 }), (sizes) => {
        const nals = [SPS, PPS, ...sizes.map(idr)]
        const [unit] = units(new H264Depacketizer(), packets(nals, 9_000))
        expect(unit).toMatchObject({ timestamp: 9_000, keyFrame: true })
        expect(Buffer.compare(unit!.data, joinAnnexB(nals))).toBe(0)
      }),
      { numRuns: 50 },
    )
  })

  it('drops a picture that misses a packet, and those after it until a key frame', () => {
    const depacketizer = new H264Depacketizer()
    expect(units(depacketizer, packets([SPS, PPS, idr(500)], 0))).toHaveLength(1)
    const broken = packets([slice(3_000)], 3_000)
    expect(units(depacketizer, [broken[0]!])).toEqual([])
    expect(units(depacketizer, [broken[2]!], 1)).toEqual([])
    expect(depacketizer.waitsForKey).toBe(true)
    expect(units(depacketizer, packets([slice(500)], 6_000))).toEqual([])
    expect(units(depacketizer, packets([SPS, PPS, idr(500)], 9_000))).toHaveLength(1)
    expect(units(depacketizer, packets([slice(500)], 12_000))).toHaveLength(1)
  })

  it('ends a picture whose marker never came when the next one begins', () => {
    const depacketizer = new H264Depacketizer()
    const all = packets([SPS, PPS, idr(500)], 0).map((packet) => ({ ...packet, marker: false }))
    expect(units(depacketizer, all)).toEqual([])
    expect(depacketizer.push(packets([slice(100)], 3_000)[0]!, 0)).toHaveLength(2)
  })

  it('puts parameter sets in front of key frames that come without, from the stream or from the offer', () => {
    const sprop = [SPS, PPS].map((set) => Buffer.from(set).toString('base64')).join(',')
    const [unit] = units(new H264Depacketizer(spropParameterSets(sprop)), packets([idr(50)], 0))
    expect(unit?.data).toEqual(joinAnnexB([SPS, PPS, idr(50)]))
    expect(units(new H264Depacketizer(), packets([idr(50)], 0))).toEqual([])
  })

  it('takes no harm from payloads of garbage, and no picture without an end', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 30 }), (payloads) => {
        const depacketizer = new H264Depacketizer()
        payloads.forEach((payload, sequence) => {
          try {
            depacketizer.push({ payload, sequence, timestamp: sequence >> 2, marker: sequence % 3 === 0 }, 0)
          } catch (error) {
            // A size that no decoder should be asked to show.
            expect(error).toHaveProperty('code')
          }
        })
      }),
      { numRuns: 300 },
    )
    const depacketizer = new H264Depacketizer()
    const endless = { payload: Uint8Array.of(0x7c, 0x85, ...new Uint8Array(1_100)), timestamp: 0, marker: false }
    const more = { ...endless, payload: Uint8Array.of(0x7c, 0x05, ...new Uint8Array(1_100)) }
    depacketizer.push({ ...endless, sequence: 0 }, 0)
    for (let sequence = 1; sequence < 5_000; sequence++) depacketizer.push({ ...more, sequence }, 0)
    expect(depacketizer.push({ ...more, sequence: 5_000, marker: true }, 0)).toEqual([])
  })
})
