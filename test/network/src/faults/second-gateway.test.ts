import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from '@millrace/base/node'
import { devnetAddress } from '@millrace/devnet'
import { makeTestClip, type TestClip } from '@millrace/media/testing'
import type { RunningNode } from '@millrace/node'
import { DEFAULT_LADDER, type NodeEventOf } from '@millrace/wire'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { HlsPlayer } from '../hls-player.ts'
import { eventsOf } from '../ledger.ts'
import { FORMS, LONG, printOutcome, pushLive } from '../live-stream.ts'
import { startTestNetwork } from '../network-fixture.ts'
import { push } from '../push.ts'
import { startSecondGateway } from './second-gateway.ts'
import { StubbornPusher } from './stubborn-pusher.ts'

const SEGMENTS = Number(LONG ?? 4)
const KILLED_AT = Math.floor(SEGMENTS / 2)
const KILLED_AFTER_MS = 250

describe.each(FORMS)('a second gateway with a key and a data folder of its own, %s,', { timeout: 300_000 }, (form) => {
  let clip: TestClip
  let webhook: Server
  let running: Awaited<ReturnType<typeof startTestNetwork>>
  let second: RunningNode & { readonly url: string }

  beforeAll(async () => {
    clip = await makeTestClip({ seconds: 2 * SEGMENTS, width: 640, height: 360, seed: 37 })
    // The first gateway's operator takes no stream whose name begins so.
    webhook = createServer((request, response) => {
      void text(request).then((body) => response.writeHead(body.includes('/refused') ? 403 : 200).end())
    })
    await new Promise<void>((resolve) => webhook.listen(0, '127.0.0.1', resolve))
    const authWebhookUrl = `http://127.0.0.1:${(webhook.address() as AddressInfo).port}/auth`
    running = await startTestNetwork(form, { gateway: { authWebhookUrl } })
    const ports = { http: await freePort(), cli: await freePort() }
    second = await startSecondGateway(running.network, { folder: running.folder, ports })
  }, 120_000)

  afterAll(async () => {
    await second?.stop()
    await running?.[Symbol.asyncDispose]()
    webhook?.close()
  })

  it('serves a stream that the first one’s webhook refuses, over the same orchestrators', async () => {
    const { network } = running
    const segment = { stream: 'refused', ...clip.segments[0]! }
    expect(await push(network.gatewayUrl, segment)).toMatchObject({ status: 403 })
    const served = await push(second.url, segment)
    expect(served).toMatchObject({ status: 200, text: '' })
    expect([...served.renditions.keys()]).toEqual(DEFAULT_LADDER.map(({ name }) => name))
    expect(served.feeWei).toBeGreaterThan(0n)
    const paid = (eventsOf(network, 'payment_received') as NodeEventOf<'payment_received'>[]).filter(
      ({ manifestId }) => manifestId === 'refused',
    )
    expect(new Set(paid.map(({ sender }) => sender))).toEqual(new Set([devnetAddress('delegator4')]))
  })

  it('takes over a pushed stream when the first one is killed, and no acknowledged segment is lost', async () => {
    const { network } = running
    const pusher = new StubbornPusher()
    let isDown = false
    const pushes = await pushLive(network, clip, {
      onSegment: (seq) => {
        if (seq !== KILLED_AT) return
        void sleep(KILLED_AFTER_MS).then(async () => {
          await network.kill('gateway')
          isDown = true
        })
      },
      // As a load balancer does: what the first gateway does not answer goes to the second.
      push: (url, segment) => pusher.push(() => (isDown ? second.url : url), segment),
    })
    const acknowledged = pushes.filter(({ status }) => status === 200)
    printOutcome(`gateway killed, another one takes over, ${form}`, {
      segmentsIn: SEGMENTS,
      segmentsOut: acknowledged.length,
      fallback: 0,
      missing: pushes.length - acknowledged.length,
      paid: acknowledged.filter(({ feeWei }) => feeWei > 0n).length,
      attemptsFailed: eventsOf(network, 'segment_attempt_failed').length,
      faults: pusher.failures,
    })
    expect(pusher.failures, 'no push met the dead gateway').toBeGreaterThan(0)
    expect(pushes.map(({ status, text: said }) => ({ status, said }))).toEqual(
      pushes.map(() => ({ status: 200, said: '' })),
    )
    for (const { renditions, feeWei } of pushes) {
      expect([...renditions.keys()]).toEqual(DEFAULT_LADDER.map(({ name }) => name))
      expect(feeWei).toBeGreaterThan(0n)
    }
    const player = new HlsPlayer(`${second.url}/stream/live.m3u8`)
    await player.refresh()
    for (const { segments, gaps } of player.played) {
      expect(gaps).toBe(0)
      expect(segments.length).toBeGreaterThanOrEqual(Math.min(3, SEGMENTS - KILLED_AT - 1))
    }
    const debits = eventsOf(network, 'segment_debited') as NodeEventOf<'segment_debited'>[]
    for (const { balanceWei } of debits) expect(BigInt(balanceWei)).toBeGreaterThanOrEqual(0n)
  })
})
