import { randomBytes } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2'
import {
  AiError,
  type AiJob,
  checkResponse,
  dataUrl,
  maxBodyBytes,
  type Pipeline,
  pipelineOf,
  placeFiles,
  type RunContext,
  readJob,
} from '@millrace/ai'
import { errorText, hasCode, type Log, MillraceError } from '@millrace/base'
import { AI_WORKER_AUTHORIZATION } from '@millrace/wire'
import type { AcceptedAiJob, AiService } from '../ai-links.ts'
import { isRefusal, type SegmentHeaders } from '../orchestrator-service.ts'
import { readBody } from './read-body.ts'

type Request = IncomingMessage | Http2ServerRequest
type Response = ServerResponse | Http2ServerResponse

const BODY_TIMEOUT_MS = 120_000

/** The pipeline whose path this is; jobs are posted to the name of their pipeline (ai.md section 3). */
export const aiPath = (path: string): Pipeline | undefined => pipelineOf(path.replace(/^\//, '').replace(/\/$/, ''))

/**
 * Takes an AI job of a gateway: headers before the body, so that a stranger's bytes are read only from somebody who may send some.
 * Texts and statuses are those of go-livepeer: 402 payment, 403 segment headers, 503 no room, 400 everything else that is the caller's fault.
 */
export async function serveAiJob(
  request: Request,
  response: Response,
  call: {
    readonly pipeline: Pipeline
    readonly service: AiService
    readonly headers: SegmentHeaders
    readonly signal: AbortSignal
    readonly log: Log
  },
): Promise<void> {
  const { pipeline, service, headers, log } = call
  const gone = new AbortController()
  response.on('close', () => gone.abort(new MillraceError('peer_gone', 'the gateway went away', { retryable: true })))
  const signal = AbortSignal.any([gone.signal, call.signal])
  const refuse = (status: number, text: string): void => {
    if (response.destroyed) return
    response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' })
    response.end(`${text}\n`)
    request.resume()
  }
  const admitted = await service.admit(headers)
  if (isRefusal(admitted)) return refuse(admitted.status, admitted.text)
  let accepted: AcceptedAiJob
  let job: AiJob
  try {
    job = await jobOf(request, pipeline, signal)
    const begun = await admitted.begin(pipeline, job, { signal })
    if (isRefusal(begun)) return refuse(begun.status, begun.text)
    accepted = begun
  } catch (error) {
    const status = error instanceof AiError ? error.status : hasCode(error, 'body_too_large') ? 413 : 400
    return refuse(status, errorText(error))
  }
  if (gone.signal.aborted) return accepted.abandon()
  const streams = pipeline.streams && job.request.stream === true
  const chunks = streams ? eventStream(response) : undefined
  try {
    const context: RunContext = chunks ? { signal, onChunk: chunks.write } : { signal }
    const result = await accepted.run(context)
    if (chunks) return chunks.end()
    // A gateway that does not say that it knows better cannot fetch files (go-livepeer before 0.7.9-ai.4).
    const fetches = request.headers.authorization === AI_WORKER_AUTHORIZATION
    const placed = placeFiles(result, (file) => (fetches ? service.store(job.requestId, file) : dataUrl(file)))
    const body = JSON.stringify(checkResponse(pipeline, placed))
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(body)) })
    response.end(body)
  } catch (error) {
    if (gone.signal.aborted) return
    log.info('an AI job is answered with an error', { pipeline: pipeline.name, error: errorText(error) })
    if (response.headersSent) return void response.destroy()
    refuse(error instanceof AiError ? error.status : 500, errorText(error))
  }
}

async function jobOf(request: Request, pipeline: Pipeline, signal: AbortSignal): Promise<AiJob> {
  const body = await readBody(request, { maxBytes: maxBodyBytes(pipeline), timeoutMs: BODY_TIMEOUT_MS, signal })
  const requestId = randomBytes(8).toString('hex')
  return readJob(pipeline, { contentType: request.headers['content-type'], body, requestId })
}

/** Chunks of an answer as server-sent events; the head goes with the first one, so that a failure before it still has a status. */
function eventStream(response: Response): {
  write: (chunk: Readonly<Record<string, unknown>>) => void
  end: () => void
} {
  const begin = () => {
    if (response.headersSent) return
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' })
  }
  const send = (text: string) => void (response as ServerResponse).write(`data: ${text}\n\n`)
  return {
    write: (chunk) => {
      begin()
      send(JSON.stringify(chunk))
    },
    end: () => {
      begin()
      send('[DONE]')
      response.end()
    },
  }
}
