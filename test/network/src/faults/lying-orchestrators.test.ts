import { devnetKey } from '@millrace/devnet'
import { makeTestClip } from '@millrace/media/testing'
import { DEFAULT_LADDER, type NodeEventOf } from '@millrace/wire'
import { createKeySigner } from '@millrace/wire/node'
import { describe, expect, it } from 'vitest'
import { eventsOf } from '../ledger.ts'
import { expectNothingMissing, FORMS, LONG, pushLive } from '../live-stream.ts'
import { freePorts, startTestNetwork } from '../network-fixture.ts'
import { makeForgeries } from './forgeries.ts'
import { type Lie, LyingLink, type PlannedLie } from './lying-link.ts'

/** By what each lie is found, on this machine alone and without asking anybody. */
const FOUND_BY: Readonly<Record<Lie, readonly string[]>> = {
  'black pictures': ['wrong_pictures'],
  'swapped pictures': ['result_signature'],
  "another stream's pictures": ['wrong_pictures'],
  "another segment's answer": ['bad_commitment', 'rendition_missing'],
  'more pixels': ['pixel_mismatch'],
  'no signature': ['result_signature'],
  'a rendition too few': ['mismatched_segments'],
  "somebody else's renditions": ['rendition_url_refused'],
  "an earlier segment's pictures": ['wrong_pictures'],
  'smaller pictures': ['wrong_pictures'],
}
const LIES = Object.keys(FOUND_BY) as Lie[]
/** An orchestrator lies at the second segment, and at every sixth after it. */
const EVERY = 6
/** Segments of two seconds, pushed in real time. */
const SEGMENTS = Number(LONG ?? 4)

describe.each(FORMS)('a stream whose orchestrators lie, %s', (form) => {
  it('is bought from whoever does not at that segment, and loses nothing', { timeout: 300_000 }, async () => {
    const clip = await makeTestClip({ seconds: 2 * SEGMENTS, width: 640, height: 360, seed: 29 })
    const ports = await freePorts()
    const forgeries = await makeForgeries(clip, DEFAULT_LADDER)
    const lies: PlannedLie = { next: undefined }
    const open = (index: 0 | 1, account: 'orchestrator1' | 'orchestrator2') =>
      LyingLink.open(() => ports.orchestrators[index], { lies, forgeries, signer: createKeySigner(devnetKey(account)) })
    await using first = await open(0, 'orchestrator1')
    await using second = await open(1, 'orchestrator2')
    const links = { 'orchestrator-1': first, 'orchestrator-2': second }
    await using running = await startTestNetwork(form, {
      ports,
      reachedAt: [first.port, second.port],
      gateway: { compareOneIn: 1 },
    })
    const { network } = running
    await pushLive(network, clip, {
      onSegment: (seq) => {
        if (seq % EVERY === 1) lies.next = LIES[Math.floor(seq / EVERY) % LIES.length]
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
