import { readFile } from 'node:fs/promises'
import { CATALOG } from '@millrace/ai'
import { makeWav, openAiRunnerStandIn, openOpenAiStandIn, type StandIn } from '@millrace/ai/testing'
import type { AiModelConfig } from '@millrace/node'
import type { NodeEventOf } from '@millrace/wire'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestNetwork } from './network-fixture.ts'
import { loadOfficialClient, type OfficialClient } from './official-client.ts'
import { picture } from './picture.ts'

const LIMIT_MS = 240_000
const standIns: StandIn[] = []
const bought: NodeEventOf<'ai_job_bought'>[] = []
const clients: { close(): Promise<void> }[] = []
let running: Awaited<ReturnType<typeof startTestNetwork>>
let gateway: string

beforeAll(async () => {
  const llm = await openOpenAiStandIn({ models: ['small-llm'] })
  const painter = await openOpenAiStandIn({ models: ['painter'] })
  const changer = await openAiRunnerStandIn({ pipeline: 'image-to-image', modelId: 'changer' })
  const mover = await openAiRunnerStandIn({ pipeline: 'image-to-video', modelId: 'mover' })
  standIns.push(llm, painter, changer, mover)
  const server = (pipeline: string, modelId: string, adapter: 'openai' | 'ai-runner', { url }: StandIn) =>
    ({ pipeline, modelId, adapter, url, warm: true }) satisfies AiModelConfig
  running = await startTestNetwork('one process', {
    aiModels: [
      ...CATALOG.map(({ card }) => ({
        pipeline: card.pipeline,
        modelId: card.id,
        adapter: 'embedded' as const,
        warm: false,
      })),
      server('llm', 'small-llm', 'openai', llm),
      server('text-to-image', 'painter', 'openai', painter),
      server('image-to-image', 'changer', 'ai-runner', changer),
      server('image-to-video', 'mover', 'ai-runner', mover),
    ],
  })
  gateway = `http://127.0.0.1:${running.network.options.ports.gatewayHttp}`
  running.network.hub.listen((event) => {
    if (event.type === 'ai_job_bought') bought.push(event)
  })
}, LIMIT_MS)

afterAll(async () => {
  await running?.[Symbol.asyncDispose]()
  await Promise.all([...standIns, ...clients].map((one) => one.close()))
})

const image = () => new Blob([picture(96, 64)], { type: 'image/png' })
const recording = () => new Blob([makeWav(2)], { type: 'audio/wav' })
const text = async () =>
  new Blob([await readFile(new URL('../../../packages/ai/fixtures/printed-text.png', import.meta.url))])

function files() {
  return {
    images: expect.arrayContaining([expect.objectContaining({ url: expect.stringMatching(/^http/), nsfw: false })]),
  }
}

/** What a client is asked for, under the name that it has for it, and where its answer has what must be there. */
const CALLS: readonly (readonly [
  call: string,
  request: () => object | Promise<object>,
  answer: string,
  expected: unknown,
])[] = [
  ['textToImage', () => ({ prompt: 'a boat', width: 64, height: 64 }), 'imageResponse', files()],
  ['imageToImage', () => ({ prompt: 'a boat', image: image() }), 'imageResponse', files()],
  ['imageToVideo', () => ({ image: image(), width: 64, height: 64 }), 'videoResponse', files()],
  ['upscale', () => ({ prompt: 'waves', image: image() }), 'imageResponse', files()],
  [
    'audioToText',
    () => ({ audio: recording() }),
    'textResponse',
    { text: expect.any(String), chunks: expect.any(Array) },
  ],
  [
    'segmentAnything2',
    () => ({ image: image(), pointCoords: '[[30, 30]]', pointLabels: '[1]' }),
    'masksResponse',
    { masks: expect.stringMatching(/^\[/), scores: expect.stringMatching(/^\[/), logits: expect.any(String) },
  ],
  [
    'llm',
    () => ({ messages: [{ role: 'user', content: 'hello' }], model: 'small-llm' }),
    'llmResponse',
    { choices: [expect.objectContaining({ index: 0 })] },
  ],
  [
    'imageToText',
    async () => ({ image: await text(), prompt: 'read the text' }),
    'imageToTextResponse',
    { text: expect.stringMatching(/\w{3}/) },
  ],
  [
    'textToSpeech',
    () => ({ text: 'The mill turns.' }),
    'audioResponse',
    { audio: { url: expect.stringMatching(/^http/) } },
  ],
]

describe.each([
  { name: '@livepeer/ai', path: '', without: [] },
  { name: 'livepeer', path: '/api', without: ['imageToText', 'textToSpeech'] },
] as const)('the published client $name, unmodified', ({ name, path, without }) => {
  let client: OfficialClient

  beforeAll(async () => {
    const { Livepeer, close } = await loadOfficialClient(name)
    clients.push({ close })
    const url = `${gateway}${path}`
    client = new Livepeer({ serverURL: url, httpBearer: 'key', apiKey: 'key' })
  }, LIMIT_MS)

  it.each(CALLS.filter(([call]) => !(without as readonly string[]).includes(call)))(
    '%s runs, is paid by tickets, and its files can be fetched',
    async (call, request, answer, expected) => {
      const before = bought.length
      // The older client names go-livepeer's models unless it is told to name none.
      const named = name === 'livepeer' ? { modelId: '' } : {}
      const older = name === 'livepeer' && call === 'llm' ? { prompt: 'hello' } : {}
      const result = await client.generate[call]!({ ...(await request()), ...named, ...older })
      if ('prompt' in older) expect(result.llmResponse).toMatchObject({ response: expect.stringMatching(/\w/) })
      else expect(result[answer] ?? result).toMatchObject(expected as object)
      const [job] = bought.slice(before)
      expect(BigInt(job!.feeWei)).toBeGreaterThan(0n)
      for (const [, url] of JSON.stringify(result).matchAll(/"url":"([^"]+)"/g)) {
        const file = await fetch(url!)
        expect(file.status).toBe(200)
        expect((await file.arrayBuffer()).byteLength).toBeGreaterThan(100)
      }
    },
    LIMIT_MS,
  )

  it('its typed error has the message of a bad request', async () => {
    const before = bought.length
    const failed = client.generate.upscale!({ prompt: 'x', image: new Blob(['no picture']) })
    await expect(failed).rejects.toThrow(/PNG/)
    expect(bought.length).toBe(before)
  })
})
