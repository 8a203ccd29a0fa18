import { makeTestClip } from '@millrace/media/testing'
import { DEFAULT_LADDER } from '@millrace/wire'
import { expect, it } from 'vitest'
import { eventsOf, until } from './ledger.ts'
import { startTestNetwork } from './network-fixture.ts'
import { push } from './push.ts'

const LADDER = DEFAULT_LADDER.slice(2)

it('a gateway with -perTitle sets the rates of pushed and of live streams to their pictures, and says why', async () => {
  const slides = await makeTestClip({ seconds: 4, width: 640, height: 360, framesPerMark: 60, pictures: 'still' })
  await using running = await startTestNetwork('one process', {
    offchain: true,
    ladder: LADDER,
    gateway: { perTitle: 'lower' },
    source: { kind: 'generated', name: 'live', width: 640, height: 360, bitrateBps: 1_000_000 },
  })
  const { network } = running
  for (const segment of slides.segments)
    expect(await push(network.gatewayUrl, { stream: 'slides', ...segment })).toMatchObject({ status: 200, text: '' })
  await until('the live stream', () => network.hub.view().streams.live !== undefined)
  const { slides: pushed, live } = network.hub.view().streams
  expect(pushed?.perTitle).toMatchObject({
    samples: 1,
    rates: LADDER.map(({ name, bitrateBps }) => ({
      name,
      ladderBps: bitrateBps,
      bps: Math.ceil(bitrateBps / 4_000) * 1_000,
    })),
  })
  expect(live?.perTitle?.samples).toBe(1)
  expect(live!.perTitle!.bitsPerPixel).toBeGreaterThan(pushed!.perTitle!.bitsPerPixel)
  for (const { bps, ladderBps } of live!.perTitle!.rates) expect(bps).toBeLessThanOrEqual(ladderBps)
  // Nothing of the live source was lost while it was looked at.
  await until('its first segment', () =>
    eventsOf(network, 'segment_received').some((event) => 'manifestId' in event && event.manifestId === 'live'),
  )
  const playlist = await (await fetch(`${network.gatewayUrl}/stream/live/source.m3u8`)).text()
  expect(playlist).toContain('/0.ts')
}, 60_000)
