import { makeTestClip, type TestClip } from '@millrace/media/testing'
import { DEVNET_PRICE_PER_PIXEL } from '@millrace/payments'
import { afterEach, beforeAll, beforeEach, describe, it } from 'vitest'
import { busyOrchestrator, expectNothingMissing, FORMS, LONG, pushLive } from '../live-stream.ts'
import { freePorts, startTestNetwork } from '../network-fixture.ts'
import { BadLink } from './bad-link.ts'

/** Segments of two seconds, pushed in real time; the long form (npm run test:network) takes 60, in both forms of the network. */
const SEGMENTS = Number(LONG ?? 4)

describe.each(FORMS)('a stream over bad links to the orchestrators, %s', (form) => {
  let clip: TestClip
  let links: readonly [BadLink, BadLink]
  let running: Awaited<ReturnType<typeof startTestNetwork>>

  beforeAll(async () => {
    clip = await makeTestClip({ seconds: 2 * SEGMENTS, width: 640, height: 360, seed: 11 })
  }, 60_000)
  beforeEach(async () => {
    const ports = await freePorts()
    const open = (i: 0 | 1) => BadLink.open(() => ports.orchestrators[i])
    links = [await open(0), await open(1)]
    running = await startTestNetwork(form, {
      ports,
      reachedAt: [links[0].port, links[1].port],
      pricePerPixel: DEVNET_PRICE_PER_PIXEL,
    })
  }, 60_000)
  afterEach(async () => {
    await running?.[Symbol.asyncDispose]()
    for (const link of links) await link[Symbol.asyncDispose]()
  })

  const check = (what: string) =>
    expectNothingMissing(running.network, { what, segments: SEGMENTS, faults: links[0].harmed + links[1].harmed })

  it('loses nothing to 250 ms of delay each way and one chunk in twenty that stalls', {
    timeout: 200_000,
  }, async () => {
    for (const link of links) link.faults = { delayMs: 250, stallPart: 0.05 }
    await pushLive(running.network, clip)
    await check('250 ms each way, 5 % stalls')
  })

  it('loses nothing when one link carries 200 kbit/s', {
    timeout: 200_000,
  }, async () => {
    await pushLive(running.network, clip, {
      // The link of whoever is busy gets narrow, so that segments are under way on it.
      onSegment: (seq) => {
        if (seq !== 1) return
        links[busyOrchestrator(running.network) === 'orchestrator-2' ? 1 : 0].faults = { bytesPerSecond: 25_000 }
      },
    })
    await check('one link of 200 kbit/s')
  })

  it('loses nothing when all connections are cut at every second segment', { timeout: 200_000 }, async () => {
    await pushLive(running.network, clip, {
      onSegment: (seq) => {
        if (seq % 2 === 1) setTimeout(() => links.forEach((link) => void link.cut()), 300)
      },
    })
    await check('cut at every second segment')
  })

  it('loses nothing when one link goes silent in mid-stream', { timeout: 200_000 }, async () => {
    await pushLive(running.network, clip, {
      onSegment: (seq) => {
        if (seq !== Math.floor(SEGMENTS / 2)) return
        links[busyOrchestrator(running.network) === 'orchestrator-2' ? 1 : 0].faults = { silent: true }
      },
    })
    await check('one link silent')
  })
})
