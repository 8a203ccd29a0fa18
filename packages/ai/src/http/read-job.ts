import { hasCode } from '@millrace/base'
import { type BodyPart, parseMultipart } from '@millrace/base/node'
import { AiError } from '../ai-error.ts'
import type { AiFile } from '../files.ts'
import type { Pipeline } from '../pipelines/pipeline.ts'
import { formFields, readRequest } from '../pipelines/read-request.ts'
import type { AiJob } from '../runners/runner.ts'
import { mediaType } from './write-job.ts'

/** Beside the files: fields and what stands between them. */
const FIELDS_BYTES = 5_000_000

/** The largest body that a request of the pipeline has. */
export const maxBodyBytes = (pipeline: Pipeline): number =>
  pipeline.files.reduce((sum, { maxBytes }) => sum + maxBytes, FIELDS_BYTES)

/**
 * Reads the body of a request as the pipeline says, JSON or a form.
 * Throws an AiError: `ai_media_type` for another kind of body, `ai_too_large` for a file, `ai_bad_request` naming what is wrong.
 */
export function readJob(
  pipeline: Pipeline,
  sent: { readonly contentType: string | undefined; readonly body: Uint8Array; readonly requestId: string },
  defaultModel?: string,
): AiJob {
  const { contentType = '', body, requestId } = sent
  const [kind = ''] = contentType.split(';')
  const isJson = kind.trim().toLowerCase() === 'application/json'
  if (pipeline.body === 'json') {
    if (!isJson) throw new AiError('ai_media_type', `${pipeline.name} takes application/json, not ${kind || 'nothing'}`)
    return { requestId, request: readRequest(pipeline, jsonObject(body), defaultModel), files: {} }
  }
  const boundary = /;\s*boundary=(?:"([^"]{1,200})"|([^;\s]{1,200}))/i.exec(contentType)
  if (kind.trim().toLowerCase() !== 'multipart/form-data' || !boundary)
    throw new AiError('ai_media_type', `${pipeline.name} takes multipart/form-data with a boundary`)
  const { texts, files } = formParts(pipeline, body, (boundary[1] ?? boundary[2]) as string)
  const missing = pipeline.files.find(({ name }) => !files[name])
  if (missing)
    throw new AiError('ai_bad_request', `${missing.name}: a file is expected`, { meta: { field: missing.name } })
  return { requestId, request: readRequest(pipeline, formFields(pipeline, texts), defaultModel), files }
}

function jsonObject(body: Uint8Array): Readonly<Record<string, unknown>> {
  let value: unknown
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body))
  } catch (cause) {
    throw new AiError('ai_bad_request', 'the body is not JSON', { cause })
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new AiError('ai_bad_request', 'the body is not a JSON object')
  return value as Readonly<Record<string, unknown>>
}

function formParts(pipeline: Pipeline, body: Uint8Array, boundary: string) {
  const texts: Record<string, string> = Object.create(null)
  const files: Record<string, AiFile> = Object.create(null)
  for (const part of parts(body, boundary)) {
    const disposition = part.headers['content-disposition'] ?? ''
    const name = /(?:^|[;\s])name="([^"]{1,100})"/i.exec(disposition)?.[1]
    if (name === undefined) throw new AiError('ai_bad_request', 'a part of the form has no name')
    const field = pipeline.files.find((file) => file.name === name)
    if (!field) texts[name] = Buffer.from(part.body).toString('utf8')
    else if (part.body.length === 0) throw new AiError('ai_bad_request', `${name}: the file is empty`)
    else if (part.body.length > field.maxBytes)
      throw new AiError('ai_too_large', `${name}: a file has at most ${field.maxBytes} bytes`)
    else files[name] = { name, type: mediaType(part.headers['content-type'] ?? ''), bytes: part.body }
  }
  return { texts, files }
}

function parts(body: Uint8Array, boundary: string): readonly BodyPart[] {
  try {
    return parseMultipart(body, boundary)
  } catch (cause) {
    if (hasCode(cause, 'bad_multipart')) throw new AiError('ai_bad_request', (cause as Error).message, { cause })
    throw cause
  }
}
