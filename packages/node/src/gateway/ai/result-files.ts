import { randomBytes } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import type { ServerResponse } from 'node:http'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import type { AiFile } from '@millrace/ai'
import { errorText, type Log, type Part } from '@millrace/base'
import { diskError } from '@millrace/base/node'

export const RESULTS_PREFIX = '/ai/results/'

const KEEP_MS = 60 * 60_000
const MAX_BYTES = 2_000_000_000
const SWEEP_MS = 60_000

type Kept = { readonly type: string; readonly bytes: number; readonly atMs: number }

/**
 * The files of results, on disk for an hour and 2 GB at most, the oldest first to go.
 * Names hold 128 random bits: who knows the address may read the file.
 */
export class ResultFiles implements Part {
  readonly name = 'ai-results'
  readonly #folder: string
  readonly #log: Log
  readonly #kept = new Map<string, Kept>()
  #bytes = 0
  #timer: NodeJS.Timeout | undefined

  constructor(options: { readonly folder: string }, deps: { readonly log: Log }) {
    this.#folder = options.folder
    this.#log = deps.log
  }

  async start(): Promise<void> {
    // What an earlier run left is known to nobody any more.
    await rm(this.#folder, { recursive: true, force: true })
    await mkdir(this.#folder, { recursive: true, mode: 0o700 })
    this.#timer = setInterval(() => this.#sweep(), SWEEP_MS)
    this.#timer.unref()
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer)
    await rm(this.#folder, { recursive: true, force: true })
  }

  /** Keeps a file; resolves with its path on this gateway. */
  async put({ name, type, bytes }: AiFile): Promise<string> {
    const extension = /\.[a-z0-9]{1,5}$/.exec(name)?.[0] ?? ''
    const key = `${randomBytes(16).toString('hex')}${extension}`
    try {
      await writeFile(join(this.#folder, key), bytes, { mode: 0o600 })
    } catch (cause) {
      throw diskError(cause, this.#folder)
    }
    this.#kept.set(key, { type, bytes: bytes.length, atMs: Date.now() })
    this.#bytes += bytes.length
    this.#sweep()
    return `${RESULTS_PREFIX}${key}`
  }

  /** Answers a request for one of the files. */
  async answer(pathname: string, response: ServerResponse): Promise<void> {
    const key = pathname.slice(RESULTS_PREFIX.length)
    const kept = this.#kept.get(key)
    if (!kept) {
      response.writeHead(404, { 'content-type': 'text/plain' })
      response.end('there is no such file, or not any more: results are kept for an hour\n')
      return
    }
    response.writeHead(200, {
      'content-type': kept.type,
      'content-length': String(kept.bytes),
      'cache-control': 'private, max-age=3600',
      // A runner chose the type: no browser may take it for a page of this gateway.
      'content-security-policy': "default-src 'none'; sandbox",
      'x-content-type-options': 'nosniff',
      'access-control-allow-origin': '*',
    })
    try {
      await pipeline(createReadStream(join(this.#folder, key)), response)
    } catch (error) {
      this.#log.info('a result was not read to its end', { error: errorText(error) })
    }
  }

  #sweep(): void {
    const now = Date.now()
    for (const [key, kept] of this.#kept) {
      if (this.#bytes <= MAX_BYTES && now - kept.atMs < KEEP_MS) return
      this.#kept.delete(key)
      this.#bytes -= kept.bytes
      rm(join(this.#folder, key), { force: true }).catch((error) =>
        this.#log.warn('an old result could not be removed', { error: errorText(error) }),
      )
    }
  }
}
