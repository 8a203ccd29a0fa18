import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { RtpOrder } from './rtp-order.ts'

const packet = (sequence: number) => ({
  sequence: sequence & 0xffff,
  timestamp: 0,
  marker: false,
  payload: new Uint8Array(1),
})

function ordered(options: { waitMs?: number; capacity?: number } = {}) {
  const out: number[] = []
  const lost: number[] = []
  const asked: number[][] = []
  const order = new RtpOrder(
    { waitMs: 200, ...options },
    {
      onPacket: ({ sequence }, missing) => {
        out.push(sequence)
        lost.push(missing)
      },
      onMissing: (sequences) => void asked.push([...sequences]),
    },
  )
  return { order, out, lost, asked }
}

describe('packets out of order', () => {
  it('come in order, each once, also over the wrap of their numbers', () => {
    const shuffled = fc.shuffledSubarray([1, 2, 3, 4, 5, 6, 7, 8], { minLength: 8 })
    fc.assert(
      fc.property(shuffled, fc.integer({ min: 0, max: 0xffff }), (steps, start) => {
        const { order, out } = ordered()
        order.push(packet(start), 0)
        for (const step of steps) {
          order.push(packet(start + step), 0)
          order.push(packet(start + step), 0)
        }
        expect(out).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8].map((step) => (start + step) & 0xffff))
      }),
    )
  })

  it('asks for what is missing at once and again, and gives it up after a while', () => {
    const { order, out, lost, asked } = ordered()
    order.push(packet(65_534), 0)
    order.push(packet(1), 10)
    expect(asked).toEqual([[65_535, 0]])
    order.tick(30)
    expect(asked).toHaveLength(1)
    order.tick(60)
    expect(asked).toHaveLength(2)
    order.push(packet(0), 70)
    order.tick(215)
    expect(out).toEqual([65_534, 0, 1])
    expect(lost).toEqual([0, 1, 0])
    expect(order.lost).toBe(1)
  })

  it('never holds more than its capacity', () => {
    const { order, out } = ordered({ capacity: 10 })
    order.push(packet(0), 0)
    for (let sequence = 2; sequence < 50; sequence++) order.push(packet(sequence), 0)
    expect(out.slice(0, 3)).toEqual([0, 2, 3])
  })

  it('begins anew where a sender does, instead of asking for thousands', () => {
    const { order, out, asked } = ordered()
    order.push(packet(10), 0)
    order.push(packet(40_000), 0)
    order.push(packet(40_001), 0)
    expect(out).toEqual([10, 40_000, 40_001])
    expect(asked).toEqual([])
  })
})
