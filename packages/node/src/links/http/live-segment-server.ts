import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2'
import type { Writable } from 'node:stream'
import { AsyncQueue, MillraceError } from '@millrace/base'
import { encodeLiveMessage, encodeTranscodeResult, type LiveMessage, LiveMessageReader } from '@millrace/wire'
import type { AcceptedLiveSegment } from '../orchestrator-service.ts'

type Request = IncomingMessage | Http2ServerRequest
type Response = ServerResponse | Http2ServerResponse

/** Where Millrace nodes take segments that are still arriving. */
export const LIVE_SEGMENT_PATH = '/segment/live'
/** Messages that may wait for the work; then the connection is not read. */
const MAX_WAITING = 64
/** Answer bytes that a reader may leave waiting before its segment is given up: it would fill the memory. */
const MAX_UNSENT_BYTES = 64 << 20

/** Serves a live segment: messages come in over the request's body while parts go out over the answer's. */
export async function serveLiveSegment(
  request: Request,
  response: Response,
  accepted: AcceptedLiveSegment,
  options: { readonly signal: AbortSignal },
): Promise<void> {
  const stop = new AbortController()
  const signal = AbortSignal.any([options.signal, stop.signal])
  // Parts must go out as soon as they are made, not when a packet is full.
  request.socket.setNoDelay?.(true)
  response.writeHead(200, { 'content-type': 'application/octet-stream' })
  if ('flushHeaders' in response) response.flushHeaders()
  const send = (message: LiveMessage) => {
    if (signal.aborted) return
    ;(response as Writable).write(encodeLiveMessage(message))
    if (response.writableLength > MAX_UNSENT_BYTES)
      stop.abort(new MillraceError('slow_reader', 'the gateway does not read the parts', { retryable: true }))
  }
  const messages = readLiveMessages(request, { ...accepted, signal })
  const result = await accepted.process(messages, { signal, send })
  response.end(encodeLiveMessage({ kind: 'result', bytes: encodeTranscodeResult(result) }))
  // What the sender still sends of a segment that failed is not wanted.
  request.resume()
}

/** The messages of a body as they arrive; throws what is wrong with them, `body_too_large`, `body_timeout` or `body_truncated`. */
export function readLiveMessages(
  body: Request,
  options: { readonly maxBytes: number; readonly idleMs: number; readonly signal: AbortSignal },
): AsyncIterable<LiveMessage> {
  const { maxBytes, idleMs, signal } = options
  const queue = new AsyncQueue<LiveMessage>({ capacity: MAX_WAITING * 4 })
  const reader = new LiveMessageReader()
  let length = 0
  let timer: NodeJS.Timeout | undefined
  const watch = () => {
    clearTimeout(timer)
    timer = setTimeout(
      () => end(new MillraceError('body_timeout', `nothing came for ${idleMs} ms`, { retryable: true })),
      idleMs,
    )
  }
  const end = (error?: unknown) => {
    clearTimeout(timer)
    signal.removeEventListener('abort', onAbort)
    body.removeListener('data', onData)
    body.removeListener('end', onEnd)
    body.removeListener('close', onClose)
    queue.close(error)
  }
  const onAbort = () => end(signal.reason)
  const onEnd = () =>
    end(
      reader.unfinished
        ? new MillraceError('body_truncated', 'the last message was cut off', { retryable: true })
        : undefined,
    )
  const onClose = () =>
    end(
      new MillraceError('body_truncated', 'the connection closed before the segment was complete', { retryable: true }),
    )
  const onData = (bytes: Uint8Array) => {
    watch()
    length += bytes.length
    if (length > maxBytes) return end(new MillraceError('body_too_large', `the body is larger than ${maxBytes} bytes`))
    try {
      for (const message of reader.push(bytes)) queue.push(message)
    } catch (error) {
      return end(error)
    }
    if (queue.size >= MAX_WAITING) {
      body.pause()
      clearTimeout(timer)
      void drained().then(() => {
        if (queue.closed) return
        watch()
        body.resume()
      })
    }
  }
  const drained = async () => {
    while (!queue.closed && queue.size >= MAX_WAITING / 2) await new Promise((resolve) => setTimeout(resolve, 5))
  }
  watch()
  body.on('data', onData)
  body.once('end', onEnd)
  body.once('close', onClose)
  body.on('error', end)
  signal.addEventListener('abort', onAbort, { once: true })
  if (signal.aborted) onAbort()
  return queue
}
