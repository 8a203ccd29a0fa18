import { describe, expect } from 'vitest'
import { openAiRunnerStandIn } from '../testing/ai-runner-stand-in.ts'
import { COMFYUI_WORKFLOWS, openComfyUiStandIn } from '../testing/comfyui-stand-in.ts'
import { testJob } from '../testing/jobs.ts'
import { openOpenAiStandIn } from '../testing/openai-stand-in.ts'
import { sizeOfPicture } from '../testing/pictures.ts'
import { openWhisperCppStandIn } from '../testing/whisper-cpp-stand-in.ts'
import { AiRunner } from './ai-runner.ts'
import { ComfyUiRunner } from './comfyui.ts'
import { OpenAiRunner } from './openai.ts'
import { type RunnerUnderTest, runnerSuite } from './runner.suite.ts'
import { WhisperCppRunner } from './whisper-cpp.ts'

const modelId = 'test/model'
const token = 'token-of-the-test'
const badWav = { audio: { name: 'a.wav', type: 'audio/wav', bytes: Buffer.from('not a wav file') } }

const runners: Readonly<Record<string, RunnerUnderTest>> = {
  'ai-runner': {
    openStandIn: () => openAiRunnerStandIn({ pipeline: 'text-to-image', modelId, token }),
    runner: (url, limits) => new AiRunner({ pipeline: 'text-to-image', modelId, url, token, ...limits }),
    job: testJob('text-to-image', modelId, { num_images_per_prompt: 2 }),
    check: ({ response, files }) => {
      expect(response).toMatchObject({ images: [{ url: 'image-0.png', nsfw: false }, { url: 'image-1.png' }] })
      expect(files).toMatchObject([{ name: 'image-0.png', type: 'image/png' }, { name: 'image-1.png' }])
    },
    badJob: { ...testJob('text-to-image', modelId), request: { prompt: '' } },
  },
  openai: {
    openStandIn: () => openOpenAiStandIn({ models: [modelId], token }),
    runner: (url, limits) => new OpenAiRunner({ pipeline: 'llm', modelId, url, token, ...limits }),
    job: testJob('llm', modelId),
    check: ({ response }) =>
      expect(response).toMatchObject({ model: modelId, choices: [{ message: { content: 'You said: hello there' } }] }),
    badJob: { ...testJob('llm', modelId), request: { messages: [] } },
  },
  comfyui: {
    openStandIn: openComfyUiStandIn,
    runner: (url, limits) =>
      new ComfyUiRunner({
        ...{ pipeline: 'image-to-image', modelId, url, token, ...limits },
        workflow: COMFYUI_WORKFLOWS['image-to-image'],
      }),
    job: testJob('image-to-image', modelId, { seed: 5, num_images_per_prompt: 2 }),
    check: ({ response, files }) => {
      expect(response).toMatchObject({
        images: [
          { url: 'image-0.png', seed: 5 },
          { url: 'image-1.png', seed: 6 },
        ],
      })
      expect(files.map(({ bytes }) => sizeOfPicture(bytes))).toEqual(Array(2).fill({ width: 64, height: 48 }))
      expect(Buffer.from(files[0]?.bytes ?? []).equals(Buffer.from(files[1]?.bytes ?? []))).toBe(false)
    },
    badJob: { ...testJob('image-to-image', modelId), files: { image: { ...badWav.audio, type: 'image/png' } } },
  },
  'whisper.cpp': {
    openStandIn: openWhisperCppStandIn,
    runner: (url, limits) => new WhisperCppRunner({ pipeline: 'audio-to-text', modelId, url, token, ...limits }),
    job: testJob('audio-to-text', modelId),
    check: ({ response }) =>
      expect(response).toEqual({ text: 'one two', chunks: [{ timestamp: [0, 2], text: 'one two' }] }),
    badJob: { ...testJob('audio-to-text', modelId), files: badWav },
  },
}

for (const [name, of] of Object.entries(runners)) describe(`runner: ${name}`, () => runnerSuite(of))
