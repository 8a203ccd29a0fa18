import { randomBytes } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { AiError } from '@millrace/ai'
import { errorText, type Log } from '@millrace/base'
import { readBody } from '../../links/http/read-body.ts'
import { send } from './ai-answers.ts'

/** Where a client asks what became of a job that it did not wait for. */
export const RESULT_PATH = 'image-to-video/result'

const KEEP_MS = 60 * 60_000
const LONGEST_MS = 30 * 60_000
const MAX_WAITING = 1_000

type Body = Readonly<Record<string, unknown>>
type Later = { readonly atMs: number; result?: Body }

/** Jobs whose clients come back for the result (`Prefer: respond-async`); results are kept for an hour. */
export class AsyncJobs {
  readonly #log: Log
  readonly #jobs = new Map<string, Later>()

  constructor(deps: { readonly log: Log }) {
    this.#log = deps.log
  }

  /** Begins a job; returns the id by which its result is asked for. */
  begin(work: (signal: AbortSignal) => Promise<Body>): string {
    this.#sweep()
    if (this.#jobs.size >= MAX_WAITING)
      throw new AiError('ai_no_capacity', 'too many results wait to be asked for', { retryable: true })
    const id = randomBytes(16).toString('hex')
    const later: Later = { atMs: Date.now() }
    this.#jobs.set(id, later)
    work(AbortSignal.timeout(LONGEST_MS)).then(
      (result) => {
        later.result = result
      },
      (error) => {
        this.#log.info('a job that nobody waits for failed', { error: errorText(error) })
        later.result = { error: { message: errorText(error) } }
      },
    )
    return id
  }

  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await readBody(request, { maxBytes: 10_000, timeoutMs: 10_000 })
    const later = this.#jobs.get(idIn(body))
    if (!later) throw new AiError('ai_bad_request', 'request_id: there is no such job, or not any more')
    if (!later.result) return send(response, 202, { status: 'processing' })
    send(response, 200, { status: 'complete', result: later.result })
  }

  #sweep(): void {
    const now = Date.now()
    for (const [id, { atMs }] of this.#jobs) if (now - atMs > KEEP_MS) this.#jobs.delete(id)
  }
}

function idIn(body: Uint8Array): string {
  try {
    const { request_id: id } = JSON.parse(Buffer.from(body).toString('utf8')) as { readonly request_id?: unknown }
    if (typeof id === 'string') return id
  } catch (cause) {
    throw new AiError('ai_bad_request', 'the body is not JSON', { cause })
  }
  throw new AiError('ai_bad_request', 'request_id: a text is expected')
}
