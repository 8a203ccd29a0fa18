import { randomBytes } from 'node:crypto'
import type { AiFile } from '../files.ts'
import type { ServerBody } from './server-client.ts'

/** A multipart form (RFC 7578); names come from us, never from a stranger. */
export function formBody(
  fields: Readonly<Record<string, unknown>>,
  files: Readonly<Record<string, AiFile>>,
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
  for (const [name, { name: file, type, bytes }] of Object.entries(files))
    add(`name="${name}"; filename="${plain(file)}"\r\nContent-Type: ${type}`, bytes)
  parts.push(Buffer.from(`--${boundary}--\r\n`))
  return { type: `multipart/form-data; boundary=${boundary}`, bytes: Buffer.concat(parts) }
}

export const jsonBody = (value: unknown): ServerBody => ({
  type: 'application/json',
  bytes: Buffer.from(JSON.stringify(value)),
})

/** Names of files come from strangers. */
const plain = (name: string): string => name.replaceAll(/[^\w.-]/g, '_').slice(-100) || 'file'
