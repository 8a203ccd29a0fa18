import { setTimeout as sleep } from 'node:timers/promises'
import type { Network } from '@millrace/devnet'
import { makeTestClip } from '@millrace/media/testing'
import { describe, it } from 'vitest'
import { until } from '../ledger.ts'
import { busyOrchestrator, expectNothingMissing, FORMS, LONG, pushLive } from '../live-stream.ts'
import { startTestNetwork } from '../network-fixture.ts'

/** Segments of two seconds, pushed in real time. */
const SEGMENTS = Number(LONG ?? 6)
const EVERY_MS = 5_000
/** Segments begin every two seconds: kills of this rhythm fall into their work and, in turn, between them. */
const FIRST_MS = 2_250
const DOWN_MS = 500
/** An orchestrator that works again has so long before the other one is killed: one of two that die by turns is always alive. */
const QUIET_MS = 2_000

describe.each(FORMS)('a stream whose busy orchestrator is killed every five seconds, %s', (form) => {
  it('loses nothing while the other one lives', { timeout: 300_000 }, async () => {
    const clip = await makeTestClip({ seconds: 2 * SEGMENTS, width: 640, height: 360, seed: 17 })
    await using running = await startTestNetwork(form)
    const { network } = running
    const done = new AbortController()
    const killing = killTheBusyOne(network, done.signal)
    killing.catch(() => {})
    try {
      await pushLive(network, clip)
    } finally {
      done.abort()
    }
    const faults = await killing
    await expectNothingMissing(network, { what: `busy orchestrator killed, ${form}`, segments: SEGMENTS, faults })
  })
})

/** Kills whoever was sent the last segment, every five seconds but not before the one killed last works again; resolves with the number of kills. */
async function killTheBusyOne(network: Network, signal: AbortSignal): Promise<number> {
  await sleep(FIRST_MS)
  for (let kills = 0; ; ) {
    const began = performance.now()
    if (signal.aborted) return kills
    const name = busyOrchestrator(network)
    if (name === undefined) throw new Error('nobody was sent a segment')
    await network.kill(name)
    kills++
    await sleep(DOWN_MS)
    await network.restart(name)
    await until(`a worker of ${name}`, () => hasWorker(network, name))
    await sleep(Math.max(QUIET_MS, began + EVERY_MS - performance.now()))
  }
}

/** In a process of its own a worker needs a moment to find its orchestrator again. */
async function hasWorker({ options }: Network, name: string): Promise<boolean> {
  const port = options.ports.orchestratorCli[name === 'orchestrator-1' ? 0 : 1]
  const status = await (await fetch(`http://127.0.0.1:${port}/status`)).json()
  return (status as { RegisteredTranscodersNumber: number }).RegisteredTranscodersNumber > 0
}
