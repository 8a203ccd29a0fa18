import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { silentLog } from '@millrace/base'
import { makeTestClip } from '@millrace/media/testing'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { RunnerPool } from '../runners/runner-pool.ts'
import { serveAiRunner } from '../runners/serve-ai-runner.ts'
import { type LiveRunnerStandIn, openLiveRunnerStandIn } from '../testing/live-runner-stand-in.ts'
import { AiRunnerLive } from './ai-runner-live.ts'
import { EmbeddedLiveRunner } from './embedded-live-runner.ts'
import { liveCatalogEntry } from './live-catalog.ts'
import { openLiveNetwork, readChannel } from './live-network.fixture.ts'
import { LivePool } from './live-pool.ts'
import type { LiveRunner } from './live-runner.ts'
import { openLiveRunners } from './open-live-runners.ts'

const MODEL = 'acme/noop'
const { signal } = new AbortController()

let network: Awaited<ReturnType<typeof openLiveNetwork>>
let container: LiveRunnerStandIn
let pool: LivePool

beforeEach(async () => {
  network = await openLiveNetwork()
  container = await openLiveRunnerStandIn({ modelId: MODEL, token: 'word' })
})
afterEach(async () => {
  await pool.stop()
  await container.close()
  await network.close()
})

async function pooled(runner: LiveRunner): Promise<void> {
  // Asked by the tests alone.
  pool = new LivePool([{ runner, warm: true }], { healthMs: 1_000_000 }, { log: silentLog })
  await pool.start()
  await pool.loaded()
}
const noop = (more: { capacity?: number; token?: string; modelId?: string } = {}) =>
  new AiRunnerLive(
    { modelId: MODEL, token: 'word', url: container.url, loadTimeoutMs: 200, ...more },
    { log: silentLog },
  )
const open = () => pool.open(MODEL, { ...network.request, manifestId: 'm', params: { prompt: 'a boat' } }, { signal })
const model = () => pool.describe()[0]

describe('a container of ai-runner with a live pipeline', () => {
  it('reads and writes the channels itself, and its place is free when it says IDLE', async () => {
    await pooled(noop())
    expect(model()).toMatchObject({ warm: true, capacity: 1, inUse: 0, version: '0.14.1', kind: 'ai-runner' })
    const run = await open()
    expect(container.seen.at(-1)?.fields).toEqual({
      ...{ subscribe_url: network.urls.input, publish_url: network.urls.output, model_id: MODEL },
      ...{ control_url: network.urls.control, events_url: network.urls.events, params: { prompt: 'a boat' } },
      ...{ gateway_request_id: 'r1', manifest_id: 'm' },
    })
    await expect(open()).rejects.toMatchObject({ code: 'ai_no_capacity' })
    await pool.poll()
    expect(model()).toMatchObject({ state: 'ready', inUse: 1 })
    const output = readChannel(network.urls.output)
    const input = await network.publisher(network.urls.input)
    await input.write(Buffer.from('a segment'))
    await input.close()
    expect((await output).map((bytes) => Buffer.from(bytes).toString())).toEqual(['a segment'])
    await vi.waitFor(() => expect(container.streams()).toBe(0))
    await pool.poll()
    expect(await run.ended).toBe('its runner has ended it')
    await vi.waitFor(() => expect(model()).toMatchObject({ inUse: 0 }))
  })

  it('is waited for when its stream is stopped, as it takes no other before', async () => {
    await pooled(noop())
    const run = await open()
    const input = await network.publisher(network.urls.input)
    await input.write(Buffer.from('a segment'))
    await input.close()
    await run.stop()
    expect([container.streams(), await run.ended]).toEqual([0, 'its runner has ended it'])
  })

  it('that says LOADING gets no streams, and none is taken from it', async () => {
    await pooled(noop())
    const run = await open()
    container.health = 'LOADING'
    await pool.poll()
    expect(model()).toMatchObject({ state: 'away', capacity: 0, inUse: 1 })
    container.health = 'OK'
    await pool.poll()
    expect(model()).toMatchObject({ state: 'ready', capacity: 1, inUse: 1 })
    container.health = 'ERROR'
    await pool.poll()
    expect(await run.ended).toBe('its runner failed')
  })

  it('that does not answer twice is down: its streams have ended', async () => {
    await pooled(noop())
    const run = await open()
    await container.close()
    await pool.poll()
    expect(model()).toMatchObject({ state: 'ready', inUse: 1 })
    await pool.poll()
    expect(await run.ended).toBe('its runner is down')
    expect(model()?.warm).toBe(false)
  })

  it.each([
    ['whose token is another', { token: 'other', modelId: MODEL }, 'token'],
    ['that has another model', { token: 'word', modelId: 'acme/other' }, 'insufficient capacity'],
  ])('%s is said so', async (_, more, text) => {
    await pooled(noop(more))
    const opening = pool.open(more.modelId, { ...network.request, params: {} }, { signal })
    await expect(opening).rejects.toMatchObject({ message: expect.stringContaining(text) })
    await vi.waitFor(() => expect(model()?.inUse).toBe(0))
  })
})

describe('a worker that serves the API of ai-runner from its live models', () => {
  it('is a container for another node: takes a stream, works on it, and says IDLE when it is done', async () => {
    const entry = { pipeline: 'live-video-to-video', modelId: 'millrace/passthrough', adapter: 'embedded' } as const
    const entries = openLiveRunners([{ ...entry, warm: true }], {}, { log: silentLog })
    const worker = new LivePool(entries, {}, { log: silentLog })
    const batch = new RunnerPool([], {}, { log: silentLog })
    const server = createServer(serveAiRunner({ token: 'word' }, { pool: batch, live: worker, log: silentLog }))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    try {
      await worker.start()
      await worker.loaded()
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
      const other = (token: string) => new AiRunnerLive({ modelId: entry.modelId, url, token }, { log: silentLog })
      await pooled(other('word'))
      const health = async () => ((await (await fetch(`${url}/health`)).json()) as { status: string }).status
      expect(await health()).toBe('IDLE')
      await expect(other('wrong').start({ ...network.request, params: {} }, { signal })).rejects.toThrow('token')
      const refused = pool.open(entry.modelId, { ...network.request, params: { prompt: 'x' } }, { signal })
      await expect(refused).rejects.toMatchObject({
        code: 'ai_bad_request',
        message: expect.stringContaining('prompt'),
      })
      const run = await pool.open(
        entry.modelId,
        { ...network.request, params: { width: 128, height: 128 } },
        { signal },
      )
      expect(await health()).toBe('OK')
      await pool.poll()
      const output = readChannel(network.urls.output)
      const input = await network.publisher(network.urls.input)
      const clip = await makeTestClip({ seconds: 1, width: 320, height: 180, fps: 24, segmentMs: 1_000 })
      for (const { data } of clip.segments) await input.write(data)
      await input.close()
      expect(Buffer.concat(await output).length).toBeGreaterThan(1_000)
      await run.stop()
      expect([await run.ended, await health()]).toEqual(['its runner has ended it', 'IDLE'])
    } finally {
      server.closeAllConnections()
      server.close()
      await worker.stop()
    }
  })
})

describe('a live pool', () => {
  it('has no runner for a model that is not there, and says how to add one', async () => {
    await pooled(noop())
    const opening = pool.open('acme/none', { ...network.request, params: {} }, { signal })
    await expect(opening).rejects.toMatchObject({ code: 'ai_no_runner', message: expect.stringContaining('-aiModels') })
  })

  it('keeps an embedded effect warm: another process is loaded when a stream has used the first', async () => {
    const runner = new EmbeddedLiveRunner(liveCatalogEntry('millrace/passthrough')!, { log: silentLog })
    await pooled(runner)
    expect(model()).toMatchObject({ state: 'ready', capacity: 1 })
    const run = await pool.open('millrace/passthrough', { ...network.request, params: {} }, { signal })
    expect(model()).toMatchObject({ inUse: 1 })
    await run.stop()
    await vi.waitFor(() => expect(model()).toMatchObject({ inUse: 0, state: 'ready' }))
    await vi.waitFor(async () => expect(await runner.health()).toBe('OK'), 5_000)
  })
})
