import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { silentLog } from '@millrace/base'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openAiRunnerStandIn } from '../testing/ai-runner-stand-in.ts'
import { testJob, testPicture } from '../testing/jobs.ts'
import { sizeOfPicture } from '../testing/pictures.ts'
import type { StandIn } from '../testing/stand-in.ts'
import { AiRunner } from './ai-runner.ts'
import { RunnerPool } from './runner-pool.ts'
import { type ServeAiRunnerOptions, serveAiRunner } from './serve-ai-runner.ts'

const modelId = 'test/model'
const live = () => ({ signal: new AbortController().signal })

describe("a pool that serves ai-runner's API", () => {
  const closing: (() => Promise<unknown>)[] = []
  let behind: StandIn

  beforeEach(() => {
    closing.length = 0
  })
  afterEach(async () => {
    for (const close of closing.reverse()) await close()
  })

  /** A Millrace worker before a container, as a go-livepeer node would see it. */
  async function serve(pipeline: string, options: ServeAiRunnerOptions = {}): Promise<string> {
    behind = await openAiRunnerStandIn({ pipeline, modelId })
    closing.push(() => behind.close())
    const runner = new AiRunner({ pipeline, modelId, url: behind.url, capacity: 2 })
    const pool = new RunnerPool([{ runner, warm: true }], {}, { log: silentLog })
    await pool.start()
    closing.push(() => pool.stop())
    await pool.loaded()
    const server: Server = createServer(serveAiRunner(options, { pool, log: silentLog }))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    closing.push(
      () =>
        new Promise((resolve) => {
          server.close(resolve)
          server.closeAllConnections()
        }),
    )
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  }

  const post = (url: string, body: unknown, headers: Record<string, string> = {}) =>
    fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    })

  it('does the jobs of every kind for a runner that speaks it', async () => {
    const picture = await new AiRunner({ pipeline: 'upscale', modelId, url: await serve('upscale') }).run(
      ...([testJob('upscale', modelId), live()] as const),
    )
    expect(picture.files.map(({ bytes }) => sizeOfPicture(bytes))).toEqual([{ width: 256, height: 192 }])
    const speech = new AiRunner({ pipeline: 'text-to-speech', modelId, url: await serve('text-to-speech') })
    expect(await speech.run(testJob('text-to-speech', modelId), live())).toMatchObject({
      ...{ response: { audio: { url: 'audio.wav' } }, files: [{ type: 'audio/wav' }] },
    })
    const words = new AiRunner({ pipeline: 'llm', modelId, url: await serve('llm') })
    const chunks: unknown[] = []
    const onChunk = (chunk: unknown) => void chunks.push(chunk)
    const said = await words.run(testJob('llm', modelId, { stream: true }), { ...live(), onChunk })
    expect(said.response).toMatchObject({
      choices: [{ finish_reason: 'stop', message: { content: 'You said: hello there' } }],
    })
    expect(chunks).toHaveLength(5)
  })

  it('answers a video as the pictures of its file', async () => {
    const url = await serve('image-to-video')
    const form = new FormData()
    form.set('image', new Blob([new Uint8Array(testPicture().bytes)], { type: 'image/png' }))
    for (const name of ['width', 'height']) form.set(name, '64')
    const { frames } = (await (await fetch(`${url}/image-to-video/`, { method: 'POST', body: form })).json()) as {
      frames: { url: string; nsfw: boolean }[][]
    }
    expect(frames).toHaveLength(1)
    expect(frames[0]).toHaveLength(8)
    expect(frames[0]?.[0]?.url).toMatch(/^data:image\/png;base64,/)
  })

  it('tells of itself as a container does, with and without a slash at the end', async () => {
    const url = await serve('text-to-image', { token: 'secret' })
    const facts = { pipeline: 'text-to-image', model_id: modelId }
    for (const [path, expected] of [
      ['/health', { status: 'OK' }],
      ['/health/', { status: 'OK' }],
      ['/version', { ...facts, version: '0.14.1', models: [facts] }],
      ['/hardware/info/', { ...facts, gpu_info: {} }],
      ['/hardware/stats', { ...facts, gpu_stats: {} }],
    ] as const)
      expect(await (await fetch(url + path)).json()).toEqual(expected)
    expect(await (await fetch(`${url}/metrics`)).text()).toContain('version{app="millrace",version="0.14.1"} 1')
  })

  it('refuses as FastAPI does', async () => {
    const url = await serve('text-to-image', { token: 'secret' })
    const authorization = 'Bearer secret'
    const ask = async (body: unknown, headers: Record<string, string> = { authorization }, path = '/text-to-image') => {
      const answer = await post(url + path, body, headers)
      return [answer.status, await answer.json()]
    }
    expect(await ask({ prompt: 'x' }, {})).toEqual([401, { detail: { msg: 'Invalid bearer token.' } }])
    expect(await ask({ prompt: 'x' }, { authorization: 'Bearer wrong' })).toMatchObject([401, {}])
    expect(await ask({})).toMatchObject([422, { detail: [{ loc: ['body', 'prompt'], type: 'value_error' }] }])
    expect(await ask({ prompt: 'x', model_id: 'other/model' })).toMatchObject([
      ...[400, { detail: { msg: expect.stringContaining('not other/model') } }],
    ])
    expect(await ask({ prompt: 'x' }, { authorization, 'content-type': 'text/plain' })).toMatchObject([415, {}])
    expect(await ask({ prompt: 'x'.repeat(6_000_000) })).toMatchObject([413, { detail: { msg: expect.any(String) } }])
    expect(await ask({ prompt: 'x' }, { authorization }, '/llm')).toEqual([404, { detail: 'Not Found' }])
    expect((await fetch(`${url}/text-to-image`)).status).toBe(405)
    behind.behaviour = 'fail'
    expect(await ask({ prompt: 'x' })).toMatchObject([
      500,
      { detail: { msg: expect.stringContaining('out of memory') } },
    ])
    behind.behaviour = 'busy'
    expect(await ask({ prompt: 'x' })).toMatchObject([
      503,
      { detail: { msg: expect.stringContaining('insufficient capacity') } },
    ])
  })

  it('refuses what it has no room for before it reads it', async () => {
    const url = await serve('text-to-image')
    behind.behaviour = 'hang'
    const controller = new AbortController()
    const hanging = [1, 2].map(() =>
      fetch(`${url}/text-to-image`, {
        ...{ method: 'POST', headers: { 'content-type': 'application/json' }, signal: controller.signal },
        body: JSON.stringify({ prompt: 'x' }),
      }).catch(() => undefined),
    )
    await expect.poll(() => behind.seen.filter(({ path }) => path === '/text-to-image').length).toBe(2)
    const refused = await post(`${url}/text-to-image`, {})
    expect([refused.status, await refused.json()]).toMatchObject([
      ...[503, { detail: { msg: expect.stringContaining('insufficient capacity') } }],
    ])
    controller.abort()
    await Promise.all(hanging)
    behind.behaviour = 'well'
    await expect
      .poll(async () => (await post(`${url}/text-to-image`, { prompt: 'x', width: 64, height: 64 })).status)
      .toBe(200)
  })

  it('gives a job up when its client goes away', async () => {
    const url = await serve('text-to-image')
    behind.behaviour = 'hang'
    const controller = new AbortController()
    const headers = { 'content-type': 'application/json' }
    const body = JSON.stringify({ prompt: 'x' })
    const asked = fetch(`${url}/text-to-image`, { method: 'POST', headers, body, signal: controller.signal })
    await expect.poll(() => behind.seen.length).toBeGreaterThan(1)
    const open = behind.connections()
    controller.abort()
    await expect(asked).rejects.toThrow()
    await expect.poll(() => behind.connections()).toBeLessThan(open)
  })
})
