import type { IncomingMessage, ServerResponse } from 'node:http'
import { pipeline } from 'node:stream/promises'
import { JOB_HEADER, type JobRequest, readJobDetails, readJobHeader, readJobParameters } from '@millrace/ai'
import { errorText, hasCode, type Log } from '@millrace/base'
import { sayBytes, sayError, sayText, untilGone } from '../../links/http/byoc-answers.ts'
import { BALANCE_HEADER, MAX_JOB_BYTES, METADATA_HEADER } from '../../links/http/byoc-request.ts'
import { readBody } from '../../links/http/read-body.ts'
import type { ApiKeys } from '../api-keys/api-keys.ts'
import { type ByocBuyer, JobRefusal } from './byoc-buyer.ts'
import { searchLimits } from './search-limits.ts'

const PREFIX = '/process/request'
const BODY_TIMEOUT_MS = 120_000
/** Jobs at once, each with its input in memory. */
const MAX_JOBS = 32

export type ByocDoorDeps = {
  readonly buyer: ByocBuyer
  /** Who may have this gateway buy; anybody who reaches it when undefined. */
  readonly keys: Pick<ApiKeys, 'admit'> | undefined
  readonly log: Log
  readonly stopping: AbortSignal
}

/** Where clients of a gateway call capabilities: POST /process/request/{path} with the header `Livepeer` (ai spec, section 10). */
export class ByocDoor {
  readonly #deps: ByocDoorDeps
  #jobs = 0

  constructor(deps: ByocDoorDeps) {
    this.#deps = deps
  }

  owns(pathname: string): boolean {
    return pathname === PREFIX || pathname.startsWith(`${PREFIX}/`)
  }

  async answer(request: IncomingMessage, response: ServerResponse, pathname: string): Promise<void> {
    try {
      if (request.method !== 'POST') {
        response.setHeader('allow', 'POST')
        sayText(response, 405, 'Method not allowed')
        request.resume()
        return
      }
      if (this.#jobs >= MAX_JOBS) {
        sayText(response, 503, `this gateway has ${MAX_JOBS} jobs under way`, { 'retry-after': '5' })
        request.resume()
        return
      }
      this.#jobs++
      try {
        await this.#job(request, response, pathname)
      } finally {
        this.#jobs--
      }
    } catch (error) {
      if (error instanceof JobRefusal)
        return sayBytes(response, error.status, error.body, { 'content-type': error.contentType })
      sayError(request, response, error)
    }
  }

  async #job(request: IncomingMessage, response: ServerResponse, pathname: string): Promise<void> {
    const { buyer, log, stopping } = this.#deps
    const signal = untilGone(response, stopping)
    const account = this.#deps.keys?.admit(request)
    const job = readClientJob(request)
    const { search } = new URL(request.url ?? '/', 'http://localhost')
    const limits = searchLimits(request.headers)
    const body = await readBody(request, { maxBytes: MAX_JOB_BYTES, timeoutMs: BODY_TIMEOUT_MS, signal })
    const call = { job, parameters: readJobParameters(job), body, limits, account, signal }
    const { answer, token, settle } = await buyer
      .run({ ...call, path: `${pathname}${search}`, contentType: request.headers['content-type'] })
      .catch((error) => {
        if (!signal.aborted) throw error
        response.destroy()
        return GONE
      })
    if (!answer) return
    let done = false
    try {
      const status = answer.statusCode ?? 500
      response.writeHead(status, {
        ...kept(answer, ['content-type', 'content-length', 'cache-control', BALANCE_HEADER, METADATA_HEADER]),
        'x-orchestrator-url': token.serviceUri,
      })
      response.flushHeaders()
      await pipeline(answer, response)
      done = answer.complete && status < 400
    } catch (error) {
      if (!signal.aborted && !hasCode(error, 'peer_gone'))
        log.info('the answer of an orchestrator broke off', { capability: job.capability, error: errorText(error) })
      response.destroy()
    } finally {
      answer.destroy()
      settle(done)
    }
  }
}

const GONE = { answer: undefined, token: undefined, settle: undefined }

/** The job of a client, which need not say what it wants of the gateway. Throws `compute_bad_request`. */
export function readClientJob(request: Pick<IncomingMessage, 'headers'>): JobRequest {
  const header = request.headers[JOB_HEADER.toLowerCase()]
  const job = readJobHeader(Array.isArray(header) ? header[0] : header)
  const complete = { ...job, parameters: job.parameters === '' ? '{}' : job.parameters }
  // Both are read here, so that no orchestrator is asked for what it would refuse.
  readJobDetails(complete)
  readJobParameters(complete)
  return complete
}

function kept(answer: IncomingMessage, names: readonly string[]): Record<string, string> {
  const out: Record<string, string> = {}
  for (const name of names) {
    const value = answer.headers[name.toLowerCase()]
    if (typeof value === 'string') out[name] = value
  }
  return out
}
