import { createReadStream } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { pipeline } from 'node:stream/promises'
import { errorText, hasCode, type Log } from '@millrace/base'
import {
  bytesAnswer,
  failureAnswer,
  type IpfsStore,
  plainAnswer,
  RECORDINGS_PREFIX,
  type RecordingResponse,
  type RecordingsOrigin,
} from '@millrace/media'
import { cutSlowReader } from './admission.ts'

export const IPFS_PREFIX = '/ipfs/'
const AUTH_KEPT_MS = 3_600_000
const MAX_ANSWERS = 1_000

export type StoredFilesDeps = {
  readonly recordings: Pick<RecordingsOrigin, 'get'> | undefined
  readonly ipfs: readonly IpfsStore[]
  /** Throws when the recording may not be seen; asked once an hour for each stream. */
  readonly mayWatch?: ((url: string) => Promise<unknown>) | undefined
  readonly log: Log
}

/** Answers for what lies in stores: /recordings/<stream>/… and /ipfs/<cid>/… */
export class StoredFiles {
  readonly #deps: StoredFilesDeps
  readonly #allowed = new Map<string, { readonly untilMs: number; readonly answer: Promise<unknown> }>()

  constructor(deps: StoredFilesDeps) {
    this.#deps = deps
  }

  /** True for paths that are answered here. */
  owns(pathname: string): boolean {
    if (pathname.startsWith(IPFS_PREFIX)) return this.#deps.ipfs.length > 0
    return this.#deps.recordings !== undefined && pathname.startsWith(RECORDINGS_PREFIX)
  }

  /** `origin` is the address of this gateway as its webhook is told. */
  async answer(request: IncomingMessage, response: ServerResponse, origin: string): Promise<void> {
    const gone = new AbortController()
    response.on('close', () => gone.abort())
    cutSlowReader(response)
    let found: RecordingResponse
    try {
      found = await this.#find(request, origin, gone.signal)
    } catch (error) {
      if (gone.signal.aborted) return
      this.#deps.log.warn('a stored file was not served', { error: errorText(error) })
      found = hasCode(error, 'stream_refused') ? plainAnswer(403, 'forbidden') : failureAnswer(error)
    }
    response.writeHead(found.status, found.headers)
    if (found.body instanceof Uint8Array) {
      response.end(found.body)
      return
    }
    const { path, start, end } = found.body
    // A viewer who goes away in the middle is nobody's fault.
    await pipeline(createReadStream(path, { start, end }), response).catch(() => response.destroy())
  }

  async #find(request: IncomingMessage, origin: string, signal: AbortSignal): Promise<RecordingResponse> {
    const { url: path = '/', method, headers } = request
    const asked = { method, range: headers.range, signal }
    if (path.startsWith(IPFS_PREFIX)) return this.#block(path, asked)
    const { recordings, mayWatch } = this.#deps
    if (!recordings) return plainAnswer(404, 'ErrNotFound')
    if (mayWatch) await this.#ask(mayWatch, path, origin)
    return recordings.get(path, asked)
  }

  /** Segments are not asked for one by one: the answer for a stream holds for an hour (wire spec 6.5). */
  async #ask(mayWatch: (url: string) => Promise<unknown>, path: string, origin: string): Promise<void> {
    const stream = path.slice(RECORDINGS_PREFIX.length).split(/[/?]/)[0] ?? ''
    const known = this.#allowed.get(stream)
    if (known && known.untilMs > Date.now()) return void (await known.answer)
    const answer = mayWatch(`${origin}${path}`)
    this.#allowed.set(stream, { untilMs: Date.now() + AUTH_KEPT_MS, answer })
    const oldest = this.#allowed.keys().next().value
    if (this.#allowed.size > MAX_ANSWERS && oldest !== undefined) this.#allowed.delete(oldest)
    await answer.catch((error) => {
      this.#allowed.delete(stream)
      throw error
    })
  }

  async #block(
    path: string,
    {
      method = 'GET',
      range,
      signal,
    }: { readonly method?: string | undefined; readonly range: string | undefined; readonly signal: AbortSignal },
  ): Promise<RecordingResponse> {
    if (method !== 'GET' && method !== 'HEAD') return plainAnswer(405, 'only GET')
    const [cid = '', ...names] = new URL(path, 'http://localhost').pathname.slice(IPFS_PREFIX.length).split('/')
    try {
      for (const store of this.#deps.ipfs) {
        const data = await store.readCid(cid, { path: names.filter(Boolean).map(decodeURIComponent), signal })
        if (data) return bytesAnswer(data, typeOf(data), range)
      }
    } catch (error) {
      if (hasCode(error, 'bad_cid') || error instanceof URIError) return plainAnswer(400, errorText(error))
      throw error
    }
    return plainAnswer(404, 'this gateway has no such block')
  }
}

/** Others' bytes are never a page of this origin. */
function typeOf(data: Uint8Array): string {
  if (data[0] === 0x47 && (data.length < 189 || data[188] === 0x47)) return 'video/mp2t'
  if (Buffer.from(data.subarray(4, 8)).toString('latin1') === 'ftyp') return 'video/mp4'
  return 'application/octet-stream'
}
