import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { silentLog } from '@millrace/base'
import { freePort } from '@millrace/base/node'
import { makeTestClip, type TestClip } from '@millrace/media/testing'
import { EventHub, type RunningNode, startNode } from '@millrace/node'
import { DEFAULT_LADDER, type NodeEventOf, nodeId } from '@millrace/wire'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { until } from '../ledger.ts'
import { LONG, printOutcome, SEGMENT_MS } from '../live-stream.ts'
import { PROGRAM } from '../network-fixture.ts'
import { type Pushed, push } from '../push.ts'
import { NetworkNamespace, whyNoNamespaces } from './network-namespace.ts'

const why = whyNoNamespaces()
if (why)
  console.log(`NOT RUN: a network that falls apart needs network namespaces, which only root has on Linux (${why})`)

const SEGMENTS = Number(LONG ?? 5)
const PORT = 8935
/** A cable is out for so many segments, and in again for as many. */
const OUT_FOR = LONG ? 5 : 2

describe.skipIf(why !== undefined)('a network that falls apart', { timeout: 300_000 }, () => {
  const spaces: NetworkNamespace[] = []
  const hub = new EventHub()
  let folder: string
  let clip: TestClip
  let gateway: RunningNode
  let gatewayUrl: string

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'millrace-partition-'))
    clip = await makeTestClip({ seconds: 2 * SEGMENTS, width: 320, height: 180, seed: 47 })
    for (const subnet of [1, 2]) {
      const space = new NetworkNamespace(subnet)
      spaces.push(space)
      space.spawn(process.execPath, [
        PROGRAM,
        ...['orchestrator', '-orchestrator', '-transcoder', '-serviceAddr', `${space.address}:${PORT}`],
        ...['-httpAddr', `0.0.0.0:${PORT}`, '-maxSessions', '10', '-dataDir', join(folder, `orchestrator-${subnet}`)],
      ])
    }
    const http = { host: '127.0.0.1', port: await freePort() }
    gatewayUrl = `http://127.0.0.1:${http.port}`
    const orchestrators = spaces.map(({ address }) => `https://${address}:${PORT}`)
    gateway = await startNode(
      {
        nodeId: nodeId('gateway'),
        folder: join(folder, 'gateway'),
        network: { kind: 'offchain' },
        operator: { host: '127.0.0.1', port: 0 },
        // Two small renditions: the machine may have other work, and what is tested is the network.
        gateway: { rtmp: undefined, http, ladder: DEFAULT_LADDER.slice(-2), orchestrators },
      },
      { hub, log: silentLog },
    )
    const first = { stream: 'before', ...clip.segments[0]! }
    await until('the orchestrators', async () => (await push(gatewayUrl, first)).status === 200)
  }, 120_000)

  afterAll(async () => {
    await gateway?.stop()
    for (const space of spaces) space[Symbol.dispose]()
    await rm(folder, { recursive: true, force: true })
  })

  it('loses nothing while one orchestrator can be reached, and takes the other one back', async () => {
    const pushes: Promise<Pushed>[] = []
    let pulled: NetworkNamespace | undefined
    /** Whose cable was out for the whole of a segment. */
    const outAt = new Map<number, NetworkNamespace>()
    let faults = 0
    const began = performance.now()
    for (const segment of clip.segments) {
      await sleep(began + segment.seq * SEGMENT_MS - performance.now())
      if (segment.seq % (2 * OUT_FOR) === OUT_FOR) {
        // While the segment is under way, at whoever has it.
        void sleep(150).then(() => {
          pulled = spaces.find(({ address }) => busyUri(hub)?.includes(address))
          pulled?.pull()
          if (!pulled) return
          faults++
          for (let seq = segment.seq + 1; seq < segment.seq + OUT_FOR; seq++) outAt.set(seq, pulled)
        })
      } else if (segment.seq % (2 * OUT_FOR) === 0) pulled?.plug()
      const pushing = push(gatewayUrl, { stream: 'live', ...segment })
      pushing.catch(() => {})
      pushes.push(pushing)
    }
    const results = await Promise.all(pushes)
    pulled?.plug()
    const good = results.filter(({ status }) => status === 200)
    const events = hub.recent().filter((event) => 'manifestId' in event && event.manifestId === 'live')
    printOutcome('a cable pulled out', {
      segmentsIn: SEGMENTS,
      segmentsOut: good.length,
      fallback: events.filter(({ type }) => type === 'segment_lost').length,
      missing: 0,
      paid: 0,
      attemptsFailed: events.filter(({ type }) => type === 'segment_attempt_failed').length,
      faults,
    })
    for (const event of events)
      if (event.type === 'segment_attempt_failed') console.log(`  segment ${event.seq}: ${event.message}`)
    expect(faults, 'no cable was pulled').toBeGreaterThan(0)
    // One that waited until the cable was in again may still win.
    for (const event of events as unknown as NodeEventOf<'segment_transcoded'>[])
      if (event.type === 'segment_transcoded' && outAt.has(event.seq) && event.delayMs < SEGMENT_MS)
        expect(event.orchestratorUri).not.toContain(outAt.get(event.seq)?.address)
    expect(results.map(({ status, text }) => ({ status, text }))).toEqual(
      results.map(() => ({ status: 200, text: '' })),
    )
  })
})

/** Where the last segment went. */
const busyUri = (hub: EventHub): string | undefined =>
  (hub.recent().filter(({ type }) => type === 'segment_submitted') as unknown as NodeEventOf<'segment_submitted'>[]).at(
    -1,
  )?.orchestratorUri
