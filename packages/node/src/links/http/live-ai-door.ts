import { LIVE_PIPELINE, liveChannelsJson, MAX_LIVE_REQUEST_BYTES, readLiveStart } from '@millrace/ai'
import { errorText, hasCode, type Log, MillraceError } from '@millrace/base'
import type { LiveAiService } from '../ai-links.ts'
import { isRefusal } from '../orchestrator-service.ts'
import type { Door, DoorCall, DoorRequest, DoorResponse } from './door.ts'
import { readBody } from './read-body.ts'

const PATH = `/${LIVE_PIPELINE}`
const BODY_TIMEOUT_MS = 10_000
/** Requests whose bodies are read, or whose runners begin, at once. */
const MAX_WAITING = 64

/** Takes a gateway's `POST /live-video-to-video` (ai spec, section 8.1). Statuses and texts are those of go-livepeer. */
export function liveAiDoor(deps: { readonly service: LiveAiService; readonly log: Log }): Door {
  let waiting = 0
  return (request, response, call) => {
    if (call.path.replace(/\/$/, '') !== PATH || request.method !== 'POST') return undefined
    if (waiting >= MAX_WAITING) return refuse(request, response, 503, 'insufficient capacity')
    waiting++
    return serve(request, response, call, deps).finally(() => {
      waiting--
    })
  }
}

async function serve(
  request: DoorRequest,
  response: DoorResponse,
  call: DoorCall,
  { service, log }: { readonly service: LiveAiService; readonly log: Log },
): Promise<void> {
  const gone = new AbortController()
  response.on('close', () => gone.abort(new MillraceError('peer_gone', 'the gateway went away', { retryable: true })))
  const signal = AbortSignal.any([gone.signal, call.signal])
  let start: ReturnType<typeof readLiveStart>
  try {
    const limits = { maxBytes: MAX_LIVE_REQUEST_BYTES, timeoutMs: BODY_TIMEOUT_MS, signal }
    start = readLiveStart(parsed(await readBody(request, limits)))
  } catch (error) {
    return refuse(request, response, hasCode(error, 'body_too_large') ? 413 : 400, errorText(error))
  }
  const begun = await service.begin(call.headers, withIds(start, request), { signal })
  if (isRefusal(begun)) return refuse(request, response, begun.status, begun.text)
  const body = JSON.stringify(liveChannelsJson(begun))
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(body)) })
  response.end(body)
  log.debug('a live AI stream was begun', { manifestId: begun.manifestId })
}

function parsed(body: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(body).toString('utf8'))
  } catch (cause) {
    throw new MillraceError('ai_bad_request', 'the body is not JSON', { cause })
  }
}

/** Older gateways name their stream and request in headers. */
function withIds(start: ReturnType<typeof readLiveStart>, request: DoorRequest): ReturnType<typeof readLiveStart> {
  const header = (name: string) => {
    const value = request.headers[name]
    return typeof value === 'string' && value !== '' ? value.slice(0, 500) : undefined
  }
  const gatewayRequestId = start.gatewayRequestId ?? header('requestid')
  const streamId = start.streamId ?? header('streamid')
  return {
    ...start,
    ...(gatewayRequestId !== undefined && { gatewayRequestId }),
    ...(streamId !== undefined && { streamId }),
  }
}

async function refuse(request: DoorRequest, response: DoorResponse, status: number, text: string): Promise<void> {
  if (!response.destroyed) {
    response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' })
    response.end(`${text}\n`)
  }
  request.resume()
}
