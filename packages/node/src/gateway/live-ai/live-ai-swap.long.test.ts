import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
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

it('a stream that a media server has is fetched from it when it calls', async () => {
  running = await openLiveGateway(1)
  const { url, query, shown, orchestrators } = running
  const port = await freePort()
  const source = `rtmp://127.0.0.1:${port}/live/cam`
  // FFmpeg waits for one player, as MediaMTX would.
  const server = spawn('ffmpeg', [
    ...['-v', 'error', '-re', '-f', 'lavfi', '-i', 'testsrc2=s=160x90:r=15:d=20', '-c:v', 'libx264'],
    ...['-preset', 'ultrafast', '-tune', 'zerolatency', '-g', '15', '-f', 'flv', '-listen', '1', source],
  ])
  const call = (path: string, fields: Record<string, string>) => {
    const form = new FormData()
    for (const [name, value] of Object.entries(fields)) form.append(name, value)
    return fetch(url(path), { method: 'POST', body: form })
  }
  const fields = { source_id: 'a-1', source_type: 'rtmpConn', query: query(), rtmp_url: source }
  try {
    await sleep(1_500)
    expect((await call('cam/start', { ...fields, source_id: '' })).status).toBe(400)
    expect((await call('cam/start', { ...fields, source_type: 'file' })).status).toBe(400)
    expect((await call('cam/start', { ...fields, rtmp_url: 'http://127.0.0.1/' })).status).toBe(400)
    expect((await call('cam-out/start', fields)).status).toBe(200)
    expect(orchestrators[0].started).toEqual([])
    expect((await call('live/cam/start', fields)).status).toBe(200)
    await expect.poll(async () => (await shown('cam-out')).length, { timeout: 15_000 }).toBeGreaterThan(0)
  } finally {
    server.kill('SIGKILL')
  }
  await expect.poll(() => running.liveAi.running, { timeout: 12_000 }).toEqual([])
}, 60_000)

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  return port
}
