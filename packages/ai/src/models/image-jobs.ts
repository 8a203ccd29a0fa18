import { AiError } from '../ai-error.ts'
import type { AiFile } from '../files.ts'
import type { AiJob, AiResult } from '../runners/runner.ts'

/** The bytes of the job's picture; throws `ai_bad_request` without. */
export function imageOf({ files }: AiJob): Uint8Array {
  const image = files.image
  if (!image) throw new AiError('ai_bad_request', 'image: the file is missing')
  return image.bytes
}

/** The answer of a pipeline that gives one picture. What is made without chance answers the seed that was asked for. */
export const imageAnswer = ({ request }: AiJob, file: AiFile, nsfw = false): AiResult => ({
  response: { images: [{ url: file.name, seed: typeof request.seed === 'number' ? request.seed : 0, nsfw }] },
  files: [file],
})
