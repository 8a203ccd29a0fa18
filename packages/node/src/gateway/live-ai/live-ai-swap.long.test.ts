import { publishTestClip } from '@millrace/media/testing'
import { afterEach, expect, it } from 'vitest'
import { type LiveGateway, openLiveGateway } from './live-gateway.fixture.ts'

let running: LiveGateway

afterEach(async () => running[Symbol.asyncDispose]())

it('a stream by RTMP goes to another orchestrator when the first one hangs, and no time stamp jumps', async () => {
  running = await openLiveGateway(2)
  const { gateway, orchestrators, status, shown, events, query, failed } = running
  const [first, second] = orchestrators
  const publishing = publishTestClip({
    ...{ seconds: 12, width: 160, height: 90, fps: 15, segmentMs: 1_000 },
    url: `rtmp://127.0.0.1:${gateway.rtmpPort}/live/video-to-video/cam?${query()}`,
  })
  publishing.catch(() => {})
  await expect.poll(async () => (await shown('cam-out')).length, { timeout: 15_000 }).toBeGreaterThan(0)
  expect([first.started.length, second?.started.length]).toEqual([1, 0])
  first.state.hangs = true
  await expect.poll(() => second?.started.length, { timeout: 8_000, interval: 20 }).toBe(1)
  const { gateway_status } = (await status('cam')) ?? {}
  expect(gateway_status).toMatchObject({ swaps: 1, error: { error_message: expect.stringContaining('slow') } })
  expect([...failed]).toEqual([first.info.serviceUri])
  await publishing
  await expect.poll(() => events.some(({ type }) => type === 'stream_ended'), { timeout: 10_000 }).toBe(true)
  const frames = await shown('cam-out')
  for (const kind of ['video', 'audio']) {
    const times = frames.filter((frame) => frame.kind === kind).map(({ pts }) => pts / 90_000)
    const steps = times.slice(1).map((time, i) => time - times[i]!)
    expect(Math.min(...steps)).toBeGreaterThan(0)
    expect(Math.max(...steps)).toBeLessThan(7)
    expect(times.at(-1)! - times[0]!).toBeGreaterThan(8)
  }
}, 60_000)
