import { demuxTs } from '@millrace/media'
import { publishTestClip } from '@millrace/media/testing'
import type { NodeEventOf } from '@millrace/wire'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestNetwork } from './network-fixture.ts'

const MODEL = 'millrace/effects'
const SECONDS = 12

describe('a live stream through an AI pipeline on a paying network', () => {
  let running: Awaited<ReturnType<typeof startTestNetwork>>
  let gateway: string
  const events: NodeEventOf<'live_ai_begun' | 'live_ai_sold' | 'live_ai_paid'>[] = []

  beforeAll(async () => {
    running = await startTestNetwork('one process', {
      aiModels: [{ pipeline: 'live-video-to-video', modelId: MODEL, adapter: 'embedded', warm: true }],
    })
    gateway = `http://127.0.0.1:${running.network.options.ports.gatewayHttp}`
    running.network.hub.listen((event) => {
      if (event.type === 'live_ai_begun' || event.type === 'live_ai_sold' || event.type === 'live_ai_paid')
        events.push(event)
    })
  }, 60_000)
  afterAll(() => running?.[Symbol.asyncDispose]())

  const of = (type: (typeof events)[number]['type']) => events.filter((event) => event.type === type)
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

  it('is paid for as it goes, and another orchestrator takes over from one that is killed', async () => {
    const offered = async () => {
      const answer = await fetch(`${gateway}/live/video-to-video/pipelines`)
      return ((await answer.json()) as { pipelines: unknown[] }).pipelines
    }
    await expect
      .poll(offered, { timeout: 20_000 })
      .toMatchObject([{ id: MODEL, warm: true, orchestrators: 2, params: { properties: { effect: {} } } }])
    const params = JSON.stringify({ width: 128, height: 128, effect: 'edges' })
    const query = new URLSearchParams({ pipeline: MODEL, params })
    const url = `rtmp://127.0.0.1:${running.network.options.ports.rtmp}/live/video-to-video/cam?${query}`
    const publishing = publishTestClip({ seconds: SECONDS, width: 160, height: 90, fps: 15, segmentMs: 1_000, url })
    publishing.catch(() => {})
    await expect.poll(pictures, { timeout: 15_000 }).not.toEqual([])
    await expect.poll(() => of('live_ai_paid').length, { timeout: 10_000 }).toBeGreaterThan(0)
    const [begun] = of('live_ai_begun')
    await running.network.kill(begun!.nodeId)
    await expect.poll(() => of('live_ai_begun').length, { timeout: 5_000 }).toBe(2)
    await publishing
    const times = await pictures()
    const steps = times.slice(1).map((time, i) => time - times[i]!)
    expect(Math.min(...steps)).toBeGreaterThan(0)
    expect(Math.max(...steps)).toBeLessThan(5)
    console.log(`  ${times.length} pictures, the longest pause ${Math.max(...steps).toFixed(2)} s`)
    const status = (await (await fetch(`${gateway}/live/video-to-video/cam/status`)).json()) as {
      gateway_status: Record<string, unknown>
    }
    expect(status.gateway_status.swaps).toBe(1)
    // What was sold was paid before: the orchestrators had credit all the time.
    for (const event of events) if (event.type === 'live_ai_sold') expect(BigInt(event.balanceWei) >= 0n).toBe(true)
    expect(events.some((event) => event.type === 'live_ai_paid' && !event.isFirst)).toBe(true)
    expect(of('live_ai_sold').length).toBeGreaterThan(1)
  }, 60_000)
})
