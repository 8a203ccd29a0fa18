import type { IncomingMessage, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { CmafOrigin } from '@millrace/media'
import { cutSlowReader } from './admission.ts'

/** Answers a viewer's request; whoever goes away while it waits, or reads too slowly, is let go. */
export async function answerCmaf(
  origin: Pick<CmafOrigin, 'get'>,
  request: IncomingMessage,
  response: ServerResponse,
  options: { readonly readWithinMs?: number } = {},
): Promise<void> {
  const { url = '/', method, headers } = request
  if (method !== 'GET' && method !== 'HEAD') request.resume()
  const found = origin.get(url, {
    method,
    range: headers.range,
    ifNoneMatch: headers['if-none-match'],
    // Most answers are there at once and need no signal.
    get signal() {
      return goneSignal(response)
    },
  })
  const { status, headers: answered, body, text } = found instanceof Promise ? await found : found
  if (response.destroyed) return
  response.writeHead(status, answered)
  if (!(body instanceof Uint8Array)) {
    cutSlowReader(response, options.readWithinMs)
    await pipeline(Readable.from(body), response).catch(() => response.destroy())
    return
  }
  if (text === undefined) response.end(body)
  else response.end(text, 'latin1')
  // What fits into the socket's buffer needs no clock.
  if (response.writableLength > 0) cutSlowReader(response, options.readWithinMs)
}

function goneSignal(response: ServerResponse): AbortSignal {
  const gone = new AbortController()
  response.once('close', () => gone.abort())
  return gone.signal
}
