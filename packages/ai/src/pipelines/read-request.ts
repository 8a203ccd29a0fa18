import type { z } from 'zod'
import { AiError } from '../ai-error.ts'
import type { Pipeline } from './pipeline.ts'

/**
 * The checked fields of a request, with every default; `ai_bad_request` names the field that is wrong.
 * Null counts as absent, because clients send it so; an empty model takes `defaultModel`.
 */
export function readRequest(
  pipeline: Pipeline,
  fields: Readonly<Record<string, unknown>>,
  defaultModel: string = pipeline.defaultModel,
): Readonly<Record<string, unknown>> {
  const given = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null && value !== undefined))
  const read = pipeline.request.safeParse(given)
  if (!read.success) throw badRequest(read.error)
  const { modelField } = pipeline
  return read.data[modelField] ? read.data : { ...read.data, [modelField]: defaultModel }
}

/** The fields of a form, which are all text, as the schema has them; what cannot be read stays text for `readRequest` to refuse. */
export function formFields(pipeline: Pipeline, texts: Readonly<Record<string, string>>): Record<string, unknown> {
  const shape = pipeline.request.shape as Readonly<Record<string, z.ZodType>>
  return Object.fromEntries(
    Object.entries(texts).map(([name, value]) => {
      // A stranger names the fields: `constructor` is none.
      const schema = Object.hasOwn(shape, name) ? shape[name] : undefined
      return [name, schema ? fromText(kindOf(schema), value) : value]
    }),
  )
}

/** Throws `ai_bad_request` unless the answer of a runner is what the pipeline says. */
export function checkResponse(pipeline: Pipeline, response: unknown): Readonly<Record<string, unknown>> {
  const read = pipeline.response.safeParse(response)
  if (read.success) return read.data
  const [issue] = read.error.issues
  throw new AiError(
    'ai_runner_failed',
    `the runner's answer is no ${pipeline.name}: ${issue?.path.join('.') || 'it'}: ${issue?.message}`,
  )
}

function badRequest(error: z.ZodError): AiError {
  const [issue] = error.issues
  const field = issue?.path.join('.')
  return new AiError('ai_bad_request', field ? `${field}: ${issue?.message}` : (issue?.message ?? 'unreadable'), {
    meta: { field },
  })
}

/** What a schema takes, under its defaults. */
function kindOf(schema: z.ZodType): string {
  let at = schema as unknown as { readonly def: { readonly type: string; readonly innerType?: z.ZodType } }
  while (at.def.innerType) at = at.def.innerType as unknown as typeof at
  return at.def.type
}

function fromText(kind: string, value: string): unknown {
  if (kind === 'boolean') return /^(true|1)$/i.test(value) ? true : /^(false|0)$/i.test(value) ? false : value
  if (kind === 'number') return value.trim() === '' ? undefined : Number.isNaN(Number(value)) ? value : Number(value)
  return value
}
