import type { IncomingMessage } from 'node:http'
import { ComputeError } from '@millrace/ai'
import { type Clock, errorText, hasCode, type Log, utf8 } from '@millrace/base'
import type { ByocJob, ByocStreamService, WorkerAnswer } from '../../links/byoc-links.ts'
import { readBody } from '../../links/http/read-body.ts'
import type { TrickleMount } from '../../links/http/trickle-mount.ts'
import { callWorker, workerUrl } from '../../links/http/worker-call.ts'

export type ByocStreamsOptions = {
  /** How often streams are charged, in seconds. Default 23, a little more often than gateways pay. */
  readonly chargeSeconds?: number
  /** -liveAITrickleHostForRunner: apps reach channels at this host and port. */
  readonly hostForApps?: string | undefined
}

export type ByocStreamsDeps = {
  readonly trickle: Pick<TrickleMount, 'create' | 'close' | 'url'>
  readonly clock: Clock
  readonly log: Log
}

type Stream = {
  readonly job: ByocJob
  readonly channels: readonly string[]
  readonly beganMs: number
  readonly timer: NodeJS.Timeout
  /** Its account was below zero when it was looked at last. */
  isOwing: boolean
}

const CHARGE_SECONDS = 23
const STOP_TIMEOUT_MS = 10_000
const MAX_ANSWER_BYTES = 1_000_000
const MAX_STREAMS = 1_000

/** Streams of capabilities: trickle channels between a gateway and an app, charged as time goes by (ai spec, section 10). */
export class ByocStreams implements ByocStreamService {
  readonly #chargeSeconds: number
  readonly #hostForApps: string | undefined
  readonly #deps: ByocStreamsDeps
  readonly #streams = new Map<string, Stream>()

  constructor(options: ByocStreamsOptions, deps: ByocStreamsDeps) {
    this.#chargeSeconds = options.chargeSeconds ?? CHARGE_SECONDS
    this.#hostForApps = options.hostForApps
    this.#deps = deps
  }

  /** Ends all streams. */
  async close(): Promise<void> {
    await Promise.all([...this.#streams.keys()].map((id) => this.#end(id, 'the orchestrator stops')))
  }

  async startStream(
    job: ByocJob,
    body: Uint8Array,
    { signal }: { readonly signal: AbortSignal },
  ): Promise<WorkerAnswer> {
    const { clock } = this.#deps
    const { id } = job
    const channels: string[] = []
    let began = false
    try {
      if (id === '') throw new ComputeError('compute_bad_request', 'a stream needs an id in the header Livepeer')
      if (this.#streams.has(id)) throw new ComputeError('compute_conflict', `stream already exists: ${id}`)
      if (this.#streams.size >= MAX_STREAMS)
        throw new ComputeError('compute_no_capacity', `there are ${MAX_STREAMS} streams already`)
      const wanted = objectIn(body)
      const { forWorker, headers } = this.#open(job, channels)
      const startedMs = clock.elapsed()
      const answer = await this.#call(
        job,
        '/stream/start',
        id,
        utf8(JSON.stringify({ ...forWorker, ...wanted })),
        signal,
      )
      if (answer.status >= 400) return answer
      job.charge((clock.elapsed() - startedMs) / 1_000)
      const timer = setInterval(() => this.#charge(id), this.#chargeSeconds * 1_000)
      timer.unref()
      this.#streams.set(id, { job, channels, beganMs: startedMs, timer, isOwing: false })
      began = true
      // The channel may have ended while the app began.
      if (signal.aborted) await this.#end(id, 'the gateway went away')
      return { ...answer, headers }
    } finally {
      if (!began) {
        for (const name of channels) this.#deps.trickle.close(name)
        job.release()
      }
    }
  }

  async updateStream(
    job: ByocJob,
    body: Uint8Array,
    { signal }: { readonly signal: AbortSignal },
  ): Promise<WorkerAnswer> {
    const stream = this.#streamOf(job)
    return this.#call(stream.job, '/stream/params', job.streamId, body, signal)
  }

  async stopStream(
    job: ByocJob,
    body: Uint8Array,
    { signal }: { readonly signal: AbortSignal },
  ): Promise<WorkerAnswer> {
    const stream = this.#streamOf(job)
    try {
      return await this.#call(stream.job, '/stream/stop', job.streamId, body, signal)
    } catch (error) {
      this.#deps.log.info('an app was not told that its stream ends', { stream: job.streamId, error: errorText(error) })
      return { status: 200, contentType: undefined, body: new Uint8Array(0), headers: {} }
    } finally {
      this.#forget(job.streamId, 'its gateway stopped it')
    }
  }

  /** Only who pays for a stream may say anything about it. Throws `compute_not_found`. */
  #streamOf(job: ByocJob): Stream {
    const stream = this.#streams.get(job.streamId)
    if (!stream || stream.job.sender !== job.sender || stream.job.capability !== job.capability)
      throw new ComputeError('compute_not_found', 'Stream not found')
    return stream
  }

  /** The channels that the job asks for: as the app and as the gateway are told of them. */
  #open(job: ByocJob, channels: string[]) {
    const { trickle } = this.#deps
    const { id, parameters } = job
    const forWorker: Record<string, string> = { gateway_request_id: id }
    const headers: Record<string, string> = {}
    const open = (name: string, mimeType: string, field: string, header: string) => {
      // When one ends, whoever ends it, the stream is over.
      trickle.create(name, mimeType, {
        owner: job.sender,
        onClose: () => void this.#end(id, `its channel ${name} ended`),
      })
      channels.push(name)
      const url = new URL(trickle.url(name))
      if (this.#hostForApps !== undefined) url.host = this.#hostForApps
      forWorker[field] = url.href
      headers[header] = trickle.url(name)
    }
    open(`${id}-control`, 'application/json', 'control_url', 'X-Control-Url')
    open(`${id}-events`, 'application/json', 'events_url', 'X-Events-Url')
    if (parameters.videoIngress) open(id, 'video/MP2T', 'subscribe_url', 'X-Publish-Url')
    if (parameters.videoEgress) open(`${id}-out`, 'video/MP2T', 'publish_url', 'X-Subscribe-Url')
    if (parameters.dataOutput) open(`${id}-data`, 'application/jsonl', 'data_url', 'X-Data-Url')
    return { forWorker, headers }
  }

  #charge(id: string): void {
    const stream = this.#streams.get(id)
    if (!stream) return
    if (stream.job.charge(this.#chargeSeconds)) {
      stream.isOwing = false
      return
    }
    if (stream.isOwing) return void this.#end(id, 'its account is empty')
    stream.isOwing = true
    this.#deps.log.warn('a stream has nothing left in its account', { stream: id, sender: stream.job.sender })
  }

  /** Ends a stream and tells its app. */
  async #end(id: string, reason: string): Promise<void> {
    const stream = this.#forget(id, reason)
    if (!stream) return
    try {
      const signal = AbortSignal.timeout(STOP_TIMEOUT_MS)
      await this.#call(stream.job, '/stream/stop', id, utf8(JSON.stringify({ reason })), signal)
    } catch (error) {
      this.#deps.log.info('an app was not told that its stream ends', { stream: id, error: errorText(error) })
    }
  }

  #forget(id: string, reason: string): Stream | undefined {
    const stream = this.#streams.get(id)
    if (!stream) return undefined
    this.#streams.delete(id)
    clearInterval(stream.timer)
    for (const name of stream.channels) this.#deps.trickle.close(name)
    stream.job.sold(this.#deps.clock.elapsed() - stream.beganMs)
    stream.job.release()
    this.#deps.log.info('a stream of a capability ended', { stream: id, capability: stream.job.capability, reason })
    return stream
  }

  async #call(job: ByocJob, path: string, id: string, body: Uint8Array, signal: AbortSignal): Promise<WorkerAnswer> {
    let answer: IncomingMessage | undefined
    try {
      answer = await callWorker(workerUrl(job.url, path), {
        headers: {
          'content-type': 'application/json',
          'x-stream-id': id,
          ...(job.token !== undefined && { authorization: `Bearer ${job.token}` }),
        },
        body,
        timeoutMs: job.timeoutMs,
        signal,
      })
      const status = answer.statusCode ?? 500
      const bytes = await readBody(answer, { maxBytes: MAX_ANSWER_BYTES, timeoutMs: job.timeoutMs, signal })
      const isRedirect = status >= 300 && status < 400
      if (status === 401) job.removeCapability('it refused its token')
      if (status === 401 || isRedirect)
        return { status: 500, contentType: 'text/plain', body: utf8('Orchestrator worker failure\n'), headers: {} }
      return { status, contentType: answer.headers['content-type'], body: bytes, headers: {} }
    } catch (error) {
      if (hasCode(error, 'compute_unreachable') && path === '/stream/start') job.removeCapability(errorText(error))
      throw error
    } finally {
      answer?.destroy()
    }
  }
}

function objectIn(body: Uint8Array): Readonly<Record<string, unknown>> {
  let json: unknown
  try {
    json = JSON.parse(Buffer.from(body).toString('utf8'))
  } catch (cause) {
    throw new ComputeError('compute_bad_request', 'Invalid JSON body', { cause })
  }
  if (typeof json !== 'object' || json === null || Array.isArray(json))
    throw new ComputeError('compute_bad_request', 'Invalid JSON body: an object is expected')
  return json as Readonly<Record<string, unknown>>
}
