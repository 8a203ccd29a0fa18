import { makeTestClip, type TestClip } from '@millrace/media/testing'
import { beforeAll, describe, expect, it } from 'vitest'
import { HlsPlayer, type PlayedSegment } from '../hls-player.ts'
import { eventsOf, until } from '../ledger.ts'
import { startTestNetwork } from '../network-fixture.ts'
import { push } from '../push.ts'
import { keptNonces, keptSecrets } from '../stores.ts'

const ORCHESTRATORS = ['orchestrator-1', 'orchestrator-2'] as const

describe('orchestrators that go and come back', () => {
  let clip: TestClip

  beforeAll(async () => {
    clip = await makeTestClip({ seconds: 16, width: 640, height: 360, seed: 5 })
  }, 60_000)

  const segmentOf = (seq: number) => {
    const segment = clip.segments[seq % clip.segments.length]
    if (!segment) throw new Error('the clip is empty')
    return { ...segment, seq }
  }

  it('leave the source in the playlists while there is none, and are bought from again afterwards', async () => {
    await using running = await startTestNetwork('one process')
    const { network } = running
    const player = new HlsPlayer(`${network.gatewayUrl}/stream/alone.m3u8`)
    let seq = 0
    const pushNext = async () => {
      const pushed = await push(network.gatewayUrl, { stream: 'alone', ...segmentOf(seq++) })
      await player.refresh()
      return pushed
    }
    expect((await pushNext()).status).toBe(200)
    for (const name of ORCHESTRATORS) await network.kill(name)
    // A pusher that wants renditions is told that there are none; viewers get the source instead.
    for (let i = 0; i < 3; i++) expect(await pushNext()).toMatchObject({ status: 503, text: 'No sessions available' })
    const lost = eventsOf(network, 'segment_lost')
    expect(lost).toHaveLength(3)
    for (const event of lost) expect(event).toMatchObject({ outcome: 'fallback', manifestId: 'alone' })
    const source = player.rendition('source').segments
    for (const name of ['720p0', '480p0', '360p0', '240p0'])
      for (const i of [1, 2, 3])
        expect(withoutCounters(player.rendition(name).segments[i])).toEqual(withoutCounters(source[i]))

    for (const name of ORCHESTRATORS) await network.restart(name)
    await until('a transcoded segment', async () => (await pushNext()).status === 200)
    for (let i = 0; i < 3; i++) expect((await pushNext()).status).toBe(200)

    const { totals } = network.hub.view()
    expect(totals).toMatchObject({ segmentsIn: seq, missing: 0, segmentsOut: seq - totals.fallback })
    expect(player.played.map(({ name }) => name).sort()).toEqual(['240p0', '360p0', '480p0', '720p0', 'source'])
    for (const played of player.played) {
      expect(played).toMatchObject({ gaps: 0, discontinuities: 0 })
      expect(played.segments.map((segment) => segment.seq)).toEqual(Array.from({ length: seq }, (_, i) => i))
    }
    console.log(`  ${totals.segmentsOut} of ${seq} segments transcoded, ${totals.fallback} stood in for by the source`)
  }, 120_000)

  for (const form of ['one process', 'a process each'] as const)
    it(`lose no segment, no secret and no nonce over a restart, ${form}`, async () => {
      await using running = await startTestNetwork(form)
      const { network, folder } = running
      // With one orchestrator there is nobody to go to instead.
      await network.kill('orchestrator-2')
      const first = await push(network.gatewayUrl, { stream: 'again', ...segmentOf(0) })
      const second = await push(network.gatewayUrl, { stream: 'again', ...segmentOf(1) })
      expect([first.status, second.status]).toEqual([200, 200])
      const secrets = keptSecrets(folder, 'orchestrator-1')
      const nonces = keptNonces(folder, 'orchestrator-1')
      expect(secrets.map(({ key }) => key)).toEqual(['authTokenSecret', 'ticketSecret'])
      expect(nonces.length).toBeGreaterThanOrEqual(4)

      await network.kill('orchestrator-1')
      await network.restart('orchestrator-1')
      let seq = 2
      const pushNext = () => push(network.gatewayUrl, { stream: 'again', ...segmentOf(seq++) })
      // A worker in a process of its own needs a moment to find its orchestrator again.
      if (form === 'a process each') await until('the worker', async () => (await pushNext()).status === 200)
      for (let i = 0; i < 3; i++)
        expect(await pushNext()).toMatchObject({ status: 200, text: '', orchestrator: first.orchestrator })
      expect(keptSecrets(folder, 'orchestrator-1')).toEqual(secrets)
      const after = new Set(keptNonces(folder, 'orchestrator-1').map(({ nonce }) => nonce))
      const now = Number(await network.client?.rpc.getBlockNumber({ cacheTime: 0 }))
      // Those whose parameters have expired meanwhile may be forgotten, nothing else.
      const valid = nonces.filter(({ expirationBlock }) => expirationBlock > now)
      expect(valid.filter(({ nonce }) => !after.has(nonce))).toEqual([])
      await until('all segments', () => {
        const { segmentsOut, fallback } = network.hub.view().totals
        return segmentsOut + fallback >= seq
      })
      const { totals } = network.hub.view()
      expect(totals).toMatchObject({ segmentsIn: seq, paid: seq - totals.fallback, missing: 0 })
      if (form === 'one process') expect(totals.fallback).toBe(0)
      // The old tickets and tokens hold: nothing but a missing worker was ever the reason to fail.
      const failed = eventsOf(network, 'segment_attempt_failed')
      for (const event of failed) expect(event).toMatchObject({ message: expect.stringContaining('no transcoders') })
      console.log(`  ${totals.paid} of ${seq} segments paid, ${failed.length} attempts found no worker yet`)
    }, 120_000)
})

/** A transport stream but for its continuity counters, which go on from segment to segment in each playlist. */
const withoutCounters = (segment: PlayedSegment | undefined): Uint8Array | undefined =>
  segment?.data.map((byte, i) => (i % 188 === 3 ? byte & 0xf0 : byte))
