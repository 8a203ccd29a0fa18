import { randomBytes } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import {
  AiError,
  type AiJob,
  type AiResult,
  errorBody,
  maxBodyBytes,
  openApiDocument,
  type Pipeline,
  pipelineOf,
  placeFiles,
  readJob,
} from '@millrace/ai'
import { errorText, hasCode, type Log } from '@millrace/base'
import { readBody } from '../../links/http/read-body.ts'
import type { ApiKeys } from '../api-keys/api-keys.ts'
import { fail, send } from './ai-answers.ts'
import type { AiBuyer, BuyContext } from './ai-buyer.ts'
import { AsyncJobs, RESULT_PATH } from './async-jobs.ts'
import { isOlderLlm, olderLlmAnswer, readOlderLlm } from './older-llm.ts'
import { RESULTS_PREFIX, type ResultFiles } from './result-files.ts'

export type AiDoorDeps = {
  readonly buyer: Pick<AiBuyer, 'run' | 'defaultModel' | 'catalog'>
  readonly files: ResultFiles
  /** Who may have jobs bought; anybody who reaches the port where there are none. */
  readonly keys?: Pick<ApiKeys, 'admit'> | undefined
  /** Where this gateway is reached, for the addresses of files. */
  readonly ownUrl: () => string
  readonly log: Log
}

const PIPELINES_PATH = '/ai/pipelines'
const OPENAPI_PATH = '/ai/openapi.json'
const BODY_TIMEOUT_MS = 120_000
/** Jobs at once, each with its input in memory. */
const MAX_JOBS = 32

/** What Livepeer's clients put before the names of pipelines: Studio's paths, and what `livepeer` 3.5.0 makes of them. */
const PREFIXES = ['', '/api/generate', '/api/api/generate', '/api/beta/generate']

/** The AI endpoints of a gateway: one path for each pipeline, as its description says (ai.md section 2). */
export class AiDoor {
  readonly #deps: AiDoorDeps
  readonly #later: AsyncJobs
  #jobs = 0

  constructor(deps: AiDoorDeps) {
    this.#deps = deps
    this.#later = new AsyncJobs({ log: deps.log })
  }

  owns(pathname: string): boolean {
    return (
      pathname.startsWith(RESULTS_PREFIX) ||
      pathname === PIPELINES_PATH ||
      pathname === OPENAPI_PATH ||
      nameIn(pathname) !== undefined
    )
  }

  async answer(request: IncomingMessage, response: ServerResponse, pathname: string): Promise<void> {
    try {
      if (pathname.startsWith(RESULTS_PREFIX)) return await this.#deps.files.answer(pathname, response)
      if (pathname === PIPELINES_PATH || pathname === OPENAPI_PATH) return await this.#describe(response, pathname)
      if (request.method !== 'POST') {
        response.setHeader('allow', 'POST')
        return fail(response, 405, 'jobs are posted to this path')
      }
      const name = nameIn(pathname) as string
      if (name === RESULT_PATH) return await this.#later.answer(request, response)
      const account = this.#deps.keys?.admit(request)
      if (this.#jobs >= MAX_JOBS)
        throw new AiError('ai_no_capacity', `this gateway has ${MAX_JOBS} jobs under way`, { retryable: true })
      this.#jobs++
      try {
        await this.#job(request, response, pipelineOf(name) as Pipeline, account)
      } finally {
        this.#jobs--
      }
    } catch (error) {
      if (response.headersSent) return void response.destroy()
      if (error instanceof AiError && error.status === 503) response.setHeader('retry-after', '5')
      if (error instanceof AiError && error.code === 'ai_rate_limited')
        response.setHeader('retry-after', String(error.meta.retryAfterS))
      if (hasCode(error, 'ai_key_refused')) response.setHeader('www-authenticate', 'Bearer')
      fail(response, statusOf(error), errorText(error))
      request.resume()
    }
  }

  async #describe(response: ServerResponse, pathname: string): Promise<void> {
    // Anybody may draw forms from it: it holds what orchestrators tell everybody.
    response.setHeader('access-control-allow-origin', '*')
    if (pathname === OPENAPI_PATH) return send(response, 200, openApiDocument({ serverUrl: this.#deps.ownUrl() }))
    send(response, 200, { pipelines: await this.#deps.buyer.catalog() })
  }

  async #job(
    request: IncomingMessage,
    response: ServerResponse,
    pipeline: Pipeline,
    account: BuyContext['account'],
  ): Promise<void> {
    const gone = new AbortController()
    response.on('close', () => gone.abort(new AiError('ai_timed_out', 'the client went away')))
    const job = await this.#read(request, pipeline, gone.signal)
    if (pipeline.name === 'image-to-video' && /\brespond-async\b/i.test(String(request.headers.prefer ?? ''))) {
      const id = this.#later.begin((signal) => this.#bought(pipeline, job, { signal, account }))
      return send(response, 202, { request_id: id })
    }
    if (pipeline.streams && job.request.stream === true)
      return this.#stream(response, pipeline, job, { signal: gone.signal, account })
    const answer = await this.#bought(pipeline, job, { signal: gone.signal, account })
    send(response, 200, isOlderLlm(pipeline, request.headers['content-type']) ? olderLlmAnswer(answer) : answer)
  }

  async #read(request: IncomingMessage, pipeline: Pipeline, signal: AbortSignal): Promise<AiJob> {
    const body = await readBody(request, { maxBytes: maxBodyBytes(pipeline), timeoutMs: BODY_TIMEOUT_MS, signal })
    const contentType = request.headers['content-type']
    const requestId = randomBytes(8).toString('hex')
    const job = isOlderLlm(pipeline, contentType)
      ? { requestId, request: readOlderLlm(body), files: {} }
      : readJob(pipeline, { contentType, body, requestId }, '')
    if (job.request[pipeline.modelField] !== '') return job
    const model = await this.#deps.buyer.defaultModel(pipeline, job.request)
    return { ...job, request: { ...job.request, [pipeline.modelField]: model } }
  }

  /** The response with the files where the client can read them. */
  async #bought(pipeline: Pipeline, job: AiJob, context: BuyContext): Promise<Readonly<Record<string, unknown>>> {
    const result: AiResult = await this.#deps.buyer.run(pipeline, job, context)
    const places = new Map<string, string>()
    for (const file of result.files)
      places.set(file.name, new URL(await this.#deps.files.put(file), this.#deps.ownUrl()).href)
    return placeFiles(result, ({ name }) => places.get(name) as string)
  }

  /** Chunks as server-sent events; what fails before the first still has a status. */
  async #stream(response: ServerResponse, pipeline: Pipeline, job: AiJob, context: BuyContext): Promise<void> {
    const write = (data: string): void => {
      if (!response.headersSent)
        response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' })
      response.write(`data: ${data}\n\n`)
    }
    try {
      await this.#deps.buyer.run(pipeline, job, { ...context, onChunk: (chunk) => write(JSON.stringify(chunk)) })
    } catch (error) {
      if (!response.headersSent || context.signal.aborted) throw error
      write(errorBody(errorText(error)))
      response.end()
      return
    }
    write('[DONE]')
    response.end()
  }
}

/** The pipeline, or the path of results, that a path names. */
function nameIn(pathname: string): string | undefined {
  const path = pathname.endsWith('/') ? pathname.slice(0, -1) : pathname
  for (const prefix of PREFIXES) {
    if (!path.startsWith(`${prefix}/`)) continue
    const name = path.slice(prefix.length + 1)
    if (name === RESULT_PATH || pipelineOf(name)) return name
  }
  return undefined
}

function statusOf(error: unknown): number {
  if (error instanceof AiError) return error.status
  return hasCode(error, 'body_too_large') ? 413 : hasCode(error, 'body_timeout') ? 408 : 500
}
