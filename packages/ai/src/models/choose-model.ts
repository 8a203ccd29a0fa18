import { CATALOG } from './catalog.ts'

/** Words in a prompt that ask for what is written in a picture. */
const READ = /\b(ocr|read|text|written|writing|transcribe)\b/i

/**
 * The embedded model for a request that names none: the first of the pipeline, but for a prompt to read what is written
 * ("read", "ocr", "text") the one that reads. Undefined where no embedded model does the pipeline.
 */
export function embeddedModelFor(pipeline: string, request: Readonly<Record<string, unknown>>): string | undefined {
  const ids = CATALOG.filter(({ card }) => card.pipeline === pipeline).map(({ card }) => card.id)
  const { prompt } = request
  if (pipeline === 'image-to-text' && typeof prompt === 'string' && READ.test(prompt)) return 'millrace/ocr'
  return ids[0]
}
