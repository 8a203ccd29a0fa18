import { randomBytes } from 'node:crypto'
import { concatBytes, MillraceError, utf8 } from '@millrace/base'
import { grantForm, type UploadGrant } from '@millrace/media'
import { fetchFromStranger } from './stranger-fetch.ts'

const TIMEOUT_MS = 8_000
const MAX_ANSWER_BYTES = 64 * 1024

/** Puts a result into the bucket that a gateway named, by its POST policy (wire spec 3.6), and returns its address. Throws `upload_refused` or as `fetchFromStranger`. */
export async function postResult(
  grant: UploadGrant,
  object: { readonly name: string; readonly data: Uint8Array; readonly contentType: string },
  options: { readonly allowPrivate: boolean; readonly signal?: AbortSignal | undefined },
): Promise<string> {
  const { fields, url } = grantForm(grant, object)
  // Line breaks in a field would be fields of the gateway's own making.
  if (fields.some(([, value]) => /[\r\n]/.test(value)))
    throw new MillraceError('upload_refused', 'the storage of the gateway has line breaks in it')
  const boundary = `millrace-${randomBytes(16).toString('hex')}`
  const part = (head: string) => utf8(`--${boundary}\r\nContent-Disposition: form-data; ${head}\r\n\r\n`)
  const body = concatBytes(
    ...fields.flatMap(([name, value]) => [part(`name="${name}"`), utf8(`${value}\r\n`)]),
    part(`name="file"; filename="file"\r\nContent-Type: ${object.contentType}`),
    object.data,
    utf8(`\r\n--${boundary}--\r\n`),
  )
  const { status } = await fetchFromStranger(grant.host, {
    method: 'POST',
    headers: { 'content-type': `multipart/form-data; boundary=${boundary}` },
    body,
    timeoutMs: TIMEOUT_MS,
    maxBytes: MAX_ANSWER_BYTES,
    ...options,
  })
  if (status >= 200 && status < 300) return url
  throw new MillraceError('upload_refused', `the storage of the gateway answered ${status}`, { meta: { status } })
}
