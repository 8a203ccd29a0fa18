import { randomBytes } from 'node:crypto'
import type { AiFile } from '../files.ts'
import { fileName } from './data-url.ts'
import { typeOfFile } from './file-type.ts'
import type { ServerBody } from './server-client.ts'

/** A form for servers that want other fields than the pipelines have; the names come from us, and files are named after their type, as some servers look at that. */
export function formBody(
  fields: Readonly<Record<string, unknown>>,
  files: Readonly<Record<string, Pick<AiFile, 'type' | 'bytes'> & { readonly stem?: string }>>,
): ServerBody {
  const boundary = `millrace-${randomBytes(16).toString('hex')}`
  const parts: Uint8Array[] = []
  const add = (head: string, body: Uint8Array) =>
    parts.push(
      Buffer.from(`--${boundary}\r\nContent-Disposition: form-data; ${head}\r\n\r\n`),
      body,
      Buffer.from('\r\n'),
    )
  for (const [name, value] of Object.entries(fields))
    if (value !== undefined && value !== null) add(`name="${name}"`, Buffer.from(String(value)))
  for (const [name, { type, bytes, stem = name }] of Object.entries(files)) {
    const plain = typeOfFile(bytes, type)
    add(`name="${name}"; filename="${fileName(stem, plain)}"\r\nContent-Type: ${plain}`, bytes)
  }
  parts.push(Buffer.from(`--${boundary}--\r\n`))
  return { type: `multipart/form-data; boundary=${boundary}`, bytes: Buffer.concat(parts) }
}

export const jsonBody = (value: unknown): ServerBody => ({
  type: 'application/json',
  bytes: Buffer.from(JSON.stringify(value)),
})
