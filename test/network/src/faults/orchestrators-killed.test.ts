import { setTimeout as sleep } from 'node:timers/promises'
import type { Network } from '@millrace/devnet'
import { makeTestClip } from '@millrace/media/testing'
import { describe, expect, it } from 'vitest'
import { until } from '../ledger.ts'
import { busyOrchestrator, expectNothingMissing, FORMS, LONG, pushLive } from '../live-stream.ts'
import { startTestNetwork } from '../network-fixture.ts'
import { addThirdOrchestrator } from './more-orchestrators.ts'

/** Segments of two seconds, pushed in real time. */
const SEGMENTS = Number(LONG ?? 6)
const EVERY_MS = 5_000
/** Segments begin every two seconds: kills of this rhythm fall into their work and, in turn, between them. */
const FIRST_MS = 2_250
const DOWN_MS = 500

describe.each(FORMS)('a stream whose busy orchestrator of three is killed every five seconds, %s', (form) => {
  it('loses nothing while the others live', { timeout: 300_000 }, async () => {
    const clip = await makeTestClip({ seconds: 2 * SEGMENTS, width: 640, height: 360, seed: 17 })
    await using running = await startTestNetwork(form)
    const { network } = running
    await addThirdOrchestrator(network)
    const done = new AbortController()
    const killing = killTheBusyOne(network, done.signal)
    killing.catch(() => {})
    try {
      await pushLive(network, clip)
    } finally {
      done.abort()
    }
    const faults = await killing
    const what = `busy orchestrator of three killed, ${form}`
    await expectNothingMissing(network, { what, segments: SEGMENTS, faults: faults.length })
    if (LONG) expect(new Set(faults), 'each of the three had its turn').toHaveProperty('size', 3)
  })
})

/**
 * Kills whoever was sent the last segment, every five seconds, and starts it again at once; resolves with the names of the killed.
 * On a machine where it takes longer until an orchestrator has its worker back, the next kill waits for that: two of three always work.
 */
async function killTheBusyOne(network: Network, signal: AbortSignal): Promise<readonly string[]> {
  const killed: string[] = []
  await sleep(FIRST_MS)
  for (;;) {
    const began = performance.now()
    if (signal.aborted) return killed
    const name = busyOrchestrator(network)
    if (name === undefined) throw new Error('nobody was sent a segment')
    await network.kill(name)
    killed.push(name)
    await sleep(DOWN_MS)
    await network.restart(name)
    await until(`a worker of ${name}`, () => hasWorker(network, name))
    await sleep(Math.max(0, began + EVERY_MS - performance.now()))
  }
}

/** In a process of its own a worker needs a moment to find its orchestrator again. */
async function hasWorker(network: Network, name: string): Promise<boolean> {
  const port = network.config(name)?.operator.port
  const status = await (await fetch(`http://127.0.0.1:${port}/status`)).json()
  return (status as { RegisteredTranscodersNumber: number }).RegisteredTranscodersNumber > 0
}
