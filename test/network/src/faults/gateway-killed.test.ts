import { setTimeout as sleep } from 'node:timers/promises'
import type { Network } from '@millrace/devnet'
import { makeTestClip } from '@millrace/media/testing'
import { DEFAULT_LADDER, type NodeEventOf } from '@millrace/wire'
import { describe, expect, it } from 'vitest'
import { HlsPlayer } from '../hls-player.ts'
import { eventsOf, until } from '../ledger.ts'
import { FORMS, LONG, printOutcome, pushLive, SEGMENT_MS } from '../live-stream.ts'
import { type NetworkForm, startTestNetwork } from '../network-fixture.ts'
import { keptTickets } from '../stores.ts'
import { StubbornPusher } from './stubborn-pusher.ts'

/** Segments of two seconds, pushed in real time. */
const SEGMENTS = Number(LONG ?? 5)
const KILLED_AT = Math.floor(SEGMENTS / 2)
const KILLED_AFTER_MS = 250
const DOWN_MS = 500

describe.each(FORMS)('a pushed stream whose gateway is killed and started again, %s', (form) => {
  it('goes on under its id, and no acknowledged segment and no payment is lost', { timeout: 300_000 }, async () => {
    const clip = await makeTestClip({ seconds: 2 * SEGMENTS, width: 640, height: 360, seed: 23 })
    await using running = await startTestNetwork(form)
    const { network, folder } = running
    const pusher = new StubbornPusher()
    let restarting = Promise.resolve()
    const pushes = await pushLive(network, clip, {
      onSegment: (seq) => {
        if (seq === KILLED_AT) restarting = killAndRestart(network)
        restarting.catch(() => {})
      },
      push: (gatewayUrl, segment) => pusher.push(() => gatewayUrl, segment),
    })
    await restarting

    const acknowledged = pushes.filter(({ status }) => status === 200)
    printOutcome(`gateway killed and restarted, ${form}`, {
      segmentsIn: SEGMENTS,
      segmentsOut: acknowledged.length,
      fallback: pushes.filter(({ text }) => text === 'No sessions available').length,
      missing: pushes.length - acknowledged.length,
      paid: acknowledged.filter(({ feeWei }) => feeWei > 0n).length,
      attemptsFailed: eventsOf(network, 'segment_attempt_failed').length,
      faults: pusher.failures,
    })
    expect(pusher.failures, 'no push met the dead gateway').toBeGreaterThan(0)
    expect(pushes.map(({ status, text }) => ({ status, text }))).toEqual(pushes.map(() => ({ status: 200, text: '' })))
    for (const { renditions, feeWei } of acknowledged) {
      expect([...renditions.keys()]).toEqual(DEFAULT_LADDER.map(({ name }) => name))
      expect(feeWei).toBeGreaterThan(0n)
    }
    await expectStreamGoesOn(network)
    await expectNoPaymentLost(network, folder, form)
  })
})

async function killAndRestart(network: Network): Promise<void> {
  await sleep(KILLED_AFTER_MS)
  await network.kill('gateway')
  await sleep(DOWN_MS)
  await network.restart('gateway')
}

/** The stream of the second gateway has the id of the first one's, and its playlists hold what was pushed since, without a hole. */
async function expectStreamGoesOn(network: Network): Promise<void> {
  const started = eventsOf(network, 'stream_started') as NodeEventOf<'stream_started'>[]
  expect(started.map(({ manifestId }) => manifestId)).toEqual(['live', 'live'])
  const player = new HlsPlayer(`${network.gatewayUrl}/stream/live.m3u8`)
  await player.refresh()
  expect(player.played).toHaveLength(1 + DEFAULT_LADDER.length)
  for (const { segments, gaps } of player.played) {
    expect(gaps).toBe(0)
    // All but what the first gateway had, as far as the window of a live playlist reaches.
    expect(segments.length).toBeGreaterThanOrEqual(Math.min(3, SEGMENTS - KILLED_AT - 1))
    for (const { durationMs } of segments) expect(durationMs).toBe(SEGMENT_MS)
  }
}

/** Every debit was covered, and every ticket that won is kept by the node that redeems it. */
async function expectNoPaymentLost(network: Network, folder: string, form: NetworkForm): Promise<void> {
  const debits = eventsOf(network, 'segment_debited') as NodeEventOf<'segment_debited'>[]
  expect(debits.length).toBeGreaterThanOrEqual(SEGMENTS)
  for (const { balanceWei } of debits) expect(BigInt(balanceWei)).toBeGreaterThanOrEqual(0n)
  const redeemers = form === 'one process' ? ['orchestrator-1', 'orchestrator-2'] : ['redeemer-1', 'redeemer-2']
  const kept = () => redeemers.flatMap((node) => keptTickets(folder, node))
  const won = (eventsOf(network, 'ticket_won') as NodeEventOf<'ticket_won'>[]).map(({ ticketHash }) => ticketHash)
  expect(kept().map(({ hash }) => hash)).toEqual(expect.arrayContaining(won))
  if (LONG) await until('all redemptions', () => kept().every(({ status }) => status === 'redeemed'))
  expect(kept().filter(({ status }) => status === 'dropped')).toEqual([])
  console.log(`  gateway killed and restarted, ${form}: ${won.length} tickets won, none lost`)
}
