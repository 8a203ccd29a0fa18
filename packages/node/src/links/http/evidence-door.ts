import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2'
import { hasCode, MillraceError } from '@millrace/base'
import type { EvidenceDoor } from '../ports.ts'
import { readBody } from './read-body.ts'
import type { SecureClient } from './secure-fetch.ts'

/** Evidence of disputes, by name: POST hands it in, GET takes it out. */
export const EVIDENCE_PATH = '/evidence/'
const MAX_BYTES = 64 * 1024 * 1024
const TIMEOUT_MS = 60_000
/** Bodies that are read at once. */
const MAX_READING = 4

/** Serves evidence; what no open dispute is about is refused before its body is read. */
export class EvidenceServer {
  readonly #door: EvidenceDoor
  #reading = 0

  constructor(door: EvidenceDoor) {
    this.#door = door
  }

  async serve(
    request: IncomingMessage | Http2ServerRequest,
    response: ServerResponse | Http2ServerResponse,
    path: string,
  ): Promise<void> {
    const reply = (status: number, body: string | Uint8Array, contentType = 'text/plain') => {
      response.writeHead(status, { 'content-type': contentType, 'content-length': String(Buffer.byteLength(body)) })
      response.end(body)
      request.resume()
    }
    const key = path.slice(EVIDENCE_PATH.length)
    if (!/^[0-9a-f]{64}$/.test(key)) return reply(404, 'Not Found')
    if (request.method === 'GET') {
      const bytes = this.#door.get(key)
      return bytes ? reply(200, bytes, 'application/octet-stream') : reply(404, 'Not Found')
    }
    if (request.method !== 'POST') return reply(405, 'Method Not Allowed')
    if (this.#door.get(key)) return reply(200, 'OK')
    if (!(await this.#door.wants(key))) return reply(404, 'no open dispute is about this')
    if (this.#reading >= MAX_READING) return reply(503, 'try again')
    this.#reading++
    try {
      const body = await readBody(request, { maxBytes: MAX_BYTES, timeoutMs: TIMEOUT_MS })
      if (this.#door.put(key, body)) reply(200, 'OK')
      else reply(507, 'there is no room')
    } catch (error) {
      reply(
        hasCode(error, 'body_too_large') ? 413 : 400,
        error instanceof MillraceError ? error.message : 'Bad Request',
      )
    } finally {
      this.#reading--
    }
  }
}

/** Throws `evidence_refused` when the other node does not take it. */
export async function sendEvidence(
  http: SecureClient,
  serviceUri: string,
  key: string,
  bytes: Uint8Array,
): Promise<void> {
  const { status, body } = await http.fetch(new URL(`${EVIDENCE_PATH}${key}`, serviceUri).href, {
    ...{ method: 'POST', body: bytes, headTimeoutMs: TIMEOUT_MS, timeoutMs: TIMEOUT_MS, maxBytes: 4_096 },
  })
  if (status !== 200)
    throw new MillraceError('evidence_refused', `it answered ${status}: ${Buffer.from(body).toString('utf8').trim()}`)
}

/** Evidence of this name; undefined when the other node has none. The caller checks what it got. */
export async function fetchEvidence(
  http: SecureClient,
  serviceUri: string,
  key: string,
  { signal }: { readonly signal: AbortSignal },
): Promise<Uint8Array | undefined> {
  const { status, body } = await http.fetch(new URL(`${EVIDENCE_PATH}${key}`, serviceUri).href, {
    ...{ headTimeoutMs: 5_000, timeoutMs: TIMEOUT_MS, maxBytes: MAX_BYTES, signal },
  })
  return status === 200 ? body : undefined
}
