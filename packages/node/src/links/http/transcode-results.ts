import { randomBytes } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2'
import { concatBytes, hasCode, MillraceError, utf8 } from '@millrace/base'
import { type BodyPart, parseMultipart } from '@millrace/base/node'
import { CONTENT_TYPE, HEADER, PEER_ERROR, TRANSCODER_AUTHORIZATION } from '@millrace/wire'
import type { TaskResult, WorkerService } from '../orchestrator-service.ts'
import type { TranscodedSegment } from '../ports.ts'
import { headerOf } from './orchestrator-server.ts'
import { readBody } from './read-body.ts'

type Rendition = TranscodedSegment['renditions'][number]

const MAX_RESULT_BYTES = 600_000_000
const RESULT_TIMEOUT_MS = 60_000

/** Takes a worker's result: POST /transcodeResults with the secret, a task id and one multipart part a rendition (wire spec 4). */
export async function receiveTranscodeResults(
  request: IncomingMessage | Http2ServerRequest,
  response: ServerResponse | Http2ServerResponse,
  workers: WorkerService,
): Promise<void> {
  const reply = (status: number, text: string) => {
    response.writeHead(status, { 'content-type': 'text/plain' })
    response.end(`${text}\n`)
    request.resume()
  }
  const credentials = headerOf(request, HEADER.credentials) ?? ''
  if (headerOf(request, HEADER.authorization) !== TRANSCODER_AUTHORIZATION || !workers.authorized(credentials))
    return reply(401, PEER_ERROR.unauthorized)
  const taskId = wholeNumber(headerOf(request, HEADER.taskId))
  if (taskId === undefined) return reply(400, PEER_ERROR.invalidTaskId)
  const type = headerOf(request, 'content-type') ?? ''
  let body: Uint8Array
  try {
    body = await readBody(request, { maxBytes: MAX_RESULT_BYTES, timeoutMs: RESULT_TIMEOUT_MS })
  } catch (error) {
    return reply(hasCode(error, 'body_too_large') ? 413 : 400, PEER_ERROR.badRequest)
  }
  if (type.startsWith(CONTENT_TYPE.transcodingError)) {
    workers.result(taskId, { error: Buffer.from(body.subarray(0, 4096)).toString('utf8') })
    return reply(200, 'OK')
  }
  const boundary = /^multipart\/mixed;.*boundary="?([^";]+)"?/i.exec(type)?.[1]
  if (!boundary) return reply(415, 'Unsupported Media Type')
  const decodedPixels = wholeNumber(headerOf(request, HEADER.pixels))
  if (decodedPixels === undefined) return reply(400, PEER_ERROR.invalidPixels)
  let result: TaskResult
  try {
    result = { decodedPixels: BigInt(decodedPixels), renditions: renditionsOf(parseMultipart(body, boundary)) }
  } catch {
    return reply(500, 'Internal Server Error')
  }
  workers.result(taskId, result)
  reply(200, 'OK')
}

/** A video signature follows the rendition that it is of. */
function renditionsOf(parts: readonly BodyPart[]): Rendition[] {
  const renditions: Rendition[] = []
  for (const part of parts) {
    if (part.headers['content-type'] === CONTENT_TYPE.perceptualHash) {
      const last = renditions.pop()
      if (last) renditions.push({ ...last, signature: part.body })
      continue
    }
    const pixels = wholeNumber(part.headers.pixels)
    if (pixels === undefined) throw new MillraceError('invalid_pixels', PEER_ERROR.invalidPixels)
    renditions.push({ data: part.body, pixels: BigInt(pixels) })
  }
  return renditions
}

/** The request by which a worker delivers: headers and body for `SecureClient`. */
export function transcodeResultRequest(task: {
  readonly secret: string
  readonly taskId: number
  readonly result: TaskResult
  readonly contentType?: string
}): { readonly headers: Record<string, string>; readonly body: Uint8Array } {
  const headers: Record<string, string> = {
    [HEADER.authorization]: TRANSCODER_AUTHORIZATION,
    [HEADER.credentials]: task.secret,
    [HEADER.taskId]: String(task.taskId),
  }
  if ('error' in task.result)
    return { headers: { ...headers, 'Content-Type': CONTENT_TYPE.transcodingError }, body: utf8(task.result.error) }
  const boundary = randomBytes(10).toString('hex')
  const parts = task.result.renditions.flatMap(({ data, pixels, signature }) => [
    utf8(
      `--${boundary}\r\nContent-Type: ${task.contentType ?? CONTENT_TYPE.mpegts}\r\nContent-Length: ${data.length}\r\nPixels: ${pixels}\r\n\r\n`,
    ),
    data,
    utf8('\r\n'),
    ...(signature ? [signaturePartHead(boundary, signature), signature, utf8('\r\n')] : []),
  ])
  return {
    headers: {
      ...headers,
      [HEADER.pixels]: String(task.result.decodedPixels),
      'Content-Type': `multipart/mixed; boundary=${boundary}`,
    },
    body: concatBytes(...parts, utf8(`--${boundary}--\r\n`)),
  }
}

const signaturePartHead = (boundary: string, { length }: Uint8Array): Uint8Array =>
  utf8(`--${boundary}\r\nContent-Type: ${CONTENT_TYPE.perceptualHash}\r\nContent-Length: ${length}\r\n\r\n`)

function wholeNumber(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined
}
