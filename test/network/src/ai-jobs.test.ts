import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { NodeEventOf } from '@millrace/wire'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { LONG } from './live-stream.ts'
import { startTestNetwork } from './network-fixture.ts'
import { picture } from './picture.ts'

const MODEL = 'millrace/lanczos-x2'
const SIZE = 64
const KEYS = {
  rich: 'the-key-of-the-rich-one',
  poor: 'the-key-of-the-poor-one',
  hasty: 'the-key-of-the-hasty-one',
}

// The second form takes half a minute.
describe.each(LONG ? (['one process', 'a process each'] as const) : (['one process'] as const))(
  'AI jobs on a paying network, %s',
  (form) => {
    let running: Awaited<ReturnType<typeof startTestNetwork>>
    let gateway: string
    let folder: string
    const events: NodeEventOf<'ai_job_sold' | 'ai_job_bought' | 'payment_received'>[] = []

    beforeAll(async () => {
      folder = mkdtempSync(join(tmpdir(), 'millrace-ai-jobs-'))
      const keysFile = join(folder, 'keys.json')
      const limits = { rich: {}, poor: { weiPerDay: '1' }, hasty: { requestsPerMinute: 1 } }
      const entries = Object.entries(KEYS).map(([name, key]) => ({ name, key, ...limits[name as keyof typeof KEYS] }))
      writeFileSync(keysFile, JSON.stringify(entries))
      running = await startTestNetwork(form, {
        gateway: { ai: { keysFile } },
        aiModels: [{ pipeline: 'upscale', modelId: MODEL, adapter: 'embedded', warm: false }],
      })
      gateway = `http://127.0.0.1:${running.network.options.ports.gatewayHttp}`
      running.network.hub.listen((event) => {
        if (event.type === 'ai_job_sold' || event.type === 'ai_job_bought' || event.type === 'payment_received')
          events.push(event)
      })
    }, 60_000)
    afterAll(async () => {
      await running?.[Symbol.asyncDispose]()
      rmSync(folder, { recursive: true, force: true })
    })

    const post = (
      path: string,
      fields: Record<string, string | Blob | undefined>,
      key: string | undefined = KEYS.rich,
    ): Promise<Response> => {
      const form = new FormData()
      for (const [name, value] of Object.entries(fields)) if (value !== undefined) form.append(name, value)
      const headers = key === undefined ? {} : { authorization: `Bearer ${key}` }
      return fetch(`${gateway}${path}`, { method: 'POST', body: form, headers })
    }
    const image = () => new Blob([picture(SIZE, SIZE)], { type: 'image/png' })

    it('a picture goes in, a larger one comes out, and exactly its pixels are paid by tickets', async () => {
      const answer = await post('/upscale', { prompt: 'a test picture', image: image(), model_id: MODEL, seed: '7' })
      expect(answer.status, await answer.clone().text()).toBe(200)
      const { images } = (await answer.json()) as { images: { url: string; seed: number; nsfw: boolean }[] }
      expect(images).toHaveLength(1)
      expect(images[0]).toMatchObject({ seed: expect.any(Number), nsfw: false })
      const file = await fetch(images[0]!.url)
      expect(file.headers.get('content-type')).toBe('image/png')
      const bytes = new DataView(await file.arrayBuffer())
      expect([bytes.getUint32(16), bytes.getUint32(20)]).toEqual([2 * SIZE, 2 * SIZE])
      await vi.waitFor(() => expect(events.map(({ type }) => type)).toContain('ai_job_sold'), 5_000)
      const sold = events.find((event) => event.type === 'ai_job_sold')
      const bought = events.find((event) => event.type === 'ai_job_bought')
      expect(sold).toMatchObject({ units: String(SIZE * SIZE), modelId: MODEL })
      expect(BigInt(sold!.feeWei)).toBeGreaterThan(0n)
      expect(bought).toMatchObject({ units: sold!.units, feeWei: sold!.feeWei })
      expect(events.some((event) => event.type === 'payment_received' && event.tickets > 0)).toBe(true)
    })

    it('a request that names no model gets the one that there is', async () => {
      const answer = await post('/upscale', { prompt: 'a test picture', image: image(), model_id: '' })
      expect(answer.status, await answer.clone().text()).toBe(200)
    })

    it('what there is can be read: forms, models, prices, and how long jobs take', async () => {
      const answer = await fetch(`${gateway}/ai/pipelines`)
      const { pipelines } = (await answer.json()) as {
        pipelines: { name: string; request: object; models: object[] }[]
      }
      expect(pipelines).toHaveLength(9)
      expect(pipelines.find(({ name }) => name === 'upscale')).toMatchObject({
        request: { properties: { model_id: { type: 'string' } } },
        models: [
          {
            ...{ id: MODEL, orchestrators: 2, capacity: 2, latencyMs: expect.any(Number) },
            lowestPrice: expect.stringMatching(/^\d+\/\d+$/),
          },
        ],
      })
      const document = (await (await fetch(`${gateway}/ai/openapi.json`)).json()) as { paths: object }
      expect(Object.keys(document.paths)).toContain('/upscale')
    })

    it('a key may send so much and spend so much, and nobody comes in without one', async () => {
      const before = events.length
      const job = () => ({ prompt: 'x', model_id: MODEL, image: image() })
      const stranger = await post('/upscale', job(), 'the-key-of-nobody-at-all')
      expect(stranger.status).toBe(401)
      expect(stranger.headers.get('www-authenticate')).toBe('Bearer')
      const poor = await post('/upscale', job(), KEYS.poor)
      expect(poor.status).toBe(402)
      expect(await poor.text()).toContain('1 wei a day')
      expect((await post('/upscale', { prompt: 'x' }, KEYS.hasty)).status).toBe(400)
      const hasty = await post('/upscale', job(), KEYS.hasty)
      expect(hasty.status).toBe(429)
      expect(Number(hasty.headers.get('retry-after'))).toBeGreaterThan(50)
      expect(events.slice(before)).toEqual([])
    })

    it.each([
      ['a picture that is none', { image: new Blob(['no picture']) }, 415, 'PNG'],
      ['no picture', { image: undefined }, 400, 'image'],
      ['a number that is a text', { num_inference_steps: 'many' }, 400, 'num_inference_steps'],
      ['a model that nobody has', { model_id: 'acme/none' }, 503, MODEL],
    ])('%s is answered with what is wrong, and costs nothing', async (_, fields, status, text) => {
      const before = events.length
      const answer = await post('/upscale', { prompt: 'x', model_id: MODEL, image: image(), ...fields })
      const body = (await answer.json()) as { error: { message: string }; detail: { msg: string } }
      expect(answer.status, JSON.stringify(body)).toBe(status)
      expect(body.error.message).toContain(text)
      expect(body.detail.msg).toBe(body.error.message)
      expect(events.slice(before)).toEqual([])
    })
  },
)
