import { setTimeout as sleep } from 'node:timers/promises'
import { AiError } from '@millrace/ai'
import { silentLog } from '@millrace/base'
import type { CodedFrame } from '@millrace/media'
import { makeTestClip, WebRtcClient } from '@millrace/media/testing'
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { AuthWebhook } from '../auth-webhook.ts'
import { openWeb } from '../web-fixture.ts'
import { LiveAiAuth } from './live-ai-auth.ts'
import { type LiveGateway, MODEL, openLiveGateway, SMALL } from './live-gateway.fixture.ts'

const SDP = { 'content-type': 'application/sdp' }
const FPS = 15
/** 20 ms of silence. */
const SILENCE = Uint8Array.of(0xf8, 0xff, 0xfe)

let running: LiveGateway
let clip: readonly CodedFrame[]
let clients: WebRtcClient[]
let stop: AbortController

beforeAll(async () => {
  clip = (await makeTestClip({ seconds: 2, width: 160, height: 90, fps: FPS, segmentMs: 1_000, audio: false })).frames
})

beforeEach(() => {
  clients = []
  stop = new AbortController()
})

afterEach(async () => {
  stop.abort()
  for (const client of clients) await client.close()
  await running?.[Symbol.asyncDispose]()
})

const send = (path: string, init: RequestInit = {}) =>
  fetch(running.url(path), { method: 'POST', headers: SDP, ...init })

async function offering(direction: 'sendonly' | 'recvonly', path: string) {
  const client = await WebRtcClient.open(direction)
  clients.push(client)
  const answer = await send(path, { body: await client.offer() })
  if (answer.status === 201) await client.accept(await answer.clone().text())
  return { client, answer }
}

/** Sends the clip again and again, in real time and with silence, as a camera would. */
async function film(client: WebRtcClient): Promise<void> {
  const began = performance.now()
  for (let i = 0; !stop.signal.aborted; i++) {
    const { data, keyFrame } = clip[i % clip.length]!
    const pts = 90_000 + Math.round((i * 90_000) / FPS)
    await client.send({ kind: 'video', codec: 'h264', pts, dts: pts, keyFrame, data }).catch(() => {})
    for (let sound = 0; sound < 3; sound++) {
      const at = pts + sound * 1_800
      await client
        .send({ kind: 'audio', codec: 'opus', pts: at, dts: at, keyFrame: true, data: SILENCE })
        .catch(() => {})
    }
    await sleep(Math.max(0, began + ((i + 1) * 1_000) / FPS - performance.now()))
  }
}

describe('a live stream through an AI pipeline', () => {
  it('comes in by WebRTC and goes out so, follows its parameters, and is told of until a minute after its end', async () => {
    running = await openLiveGateway(1)
    const { orchestrators, status, query, shown } = running
    const { client, answer } = await offering('sendonly', `cam/whip?${query({}, { streamId: 'mine' })}`)
    expect(answer.status).toBe(201)
    const playback = answer.headers.get('livepeer-playback-url')!
    expect(playback).toMatch(/\/live\/video-to-video\/cam-[0-9a-f]{8}-out\/whep$/)
    expect(answer.headers.get('access-control-expose-headers')).toContain('Livepeer-Playback-URL')
    void film(client)
    const [{ started, sessions }] = orchestrators
    await expect.poll(() => started[0]).toMatchObject({ model_id: MODEL, params: SMALL, stream_id: 'mine' })
    expect(playback).toContain(started[0]!.gateway_request_id)

    const update = await send('cam/update', { body: '{"effect":"edges"}', headers: {} })
    expect(update.status).toBe(200)
    const params = () => sessions[0]?.status().inference_status.last_params
    await expect.poll(params, { timeout: 1_000, interval: 20 }).toMatchObject({ effect: 'edges' })

    const viewer = await offering('recvonly', playback.slice(playback.indexOf('cam-')))
    expect(viewer.answer.status).toBe(201)
    const { received } = viewer.client
    await expect.poll(() => received.video.length, { timeout: 5_000 }).toBeGreaterThan(10)
    await expect.poll(() => received.audio.length, { timeout: 5_000 }).toBeGreaterThan(10)
    // The publisher's own Opus went through the runner.
    expect(Uint8Array.from(received.audio[0]!.payload)).toEqual(SILENCE)
    await expect
      .poll(async () => (await shown('cam-out')).map(({ codec }) => codec), { timeout: 5_000 })
      .toContain('aac')

    const told = await status('mine')
    expect(told).toMatchObject({ type: 'status', gateway_status: { whep_url: playback, orchestrator: {} } })
    expect(await status('cam')).toBeDefined()
    expect(
      (await fetch(new URL(answer.headers.get('location')!, running.gateway.httpUrl), { method: 'DELETE' })).status,
    ).toBe(200)
    await expect.poll(() => running.liveAi.running).toEqual([])
    expect(await status('mine')).toMatchObject({ gateway_status: { whep_url: playback } })
    expect((await send('cam/update', { body: '{}', headers: {} })).status).toBe(404)
  }, 30_000)

  it('goes through several pipelines in a row, at the orchestrators that were named, and tells how long each took', async () => {
    running = await openLiveGateway(2)
    const { orchestrators, status, shown } = running
    const stage = (index: number, effect: string) => ({
      ...{ pipeline: MODEL, params: { ...SMALL, effect } },
      orchestrator: new URL(orchestrators[index]!.info.serviceUri).port,
    })
    const cascade = JSON.stringify([stage(0, 'edges'), stage(1, 'tint')])
    const { client, answer } = await offering('sendonly', `cam/whip?${new URLSearchParams({ cascade })}`)
    expect(answer.status, await answer.clone().text()).toBe(201)
    void film(client)
    await expect.poll(() => orchestrators[0].started[0]?.params, { timeout: 5_000 }).toMatchObject({ effect: 'edges' })
    await expect.poll(() => orchestrators[1]?.started[0]?.params, { timeout: 8_000 }).toMatchObject({ effect: 'tint' })
    await expect.poll(async () => (await shown('cam-out')).length, { timeout: 15_000 }).toBeGreaterThan(20)
    type Told = { pipeline: string; gateway_status: { latency_ms?: number; orchestrator: { url: string } } }
    const stages = async () => ((await status('cam')) as unknown as { stages: Told[] }).stages
    await expect
      .poll(async () => (await stages()).map(({ gateway_status }) => (gateway_status.latency_ms ?? 0) > 0))
      .toEqual([true, true])
    expect((await stages()).map(({ gateway_status }) => gateway_status.orchestrator.url)).toEqual(
      orchestrators.map(({ info }) => info.serviceUri),
    )
    const update = await send('cam/update?stage=1', { body: '{"effect":"posterise"}', headers: {} })
    expect(update.status).toBe(200)
    const second = () => orchestrators[1]?.sessions[0]?.status().inference_status.last_params
    await expect.poll(second, { timeout: 2_000 }).toMatchObject({ effect: 'posterise' })
    expect((await send('cam/update?stage=2', { body: '{}', headers: {} })).status).toBe(400)
    await running.liveAi.running[0]?.stop('enough')
    await expect.poll(() => running.liveAi.running).toEqual([])
  }, 40_000)

  it('is refused where it cannot be meant, before an orchestrator is asked', async () => {
    running = await openLiveGateway(1)
    const { query, orchestrators } = running
    const status = async (path: string, init: RequestInit = {}) => (await send(path, { body: 'v=0', ...init })).status
    expect(await status(`cam/whip?${query()}`)).toBe(400)
    expect(await status(`cam-out/whip?${query()}`)).toBe(400)
    expect(await status('cam/whip?params=[1]')).toBe(400)
    for (const cascade of ['[]', '{}', 'x', '[{}]', JSON.stringify(Array(9).fill({ pipeline: MODEL }))])
      expect(await status(`cam/whip?${new URLSearchParams({ cascade })}`), cascade).toBe(400)
    expect(
      await status(`cam/whip?${new URLSearchParams({ cascade: `[{"pipeline":"${MODEL}"}]`, pipeline: MODEL })}`),
    ).toBe(400)
    expect(await status('cam/whip?rtmpOutput=http://example.org/')).toBe(400)
    expect(await status('cam/whip', { headers: { 'content-type': 'text/plain' } })).toBe(415)
    expect(await status('cam/whip', { method: 'GET', body: null })).toBe(405)
    expect(await status('cam-out/whep')).toBe(404)
    expect(await status('cam-out/whep', { method: 'PATCH' })).toBe(501)
    expect(await status('nobody/update', { body: '{}', headers: {} })).toBe(404)
    expect(await status('nobody/status', { method: 'GET', body: null })).toBe(404)
    expect(await status('cam/whip', { headers: { ...SDP, origin: 'https://elsewhere.example' } })).toBe(403)
    const { client } = { client: await WebRtcClient.open('sendonly') }
    clients.push(client)
    const unknown = await send('cam/whip?pipeline=other', { body: await client.offer() })
    expect([unknown.status, await unknown.text()]).toEqual([
      503,
      `no orchestrators available for the live pipeline other. Pipelines that there are: ${MODEL}\n`,
    ])
    const options = await send('cam/whip', { method: 'OPTIONS' })
    expect([options.status, options.headers.get('accept-post')]).toEqual([204, 'application/sdp'])
    expect(orchestrators[0].started).toEqual([])
    expect(running.liveAi.running).toEqual([])
  })

  it('is given up with a reason when nobody takes it, and its publisher is let go', async () => {
    running = await openLiveGateway(2, { lookForMs: 600 })
    for (const { state } of running.orchestrators) state.refuse = { status: 503, text: 'insufficient capacity' }
    const { client, answer } = await offering('sendonly', `cam/whip?${running.query()}`)
    expect(answer.status).toBe(201)
    await expect.poll(() => running.liveAi.running, { timeout: 5_000 }).toEqual([])
    const { error } = (await running.status('cam'))!.gateway_status as { error: { error_message: string } }
    expect(error.error_message).toContain('no orchestrators available')
    expect(error.error_message).toContain('insufficient capacity')
    await expect.poll(() => running.gateway.webRtcSessions).toBe(0)
    expect(client.connection).toBeDefined()
    expect(running.events.map(({ type }) => type)).toEqual(['live_ai_opened', 'live_ai_closed'])
  })
})

describe('who may begin a live AI stream', () => {
  let web: Awaited<ReturnType<typeof openWeb>>

  beforeEach(async () => {
    web = await openWeb()
  })
  afterEach(() => web.close())

  it('is said by a service, which may say what is done with it too', async () => {
    const auth = new LiveAiAuth({ url: web.url, apiKey: 'secret' }, { log: silentLog })
    running = await openLiveGateway(1, {}, { auth })
    web.serve({ pipeline: MODEL, pipeline_parameters: { ...SMALL, effect: 'tint' }, stream_id: 'theirs' })
    const { answer } = await offering('sendonly', 'cam/whip?pipeline=other&streamId=mine')
    expect(answer.status).toBe(201)
    const [{ started }] = running.orchestrators
    await expect.poll(() => started[0]).toMatchObject({ params: { ...SMALL, effect: 'tint' }, stream_id: 'theirs' })
    const asked = JSON.parse(web.asked[0]!.body)
    expect(asked).toMatchObject({ stream: 'cam', stream_key: 'cam', type: 'livepeer-whip' })
    expect(asked).toMatchObject({ query_params: 'pipeline=other&streamId=mine', update_url: running.url('cam/update') })
    web.serveBy((_, response) => void response.writeHead(403).end())
    expect((await offering('sendonly', 'two/whip')).answer.status).toBe(403)
    expect(running.liveAi.running.map(({ request }) => request.name)).toEqual(['cam'])
  })

  it('is said by the webhook of all streams, where there is no other', async () => {
    const streamAuth = new AuthWebhook({ url: web.url }, { log: silentLog })
    running = await openLiveGateway(1, {}, { streamAuth })
    web.serveBy((_, response) => void response.writeHead(403).end())
    expect((await offering('sendonly', `cam/whip?${running.query()}`)).answer.status).toBe(403)
    expect(web.asked[0]!.body).toContain('/live/video-to-video/cam?pipeline=')
  })

  it('is said by the keys of clients, where there are some', async () => {
    const account = (name: string) => ({ name, reserve: () => ({ settle: () => {} }), paid: () => true })
    const keys = {
      admit: ({ headers }: { readonly headers: Record<string, string | string[] | undefined> }) => {
        const [, name] = /^Bearer (\w+)$/.exec(String(headers.authorization)) ?? []
        if (name) return account(name) as never
        throw new AiError('ai_key_refused', 'send a key')
      },
    }
    running = await openLiveGateway(1, {}, { keys })
    const client = await WebRtcClient.open('sendonly')
    clients.push(client)
    const body = await client.offer()
    expect((await send(`cam/whip?${running.query()}`, { body })).status).toBe(401)
    const headers = { ...SDP, authorization: 'Bearer anna' }
    expect((await send(`cam/whip?${running.query()}`, { body, headers })).status).toBe(201)
    const update = async (authorization: string) =>
      (await send('cam/update', { body: '{}', headers: { authorization } })).status
    expect(await update('')).toBe(401)
    expect(await update('Bearer bert')).toBe(403)
    expect(await update('Bearer anna')).not.toBe(403)
  })

  it('may be taken back by the service that is told which streams run', async () => {
    const heartbeat = { url: web.url, headers: { 'x-key': 'k' }, intervalMs: 50 }
    running = await openLiveGateway(1, { heartbeat })
    web.serve({ terminatedStreamIds: ['nobody'] })
    await offering('sendonly', `cam/whip?${running.query({}, { streamId: 'mine' })}`)
    await expect.poll(() => web.asked.at(-1)?.body).toBe('{"ids":["mine"]}')
    expect(running.liveAi.running).toHaveLength(1)
    web.serve({ terminatedStreamIds: ['mine'] })
    await expect.poll(() => running.liveAi.running).toEqual([])
    expect(await running.status('mine')).toMatchObject({
      gateway_status: { error: { error_message: 'credit_exhaustion' } },
    })
  })
})
