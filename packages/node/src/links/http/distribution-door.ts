import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2'
import { errorText, MillraceError } from '@millrace/base'
import { type DistributionReport, decodeDistributionReport, encodeDistributionReport, HEADER } from '@millrace/wire'
import type { EdgeService } from '../edge-service.ts'
import { isRefusal, type SegmentHeaders } from '../orchestrator-service.ts'
import { readBody } from './read-body.ts'
import type { SecureClient } from './secure-fetch.ts'

/** Where gateways have streams served, on an orchestrator's port. */
export const DISTRIBUTION_PATH = '/distribution'
const MAX_REQUEST_BYTES = 4_096
const MAX_REPORT_BYTES = 1 << 20
const BODY_TIMEOUT_MS = 5_000

/** Serves what a gateway asks of its edge. */
export async function serveDistribution(
  request: IncomingMessage | Http2ServerRequest,
  response: ServerResponse | Http2ServerResponse,
  edge: Pick<EdgeService, 'update'>,
  headers: SegmentHeaders,
): Promise<void> {
  const reply = (status: number, contentType: string, body: string | Uint8Array) => {
    response.writeHead(status, { 'content-type': contentType, 'content-length': String(Buffer.byteLength(body)) })
    response.end(body)
    request.resume()
  }
  const refuse = (status: number, text: string) => reply(status, 'text/plain; charset=utf-8', `${text}\n`)
  let body: Uint8Array
  try {
    body = await readBody(request, { maxBytes: MAX_REQUEST_BYTES, timeoutMs: BODY_TIMEOUT_MS })
  } catch (error) {
    return refuse(400, errorText(error))
  }
  const report = await edge.update(headers, body)
  if (isRefusal(report)) return refuse(report.status, report.text)
  reply(200, 'application/octet-stream', encodeDistributionReport(report))
}

/** Asks an edge; throws `distribution_refused` when it says no, and as `SecureClient.fetch` when it cannot be reached. */
export async function askEdge(
  http: SecureClient,
  serviceUri: string,
  message: { readonly segment: string; readonly payment: string | undefined; readonly body: Uint8Array },
  options: { readonly timeoutMs: number; readonly signal?: AbortSignal | undefined },
): Promise<DistributionReport> {
  const { timeoutMs, signal } = options
  const answer = await http.fetch(new URL(DISTRIBUTION_PATH, serviceUri).href, {
    method: 'POST',
    headers: {
      'content-type': 'application/octet-stream',
      [HEADER.segment]: message.segment,
      ...(message.payment !== undefined && { [HEADER.payment]: message.payment }),
    },
    body: message.body,
    headTimeoutMs: timeoutMs,
    timeoutMs,
    maxBytes: MAX_REPORT_BYTES,
    signal,
  })
  if (answer.status === 200) return decodeDistributionReport(answer.body)
  const text = Buffer.from(answer.body.subarray(0, 1_000)).toString('utf8').trim()
  throw new MillraceError('distribution_refused', `the edge answered ${answer.status}: ${text}`, {
    retryable: true,
    meta: { status: answer.status, peerText: text },
  })
}
