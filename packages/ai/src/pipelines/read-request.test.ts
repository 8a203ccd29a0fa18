import { describe, expect, it } from 'vitest'
import { formFields, readRequest } from './read-request.ts'
import { requirePipeline } from './registry.ts'
import { textToImage } from './text-to-image.ts'
import { textToSpeech } from './text-to-speech.ts'

const upscale = requirePipeline('upscale')

describe('the fields of a request', () => {
  it('have the defaults of the network, and null counts as absent', () => {
    expect(readRequest(textToImage, { prompt: 'a boat', seed: null, width: null })).toEqual({
      ...{ model_id: 'stabilityai/sdxl-turbo', loras: '', prompt: 'a boat', height: 576, width: 1024 },
      ...{ guidance_scale: 7.5, negative_prompt: '', safety_check: true },
      ...{ num_inference_steps: 50, num_images_per_prompt: 1 },
    })
  })

  it('name no model by an empty text, which is what official clients send', () => {
    expect(readRequest(textToImage, { prompt: 'x', model_id: '' }, 'ours')).toMatchObject({ model_id: 'ours' })
  })

  it('that nobody knows are left out', () => {
    expect(readRequest(textToSpeech, { text: 'x', colour: 'red' })).not.toHaveProperty('colour')
  })

  it.each([
    [{ prompt: 5 }, 'prompt'],
    [{ prompt: '' }, 'prompt'],
    [{ prompt: 'x', width: 63 }, 'width'],
    [{ prompt: 'x', width: 1e9 }, 'width'],
    [{ prompt: 'x', num_images_per_prompt: 0 }, 'num_images_per_prompt'],
    [{ prompt: 'x'.repeat(10_001) }, 'prompt'],
    [{}, 'prompt'],
  ])('%j are refused by the name of what is wrong', (fields, name) => {
    expect(() => readRequest(textToImage, fields)).toThrow(
      expect.objectContaining({ code: 'ai_bad_request', status: 400, message: expect.stringContaining(name) }),
    )
  })
})

describe('the fields of a form', () => {
  it('become numbers and truths where the pipeline has such', () => {
    expect(formFields(upscale, { seed: '7', safety_check: 'False', prompt: '7', num_inference_steps: '' })).toEqual({
      ...{ seed: 7, safety_check: false, prompt: '7' },
      num_inference_steps: undefined,
    })
  })

  it.each(['constructor', '__proto__', 'toString'])('may be called %s, and mean nothing by it', (name) => {
    const fields = formFields(upscale, Object.fromEntries([[name, 'x']]))
    expect(readRequest(upscale, fields)).toEqual(readRequest(upscale, {}))
  })
})

it('speech is paid by characters as people count them', () => {
  expect(textToSpeech.units({ text: 'Mühle 🌾' }, {})).toBe(7n)
})
