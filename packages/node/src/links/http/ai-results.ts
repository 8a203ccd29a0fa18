import { randomBytes } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2'
import type { AiResult } from '@millrace/ai'
import { concatBytes, errorText, hasCode, MillraceError, utf8 } from '@millrace/base'
import { parseMultipart } from '@millrace/base/node'
import { AI_WORKER_AUTHORIZATION, CONTENT_TYPE, HEADER, PEER_ERROR } from '@millrace/wire'
import { headerOf } from './orchestrator-server.ts'
import { readBody } from './read-body.ts'

const MAX_RESULT_BYTES = 200_000_000
/** As upstream allows for the upload of a result. */
const RESULT_TIMEOUT_MS = 10 * 60_000
const MAX_EVENT_CHARACTERS = 1_000_000

export const AI_RESULTS_PATH = '/aiResults'

type Chunk = Readonly<Record<string, unknown>>

/** What a worker told of a job: its result, or why there is none. */
export type AiTaskResult = AiResult | { readonly error: string }

/** Where remote AI workers deliver; implemented by links/grpc/ai-worker-registry.ts. */
export type AiResultDoor = {
  authorized(credentials: string): boolean
  chunk(taskId: number, chunk: Chunk): void
  result(taskId: number, result: AiTaskResult): void
}

/**
 * Takes a worker's result (ai.md section 6): files and JSON in one multipart body, a stream of chunks, or an error as text.
 * Unlike upstream, a wrong secret is the end of it.
 */
export async function receiveAiResults(
  request: IncomingMessage | Http2ServerRequest,
  response: ServerResponse | Http2ServerResponse,
  door: AiResultDoor,
): Promise<void> {
  const reply = (status: number, text: string) => {
    response.writeHead(status, { 'content-type': 'text/plain' })
    response.end(`${text}\n`)
    request.resume()
  }
  const credentials = headerOf(request, HEADER.credentials) ?? ''
  if (headerOf(request, HEADER.authorization) !== AI_WORKER_AUTHORIZATION || !door.authorized(credentials))
    return reply(401, PEER_ERROR.unauthorized)
  const task = headerOf(request, HEADER.taskId) ?? ''
  if (!/^\d{1,15}$/.test(task)) return reply(400, PEER_ERROR.invalidTaskId)
  const taskId = Number(task)
  const type = headerOf(request, 'content-type') ?? ''
  try {
    if (type.startsWith('text/event-stream')) {
      door.result(taskId, { response: await readEvents(request, (chunk) => door.chunk(taskId, chunk)), files: [] })
      return reply(200, 'OK')
    }
    const body = await readBody(request, { maxBytes: MAX_RESULT_BYTES, timeoutMs: RESULT_TIMEOUT_MS })
    if (type.startsWith(CONTENT_TYPE.aiWorkerError)) {
      door.result(taskId, { error: Buffer.from(body.subarray(0, 4_096)).toString('utf8') })
      return reply(200, 'OK')
    }
    const boundary = /^multipart\/mixed;.*boundary="?([^";]{1,200})"?/i.exec(type)?.[1]
    if (!boundary) return reply(415, 'Unsupported Media Type')
    door.result(taskId, resultOf(body, boundary))
    reply(200, 'OK')
  } catch (error) {
    door.result(taskId, { error: `the worker's result could not be read: ${errorText(error)}` })
    reply(hasCode(error, 'body_too_large') ? 413 : 400, PEER_ERROR.badRequest)
  }
}

function resultOf(body: Uint8Array, boundary: string): AiResult {
  let response: Chunk | undefined
  const files: AiResult['files'][number][] = []
  for (const { headers, body: bytes } of parseMultipart(body, boundary)) {
    const type = headers['content-type'] ?? 'application/octet-stream'
    if (type.startsWith('application/json')) response = jsonObject(Buffer.from(bytes).toString('utf8'))
    else {
      const name = /filename="?([^";/\\]{1,200})"?/i.exec(headers['content-disposition'] ?? '')?.[1]
      if (name === undefined) throw new MillraceError('bad_multipart', 'a file of the result has no name')
      files.push({ name, type, bytes })
    }
  }
  if (!response) throw new MillraceError('bad_multipart', 'the result has no JSON')
  return { response, files }
}

async function readEvents(
  request: IncomingMessage | Http2ServerRequest,
  onChunk: (chunk: Chunk) => void,
): Promise<Chunk> {
  let text = ''
  let last: Chunk | undefined
  for await (const part of request) {
    text += Buffer.from(part as Uint8Array).toString('utf8')
    if (text.length > MAX_EVENT_CHARACTERS) throw new MillraceError('body_too_large', 'an event is too long')
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n')) {
      const line = text.slice(0, end).trim()
      text = text.slice(end + 1)
      if (!line.startsWith('data:') || line.endsWith('[DONE]')) continue
      last = jsonObject(line.slice(5))
      onChunk(last)
    }
  }
  if (!last) throw new MillraceError('body_truncated', 'the worker answered nothing')
  return last
}

function jsonObject(text: string): Chunk {
  const value: unknown = JSON.parse(text)
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Chunk
  throw new MillraceError('ai_runner_failed', 'the worker answered no JSON object')
}

/** The headers that go with every result. */
export const aiResultHeaders = (task: {
  readonly secret: string
  readonly taskId: number
  readonly pipeline: string
}): Record<string, string> => ({
  [HEADER.authorization]: AI_WORKER_AUTHORIZATION,
  [HEADER.credentials]: task.secret,
  [HEADER.taskId]: String(task.taskId),
  [HEADER.pipeline]: task.pipeline,
})

/** A result as one body: the files, then the JSON whose urls are their names. */
export function aiResultBody({ response, files }: AiResult): {
  readonly contentType: string
  readonly body: Uint8Array
} {
  const boundary = randomBytes(10).toString('hex')
  const parts = files.flatMap(({ name, type, bytes }) => [
    utf8(
      `--${boundary}\r\nContent-Type: ${type}\r\nContent-Length: ${bytes.length}\r\nContent-Disposition: attachment; filename="${name}"\r\n\r\n`,
    ),
    bytes,
    utf8('\r\n'),
  ])
  const json = utf8(`--${boundary}\r\nContent-Type: application/json\r\n\r\n${JSON.stringify(response)}\r\n`)
  return {
    contentType: `multipart/mixed; boundary=${boundary}`,
    body: concatBytes(...parts, json, utf8(`--${boundary}--\r\n`)),
  }
}
