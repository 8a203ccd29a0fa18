import type { IncomingMessage } from 'node:http'
import { AiError } from '../ai-error.ts'
import { givenUp } from './server-client.ts'

const TIMEOUT_MS = 120_000

/** The body of a request; throws `ai_too_large`, `ai_timed_out` when it takes longer than two minutes, `ai_bad_request` when it breaks off. */
export async function receiveBody(
  request: IncomingMessage,
  limits: { readonly maxBytes: number; readonly signal: AbortSignal; readonly timeoutMs?: number },
): Promise<Buffer> {
  const { maxBytes, signal, timeoutMs = TIMEOUT_MS } = limits
  const tooLarge = () => new AiError('ai_too_large', `the body has more than the ${maxBytes} bytes that are taken`)
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) throw tooLarge()
  const chunks: Buffer[] = []
  let length = 0
  return new Promise((resolve, reject) => {
    const settle = (end: () => void) => {
      clearTimeout(timer)
      request.pause()
      request.removeAllListeners('data')
      end()
    }
    const timer = setTimeout(
      () => settle(() => reject(new AiError('ai_timed_out', 'the body of the request does not come'))),
      timeoutMs,
    )
    request.on('data', (chunk: Buffer) => {
      length += chunk.length
      if (length > maxBytes) settle(() => reject(tooLarge()))
      else chunks.push(chunk)
    })
    request.once('end', () => settle(() => resolve(Buffer.concat(chunks))))
    request.once('close', () =>
      settle(() => reject(signal.aborted ? givenUp(signal) : new AiError('ai_bad_request', 'the body breaks off'))),
    )
  })
}
