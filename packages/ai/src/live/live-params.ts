import { z } from 'zod'
import { AiError } from '../ai-error.ts'
import type { LiveCard } from './live-effect.ts'

const side = (about: string) => z.number().int().min(128).max(1_280).multipleOf(16).default(512).describe(about)

const size = z.object({
  width: side('Of the pictures that come out; those that go in are scaled to fill it and cropped.'),
  height: side('Of the pictures that come out.'),
})

export type LiveParams = { readonly width: number; readonly height: number } & Readonly<Record<string, unknown>>

/** All parameters of an effect. Unknown ones are refused, as a misspelt one would else be silently without effect. */
const schemaOf = (card: LiveCard) => size.extend(card.params.shape).strict()

/** The JSON schema of an effect's parameters, from which forms are drawn. */
export const liveParamsSchema = (card: LiveCard): Readonly<Record<string, unknown>> =>
  z.toJSONSchema(schemaOf(card), { io: 'input' }) as Readonly<Record<string, unknown>>

/** Parameters with their defaults, or `current` with some changed. Throws `ai_bad_request`. */
export function liveParams(card: LiveCard, changed: unknown, current: LiveParams | undefined = undefined): LiveParams {
  if (typeof changed !== 'object' || changed === null || Array.isArray(changed))
    throw new AiError('ai_bad_request', 'params is not an object')
  // Upstream's clients send the model here too, and whether a frame is shown while one is loaded anew, which nothing here is.
  const { model_id: _model, show_reloading_frame: _show, ...given } = changed as Readonly<Record<string, unknown>>
  if ('width' in given !== 'height' in given)
    throw new AiError('ai_bad_request', 'width and height are given together or not at all')
  const parsed = schemaOf(card).safeParse({ ...current, ...given })
  if (parsed.success) return parsed.data as LiveParams
  const [issue] = parsed.error.issues
  const where = issue?.path.join('.') || 'params'
  throw new AiError('ai_bad_request', `${where}: ${issue?.message ?? 'it does not fit'}`)
}
