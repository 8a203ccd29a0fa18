import { AiError } from '../ai-error.ts'
import type { AiFile } from '../files.ts'
import { fromDataUrl } from '../http/result-files.ts'

/** Endings of what runners take and answer. */
const ENDINGS: Readonly<Record<string, string>> = {
  'image/png': 'png',
  'image/jpeg': 'jpg',
  'image/webp': 'webp',
  'image/gif': 'gif',
  'video/mp4': 'mp4',
  'audio/wav': 'wav',
  'audio/x-wav': 'wav',
  'audio/mpeg': 'mp3',
  'audio/mp4': 'm4a',
  'audio/ogg': 'ogg',
  'audio/flac': 'flac',
  'audio/webm': 'webm',
}

/** The name of a file of this type, such as `image-0.png`. */
export const fileName = (stem: string, type: string): string => `${stem}.${ENDINGS[type] ?? 'bin'}`

/** The file that a `data:` URL holds, named after its type; throws `ai_runner_failed` when it is none. */
export function fileOfDataUrl(url: unknown, stem: string, what: string): AiFile {
  const file = typeof url === 'string' ? fromDataUrl(url, stem) : undefined
  if (!file) throw new AiError('ai_runner_failed', `${what} answered no file where a data: URL was expected`)
  if (file.bytes.length === 0) throw new AiError('ai_runner_failed', `${what} answered an empty file`)
  const type = file.type.toLowerCase()
  return { name: fileName(stem, type), type, bytes: file.bytes }
}
