import { randomBytes } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { errorText, hasCode, MillraceError } from '@millrace/base'
import { CONTENT_TYPE, HEADER, isManifestId, type ManifestId } from '@millrace/wire'
import { readBody } from '../links/http/read-body.ts'
import type { CameBy } from '../links/http/trusted-proxies.ts'
import type { StreamSegmentResult } from './stream.ts'

const MAX_SEGMENT_BYTES = 300_000_000
const BODY_TIMEOUT_MS = 60_000
const MAX_DURATION_MS = 300_000

/** A segment as it was pushed by HTTP. */
export type PushedSegment = {
  readonly manifestId: ManifestId
  readonly seq: number
  readonly container: 'mpegts' | 'mp4'
  readonly durationMs: number
  readonly data: Uint8Array
  /** Where the publisher is, for figures. */
  readonly clientIp?: string
  /** Under which address the publisher found this gateway, where a trusted proxy says so. */
  readonly askedUrl?: string
}

export type PushDeps = {
  /** How the request came here. */
  readonly cameBy: CameBy
  /** Takes a place for a segment before its body is read; throws `too_many_segments`. */
  readonly enter: (manifestId: ManifestId) => () => void
  /** Is told of a publisher that was gone before it had its whole answer. */
  readonly gone?: (segment: Pick<PushedSegment, 'manifestId' | 'seq'>, when: 'waiting' | 'answering') => void
  readonly push: (segment: PushedSegment, options: { readonly signal: AbortSignal }) => Promise<StreamSegmentResult>
}

/**
 * PUT or POST /live/<manifestId>/<seq>.ts|.mp4: one segment in, and with `Accept: multipart/mixed` its renditions back (wire spec 6.2).
 * What the segment cost stands in the headers Millrace-Fee-Wei, Millrace-Tickets and Millrace-Orchestrator.
 */
export async function handlePush(request: IncomingMessage, response: ServerResponse, deps: PushDeps): Promise<void> {
  const gone = new AbortController()
  response.on('close', () => gone.abort(new MillraceError('peer_gone', 'the publisher went away', { retryable: true })))
  let leave = () => {}
  let pushed: Omit<PushedSegment, 'data'> | undefined
  try {
    const head = readHead(request)
    leave = deps.enter(head.manifestId)
    const { clientIp, askedUrl } = deps.cameBy
    const data = await readBody(request, {
      maxBytes: MAX_SEGMENT_BYTES,
      timeoutMs: BODY_TIMEOUT_MS,
      signal: gone.signal,
    })
    if (data.length === 0) throw new PushRefusal(422, 'the segment is empty')
    pushed = head
    const result = await deps.push(
      {
        ...head,
        data,
        ...(clientIp !== undefined && { clientIp }),
        ...(askedUrl !== undefined && { askedUrl }),
      },
      { signal: gone.signal },
    )
    if (gone.signal.aborted) throw gone.signal.reason
    response.on('close', () => {
      if (!response.writableFinished) deps.gone?.(head, 'answering')
    })
    answer(request, response, head, result)
  } catch (error) {
    if (pushed && gone.signal.aborted) deps.gone?.(pushed, 'waiting')
    if (response.headersSent || response.destroyed) return
    const [status, text] = refusal(error)
    response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' })
    response.end(`${text}\n`)
    request.resume()
  } finally {
    leave()
  }
}

function readHead(request: IncomingMessage): Omit<PushedSegment, 'data'> {
  if (request.method !== 'PUT' && request.method !== 'POST')
    throw new PushRefusal(405, 'send segments with PUT or POST')
  const { pathname } = new URL(request.url ?? '/', 'http://localhost')
  const match = /^\/live\/([^/]+)\/(\d{1,15})(\.[A-Za-z0-9]+)$/.exec(pathname)
  if (!match) throw new PushRefusal(400, 'expected /live/<manifestId>/<seq>.ts')
  const [, id = '', seq, extension = ''] = match
  if (!isManifestId(id)) throw new PushRefusal(400, 'a manifest id has letters, digits and _ - . ~ only')
  if (extension !== '.ts' && extension !== '.mp4') throw new PushRefusal(400, `ignoring file extension: ${extension}`)
  const duration = request.headers[HEADER.contentDuration.toLowerCase()]
  const durationMs = duration === undefined ? 2_000 : Number(duration)
  if (!Number.isInteger(durationMs) || durationMs <= 0 || durationMs > MAX_DURATION_MS)
    throw new PushRefusal(400, `${HEADER.contentDuration} must be 1 to ${MAX_DURATION_MS} milliseconds`)
  return { manifestId: id, seq: Number(seq), container: extension === '.mp4' ? 'mp4' : 'mpegts', durationMs }
}

function answer(
  request: IncomingMessage,
  response: ServerResponse,
  head: Omit<PushedSegment, 'data'>,
  { renditions, bought, lost }: StreamSegmentResult,
): void {
  if (lost === 'not_transcodable') throw new PushRefusal(422, 'no orchestrator can transcode this segment')
  const bill: Record<string, string> = bought
    ? {
        'Millrace-Fee-Wei': bought.feeWei.toString(),
        'Millrace-Tickets': String(bought.tickets),
        'Millrace-Orchestrator': bought.orchestrator,
      }
    : {}
  if (renditions.length > 0 && !bought) throw new PushRefusal(503, 'No sessions available')
  if (!/multipart\/mixed/i.test(request.headers.accept ?? '')) {
    response.writeHead(200, bill)
    response.end()
    return
  }
  const boundary = randomBytes(10).toString('hex')
  response.writeHead(200, { ...bill, 'content-type': `multipart/mixed; boundary=${boundary}` })
  for (const { profile, data } of renditions) {
    const mp4 = profile.format === 'mp4'
    const name = `${profile.name}_${head.seq}${mp4 ? '.mp4' : '.ts'}`
    response.write(
      `--${boundary}\r\n` +
        `Content-Type: ${mp4 ? CONTENT_TYPE.mp4 : CONTENT_TYPE.mpegts}; name="${name}"\r\n` +
        `Content-Length: ${data.length}\r\n` +
        `Content-Disposition: attachment; filename="${name}"\r\n` +
        `${HEADER.renditionName}: ${profile.name}\r\n\r\n`,
    )
    response.write(data)
    response.write('\r\n')
  }
  response.end(`--${boundary}--\r\n`)
}

/** A push that is answered with this status and text. */
export class PushRefusal extends MillraceError {
  readonly status: number
  constructor(status: number, text: string, cause?: unknown) {
    super('push_refused', text, { meta: { status }, cause })
    this.status = status
  }
}

/** What the sender can do about it decides: nothing (4xx), or try again (408, 503). */
const STATUS: Readonly<Record<string, number>> = {
  body_truncated: 400,
  stream_refused: 403,
  body_timeout: 408,
  stream_exists: 409,
  body_too_large: 413,
  not_a_video: 422,
  stopping: 503,
  stream_limit: 503,
  too_many_segments: 503,
}

function refusal(error: unknown): [number, string] {
  if (error instanceof PushRefusal) return [error.status, error.message]
  const code = Object.keys(STATUS).find((known) => hasCode(error, known))
  return [(code && STATUS[code]) || 500, errorText(error)]
}
