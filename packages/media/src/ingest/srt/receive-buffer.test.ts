import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readLossList, seqAfter, writeLossList } from './packet.ts'
import { ReceiveBuffer } from './receive-buffer.ts'
import { readStreamId } from './stream-id.ts'

const packet = (index: number) => Buffer.from(String(index))

function open(firstSeq: number, latencyMs = 100) {
  const out: number[] = []
  const buffer = new ReceiveBuffer({ firstSeq, latencyMs, maxPackets: 64 }, (payload) => out.push(Number(payload)))
  return { buffer, out }
}

describe('the order of packets', () => {
  it('comes back from any order and any repetition, across the wrap of sequence numbers', () => {
    const orders = fc.shuffledSubarray([...Array(40).keys()], { minLength: 40 })
    fc.assert(
      fc.property(orders, fc.integer({ min: 0x7fffffff - 60, max: 0x7fffffff }), (order, firstSeq) => {
        const { buffer, out } = open(firstSeq)
        for (const index of [...order, ...order]) buffer.push(seqAfter(firstSeq, index), packet(index), 0)
        expect(out).toEqual([...Array(40).keys()])
        expect(buffer.counts).toMatchObject({ received: 40, repeated: 40, lost: 0 })
        expect(buffer.overdue(1_000, 0)).toEqual([])
      }),
    )
  })

  it('is handed on at once without losses', () => {
    const { buffer, out } = open(5)
    expect(buffer.push(5, packet(0), 0)).toBeUndefined()
    expect(out).toEqual([0])
  })

  it('asks for a gap when it shows, and again when it is overdue', () => {
    const { buffer } = open(0)
    expect(buffer.push(3, packet(3), 0)).toEqual({ first: 0, last: 2 })
    buffer.push(1, packet(1), 5)
    expect(buffer.overdue(10, 20)).toEqual([])
    expect(buffer.overdue(20, 20)).toEqual([
      { first: 0, last: 0 },
      { first: 2, last: 2 },
    ])
    expect(buffer.overdue(30, 20)).toEqual([])
  })

  it('waits for a gap as long as agreed, and goes on without it', () => {
    const { buffer, out } = open(0)
    buffer.push(2, packet(2), 0)
    buffer.tick(99)
    expect(out).toEqual([])
    buffer.tick(100)
    expect(out).toEqual([2])
    expect(buffer.counts.lost).toBe(2)
    buffer.push(1, packet(1), 101)
    expect(out).toEqual([2])
  })

  it('goes on at once when the sender gave a packet up', () => {
    const { buffer, out } = open(0)
    buffer.push(2, packet(2), 0)
    buffer.drop({ first: 0, last: 1 })
    expect(out).toEqual([2])
  })

  it('takes no packet from too far ahead', () => {
    const { buffer, out } = open(0)
    buffer.push(64, packet(64), 0)
    buffer.push(0x7ffffffe, packet(9), 0)
    buffer.drop({ first: 0, last: 5_000 })
    buffer.push(0, packet(0), 0)
    expect(out).toEqual([0])
    expect(buffer.overdue(1_000, 0)).toEqual([])
  })
})

describe('a loss list', () => {
  it('reads as it was written', () => {
    const number = fc.integer({ min: 0, max: 0x7fffffff })
    const ranges = fc.array(fc.tuple(number, fc.integer({ min: 0, max: 40 })), { maxLength: 50 })
    fc.assert(
      fc.property(ranges, (pairs) => {
        const list = pairs.map(([first, more]) => ({ first, last: seqAfter(first, more) }))
        expect(readLossList(writeLossList(list))).toEqual(list)
      }),
    )
  })
})

describe('a stream id', () => {
  it.each([
    ['#!::r=live/show,m=publish', 'publish', 'live/show'],
    ['#!::m=publish,r=show,s=key', 'publish', 'show/key'],
    ['#!::r=show,m=request', 'request', 'show'],
    ['#!::r=show,m=bidirectional', 'other', 'show'],
    ['publish:show/key', 'publish', 'show/key'],
    ['read:show', 'request', 'show'],
    ['live/show/key?token=x', 'publish', 'live/show/key?token=x'],
    ['', 'publish', ''],
  ])('%s', (text, mode, path) => {
    expect(readStreamId(text)).toEqual({ mode, path })
  })
})
