import { AiError, type AiErrorCode } from '../ai-error.ts'

/** The media type of a picture by its first bytes, whatever it was called; throws where it is neither PNG, JPEG, WebP nor GIF. */
export function imageTypeOf(bytes: Uint8Array, code: AiErrorCode = 'ai_bad_request'): string {
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(12, bytes.byteLength)).toString('latin1')
  if (head.startsWith('\x89PNG')) return 'image/png'
  if (head.startsWith('\xff\xd8\xff')) return 'image/jpeg'
  if (head.startsWith('RIFF') && head.endsWith('WEBP')) return 'image/webp'
  if (head.startsWith('GIF8')) return 'image/gif'
  throw new AiError(code, 'image: it is neither PNG, JPEG, WebP nor GIF')
}
