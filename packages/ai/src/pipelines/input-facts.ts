import type { AiFile } from '../files.ts'
import { imageSize } from '../pictures/image-size.ts'
import type { InputFacts, Pipeline } from './pipeline.ts'

/** What a request's files tell of its price; throws an AiError for a file that cannot be read. */
export async function inputFacts(
  pipeline: Pick<Pipeline, 'files'>,
  files: Readonly<Record<string, AiFile>>,
): Promise<InputFacts> {
  const image = pipeline.files.some(({ name }) => name === 'image') ? files.image : undefined
  return { ...(image && { image: imageSize(image.bytes) }) }
}
