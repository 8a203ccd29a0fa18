import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { rational, silentLog } from '@millrace/base'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openLiveRunners } from '../live/open-live-runners.ts'
import { CATALOG } from '../models/catalog.ts'
import { openRunners } from '../runners/open-runners.ts'
import { COMFYUI_WORKFLOWS } from '../testing/comfyui-stand-in.ts'
import { parseAiModels, readAiModels } from './ai-models.ts'
import { aiPrice } from './ai-price.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-ai-models-'))
  await writeFile(join(folder, 'boat.json'), JSON.stringify(COMFYUI_WORKFLOWS['text-to-image']))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const parse = (...entries: unknown[]) => parseAiModels(JSON.stringify(entries), folder)
const embedded = CATALOG[0]?.card as (typeof CATALOG)[number]['card']
const server = { pipeline: 'text-to-image', model_id: 'ByteDance/SDXL-Lightning', url: 'http://10.0.0.5:8000' }

describe('aiModels.json', () => {
  it("is read as upstream's documents write it", async () => {
    const { entries, warnings } = await parse(
      { ...server, warm: true, price_per_unit: 4768371, optimization_flags: { SFAST: true } },
      { ...server, token: 'secret', capacity: 2, price_per_unit: '0.5e-2USD', pixels_per_unit: 1000000000000 },
      { ...server, gateway: `0x${'ab'.repeat(20)}`, price_per_unit: 1.9073484e-8, currency: 'USD' },
    )
    expect(entries).toMatchObject([
      { adapter: 'ai-runner', warm: true, price: { perUnit: rational(4768371n) } },
      {
        token: 'secret',
        capacity: 2,
        warm: false,
        price: { perUnit: rational(1n, 200n * 10n ** 12n), currency: 'USD' },
      },
      { gateway: `0x${'ab'.repeat(20)}`, price: { perUnit: rational(19073484n, 10n ** 15n), currency: 'USD' } },
    ])
    expect(warnings).toEqual([
      expect.stringContaining('entry 1 (text-to-image, ByteDance/SDXL-Lightning): optimization_flags'),
    ])
  })

  it('names effects on live video, and containers that have one, apart from batch models', async () => {
    const pipeline = 'live-video-to-video'
    const { entries } = await parse(
      { pipeline, model_id: 'millrace/live-matting', warm: true, capacity: 2 },
      { pipeline, model_id: 'streamdiffusion', url: 'http://10.0.0.5:8900', token: 'secret' },
      server,
    )
    expect(openLiveRunners(entries, {}, { log: silentLog })).toMatchObject([
      { warm: true, runner: { kind: 'embedded', modelId: 'millrace/live-matting', capacity: 2 } },
      { warm: false, runner: { kind: 'ai-runner', modelId: 'streamdiffusion', capacity: 1 } },
    ])
    expect(openRunners(entries)).toHaveLength(1)
    const refused = (entry: object) => parse({ pipeline, model_id: 'millrace/effects', ...entry })
    await expect(refused({ model_id: 'millrace/none' })).rejects.toThrow('no embedded model has this name')
    await expect(refused({ model_id: embedded.id })).rejects.toThrow(`is a model of ${embedded.pipeline}`)
    const openai = { adapter: 'openai', url: 'http://127.0.0.1:11434' }
    await expect(refused(openai)).rejects.toThrow('openai does not serve live-video-to-video')
  })

  it('names embedded models, and servers by one line each', async () => {
    const { entries } = await parse(
      { pipeline: embedded.pipeline, model_id: embedded.id, warm: true },
      {
        pipeline: 'llm',
        model_id: 'meta/llama',
        adapter: 'openai',
        url: 'http://127.0.0.1:11434',
        server_model: 'llama3.2',
      },
      { pipeline: 'audio-to-text', model_id: 'whisper', adapter: 'whisper-cpp', url: 'http://127.0.0.1:8081' },
      { ...server, adapter: 'comfyui', workflow: 'boat.json', capacity: 3 },
      server,
    )
    expect(openRunners(entries)).toMatchObject([
      { warm: true, runner: { kind: 'embedded', modelId: embedded.id } },
      { warm: false, runner: { kind: 'openai', pipeline: 'llm' } },
      { runner: { kind: 'http-app' } },
      { capacity: 3, runner: { kind: 'comfyui', capacity: 3 } },
      { runner: { kind: 'ai-runner', capacity: 1 } },
    ])
  })

  it('may be a file, a text, or short', async () => {
    const path = join(folder, 'aiModels.json')
    await writeFile(path, JSON.stringify([{ ...server, adapter: 'comfyui', workflow: 'boat.json' }]))
    expect((await readAiModels(path)).entries).toMatchObject([{ workflow: join(folder, 'boat.json') }])
    expect((await readAiModels(JSON.stringify([server]))).entries).toMatchObject([{ url: server.url }])
    const short = await readAiModels(
      `${embedded.pipeline}:${embedded.id}:true, ${embedded.pipeline}:${embedded.id}:false`,
    )
    expect(short.entries).toMatchObject([{ adapter: 'embedded', warm: true }, { warm: false }])
  })

  it.each([
    [[{ pipeline: 'llm' }], /entry 1 \(llm\): model_id: /],
    [[server, { ...server, warm: 'yes' }], /entry 2 \(text-to-image, ByteDance\/SDXL-Lightning\): warm: /],
    [[{ ...server, capacity: 0 }], /entry 1 .*: capacity: /],
    [[{ ...server, pipeline: 'text-to-smell' }], /entry 1 .*: pipeline: there are text-to-image, /],
    [[{ ...server, url: 'ftp://x' }], /entry 1 .*: url: http/],
    [[{ ...server, url: 'http://me:pass@x' }], /entry 1 .*: url: a password/],
    [[{ ...server, url: undefined }], /entry 1 .*: model_id: no embedded model .*starts no containers/],
    [[{ ...server, adapter: 'comfyui' }], /entry 1 .*: workflow: /],
    [[{ ...server, adapter: 'gradio' }], /entry 1 .*: adapter: /],
    [[{ ...server, price_per_unit: 'dear' }], /entry 1 .*: price_per_unit: "dear"/],
    [[{ ...server, price_per_unit: '1EUR', currency: 'USD' }], /entry 1 .*: price_per_unit: it is in EUR/],
    [[{ ...server, gateway: 'mine' }], /entry 1 .*: gateway: /],
    [[7], /entry 1: it: /],
    [{}, /a JSON list/],
  ])('%j is refused with the entry and the field', async (list, text) => {
    const read = parseAiModels(JSON.stringify(list), folder)
    await expect(read).rejects.toMatchObject({ code: 'ai_models_invalid', message: expect.stringMatching(text) })
  })

  it('that has a wrong pipeline for its adapter is refused', async () => {
    const { entries } = await parse({ ...server, adapter: 'openai', pipeline: 'upscale' })
    expect(() => openRunners(entries)).toThrow('the adapter openai serves llm, image-to-text, ')
    const { entries: gone } = await parse({ ...server, adapter: 'comfyui', workflow: 'none.json' })
    expect(() => openRunners(gone)).toThrow(/the workflow .*none\.json cannot be read/)
    await expect(readAiModels('llm:x')).rejects.toThrow('pipeline:model_id:warm is expected')
    await expect(readAiModels('/nowhere/aiModels.json')).rejects.toMatchObject({ code: 'ai_models_invalid' })
    expect((await parse({ ...server, comment: 'mine' })).warnings).toEqual([
      expect.stringContaining('ignored: comment'),
    ])
  })
})

describe('prices', () => {
  it.each([
    [0.1, undefined, rational(1n, 10n)],
    ['0.000000000000000000000000012345678901234567890', 1, rational(1234567890123456789n, 10n ** 44n)],
    ['1e18', '3', rational(10n ** 18n, 3n)],
    ['2/3', 2, rational(1n, 3n)],
    [0, 1, rational(0n)],
  ])('%s for %s units is exact', (price, pixels, expected) => {
    expect(aiPrice({ price_per_unit: price, pixels_per_unit: pixels })).toEqual({ perUnit: expected })
  })

  it.each([[-1], [2 ** 60], ['1e99'], [true], [Number.NaN]])('%s is none', (price) => {
    expect(aiPrice({ price_per_unit: price })).toMatch(/^price_per_unit: /)
  })

  it('are not needed', () => {
    expect(aiPrice({})).toBeUndefined()
    expect(aiPrice({ price_per_unit: 1, pixels_per_unit: 0 })).toMatch(/^pixels_per_unit: /)
  })
})
