import { publishTestClip } from '@millrace/media/testing'
import { afterEach, expect, it } from 'vitest'
import { type LiveGateway, openLiveGateway } from './live-gateway.fixture.ts'

let running: LiveGateway

afterEach(async () => running[Symbol.asyncDispose]())

it('a stream by RTMP goes on within five seconds when its orchestrator is killed, and no time stamp jumps', async () => {
  running = await openLiveGateway(2)
  const { gateway, orchestrators, status, shown, events, query } = running
  const [first, second] = orchestrators
  const publishing = publishTestClip({
    ...{ seconds: 8, width: 160, height: 90, fps: 15, segmentMs: 1_000 },
    url: `rtmp://127.0.0.1:${gateway.rtmpPort}/live/video-to-video/cam?${query()}`,
  })
  publishing.catch(() => {})
  await expect.poll(async () => (await shown('cam-out')).length, { timeout: 15_000 }).toBeGreaterThan(0)
  expect([first.started.length, second?.started.length]).toEqual([1, 0])
  await first.kill()
  await expect.poll(() => second?.started.length, { timeout: 5_000, interval: 20 }).toBe(1)
  await expect.poll(async () => (await status('cam'))?.gateway_status?.swaps, { timeout: 5_000 }).toBe(1)
  await publishing
  await expect.poll(() => events.some(({ type }) => type === 'stream_ended'), { timeout: 10_000 }).toBe(true)
  const frames = await shown('cam-out')
  for (const kind of ['video', 'audio']) {
    const times = frames.filter((frame) => frame.kind === kind).map(({ pts }) => pts / 90_000)
    const steps = times.slice(1).map((time, i) => time - times[i]!)
    expect(Math.min(...steps)).toBeGreaterThan(0)
    expect(Math.max(...steps)).toBeLessThan(5)
    expect(times.at(-1)! - times[0]!).toBeGreaterThan(5)
  }
}, 60_000)
