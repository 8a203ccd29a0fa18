import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { CodedFrame } from '../../segment/segment.ts'
import { carriedFrames } from '../../source/convert.ts'
import { makeMediaFile, publishFile } from '../../testing/index.ts'
import type { RtpPiece } from '../rtp-order.ts'
import { Av1Format } from './av1.ts'
import { Depacketizer } from './depacketizer.ts'
import { openDepacketizer, PUBLISHED_VIDEO } from './open-depacketizer.ts'
import { Vp8Format, Vp9Format } from './vpx.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-rtp-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const offered = (name: string) => ({ payloadType: 96, name, clockRate: 90_000, parameters: {} })

/** The packets of a file's pictures as FFmpeg writes them. */
async function packetsOf(path: string): Promise<RtpPiece[]> {
  const packets: RtpPiece[] = []
  const socket = createSocket('udp4')
  socket.on('message', (datagram) => {
    // Reports come to the next port, and an own one says that nobody listens there.
    packets.push({
      sequence: datagram.readUInt16BE(2),
      timestamp: datagram.readUInt32BE(4),
      marker: (datagram[1]! & 0x80) !== 0,
      payload: Uint8Array.from(datagram.subarray(12)),
    })
  })
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  await publishFile({ path, url: `rtp://127.0.0.1:${socket.address().port}?pkt_size=1200`, format: 'rtp' })
  await new Promise((resolve) => setTimeout(resolve, 100))
  await new Promise<void>((resolve) => socket.close(() => resolve()))
  return packets
}

describe.concurrent('pictures in RTP packets', () => {
  // FFmpeg calls its packets of VP9 and AV1 experimental; those of Chromium are tried in test/browser.
  it.each([
    ['hevc', 'h265', 'mpegts'],
    ['vp8', 'vp8', 'matroska'],
  ])("come back whole from FFmpeg's packets of %s", async (video, name, format) => {
    const path = join(folder, video)
    await makeMediaFile({ path, format, video, seconds: 2, bitrateBps: 2_000_000 })
    const packets = await packetsOf(path)
    expect(packets.length).toBeGreaterThan(60)
    const { codec, depacketizer } = openDepacketizer(offered(name))
    const units = packets.flatMap((packet) => depacketizer.push(packet, 0))
    expect(units).toHaveLength(50)
    expect(units[0]?.keyFrame).toBe(true)
    expect(units.some(({ keyFrame }) => !keyFrame)).toBe(true)
    async function* frames(): AsyncGenerator<CodedFrame> {
      for (const [index, { data, keyFrame }] of units.entries())
        yield { kind: 'video', codec, pts: index * 3_600, dts: index * 3_600, keyFrame, data }
    }
    let pictures = 0
    for await (const _ of carriedFrames(frames())) pictures++
    expect(pictures).toBe(50)
  })

  it('wait for a key frame after a loss', () => {
    const depacketizer = new Depacketizer(new Vp8Format())
    const packet = (timestamp: number, keyFrame: boolean): RtpPiece => ({
      sequence: 0,
      timestamp,
      marker: true,
      payload: Uint8Array.of(0x10, keyFrame ? 0 : 1, 2, 3),
    })
    expect(depacketizer.push(packet(0, true), 0)).toHaveLength(1)
    expect(depacketizer.push(packet(1, false), 0)).toHaveLength(1)
    expect(depacketizer.push(packet(3, false), 1)).toEqual([])
    expect(depacketizer.waitsForKey).toBe(true)
    expect(depacketizer.push(packet(4, false), 0)).toEqual([])
    expect(depacketizer.push(packet(5, true), 0)).toHaveLength(1)
  })

  it('of VP9 leave out higher spatial layers, and read past every part of the descriptor', () => {
    const format = new Vp9Format()
    // Picture id of two bytes, layers, and a structure of two layers with sizes and one picture of one reference.
    const descriptor = [0b1010_1010, 0x81, 0x23, 0b000_0_000_0, 7]
    const structure = [0b001_1_1_000, 0, 1, 0, 1, 0, 2, 0, 2, 1, 0b000_0_01_00, 9]
    expect(format.take(Uint8Array.from([...descriptor, ...structure, 0xaa, 0xbb]))).toBe(true)
    expect(format.take(Uint8Array.of(0b1010_1100, 0x81, 0x23, 0b000_0_001_0, 7, 0xcc))).toBe(true)
    expect(format.finish()).toEqual({ data: Buffer.of(0xaa, 0xbb), keyFrame: true })
    // Flexible mode: up to three references of a picture that is no key frame.
    expect(format.take(Uint8Array.of(0b0101_1100, 0x03, 0x04, 0xdd))).toBe(true)
    expect(format.finish()).toEqual({ data: Buffer.of(0xdd), keyFrame: false })
  })

  it('of AV1 are joined over packets and get their sizes', () => {
    const format = new Av1Format()
    // A delimiter, a sequence header and the first half of a frame; then its other half, with the length left out.
    expect(format.take(Uint8Array.of(0b0100_1000, 1, 0x10, 3, 0x08, 5, 6, 2, 0x30, 7))).toBe(true)
    expect(format.take(Uint8Array.of(0b1001_0000, 8, 9))).toBe(true)
    expect(format.finish()).toEqual({ data: Buffer.of(0x0a, 2, 5, 6, 0x32, 3, 7, 8, 9), keyFrame: true })
    // A half without its other half is no picture.
    expect(format.take(Uint8Array.of(0b1001_0000, 8, 9))).toBe(false)
  })

  it('never break what reads them', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...PUBLISHED_VIDEO.slice(1)),
        fc.array(fc.tuple(fc.uint8Array({ maxLength: 60 }), fc.boolean(), fc.nat(2)), { maxLength: 12 }),
        (name, packets) => {
          const { depacketizer } = openDepacketizer(offered(name))
          for (const [index, [payload, marker, lost]] of packets.entries())
            depacketizer.push({ sequence: index, timestamp: index >> 1, marker, payload }, lost)
        },
      ),
      { numRuns: 500 },
    )
  })
})
