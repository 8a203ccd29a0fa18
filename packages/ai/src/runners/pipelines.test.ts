import { silentLog } from '@millrace/base'
import { afterEach, describe, expect, it } from 'vitest'
import { PIPELINES } from '../pipelines/registry.ts'
import { openAiRunnerStandIn } from '../testing/ai-runner-stand-in.ts'
import { COMFYUI_WORKFLOWS, openComfyUiStandIn } from '../testing/comfyui-stand-in.ts'
import { testJob } from '../testing/jobs.ts'
import { openOpenAiStandIn } from '../testing/openai-stand-in.ts'
import { sizeOfPicture } from '../testing/pictures.ts'
import type { StandIn } from '../testing/stand-in.ts'
import { openWhisperCppStandIn } from '../testing/whisper-cpp-stand-in.ts'
import { AiRunner } from './ai-runner.ts'
import { ComfyUiRunner } from './comfyui.ts'
import { OpenAiRunner } from './openai.ts'
import type { AiResult, Runner } from './runner.ts'
import { RunnerPool } from './runner-pool.ts'
import { WhisperCppRunner } from './whisper-cpp.ts'

const modelId = 'test/model'
const live = () => ({ signal: new AbortController().signal })
const opened: StandIn[] = []
const kept = <T extends StandIn>(standIn: T): T => {
  opened.push(standIn)
  return standIn
}
afterEach(() => Promise.all(opened.splice(0).map((standIn) => standIn.close())))

const loaded = async (runner: Runner): Promise<Runner> => {
  await runner.load(live())
  return runner
}
const sizes = ({ files }: AiResult) => files.map(({ bytes }) => sizeOfPicture(bytes))

/** What the stand-in of a container answers to the small jobs of these tests. */
const RESULTS: Readonly<Record<string, (result: AiResult) => void>> = {
  'text-to-image': (result) => expect(sizes(result)).toEqual([{ width: 64, height: 64 }]),
  'image-to-image': (result) => expect(sizes(result)).toEqual([{ width: 64, height: 48 }]),
  'image-to-video': ({ response, files }) => {
    expect(response).toEqual({ images: [{ url: 'video-0.mp4', seed: 7, nsfw: false }] })
    expect(files).toMatchObject([{ name: 'video-0.mp4', type: 'video/mp4' }])
  },
  upscale: (result) => expect(sizes(result)).toEqual([{ width: 256, height: 192 }]),
  'audio-to-text': ({ response }) =>
    expect(response).toMatchObject({ text: 'a tone', chunks: [{ timestamp: [0, 1.5] }, { timestamp: [1.5, 1.5] }] }),
  'segment-anything-2': ({ response }) => expect(response).toMatchObject({ masks: '[[[1, 0]]]', scores: '[0.9]' }),
  llm: ({ response }) =>
    expect(response).toMatchObject({
      model: modelId,
      usage: { total_tokens: 9 },
      choices: [{ finish_reason: 'stop' }],
    }),
  'image-to-text': ({ response }) => expect(response).toEqual({ text: 'a picture of 64 by 48' }),
  'text-to-speech': ({ files }) => expect(files).toMatchObject([{ name: 'audio.wav', type: 'audio/wav' }]),
}

describe('a container of ai-runner', () => {
  it.each(PIPELINES.map(({ name }) => name))('does %s', async (pipeline) => {
    const { url } = kept(await openAiRunnerStandIn({ pipeline, modelId }))
    const runner = await loaded(new AiRunner({ pipeline, modelId, url }))
    expect(runner.version).toBe('0.14.1')
    RESULTS[pipeline]?.(await runner.run(testJob(pipeline, modelId), live()))
  })

  it('does upscale without a prompt, which containers want', async () => {
    const { url } = kept(await openAiRunnerStandIn({ pipeline: 'upscale', modelId }))
    const job = testJob('upscale', modelId, { prompt: '' })
    RESULTS.upscale?.(await new AiRunner({ pipeline: 'upscale', modelId, url }).run(job, live()))
  })

  it('with another model than its entry says is not loaded', async () => {
    const { url } = kept(await openAiRunnerStandIn({ pipeline: 'llm', modelId: 'other/model' }))
    await expect(loaded(new AiRunner({ pipeline: 'llm', modelId, url }))).rejects.toThrow('it has other/model for llm')
  })

  it('tells which field was wrong', async () => {
    const { url } = kept(await openAiRunnerStandIn({ pipeline: 'text-to-image', modelId }))
    const job = testJob('text-to-image', modelId)
    const run = (request: Record<string, unknown>) =>
      new AiRunner({ pipeline: 'text-to-image', modelId, url }).run({ ...job, request }, live())
    await expect(run({ prompt: 'x', seed: 'seven' })).rejects.toMatchObject({
      ...{ code: 'ai_bad_request', message: 'seed: Input should be valid', meta: { status: 422 } },
    })
  })

  it('whose token is wrong fails with words for its operator', async () => {
    const { url } = kept(await openAiRunnerStandIn({ pipeline: 'llm', modelId, token: 'right' }))
    const runner = new AiRunner({ pipeline: 'llm', modelId, url, token: 'wrong' })
    await expect(runner.run(testJob('llm', modelId), live())).rejects.toMatchObject({
      ...{ code: 'ai_runner_failed', message: expect.stringContaining('token') },
    })
  })
})

describe('an OpenAI-compatible server', () => {
  const open = async (pipeline: string, models = [modelId], serverModel?: string) => {
    const standIn = kept(await openOpenAiStandIn({ models }))
    const runner = new OpenAiRunner({ pipeline, modelId, url: `${standIn.url}/v1`, serverModel })
    return { standIn, runner }
  }

  it('describes pictures', async () => {
    const { runner } = await open('image-to-text')
    const { response } = await runner.run(testJob('image-to-text', modelId, { prompt: 'what?' }), live())
    expect(response).toEqual({ text: 'You said: what? I see a picture of 64 by 48.' })
  })

  it.each([
    ['true', [{ timestamp: [0, 2], text: 'one two' }]],
    [
      'word',
      [
        { timestamp: [0, 0.8], text: 'one' },
        { timestamp: [1, 1.9], text: 'two' },
      ],
    ],
    ['false', []],
  ])('writes down speech with times: %s', async (return_timestamps, chunks) => {
    const { runner } = await open('audio-to-text')
    const { response } = await runner.run(testJob('audio-to-text', modelId, { return_timestamps }), live())
    expect(response).toEqual({ text: 'one two', chunks })
    const whisper = new WhisperCppRunner({
      pipeline: 'audio-to-text',
      modelId,
      url: kept(await openWhisperCppStandIn()).url,
    })
    expect((await whisper.run(testJob('audio-to-text', modelId, { return_timestamps }), live())).response).toEqual(
      response,
    )
  })

  it('speaks and draws', async () => {
    const { runner: voice } = await open('text-to-speech')
    const said = await voice.run(testJob('text-to-speech', modelId), live())
    expect(said).toMatchObject({ response: { audio: { url: 'audio.wav' } }, files: [{ type: 'audio/wav' }] })
    const { runner: pen } = await open('text-to-image')
    const drawn = await pen.run(testJob('text-to-image', modelId, { num_images_per_prompt: 2, seed: 3 }), live())
    expect(drawn.response).toMatchObject({ images: [{ url: 'image-0.png', seed: 3 }, { url: 'image-1.png' }] })
    expect(sizes(drawn)).toEqual(Array(2).fill({ width: 64, height: 64 }))
  })

  it('streams words as they come, and gives the answer as a whole at the end', async () => {
    for (const { runner, standIn } of [
      await open('llm'),
      await (async () => {
        const container = kept(await openAiRunnerStandIn({ pipeline: 'llm', modelId }))
        return { standIn: container, runner: new AiRunner({ pipeline: 'llm', modelId, url: container.url }) }
      })(),
    ]) {
      standIn.behaviour = 'slow'
      const chunks: { readonly at: number; readonly chunk: unknown }[] = []
      const onChunk = (chunk: unknown) => void chunks.push({ at: performance.now(), chunk })
      const job = testJob('llm', modelId, { stream: true })
      const { response } = await runner.run(job, { ...live(), onChunk })
      expect(response).toMatchObject({
        choices: [{ message: { role: 'assistant', content: 'You said: hello there' } }],
      })
      expect(chunks.map(({ chunk }) => (chunk as never as { choices: unknown[] }).choices[0])).toMatchObject([
        ...[{ finish_reason: null, delta: { content: 'You ' } }, { delta: { content: 'said: ' } }],
        ...[{ delta: { content: 'hello ' } }, { delta: { content: 'there' } }, { finish_reason: 'stop' }],
      ])
      // The stand-in pauses three times for 60 ms: chunks that came all at once were held back.
      expect((chunks.at(-1)?.at ?? 0) - (chunks[0]?.at ?? 0)).toBeGreaterThan(100)
      expect(response.usage).toMatchObject({ completion_tokens: expect.any(Number) })
      const whole = await runner.run(job, live())
      expect(whole.response).toMatchObject({ choices: [{ message: { content: 'You said: hello there' } }] })
    }
  })

  it('is let go in the middle of its words when the job is given up', async () => {
    const { runner, standIn } = await open('llm')
    standIn.behaviour = 'slow'
    const controller = new AbortController()
    const content = Array(100).fill('word').join(' ')
    const job = testJob('llm', modelId, { stream: true, messages: [{ role: 'user', content }] })
    const result = runner.run(job, { signal: controller.signal, onChunk: () => controller.abort() })
    await expect(result).rejects.toMatchObject({ name: 'AiError', code: 'ai_timed_out' })
    await expect.poll(() => standIn.connections()).toBe(0)
  })

  it('that does not stream though it was asked to gives one chunk', async () => {
    const { runner, standIn } = await open('llm')
    standIn.behaviour = 'nonsense'
    standIn.nonsense = JSON.stringify({ choices: [{ message: { role: 'assistant', content: 'all at once' } }] })
    const chunks: unknown[] = []
    const onChunk = (chunk: unknown) => void chunks.push(chunk)
    await runner.run(testJob('llm', modelId, { stream: true }), { ...live(), onChunk })
    expect(chunks).toMatchObject([{ choices: [{ finish_reason: 'stop', delta: { content: 'all at once' } }] }])
  })

  it('is asked for the model by the name that it has there', async () => {
    const only = await open('llm', ['/models/llama.gguf'])
    await loaded(only.runner)
    await only.runner.run(testJob('llm', modelId), live())
    expect(only.standIn.seen.at(-1)?.fields.model).toBe('/models/llama.gguf')
    const ollama = await open('llm', ['llama3.2:latest', 'qwen:7b'], 'llama3.2')
    await loaded(ollama.runner)
    const { response } = await ollama.runner.run(testJob('llm', modelId), live())
    expect(ollama.standIn.seen.at(-1)?.fields.model).toBe('llama3.2:latest')
    expect(response.model).toBe(modelId)
    const { runner } = await open('llm', ['a', 'b'])
    await expect(loaded(runner)).rejects.toThrow('it has a, b. Name one of them as server_model')
  })
})

describe('a ComfyUI server', () => {
  const open = async (pipeline: string, workflow: unknown = COMFYUI_WORKFLOWS[pipeline]) => {
    const standIn = kept(await openComfyUiStandIn())
    return { standIn, runner: new ComfyUiRunner({ pipeline, modelId, url: standIn.url, workflow }) }
  }

  it.each([
    ['text-to-image', [{ width: 64, height: 64 }]],
    ['image-to-image', [{ width: 64, height: 48 }]],
    ['upscale', [{ width: 128, height: 96 }]],
  ])('does %s with a workflow', async (pipeline, expected) => {
    const { runner, standIn } = await open(pipeline)
    expect(sizes(await runner.run(testJob(pipeline, modelId), live()))).toEqual(expected)
    const { fields } = standIn.seen.find(({ path }) => path === '/prompt') ?? {}
    expect(JSON.stringify(fields)).not.toContain('{{')
  })

  it('makes a video of the pictures of a workflow', async () => {
    const { runner } = await open('image-to-video')
    const { response, files } = await runner.run(testJob('image-to-video', modelId, { seed: 4 }), live())
    expect(response).toEqual({ images: [{ url: 'video-0.mp4', seed: 4, nsfw: false }] })
    expect(
      Buffer.from(files[0]?.bytes ?? [])
        .subarray(4, 8)
        .toString(),
    ).toBe('ftyp')
  })

  it('puts values where their placeholders are, and nothing that looks like one', async () => {
    const { runner, standIn } = await open('text-to-image')
    await runner.run(testJob('text-to-image', modelId, { prompt: 'a {{seed}} "boat"', seed: 9 }), live())
    const sent = standIn.seen.find(({ path }) => path === '/prompt')
    const prompt = sent?.fields.prompt as Record<string, { inputs: unknown }>
    expect(prompt[6]?.inputs).toMatchObject({ text: 'photo of a {{seed}} "boat"' })
    expect(prompt[3]?.inputs).toMatchObject({ seed: 9 })
  })

  it('is told to stop when the job is given up', async () => {
    const { runner, standIn } = await open('text-to-image')
    standIn.behaviour = 'hang'
    const controller = new AbortController()
    const result = runner.run(testJob('text-to-image', modelId), controller)
    const refused = expect(result).rejects.toMatchObject({ code: 'ai_timed_out' })
    await expect.poll(() => standIn.seen.some(({ path }) => path.startsWith('/history/'))).toBe(true)
    controller.abort()
    await refused
    await expect.poll(() => standIn.interrupted).toHaveLength(1)
  })

  it('that does not know a node of the workflow is the fault of its operator', async () => {
    const workflow = { ...(COMFYUI_WORKFLOWS['text-to-image'] as object), 99: { class_type: 'Unknown', inputs: {} } }
    const { runner } = await open('text-to-image', workflow)
    await expect(runner.run(testJob('text-to-image', modelId), live())).rejects.toMatchObject({
      ...{ code: 'ai_runner_failed', message: expect.stringContaining('node Unknown does not exist') },
    })
  })

  it.each([
    [{ nodes: [], links: [] }, 'Export (API)'],
    [{ 1: { class_type: 'SaveImage', inputs: {} } }, 'no {{prompt}}'],
    [{ 1: { class_type: 'CLIPTextEncode', inputs: { text: '{{prompt}} {{mood}}' } } }, 'it has {{mood}}'],
    [{ 1: { inputs: {} } }, 'no class_type'],
    [[], 'no JSON object'],
  ])('is not given the workflow %j', async (workflow, text) => {
    await expect(open('text-to-image', workflow)).rejects.toMatchObject({
      code: 'ai_models_invalid',
      message: expect.stringContaining(text),
    })
  })
})

it('a pool goes on with another runner of the model when one is down', async () => {
  const [first, second] = [
    kept(await openOpenAiStandIn({ models: [modelId] })),
    kept(await openOpenAiStandIn({ models: [modelId] })),
  ]
  const entries = [first, second].map(({ url }) => ({
    ...{ runner: new OpenAiRunner({ pipeline: 'llm', modelId, url, loadTimeoutMs: 1 }), warm: true },
  }))
  const pool = new RunnerPool(entries, {}, { log: silentLog })
  await pool.start()
  await pool.loaded()
  await first.close()
  await pool.poll()
  await pool.poll()
  await expect.poll(() => pool.describe()).toMatchObject([{ capacity: 1, state: 'ready' }])
  await pool.run('llm', testJob('llm', modelId), live())
  expect(second.seen).toHaveLength(1)
  await pool.stop()
})
