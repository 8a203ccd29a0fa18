import { makeTestClip } from '@millrace/media/testing'
import type { NodeEventOf } from '@millrace/wire'
import { describe, expect, it } from 'vitest'
import { eventsOf } from './ledger.ts'
import { busyOrchestrator, expectNothingMissing, FORMS, LONG, pushLive } from './live-stream.ts'
import { type Lie, LyingLink } from './lying-link.ts'
import { freePorts, startTestNetwork } from './network-fixture.ts'

/** By what each lie is found, on this machine alone: without looking at the pictures and without asking anybody. */
const FOUND_BY: Readonly<Record<Lie, readonly string[]>> = {
  "another segment's pictures": ['result_signature'],
  "another segment's answer": ['bad_commitment', 'rendition_missing'],
  'more pixels': ['pixel_mismatch'],
  'no signature': ['result_signature'],
  'a rendition too few': ['mismatched_segments'],
  "somebody else's renditions": ['rendition_url_refused'],
}
const LIES = Object.keys(FOUND_BY) as Lie[]
/** The busy orchestrator begins to lie at the second segment, and at every tenth after it. */
const EVERY = 10
/** Segments of two seconds, pushed in real time. */
const SEGMENTS = Number(LONG ?? 4)

describe.each(FORMS)('a stream whose busy orchestrator lies, %s', (form) => {
  it('is bought from the other one, and loses nothing', { timeout: 300_000 }, async () => {
    const clip = await makeTestClip({ seconds: 2 * SEGMENTS, width: 640, height: 360, seed: 29 })
    const ports = await freePorts()
    await using first = await LyingLink.open(() => ports.orchestrators[0])
    await using second = await LyingLink.open(() => ports.orchestrators[1])
    const links = { 'orchestrator-1': first, 'orchestrator-2': second }
    await using running = await startTestNetwork(form, { ports, reachedAt: [first.port, second.port] })
    const { network } = running
    await pushLive(network, clip, {
      onSegment: (seq) => {
        if (seq % EVERY !== 1) return
        const busy = busyOrchestrator(network)
        for (const [name, link] of Object.entries(links))
          link.lie = name === busy ? LIES[Math.floor(seq / EVERY) % LIES.length] : undefined
      },
    })
    const told = Object.entries(links).flatMap(([name, { told }]) => told.map((lie) => ({ name, ...lie })))
    const kinds = new Set(told.map(({ lie }) => lie))
    const what = `lying orchestrators, ${form} (${[...kinds].join(', ')})`
    await expectNothingMissing(network, { what, segments: SEGMENTS, faults: told.length })
    expect([...kinds].sort()).toEqual(LIES.slice(0, Math.ceil((SEGMENTS - 1) / EVERY)).sort())

    const transcoded = eventsOf(network, 'segment_transcoded') as NodeEventOf<'segment_transcoded'>[]
    const failed = eventsOf(network, 'segment_attempt_failed') as NodeEventOf<'segment_attempt_failed'>[]
    for (const { name, seq, lie } of told) {
      const liar = network.hub.view().nodes[name]?.address
      expect(transcoded.find((event) => event.seq === seq)?.orchestrator, `${lie} of segment ${seq}`).not.toBe(liar)
      // One that another orchestrator was faster than is not looked at any more.
      const found = failed.find((event) => event.seq === seq && event.orchestrator === liar)
      if (found) expect(FOUND_BY[lie]).toContain(found.code)
    }
    for (const lie of kinds)
      expect(
        failed.map(({ code }) => code).some((code) => FOUND_BY[lie].includes(code)),
        `${lie} was found`,
      ).toBe(true)
  })
})
