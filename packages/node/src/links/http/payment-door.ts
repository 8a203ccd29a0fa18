import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2'
import type { PaymentService } from '../ai-links.ts'
import { isRefusal, type Refusal, type SegmentHeaders } from '../orchestrator-service.ts'
import { readBody } from './read-body.ts'

export const PAYMENT_PATH = '/payment'
export const REFRESH_PAYMENT_PATH = '/refresh-payment'

const MAX_BYTES = 10_000
const TIMEOUT_MS = 10_000

/** Takes a payment that comes without work, or tells fresh terms for one (wire spec 3.5). */
export async function servePayment(
  request: IncomingMessage | Http2ServerRequest,
  response: ServerResponse | Http2ServerResponse,
  call: { readonly path: string; readonly service: PaymentService; readonly headers: SegmentHeaders },
): Promise<void> {
  const answer = (status: number, type: string, body: string | Uint8Array) => {
    response.writeHead(status, { 'content-type': type, 'content-length': String(Buffer.byteLength(body)) })
    response.end(body)
    request.resume()
  }
  const refuse = ({ status, text }: Refusal) => answer(status, 'text/plain; charset=utf-8', `${text}\n`)
  if (call.path === PAYMENT_PATH) {
    const taken = await call.service.take(call.headers)
    return isRefusal(taken) ? refuse(taken) : answer(200, 'application/octet-stream', taken)
  }
  let body: unknown
  try {
    const bytes = await readBody(request, { maxBytes: MAX_BYTES, timeoutMs: TIMEOUT_MS })
    body = JSON.parse(Buffer.from(bytes).toString('utf8'))
  } catch {
    return refuse({ status: 400, text: 'the body is not JSON' })
  }
  const fresh = await call.service.refresh(body)
  if (isRefusal(fresh)) return refuse(fresh)
  answer(200, 'application/json', JSON.stringify(fresh))
}
