import { MillraceError } from '../errors.ts'

export type BodyPart = { readonly headers: Readonly<Record<string, string>>; readonly body: Uint8Array }

const MAX_PARTS = 64
const MAX_PART_HEADER_BYTES = 8 * 1024

/**
 * Splits a multipart body (RFC 2046) that is already in memory; parts are views of it, not copies.
 * Throws `bad_multipart` when a boundary is missing, there are more than 64 parts, or a part's head is too long.
 */
export function parseMultipart(body: Uint8Array, boundary: string): BodyPart[] {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength)
  const delimiter = Buffer.from(`--${boundary}`)
  const parts: BodyPart[] = []
  let at = bytes.indexOf(delimiter)
  if (at < 0) throw new MillraceError('bad_multipart', 'the multipart body does not hold its boundary')
  for (;;) {
    at += delimiter.length
    if (bytes[at] === 0x2d && bytes[at + 1] === 0x2d) return parts
    const head = bytes.indexOf('\r\n', at) + 2
    const headEnd = bytes.indexOf('\r\n\r\n', head - 2)
    if (head < 2 || headEnd < 0 || headEnd - head > MAX_PART_HEADER_BYTES)
      throw new MillraceError('bad_multipart', 'a part of the multipart body has no end of headers')
    const start = headEnd + 4
    const headers = partHeaders(bytes.subarray(head, Math.max(head, headEnd)).toString('latin1'))
    const length = /^\d{1,12}$/.test(headers['content-length'] ?? '') ? Number(headers['content-length']) : undefined
    // A part that names its length is not searched for the boundary: media may hold those bytes by chance.
    const next = bytes.indexOf(delimiter, length === undefined ? start : start + length)
    if (next < 0 || next - 2 < start)
      throw new MillraceError('bad_multipart', 'a part of the multipart body is not closed')
    parts.push({ headers, body: new Uint8Array(body.buffer, body.byteOffset + start, length ?? next - 2 - start) })
    if (parts.length > MAX_PARTS)
      throw new MillraceError('bad_multipart', `a multipart body has at most ${MAX_PARTS} parts`)
    at = next
  }
}

function partHeaders(text: string): Record<string, string> {
  const headers: Record<string, string> = Object.create(null)
  for (const line of text.split('\r\n')) {
    const colon = line.indexOf(':')
    if (colon > 0) headers[line.slice(0, colon).trim().toLowerCase()] = line.slice(colon + 1).trim()
  }
  return headers
}
