import { setTimeout as sleep } from 'node:timers/promises'
import { makeTestClip, type TestClip } from '@millrace/media/testing'
import { DEVNET_PRICE_PER_PIXEL } from '@millrace/payments'
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { BadLink } from './bad-link.ts'
import { eventsOf, until } from './ledger.ts'
import { freePorts, type NetworkForm, startTestNetwork } from './network-fixture.ts'
import { type Pushed, push } from './push.ts'

const LONG = process.env.MILLRACE_NETWORK_SEGMENTS
/** Segments of two seconds, pushed in real time; the long form (npm run test:network) takes 60, in both forms of the network. */
const SEGMENTS = Number(LONG ?? 4)
const FORMS: readonly NetworkForm[] = LONG ? ['one process', 'a process each'] : ['one process']
const SEGMENT_MS = 2_000

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

  /** Pushes the clip as a live encoder would: a segment every two seconds, whatever has become of those before. */
  async function pushLive(onSegment: (seq: number) => void = () => {}): Promise<readonly Pushed[]> {
    const { gatewayUrl } = running.network
    const pushes: Promise<Pushed>[] = []
    const began = performance.now()
    for (const segment of clip.segments) {
      await sleep(began + segment.seq * SEGMENT_MS - performance.now())
      onSegment(segment.seq)
      pushes.push(push(gatewayUrl, { stream: 'live', ...segment }))
    }
    return Promise.all(pushes)
  }

  async function expectNothingMissing(what: string): Promise<void> {
    const { network } = running
    await until('all segments', () => {
      const { segmentsOut, fallback } = network.hub.view().totals
      return segmentsOut + fallback >= SEGMENTS
    })
    const { totals } = network.hub.view()
    const harmed = links[0].harmed + links[1].harmed
    const failed = eventsOf(network, 'segment_attempt_failed').length
    console.log(
      `  ${what}: ${SEGMENTS} in, ${totals.segmentsOut} out, ${totals.fallback} fallback, ${totals.missing} missing, ` +
        `${totals.paid} paid, ${failed} attempts failed, ${harmed} faults`,
    )
    expect(harmed, 'a link without a fault shows nothing').toBeGreaterThan(0)
    expect(totals).toMatchObject({ segmentsIn: SEGMENTS, missing: 0 })
    expect(totals.fallback).toBeLessThanOrEqual(0.02 * SEGMENTS)
    expect(totals.paid).toBe(totals.segmentsOut)
  }

  it('loses nothing to 250 ms of delay each way and one chunk in twenty that stalls', {
    timeout: 200_000,
  }, async () => {
    for (const link of links) link.faults = { delayMs: 250, stallPart: 0.05 }
    await pushLive()
    await expectNothingMissing('250 ms each way, 5 % stalls')
  })

  it('loses nothing when all connections are cut at every second segment', { timeout: 200_000 }, async () => {
    await pushLive((seq) => {
      if (seq % 2 === 1) setTimeout(() => links.forEach((link) => void link.cut()), 300)
    })
    await expectNothingMissing('cut at every second segment')
  })

  it('loses nothing when one link goes silent in mid-stream', { timeout: 200_000 }, async () => {
    await pushLive((seq) => {
      if (seq !== Math.floor(SEGMENTS / 2)) return
      const events = eventsOf(running.network, 'segment_transcoded') as unknown as { orchestrator: string }[]
      const busy = events.at(-1)?.orchestrator
      const name = Object.values(running.network.hub.view().nodes).find((node) => node.address === busy)?.name
      links[name === 'orchestrator-2' ? 1 : 0].faults = { silent: true }
    })
    await expectNothingMissing('one link silent')
  })
})
