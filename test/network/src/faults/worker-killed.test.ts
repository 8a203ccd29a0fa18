import { setTimeout as sleep } from 'node:timers/promises'
import type { Network } from '@millrace/devnet'
import { makeTestClip } from '@millrace/media/testing'
import type { NodeEvent, NodeEventOf } from '@millrace/wire'
import { describe, expect, it } from 'vitest'
import { until } from '../ledger.ts'
import { expectNothingMissing, LONG, pushLive } from '../live-stream.ts'
import { startTestNetwork } from '../network-fixture.ts'

/** Segments of two seconds, pushed in real time. */
const SEGMENTS = Number(LONG ?? 4)
/** A worker is killed at the second segment and at every fifth after it. */
const isKilledAt = (seq: number) => seq % 5 === 1
const DOWN_MS = 500

// A worker with a process of its own exists in this form only: in one process it is part of its orchestrator's node.
describe('a stream whose worker is killed in the middle of a segment, a process each', () => {
  it('loses nothing while the other one lives', { timeout: 300_000 }, async () => {
    const clip = await makeTestClip({ seconds: 2 * SEGMENTS, width: 640, height: 360, seed: 19 })
    await using running = await startTestNetwork('a process each')
    const { network } = running
    const killer = killAtWork(network)
    await pushLive(network, clip)
    const kills = await killer.stop()
    // Only where the work was not done when its worker died was it killed in the middle.
    const done = network.hub.recent().filter((event) => event.type === 'work_done')
    const middle = kills.filter(
      ({ worker, sessionId, seq }) =>
        !done.some((work) => work.worker === worker && work.sessionId === sessionId && work.seq === seq),
    )
    const what = `worker killed in mid-segment (${kills.length} kills)`
    await expectNothingMissing(network, { what, segments: SEGMENTS, faults: middle.length })
    // Those that came back are given work again by their orchestrators.
    for (const name of new Set(kills.map(({ worker }) => worker)))
      await until(`${name} to be up`, () => network.hub.view().nodes[name]?.up === true)
    expect(new Set(kills.map(({ seq }) => seq)).size).toBe(kills.length)
  })
})

/** Kills the worker that has just begun with a segment, when it is one of those to be killed at, and starts it again. */
function killAtWork(network: Network) {
  const kills: NodeEventOf<'work_started'>[] = []
  let last = Promise.resolve()
  const killAndRestart = async (event: NodeEventOf<'work_started'>) => {
    await network.kill(event.worker)
    await sleep(DOWN_MS)
    await network.restart(event.worker)
  }
  const stop = network.hub.listen((event: NodeEvent) => {
    if (event.type !== 'work_started' || !isKilledAt(event.seq)) return
    // The other worker, which is given the same segment then, is to live.
    if (kills.some(({ seq }) => seq === event.seq)) return
    kills.push(event)
    last = last.then(() => killAndRestart(event))
    last.catch(() => {})
  })
  return {
    /** Resolves with what the killed workers had begun, when all of them are up again. */
    stop: async () => {
      stop()
      await last
      return kills
    },
  }
}
