import type { NodeEventOf } from '@millrace/wire'
import { DEFAULT_LADDER } from '@millrace/wire'
import { describe, expect, it } from 'vitest'
import { eventsOf, until } from './ledger.ts'
import { FORMS } from './live-stream.ts'
import { startTestNetwork } from './network-fixture.ts'

const STREAM = 'live'
const LADDER = DEFAULT_LADDER.slice(3)
const transcoded = (network: Parameters<typeof eventsOf>[0]) =>
  eventsOf(network, 'segment_transcoded') as NodeEventOf<'segment_transcoded'>[]

describe('a live source on a network of Millrace nodes', () => {
  it.each(FORMS)(
    'is transcoded while it arrives (%s): each segment is paid and its renditions are there a moment after its end',
    async (form) => {
      await using running = await startTestNetwork(form, {
        source: { kind: 'generated', name: STREAM, width: 640, height: 360, bitrateBps: 1_000_000 },
        ladder: LADDER,
      })
      const { network } = running
      // On a busy machine some come too late, are bought as a whole, and the next ones for a while.
      const inParts = () => transcoded(network).filter(({ live }) => live)
      await until('four segments in parts', () => inParts().length >= 4, 100_000)
      for (const { name } of LADDER) {
        const text = await (await fetch(`${network.gatewayUrl}/cmaf/${STREAM}/${name}/ll.m3u8`)).text()
        // The segment that is not complete yet is listed by its parts alone.
        const open = text.slice(text.lastIndexOf('#EXTINF')).split('\n')
        expect(text).toContain('#EXT-X-PART-INF:PART-TARGET=')
        expect(open.filter((line) => line.startsWith('#EXT-X-PRELOAD-HINT'))).toHaveLength(1)
        expect(text.match(/#EXT-X-PART:/g)!.length).toBeGreaterThan(8)
      }
      const { totals } = network.hub.view()
      for (const failed of eventsOf(network, 'segment_attempt_failed')) console.log(`  ${JSON.stringify(failed)}`)
      const done = inParts()
      console.log(`  delays after the last byte: ${done.map(({ delayMs }) => Math.round(delayMs)).join(', ')} ms`)
      for (const event of done) {
        expect(event.paid).toBe(true)
        expect(event.renditions.map(({ name }) => name)).toEqual(LADDER.map(({ name }) => name))
      }
      expect(totals).toMatchObject({ fallback: 0, missing: 0 })
    },
    120_000,
  )
})
