import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2'
import type { Writable } from 'node:stream'
import { AsyncQueue, concatBytes, errorText, MillraceError } from '@millrace/base'
import { encodeLiveMessage, HEADER, type LiveMessage, PEER_ERROR, TRANSCODER_AUTHORIZATION } from '@millrace/wire'
import type { LiveTask, WorkerService } from '../orchestrator-service.ts'
import type { LiveRenditionPart, LiveTranscodeJob, TranscodedSegment, TranscodeLive } from '../ports.ts'
import { traceOf } from '../trace-context.ts'
import { openLiveRequest } from './live-segment-client.ts'
import { readLiveMessages } from './live-segment-server.ts'
import { headerOf } from './orchestrator-server.ts'
import type { SecureClient } from './secure-fetch.ts'

/** Where a worker connects for a live segment; the rest of the path is a secret of the task. */
export const LIVE_TASK_PATH = '/liveTask/'

const MAX_RESULT_BYTES = 600_000_000
/** A worker gives a part every 200 ms while media comes, and its source may stall for as long as an orchestrator bears. */
const IDLE_MS = 15_000
const HEAD_TIMEOUT_MS = 8_000

type Request = IncomingMessage | Http2ServerRequest
type Response = ServerResponse | Http2ServerResponse

/** The orchestrator's end: the source goes out over the answer while parts come in over the body. */
export async function serveLiveTask(
  request: Request,
  response: Response,
  options: { readonly path: string; readonly workers: WorkerService; readonly signal: AbortSignal },
): Promise<void> {
  const { path, workers } = options
  const refuse = (status: number, text: string) => {
    response.writeHead(status, { 'content-type': 'text/plain' })
    response.end(`${text}\n`)
    request.resume()
  }
  const credentials = headerOf(request, HEADER.credentials) ?? ''
  if (headerOf(request, HEADER.authorization) !== TRANSCODER_AUTHORIZATION || !workers.authorized(credentials))
    return refuse(401, PEER_ERROR.unauthorized)
  const task = workers.liveTask(path)
  if (!task) return refuse(404, 'Not Found')
  request.socket.setNoDelay?.(true)
  const trace = task.traceparent === undefined ? {} : { [HEADER.traceparent]: task.traceparent }
  response.writeHead(200, { 'content-type': 'application/octet-stream', ...trace })
  if ('flushHeaders' in response) response.flushHeaders()
  const signal = AbortSignal.any([options.signal, task.signal])
  const onAbort = () => response.destroy()
  signal.addEventListener('abort', onAbort, { once: true })
  void sendSource(task, response as Writable).catch(() => response.destroy())
  try {
    const messages = readLiveMessages(request, { maxBytes: MAX_RESULT_BYTES, idleMs: IDLE_MS, signal })
    for await (const message of messages) task.message(message)
    task.ended()
  } catch (error) {
    task.ended(error)
  } finally {
    signal.removeEventListener('abort', onAbort)
    response.end()
  }
}

async function sendSource({ chunks }: LiveTask, response: Writable): Promise<void> {
  for await (const bytes of chunks) {
    if (response.destroyed) return
    if (!response.write(encodeLiveMessage({ kind: 'media', bytes })))
      await new Promise<void>((resolve) => {
        const done = () => {
          response.off('drain', done)
          response.off('close', done)
          resolve()
        }
        response.once('drain', done)
        response.once('close', done)
      })
  }
  if (!response.destroyed) response.write(encodeLiveMessage({ kind: 'close', header: '' }))
}

/** The worker's end: connects, transcodes what comes, and sends the parts back as they are made. */
export async function workLiveTask(
  http: SecureClient,
  task: {
    readonly url: string
    readonly secret: string
    readonly job: Omit<LiveTranscodeJob, 'chunks' | 'traceparent'>
    readonly transcode: TranscodeLive
    readonly signal: AbortSignal
  },
): Promise<void> {
  const { job, transcode } = task
  const chunks = new AsyncQueue<Uint8Array>({ capacity: 4_096 })
  const stop = new AbortController()
  const signal = AbortSignal.any([task.signal, stop.signal])
  let opened: (traceparent: string | undefined) => void = () => {}
  const begun = new Promise<string | undefined>((resolve) => {
    opened = resolve
  })
  const request = openLiveRequest(http, task.url, {
    headers: {
      'Content-Type': 'application/octet-stream',
      [HEADER.authorization]: TRANSCODER_AUTHORIZATION,
      [HEADER.credentials]: task.secret,
    },
    headTimeoutMs: HEAD_TIMEOUT_MS,
    maxBytes: MAX_RESULT_BYTES,
    signal,
    opened: (headers) => opened(headers[HEADER.traceparent] as string | undefined),
    message: (message) => {
      if (message.kind === 'media') chunks.push(message.bytes)
      else if (message.kind === 'close') chunks.close()
      else throw new MillraceError('malformed_message', `an orchestrator sends no message of kind ${message.kind}`)
    },
  })
  const answered = request.answered.then(({ status, text }) => {
    if (status !== 200) throw new MillraceError('source_gone', `the live task answered ${status}: ${text}`)
    if (!chunks.closed) throw new MillraceError('source_gone', 'the live segment was given up')
  })
  answered.catch((error) => {
    chunks.close(error)
    stop.abort(error)
    opened(undefined)
  })
  try {
    const traceparent = traceOf(await begun)
    const done = await transcode({ ...job, chunks, traceparent }, { signal, part: (part) => sendPart(request, part) })
    await request.write({ kind: 'done', decodedPixels: done.decodedPixels })
  } catch (error) {
    await request.write({ kind: 'failed', text: errorText(error) })
  }
  request.end()
  await answered.catch(() => {})
}

function sendPart(request: ReturnType<typeof openLiveRequest>, { init, ...part }: LiveRenditionPart): void {
  if (init) void request.write({ kind: 'init', rendition: part.rendition, bytes: init })
  void request.write({ kind: 'part', ...part })
}

/** A live segment on its way through a remote worker, as the orchestrator sees it. */
export class LiveWork {
  readonly done: Promise<TranscodedSegment>
  readonly #renditions: { init: Uint8Array | undefined; pixels: bigint; readonly bytes: Uint8Array[] }[]
  readonly #part: (part: LiveRenditionPart) => void
  #settle: { resolve(done: TranscodedSegment): void; reject(error: unknown): void } = {
    resolve: () => {},
    reject: () => {},
  }

  constructor(renditions: number, part: (part: LiveRenditionPart) => void) {
    this.#part = part
    this.#renditions = Array.from({ length: renditions }, () => ({ init: undefined, pixels: 0n, bytes: [] }))
    this.done = new Promise((resolve, reject) => {
      this.#settle = { resolve, reject }
    })
    this.done.catch(() => {})
  }

  /** Throws for what no worker sends. */
  take(message: LiveMessage): void {
    switch (message.kind) {
      case 'init':
      case 'part':
        return this.#rendition(message)
      case 'done': {
        const renditions = this.#renditions.map(({ bytes, pixels }) => ({ data: concatBytes(...bytes), pixels }))
        return this.#settle.resolve({ renditions, decodedPixels: message.decodedPixels })
      }
      case 'failed':
        return this.#settle.reject(new MillraceError('transcode_failed', message.text))
      default:
        throw new MillraceError('malformed_message', `a worker sends no message of kind ${message.kind}`)
    }
  }

  fail(error: unknown): void {
    this.#settle.reject(error)
  }

  #rendition(message: Extract<LiveMessage, { kind: 'init' | 'part' }>): void {
    const rendition = this.#renditions[message.rendition]
    if (!rendition) throw new MillraceError('mismatched_segments', PEER_ERROR.mismatchedSegments)
    rendition.bytes.push(message.bytes)
    if (message.kind === 'init') {
      rendition.init = message.bytes
      return
    }
    const { kind: _, ...part } = message
    rendition.pixels += message.pixels
    const { init } = rendition
    rendition.init = undefined
    this.#part({ ...part, init })
  }
}
