import { MillraceError } from '@millrace/base'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ChunkReader, encodeMessage, MESSAGE, type RtmpMessage } from './chunks.ts'

const limits = { maxMessageBytes: 1_000_000, maxPendingBytes: 2_000_000 }
const readAll = (reader: ChunkReader, bytes: Buffer, step = bytes.length || 1): RtmpMessage[] => {
  const out: RtmpMessage[] = []
  for (let at = 0; at < bytes.length; at += step) out.push(...reader.read(bytes.subarray(at, at + step)))
  return out
}

describe('RTMP chunks', () => {
  it('puts messages together however the bytes are cut', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.record({ size: fc.nat(2_000), timestamp: fc.nat(0xffffffff), cs: fc.integer({ min: 3, max: 20 }) }),
          {
            minLength: 1,
            maxLength: 8,
          },
        ),
        fc.integer({ min: 1, max: 300 }),
        (given, step) => {
          const bytes = Buffer.concat(
            given.map(({ size, timestamp, cs }) =>
              encodeMessage({ type: 9, streamId: 1, timestamp, payload: Buffer.alloc(size, size & 255) }, cs, 128),
            ),
          )
          const read = readAll(new ChunkReader(limits), bytes, step)
          expect(read.map(({ timestamp, payload }) => [timestamp, payload.length])).toEqual(
            given.map(({ size, timestamp }) => [timestamp, size]),
          )
        },
      ),
      { numRuns: 100 },
    )
  })

  it('takes extended time stamps whether or not continuing chunks repeat them', () => {
    const timestamp = 0x01000000
    const repeated = encodeMessage({ type: 9, streamId: 1, timestamp, payload: Buffer.alloc(300, 7) }, 4, 128)
    // Head 12 bytes and 4 of time, 128 of body, then type 3 heads with 4 bytes of time each.
    const bare = Buffer.concat([repeated.subarray(0, 145), repeated.subarray(149, 278), repeated.subarray(282)])
    for (const bytes of [repeated, bare]) {
      const [message] = readAll(new ChunkReader(limits), bytes)
      expect(message).toMatchObject({ timestamp })
      expect(message?.payload.equals(Buffer.alloc(300, 7))).toBe(true)
    }
  })

  it('adds deltas to the time and keeps them modulo 2^32', () => {
    const first = encodeMessage({ type: 8, streamId: 1, timestamp: 0xfffffff0, payload: Buffer.of(1) }, 4, 128)
    const delta = Buffer.of(0x84, 0, 0, 0x20, 2)
    const again = Buffer.of(0xc4, 3)
    const read = readAll(new ChunkReader(limits), Buffer.concat([first, delta, again]))
    expect(read.map((message) => message.timestamp)).toEqual([0xfffffff0, 0x10, 0x30])
  })

  it('takes two and three byte chunk stream ids', () => {
    const tail = Buffer.of(0, 0, 5, 0, 0, 1, 8, 1, 0, 0, 0, 42)
    for (const head of [Buffer.of(0, 200), Buffer.of(1, 255, 255)]) {
      const [message] = readAll(new ChunkReader(limits), Buffer.concat([head, tail]))
      expect(message).toMatchObject({ timestamp: 5, type: 8 })
    }
  })

  it('follows chunk sizes of 1 and 2^31-1 and refuses 0 and more', () => {
    const size = (value: number) => {
      const payload = Buffer.alloc(4)
      payload.writeUInt32BE(value)
      return encodeMessage({ type: MESSAGE.setChunkSize, streamId: 0, payload }, 2, 128)
    }
    for (const value of [1, 0x7fffffff]) {
      const body = encodeMessage({ type: 9, streamId: 1, payload: Buffer.alloc(50, 3) }, 4, value)
      const read = readAll(new ChunkReader(limits), Buffer.concat([size(value), body]))
      expect(read.at(-1)?.payload.length).toBe(50)
    }
    for (const value of [0, 0x80000000])
      expect(() => readAll(new ChunkReader(limits), size(value))).toThrow(
        expect.objectContaining({ code: 'bad_chunk_size' }),
      )
  })

  it('does not reserve memory for a length that is only claimed', () => {
    const reader = new ChunkReader({ maxMessageBytes: 16_000_000, maxPendingBytes: 32_000_000 })
    const head = encodeMessage({ type: 9, streamId: 1, payload: Buffer.alloc(15_000_000) }, 4, 128).subarray(0, 140)
    const before = process.memoryUsage().arrayBuffers
    expect(readAll(reader, head)).toEqual([])
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1_000_000)
    expect(() => readAll(new ChunkReader(limits), head)).toThrow(expect.objectContaining({ code: 'message_too_large' }))
  })

  it('forgets a message that is aborted in the middle', () => {
    const reader = new ChunkReader(limits)
    const long = encodeMessage({ type: 9, streamId: 1, payload: Buffer.alloc(300) }, 4, 128)
    expect(readAll(reader, long.subarray(0, 140))).toEqual([])
    readAll(reader, encodeMessage({ type: MESSAGE.abort, streamId: 0, payload: Buffer.of(0, 0, 0, 4) }, 2, 128))
    const [message] = readAll(reader, encodeMessage({ type: 8, streamId: 1, payload: Buffer.of(9) }, 4, 128))
    expect(message?.payload).toEqual(Buffer.of(9))
  })

  it('throws only typed errors on arbitrary bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 600 }), fc.integer({ min: 1, max: 100 }), (bytes, step) => {
        try {
          readAll(new ChunkReader(limits), Buffer.from(bytes), step)
        } catch (error) {
          expect(error).toBeInstanceOf(MillraceError)
        }
      }),
      { numRuns: 300 },
    )
  })
})
