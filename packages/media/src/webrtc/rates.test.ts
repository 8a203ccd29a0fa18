import { describe, expect, it } from 'vitest'
import { RenditionGuide } from '../deliver/whep/rendition-guide.ts'
import { IngestBandwidth } from '../ingest/whip/ingest-bandwidth.ts'
import { OfferRate } from './offer-rate.ts'

const clean = { lost: 0, capacityBps: undefined }
const bad = { lost: 0.3, capacityBps: undefined }

describe('the rendition that a viewer is shown', () => {
  it('goes down after three bad reports in a row, and not below the last', () => {
    const guide = new RenditionGuide([3_000_000, 800_000])
    const shown = [bad, bad, clean, bad, bad, bad, bad, bad, bad].map((quality, i) => {
      guide.hear(quality, i * 1_000)
      return guide.current
    })
    expect(shown).toEqual([0, 0, 0, 0, 0, 1, 1, 1, 1])
  })

  it('goes up after ten clean seconds, and waits longer when that was wrong', () => {
    const guide = new RenditionGuide([3_000_000, 800_000])
    let now = 0
    const hear = (quality: typeof clean, times: number) => {
      for (let i = 0; i < times; i++) {
        now += 1_000
        guide.hear(quality, now)
      }
      return guide.current
    }
    expect(hear(bad, 3)).toBe(1)
    expect(hear(clean, 10)).toBe(1)
    expect(hear(clean, 1)).toBe(0)
    expect(hear(bad, 3)).toBe(1)
    expect(hear(clean, 15)).toBe(1)
    expect(hear(clean, 6)).toBe(0)
  })
})

describe("a publisher's allowance", () => {
  it('rises while packets arrive, to its bound, and falls with those that are lost', () => {
    const bandwidth = new IngestBandwidth({ maxBps: 4_000_000 })
    const second = (now: number, packets: number, lost: number) => {
      for (let i = 0; i < packets; i++) bandwidth.packet(1_000)
      bandwidth.lost(lost)
      return bandwidth.next(now)
    }
    expect(second(0, 0, 0)).toBe(2_500_000)
    let allowed = 0
    for (let i = 1; i <= 10; i++) allowed = second(i * 1_000, 400, 0)
    expect(allowed).toBe(4_000_000)
    expect(second(11_000, 200, 100)).toBeLessThan(1_600_000)
    expect(second(12_000, 0, 0)).toBeGreaterThan(150_000)
  })
})

describe('offers of one address', () => {
  it('are counted by the minute, each address for itself', () => {
    const rate = new OfferRate({ perMinute: 2 })
    rate.take('a', 0)
    rate.take('a', 1)
    expect(() => rate.take('a', 2)).toThrow(expect.objectContaining({ code: 'too_many_offers', retryable: true }))
    rate.take('b', 2)
    rate.take('a', 60_000)
  })
})
