import { setTimeout as sleep } from 'node:timers/promises'
import type { Network } from '@millrace/devnet'
import type { TestClip } from '@millrace/media/testing'
import type { NodeEventOf, Totals } from '@millrace/wire'
import { expect } from 'vitest'
import { eventsOf, until } from './ledger.ts'
import type { NetworkForm } from './network-fixture.ts'
import { type Pushed, push } from './push.ts'

/** Segments of the long form (npm run test:network); undefined in the short one. */
export const LONG = process.env.MILLRACE_NETWORK_SEGMENTS
/** The short form runs in one process, the long one in both forms of the network. */
export const FORMS: readonly NetworkForm[] = LONG ? ['one process', 'a process each'] : ['one process']
export const SEGMENT_MS = 2_000
const STREAM = 'live'

export type PushLiveOptions = {
  /** Called when a segment begins, before it is pushed. */
  readonly onSegment?: (seq: number) => void
  readonly push?: typeof push
}

/** Pushes the clip as a live encoder would: a segment every two seconds, whatever has become of those before. */
export async function pushLive(
  network: Network,
  clip: TestClip,
  { onSegment = () => {}, push: pushOne = push }: PushLiveOptions = {},
): Promise<readonly Pushed[]> {
  const pushes: Promise<Pushed>[] = []
  const began = performance.now()
  for (const segment of clip.segments) {
    await sleep(began + segment.seq * SEGMENT_MS - performance.now())
    onSegment(segment.seq)
    const pushing = pushOne(network.gatewayUrl, { stream: STREAM, ...segment })
    // One that fails early is told of when all are waited for.
    pushing.catch(() => {})
    pushes.push(pushing)
  }
  return Promise.all(pushes)
}

/** Prints what became of a stream, in the words that all scenarios use. */
export function printOutcome(
  what: string,
  of: Pick<Totals, 'segmentsIn' | 'segmentsOut' | 'fallback' | 'missing' | 'paid' | 'attemptsFailed'> & {
    readonly faults: number
  },
): void {
  console.log(
    `  ${what}: ${of.segmentsIn} in, ${of.segmentsOut} out, ${of.fallback} fallback, ${of.missing} missing, ` +
      `${of.paid} paid, ${of.attemptsFailed} attempts failed, ${of.faults} faults`,
  )
}

/** Waits for all segments, prints what became of them, and checks that nothing is missing, nearly nothing fell back and all is paid. */
export async function expectNothingMissing(
  network: Network,
  { what, segments, faults }: { readonly what: string; readonly segments: number; readonly faults: number },
): Promise<Totals> {
  await until('all segments', () => {
    const { segmentsOut, fallback } = network.hub.view().totals
    return segmentsOut + fallback >= segments
  })
  const { totals } = network.hub.view()
  printOutcome(what, { ...totals, segmentsIn: segments, faults })
  const failed = eventsOf(network, 'segment_attempt_failed') as NodeEventOf<'segment_attempt_failed'>[]
  for (const { seq, reason } of eventsOf(network, 'segment_lost') as NodeEventOf<'segment_lost'>[]) {
    const why = failed.filter((event) => event.seq === seq).map(({ message }) => message)
    console.log(`  segment ${seq} fell back: ${[reason, ...why].join('; ')}`)
  }
  expect(faults, 'a scenario without a fault shows nothing').toBeGreaterThan(0)
  expect(totals).toMatchObject({ segmentsIn: segments, missing: 0 })
  expect(totals.fallback).toBeLessThanOrEqual(0.02 * segments)
  expect(totals.paid).toBe(totals.segmentsOut)
  return totals
}

/** The node name of the orchestrator that was sent the last segment; undefined before the first. */
export function busyOrchestrator(network: Network): string | undefined {
  const last = (eventsOf(network, 'segment_submitted') as NodeEventOf<'segment_submitted'>[]).at(-1)?.orchestrator
  return Object.values(network.hub.view().nodes).find((node) => last !== undefined && node.address === last)?.name
}
