import { MillraceError } from '@millrace/base'
import { audioToText } from './audio-to-text.ts'
import { imageToImage } from './image-to-image.ts'
import { imageToText } from './image-to-text.ts'
import { imageToVideo } from './image-to-video.ts'
import { llm } from './llm.ts'
import type { Pipeline } from './pipeline.ts'
import { segmentAnything2 } from './segment-anything-2.ts'
import { textToImage } from './text-to-image.ts'
import { textToSpeech } from './text-to-speech.ts'
import { upscale } from './upscale.ts'

/** Every batch pipeline; a new one is a file of its own and a line here. */
export const PIPELINES: readonly Pipeline[] = [
  textToImage,
  imageToImage,
  imageToVideo,
  upscale,
  audioToText,
  segmentAnything2,
  llm,
  imageToText,
  textToSpeech,
]

const BY_NAME = new Map(PIPELINES.map((pipeline) => [pipeline.name, pipeline]))

/** The pipeline of a name such as `text-to-image`. */
export const pipelineOf = (name: string): Pipeline | undefined => BY_NAME.get(name)

/** The pipeline of a name; throws `ai_models_invalid` with the names that there are. */
export function requirePipeline(name: string): Pipeline {
  const pipeline = pipelineOf(name)
  if (pipeline) return pipeline
  const names = PIPELINES.map((one) => one.name).join(', ')
  throw new MillraceError('ai_models_invalid', `there is no pipeline ${JSON.stringify(name)}: there are ${names}`)
}
