import { AiError } from '../ai-error.ts'
import type { AiFile } from '../files.ts'

/** Endings of what runners answer. */
const ENDINGS: Readonly<Record<string, string>> = {
  'image/png': 'png',
  'image/jpeg': 'jpg',
  'image/webp': 'webp',
  'video/mp4': 'mp4',
  'audio/wav': 'wav',
  'audio/x-wav': 'wav',
  'audio/mpeg': 'mp3',
  'audio/ogg': 'ogg',
  'audio/flac': 'flac',
  'audio/webm': 'webm',
}

const HEAD = /^data:([a-z]+\/[\w.+-]{1,60})((?:;[\w=.+-]{1,60})*);base64,/i

/** The name of a file of this type, without its ending, such as `image-0.png`. */
export const fileName = (stem: string, type: string): string => `${stem}.${ENDINGS[type] ?? 'bin'}`

/** The file that a `data:` URL holds; throws `ai_runner_failed` when it is none. */
export function fileOfDataUrl(url: unknown, stem: string, what: string): AiFile {
  const head = typeof url === 'string' ? HEAD.exec(url.slice(0, 300)) : null
  if (!head || typeof url !== 'string')
    throw new AiError('ai_runner_failed', `${what} answered no file where a data: URL was expected`)
  const type = (head[1] ?? '').toLowerCase()
  const bytes = Buffer.from(url.slice(head[0].length), 'base64')
  if (bytes.length === 0) throw new AiError('ai_runner_failed', `${what} answered an empty file`)
  return { name: fileName(stem, type), type, bytes }
}

export const dataUrlOf = ({ type, bytes }: Pick<AiFile, 'type' | 'bytes'>): string =>
  `data:${type};base64,${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64')}`
