import { randomBytes } from 'node:crypto'
import { concatBytes, utf8 } from '@millrace/base'
import type { Pipeline } from '../pipelines/pipeline.ts'
import type { AiJob } from '../runners/runner.ts'

/** The body of a request as the pipeline says, JSON or a form; the other direction of `readJob`. */
export function writeJob(
  pipeline: Pipeline,
  { request, files }: Pick<AiJob, 'request' | 'files'>,
): { readonly contentType: string; readonly body: Uint8Array } {
  if (pipeline.body === 'json') return { contentType: 'application/json', body: utf8(JSON.stringify(request)) }
  const boundary = `millrace-${randomBytes(16).toString('hex')}`
  const chunks: Uint8Array[] = []
  const part = (head: string, bytes: Uint8Array) =>
    chunks.push(utf8(`--${boundary}\r\n${head}\r\n\r\n`), bytes, utf8('\r\n'))
  for (const [name, value] of Object.entries(request))
    if (value !== undefined) part(`Content-Disposition: form-data; name="${name}"`, utf8(String(value)))
  for (const [name, file] of Object.entries(files))
    part(
      `Content-Disposition: form-data; name="${name}"; filename="${name}"\r\nContent-Type: ${mediaType(file.type)}`,
      file.bytes,
    )
  chunks.push(utf8(`--${boundary}--\r\n`))
  return { contentType: `multipart/form-data; boundary=${boundary}`, body: concatBytes(...chunks) }
}

/** A type that came from a stranger, made fit for a head. */
export const mediaType = (type: string): string =>
  /^[\w.+-]{1,100}\/[\w.+-]{1,100}$/.test(type) ? type : 'application/octet-stream'
