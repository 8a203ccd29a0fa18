import type { Readable } from 'node:stream'
import { concatBytes, MillraceError } from '@millrace/base'

/** Reads a whole body; throws `body_too_large` past the limit and `body_timeout` when it stalls, so that a slow or endless sender costs nothing. */
export async function readBody(
  stream: Readable,
  options: { readonly maxBytes: number; readonly timeoutMs: number; readonly signal?: AbortSignal | undefined },
): Promise<Uint8Array> {
  const { maxBytes, timeoutMs, signal } = options
  const chunks: Uint8Array[] = []
  let length = 0
  return new Promise((resolve, reject) => {
    const timer = setTimeout(
      () =>
        fail(new MillraceError('body_timeout', `the body did not arrive within ${timeoutMs} ms`, { retryable: true })),
      timeoutMs,
    )
    const onAbort = () => fail(signal?.reason)
    const settle = () => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', onAbort)
      stream.removeListener('data', onData)
      stream.removeListener('end', onEnd)
      stream.removeListener('close', onClose)
      stream.removeListener('aborted', onClose)
    }
    const fail = (error: unknown) => {
      settle()
      reject(error)
    }
    const onData = (chunk: Uint8Array) => {
      length += chunk.length
      if (length > maxBytes) {
        stream.pause()
        fail(new MillraceError('body_too_large', `the body is larger than ${maxBytes} bytes`))
      } else chunks.push(chunk)
    }
    const onEnd = () => {
      settle()
      resolve(concatBytes(...chunks))
    }
    const onClose = () =>
      fail(
        new MillraceError('body_truncated', 'the connection closed before the body was complete', { retryable: true }),
      )
    stream.on('data', onData)
    stream.once('end', onEnd)
    stream.once('close', onClose)
    stream.once('aborted', onClose)
    stream.on('error', fail)
    signal?.addEventListener('abort', onAbort, { once: true })
    if (signal?.aborted) onAbort()
  })
}
