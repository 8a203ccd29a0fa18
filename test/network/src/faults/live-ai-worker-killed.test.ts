import { demuxTs } from '@millrace/media'
import { publishTestClip } from '@millrace/media/testing'
import type { NodeEventOf } from '@millrace/wire'
import { expect, it } from 'vitest'
import { startTestNetwork } from '../network-fixture.ts'

const MODEL = 'millrace/effects'
const SECONDS = 20

it('a live AI stream whose remote worker is killed goes on with the worker of another orchestrator, within five seconds', async () => {
  await using running = await startTestNetwork('a process each', {
    aiModels: [{ pipeline: 'live-video-to-video', modelId: MODEL, adapter: 'embedded', warm: true }],
  })
  const { network } = running
  const events: NodeEventOf<'live_ai_begun' | 'live_ai_sold' | 'live_ai_ended'>[] = []
  network.hub.listen((event) => {
    if (event.type === 'live_ai_begun' || event.type === 'live_ai_sold' || event.type === 'live_ai_ended')
      events.push(event)
  })
  const of = <T extends (typeof events)[number]['type']>(type: T) =>
    events.filter((event): event is Extract<(typeof events)[number], { type: T }> => event.type === type)
  const gateway = `http://127.0.0.1:${network.options.ports.gatewayHttp}`
  const offered = async () => {
    const answer = await fetch(`${gateway}/live/video-to-video/pipelines`)
    return ((await answer.json()) as { pipelines: unknown[] }).pipelines
  }
  await expect.poll(offered, { timeout: 40_000 }).toMatchObject([{ id: MODEL, orchestrators: 2 }])
  const pictures = async (): Promise<readonly number[]> => {
    const list = await fetch(`${gateway}/stream/cam-out/source.m3u8`)
    if (!list.ok) return []
    const times: number[] = []
    for (const line of (await list.text()).split('\n').filter((text) => text.endsWith('.ts'))) {
      const bytes = new Uint8Array(await (await fetch(new URL(line, list.url))).arrayBuffer())
      times.push(...demuxTs(bytes).frames.flatMap(({ kind, pts }) => (kind === 'video' ? [pts / 90_000] : [])))
    }
    return times
  }

  const params = JSON.stringify({ width: 128, height: 128, effect: 'edges' })
  const query = new URLSearchParams({ pipeline: MODEL, params })
  const url = `rtmp://127.0.0.1:${network.options.ports.rtmp}/live/video-to-video/cam?${query}`
  const publishing = publishTestClip({ seconds: SECONDS, width: 160, height: 90, fps: 15, segmentMs: 1_000, url })
  publishing.catch(() => {})
  await expect.poll(() => of('live_ai_sold').length, { timeout: 30_000 }).toBeGreaterThan(0)
  const first = of('live_ai_begun')[0]!.nodeId
  const killedAt = performance.now()
  await network.kill(first.replace('orchestrator', 'worker'))
  await expect.poll(() => of('live_ai_begun').length, { timeout: 5_000 }).toBe(2)
  const tookMs = performance.now() - killedAt
  expect(of('live_ai_ended')[0]).toMatchObject({
    nodeId: first,
    end: 'runner_ended',
    reason: 'the AI worker went away',
  })
  expect(of('live_ai_begun')[1]!.nodeId).not.toBe(first)
  await publishing
  const times = await pictures()
  const steps = times.slice(1).map((time, i) => time - times[i]!)
  expect(Math.min(...steps)).toBeGreaterThan(0)
  expect(Math.max(...steps)).toBeLessThan(5)
  expect(of('live_ai_sold').some(({ nodeId }) => nodeId !== first)).toBe(true)
  for (const { balanceWei } of of('live_ai_sold')) expect(BigInt(balanceWei) >= 0n).toBe(true)
  console.log(
    `  another worker began ${(tookMs / 1_000).toFixed(1)} s after the first was killed; ${times.length} pictures, the longest pause ${Math.max(...steps).toFixed(2)} s`,
  )
}, 150_000)
