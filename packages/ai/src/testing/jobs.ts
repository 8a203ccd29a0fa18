import type { AiFile } from '../files.ts'
import { readRequest } from '../pipelines/read-request.ts'
import { requirePipeline } from '../pipelines/registry.ts'
import type { AiJob } from '../runners/runner.ts'
import { makeWav, pictureOf } from './pictures.ts'

/** A picture to send. */
export const testPicture = (width = 64, height = 48): AiFile => ({
  ...{ name: 'image.png', type: 'image/png' },
  bytes: pictureOf('test', 1, width, height),
})

/** A recording to send. */
export const testRecording = (seconds = 1): AiFile => ({
  name: 'audio.wav',
  type: 'audio/wav',
  bytes: makeWav(seconds),
})

/** A small job of any pipeline, with all defaults. */
export function testJob(pipeline: string, modelId: string, fields: Readonly<Record<string, unknown>> = {}): AiJob {
  const of = requirePipeline(pipeline)
  const needed: Record<string, unknown> = {
    prompt: 'a boat',
    text: 'hello',
    messages: [{ role: 'user', content: 'hello there' }],
  }
  const known = Object.fromEntries(
    Object.keys(of.request.shape).flatMap((name) => (name in needed ? [[name, needed[name]]] : [])),
  )
  const small = 'width' in of.request.shape ? { width: 64, height: 64 } : {}
  const request = readRequest(of, { ...known, ...small, ...fields, [of.modelField]: modelId })
  const files = of.files.map(({ name }) => [name, name === 'image' ? testPicture() : testRecording()] as const)
  return { requestId: 'test', request, files: Object.fromEntries(files) }
}
