import { randomBytes } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2'
import { errorText, MillraceError } from '@millrace/base'
import { HEADER, TRANSCODER_AUTHORIZATION } from '@millrace/wire'
import type { WorkerService } from '../orchestrator-service.ts'
import { headerOf } from './orchestrator-server.ts'
import { readBody } from './read-body.ts'
import { SecureClient } from './secure-fetch.ts'

/** Ours: an orchestrator of go-livepeer has no such path, and its link is not measured. */
export const LINK_SPEED_PATH = '/workerLinkSpeed'

const FIRST_BYTES = 128 * 1024
const MAX_BYTES = 4 * 1024 * 1024
const TIMEOUT_MS = 30_000
const MAX_AT_ONCE = 16
/** Segments of several streams travel side by side, too. */
const STREAMS = 4
const BUDGET_MS = 1_000
/** A fast link is known by then; more would only be in the way of streams. */
const ENOUGH_BYTES = 32 * 1024 * 1024
const QUICK_MS = 300

/** What a worker can send to its orchestrator and fetch from it, in bits a second. */
export type LinkSpeed = { readonly upBps: number; readonly downBps: number }

/** Answers a worker that measures: takes its body, and sends as many bytes as its query asks for. Only with the secret of workers. */
export class LinkSpeedProbe {
  #running = 0
  #filler: Uint8Array | undefined

  async answer(
    request: IncomingMessage | Http2ServerRequest,
    response: ServerResponse | Http2ServerResponse,
    workers: WorkerService,
  ): Promise<void> {
    const reply = (status: number, body: Uint8Array = new Uint8Array(0)) => {
      response.writeHead(status, { 'content-type': 'application/octet-stream', 'content-length': String(body.length) })
      response.end(body)
      request.resume()
    }
    const credentials = headerOf(request, HEADER.credentials) ?? ''
    if (headerOf(request, HEADER.authorization) !== TRANSCODER_AUTHORIZATION || !workers.authorized(credentials))
      return reply(401)
    const asked = new URL(request.url ?? '/', 'https://localhost').searchParams.get('bytes') ?? '0'
    const bytes = /^\d{1,8}$/.test(asked) ? Number(asked) : Number.POSITIVE_INFINITY
    if (bytes > MAX_BYTES) return reply(400)
    if (this.#running >= MAX_AT_ONCE) return reply(503)
    this.#running++
    try {
      await readBody(request, { maxBytes: MAX_BYTES, timeoutMs: TIMEOUT_MS })
      // By chance, so that nothing on the way makes it smaller.
      this.#filler ??= new Uint8Array(randomBytes(MAX_BYTES))
      reply(200, this.#filler.subarray(0, bytes))
    } catch {
      reply(400)
    } finally {
      this.#running--
    }
  }
}

/**
 * Measures the link to an orchestrator for about 2 s, over several connections at once, as segments travel.
 * Throws `link_not_measured` where the orchestrator does not answer to that.
 */
export async function measureLink(orchestrator: { readonly uri: string; readonly secret: string }): Promise<LinkSpeed> {
  const http = new SecureClient()
  const filler = new Uint8Array(randomBytes(MAX_BYTES))
  const send = async (upBytes: number, downBytes: number) => {
    const url = new URL(`${LINK_SPEED_PATH}?bytes=${downBytes}`, orchestrator.uri).href
    const { status } = await http.fetch(url, {
      method: 'POST',
      headers: {
        [HEADER.authorization]: TRANSCODER_AUTHORIZATION,
        [HEADER.credentials]: orchestrator.secret,
        'Content-Type': 'application/octet-stream',
      },
      ...{ body: filler.subarray(0, upBytes), headTimeoutMs: TIMEOUT_MS, timeoutMs: TIMEOUT_MS, maxBytes: MAX_BYTES },
    })
    if (status !== 200) throw new MillraceError('peer_refused', `the orchestrator answered ${status}`)
  }
  try {
    // The connections are opened before the time is taken.
    await Promise.all(Array.from({ length: STREAMS }, () => send(0, 0)))
    const upBps = await bitsPerSecond((bytes) => send(bytes, 0))
    const downBps = await bitsPerSecond((bytes) => send(0, bytes))
    return { upBps, downBps }
  } catch (cause) {
    throw new MillraceError('link_not_measured', errorText(cause), { cause })
  } finally {
    http.close()
  }
}

/** Moves bytes in several streams until the time is over or enough is known; pieces grow where they are quick. */
async function bitsPerSecond(move: (bytes: number) => Promise<void>): Promise<number> {
  const began = performance.now()
  let moved = 0
  const stream = async () => {
    for (let bytes = FIRST_BYTES; performance.now() - began < BUDGET_MS && moved < ENOUGH_BYTES; ) {
      const start = performance.now()
      await move(bytes)
      moved += bytes
      if (performance.now() - start < QUICK_MS) bytes = Math.min(MAX_BYTES, 2 * bytes)
    }
  }
  await Promise.all(Array.from({ length: STREAMS }, stream))
  return (8_000 * moved) / (performance.now() - began)
}
