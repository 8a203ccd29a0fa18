import { AiError } from '../ai-error.ts'
import { imageKind } from '../pictures/image-size.ts'

/** The media type of a customer's picture by its first bytes; throws `ai_bad_request` where it is neither PNG, JPEG, WebP nor GIF. */
export function givenImageType(bytes: Uint8Array): string {
  const kind = imageKind(bytes)
  if (!kind) throw new AiError('ai_bad_request', 'image: this is no PNG, JPEG, WebP or GIF')
  return `image/${kind}`
}

/** The media type of a picture that a server made; throws `ai_runner_failed`. */
export function madeImageType(bytes: Uint8Array, what: string): string {
  const kind = imageKind(bytes)
  if (!kind) throw new AiError('ai_runner_failed', `${what} made something that is no PNG, JPEG, WebP or GIF`)
  return `image/${kind}`
}
