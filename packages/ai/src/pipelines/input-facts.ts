import { audioDuration } from '../audio/audio-duration.ts'
import type { AiFile } from '../files.ts'
import { imageSize } from '../pictures/image-size.ts'
import type { InputFacts, Pipeline } from './pipeline.ts'

/** What a request's files tell of its price; throws an AiError for a file that cannot be read. */
export async function inputFacts(
  pipeline: Pick<Pipeline, 'files'>,
  files: Readonly<Record<string, AiFile>>,
  { signal }: { readonly signal: AbortSignal },
): Promise<InputFacts> {
  const of = (name: string) => (pipeline.files.some((field) => field.name === name) ? files[name] : undefined)
  const image = of('image')
  const audio = of('audio')
  return {
    ...(image && { image: imageSize(image.bytes) }),
    ...(audio && { audio: { durationMs: await audioDuration(audio.bytes, { signal }) } }),
  }
}
