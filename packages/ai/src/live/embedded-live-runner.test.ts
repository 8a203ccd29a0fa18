import { setTimeout as sleep } from 'node:timers/promises'
import { silentLog } from '@millrace/base'
import { makeTestClip } from '@millrace/media/testing'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { EmbeddedLiveRunner } from './embedded-live-runner.ts'
import { liveCatalogEntry } from './live-catalog.ts'
import { openLiveNetwork, readChannel, readEvents, Viewer } from './live-network.fixture.ts'

const signal = AbortSignal.timeout(100_000)
let network: Awaited<ReturnType<typeof openLiveNetwork>>
let runner: EmbeddedLiveRunner

beforeEach(async () => {
  network = await openLiveNetwork()
  runner = new EmbeddedLiveRunner(liveCatalogEntry('millrace/effects')!, { log: silentLog })
})

afterEach(async () => {
  await runner.unload()
  await network.close()
})

describe('a live stream through an embedded effect', () => {
  it('comes out with its times and sound, in the size that was asked for, and ends with its input', async () => {
    const clip = await makeTestClip({ seconds: 2, width: 640, height: 360, fps: 24, segmentMs: 1_000 })
    const output = readChannel(network.urls.output)
    const events = readEvents(network.urls.events)
    const params = { effect: 'tint', colour: '#ff0000', width: 256, height: 256 }
    await runner.load({ signal })
    expect(await runner.health()).toBe('OK')
    const session = await runner.start({ ...network.request, params }, { signal })
    const input = await network.publisher(network.urls.input)
    for (const { data } of clip.segments) await input.write(data)
    await input.close()
    expect(await session.ended).toBe('its input has ended')
    const viewer = await Viewer.open()
    for (const segment of await output) viewer.write(segment)
    viewer.end()
    const times = clip.frames.filter(({ kind }) => kind === 'video').map(({ pts }) => pts)
    expect(viewer.pictures.length).toBeGreaterThan(4)
    for (const { pts, width, height, red, green, blue } of viewer.pictures) {
      expect(times).toContain(pts)
      expect([width, height]).toEqual([256, 256])
      // Decoders round: a colour at its end is not exactly 255 and 0.
      expect(red).toBeGreaterThan(green + 20)
      expect(Math.abs(green - blue)).toBeLessThan(12)
    }
    expect(viewer.keyFrames[0]).toBe(viewer.pictures[0]?.pts)
    const sound = new Set(clip.frames.filter(({ kind }) => kind === 'audio').map(({ pts }) => pts))
    expect(viewer.sound.length).toBeGreaterThan(60)
    expect(viewer.sound.every((pts) => sound.has(pts))).toBe(true)
    const kinds = (await events).map(({ type }) => type)
    expect(kinds).toEqual(
      expect.arrayContaining([
        ...['runner_receive_stream_request', 'runner_receive_first_ingest_segment'],
        ...['runner_send_first_processed_segment', 'status'],
      ]),
    )
    expect((await events).at(-1)).toMatchObject({ type: 'status', pipeline: 'millrace/effects' })
  })

  it('goes on after bytes that are no stream, and pictures that cannot be decoded', async () => {
    const clip = await makeTestClip({ seconds: 3, width: 320, height: 180, fps: 24, segmentMs: 1_000 })
    const output = readChannel(network.urls.output)
    await runner.load({ signal })
    const session = await runner.start({ ...network.request, params: { width: 128, height: 128 } }, { signal })
    const input = await network.publisher(network.urls.input)
    const noise = Buffer.from(Array.from({ length: 60_000 }, (_, i) => (i * i * 31 + i) % 251))
    const [damaged, ...good] = clip.segments.map(({ data }) => data) as [Uint8Array, ...Uint8Array[]]
    for (const segment of [
      noise,
      damaged.map((byte, i) => (i % 188 > 60 && i % 97 === 0 ? byte ^ 0x55 : byte)),
      ...good,
    ])
      await input.write(segment)
    // A channel that ends takes what nobody has read yet with it.
    while (session.status().inference_status.counts.received < 48) await sleep(50, undefined, { signal })
    await input.close()
    expect(await session.ended).toBe('its input has ended')
    const viewer = await Viewer.open()
    for (const segment of await output) viewer.write(segment)
    viewer.end()
    const firstGood = clip.frames.filter(({ kind, keyFrame }) => kind === 'video' && keyFrame)[1]?.pts as number
    expect(viewer.pictures.filter(({ pts }) => pts >= firstGood).length).toBeGreaterThan(4)
    expect(session.status().inference_status.restart_count).toBe(0)
  })

  it('may go through another after it: the output of one is the input of the next, and ends with it', async () => {
    const clip = await makeTestClip({ seconds: 1, width: 320, height: 180, fps: 24, segmentMs: 1_000, audio: false })
    const lastUrl = `${network.urls.output}-2`
    await network.publisher(lastUrl)
    const output = readChannel(lastUrl)
    const next = new EmbeddedLiveRunner(liveCatalogEntry('millrace/effects')!, { log: silentLog })
    const size = { width: 128, height: 128 }
    const { urls, request } = network
    const first = await runner.start(
      { ...request, controlUrl: undefined, eventsUrl: undefined, params: { ...size, effect: 'greyscale' } },
      { signal },
    )
    const second = await next.start(
      {
        subscribeUrl: urls.output,
        publishUrl: lastUrl,
        requestId: 'r2',
        params: { ...size, effect: 'tint', colour: '#0000ff' },
      },
      { signal },
    )
    const input = await network.publisher(urls.input)
    for (const { data } of clip.segments) await input.write(data)
    await input.close()
    expect(await first.ended).toBe('its input has ended')
    expect(await second.ended).toBe('its input has ended')
    const viewer = await Viewer.open()
    for (const segment of await output) viewer.write(segment)
    viewer.end()
    expect(viewer.pictures.length).toBeGreaterThan(2)
    for (const { red, blue } of viewer.pictures) expect(blue).toBeGreaterThan(red + 20)
    const latency = [first, second].map((stage) => stage.status().inference_status.stages_ms)
    for (const { decode, effect, encode } of latency) expect(Math.min(decode, effect, encode)).toBeGreaterThan(0)
  })

  it('is refused with unknown parameters, and when there are as many as it takes', async () => {
    const start = (params: Record<string, unknown>) => runner.start({ ...network.request, params }, { signal })
    await expect(start({ prompt: 'a cat' })).rejects.toMatchObject({ code: 'ai_bad_request' })
    const session = await start({})
    await expect(start({})).rejects.toMatchObject({ code: 'ai_no_capacity' })
    expect(session.status()).toMatchObject({ state: 'LOADING', inference_status: { restart_count: 0 } })
    await session.stop()
    expect(runner.streams).toBe(0)
  })

  it('goes on with its parameters after messages of any other type, and takes the next that is right (faults.md 52)', async () => {
    const session = await runner.start({ ...network.request, params: { width: 128, height: 128 } }, { signal })
    const control = await network.publisher(network.urls.control)
    const wrong: readonly (string | Uint8Array)[] = [
      ...['', 'no JSON', 'null', '[1]', '"text"', '7', '{"effect":7}', '{"effect":"none such"}', '{"unknown":1}'],
      ...['{"width":-1,"height":1e9}', '{"__proto__":{"effect":"tint"}}', `{"effect":"${'x'.repeat(1_100_000)}"}`],
      Uint8Array.of(0xff, 0xfe, 0, 1),
    ]
    for (const message of wrong) await control.write(Buffer.from(message))
    await control.write(Buffer.from('{"effect":"posterise"}'))
    const params = () => session.status().inference_status.last_params
    await expect.poll(params, { timeout: 10_000 }).toMatchObject({ effect: 'posterise', width: 128, height: 128 })
    expect(session.status().inference_status).toMatchObject({ restart_count: 0 })
    await session.stop()
  })

  it('ends by itself where there is no such input', async () => {
    const request = { ...network.request, subscribeUrl: `${network.urls.input}-nowhere/deep`, params: {} }
    const session = await runner.start(request, { signal })
    expect(await session.ended).toContain('input cannot be read')
  })
})
