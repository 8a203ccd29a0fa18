import { ComputeError, type JobRequest, subscribe, TricklePublisher } from '@millrace/ai'
import { type Clock, errorText, hasCode, type Log, MillraceError, utf8 } from '@millrace/base'
import type { ByocAnswer, ByocBuyer, ByocCall } from './byoc-buyer.ts'
import { DataFeed } from './data-feed.ts'

export type ByocStreamDeps = {
  readonly buyer: ByocBuyer
  readonly clock: Clock
  readonly log: Log
  /** Called once. */
  readonly onEnd: () => void
}

export type ByocStreamOptions = {
  readonly id: string
  readonly requestId: string
  readonly call: Omit<ByocCall, 'path' | 'body' | 'contentType' | 'signal'>
  /** What the app is told when it begins. */
  readonly params: unknown
}

const KEEP_ALIVE_MS = 10_000
/** An app that says nothing for so long is taken for dead. */
const SILENT_MS = 30_000
const CHECK_MS = 5_000
const MAX_SWAPS = 2
const SWAP_WINDOW_MS = 60_000
const MAX_EVENT_BYTES = 1_000_000

/** A stream that one orchestrator after the other works on, until it is stopped or nobody is left. */
export class ByocStream {
  readonly data: DataFeed | undefined
  readonly #options: ByocStreamOptions
  readonly #deps: ByocStreamDeps
  readonly #over = new AbortController()
  #status: Record<string, unknown> = {}
  #params: unknown
  #at: { readonly bought: ByocAnswer; readonly stop: AbortController; readonly used: string } | undefined
  #tried: string[] = []
  #swaps = 0
  #lastSwapMs = Number.NEGATIVE_INFINITY

  constructor(options: ByocStreamOptions, deps: ByocStreamDeps) {
    this.#options = options
    this.#deps = deps
    this.#params = options.params
    this.data = options.call.parameters.dataOutput ? new DataFeed() : undefined
  }

  get id(): string {
    return this.#options.id
  }

  get capability(): string {
    return this.#options.call.job.capability
  }

  /** The last status that the app told, and who works on it. */
  get status(): Readonly<Record<string, unknown>> {
    return { whep_url: '', ...this.#status, orchestrator: this.#at?.bought.token.serviceUri ?? '' }
  }

  /** Begins at the first orchestrator that takes it; throws what a job throws where nobody does. */
  async begin(): Promise<void> {
    const { call } = this.#options
    const { buyer } = this.#deps
    const exclude = [...call.parameters.exclude, ...this.#tried]
    const bought = await buyer.run({
      ...call,
      job: { ...call.job, id: this.id },
      parameters: { ...call.parameters, exclude },
      path: '/ai/stream/start',
      contentType: 'application/json',
      body: utf8(JSON.stringify({ params: this.#params ?? null })),
      signal: this.#over.signal,
      onSpent: (error) => void this.stop(new Uint8Array(0), errorText(error)),
    })
    const { answer, token } = bought
    answer.resume()
    const status = answer.statusCode ?? 500
    if (status !== 200) {
      bought.settle(false)
      throw new MillraceError('ai_job_refused', `the orchestrator answered ${status}`, { meta: { status } })
    }
    this.#tried.push(bought.entry.serviceUri)
    const stop = new AbortController()
    this.#at = { bought, stop, used: token.serviceUri }
    const channel = (header: string) => this.#channelOf(answer.headers[header], token.serviceUri)
    this.#control(channel('x-control-url'), stop)
    this.#events(channel('x-events-url'), stop)
    this.#dataFrom(channel('x-data-url'), stop)
  }

  /** Hands new parameters to the app; its answer. */
  async update(job: JobRequest, body: Uint8Array, contentType: string | undefined) {
    const at = this.#working()
    const answer = await this.#deps.buyer.command(at.bought.entry, {
      ...{ what: 'update', body, contentType, signal: this.#over.signal },
      job: { ...job, id: this.id, request: withStream(job.request, this.id) },
    })
    if (answer.status < 300) this.#params = jsonOrText(body)
    return answer
  }

  /** Ends it for good; what the app answered, where it did. */
  async stop(body: Uint8Array, reason: string): Promise<Uint8Array> {
    if (this.#over.signal.aborted) return new Uint8Array(0)
    const answer = await this.#leave(body)
    this.#over.abort(new MillraceError('session_over', `the stream ended: ${reason}`))
    this.data?.end()
    this.#deps.onEnd()
    this.#deps.log.info('a stream of a capability ended', { stream: this.id, capability: this.capability, reason })
    return answer
  }

  #working() {
    if (!this.#at) throw new ComputeError('compute_no_capacity', 'the stream looks for another orchestrator')
    return this.#at
  }

  async #leave(body: Uint8Array): Promise<Uint8Array> {
    const at = this.#at
    this.#at = undefined
    if (!at) return new Uint8Array(0)
    at.stop.abort()
    at.bought.settle(true)
    const { job } = this.#options.call
    try {
      const signal = AbortSignal.timeout(15_000)
      const request = JSON.stringify({ stream_id: this.id })
      const answer = await this.#deps.buyer.command(at.bought.entry, {
        ...{ what: 'stop', body, signal },
        job: { ...job, id: this.id, request, parameters: '{}', timeoutSeconds: 10 },
      })
      return answer.body
    } catch (error) {
      this.#deps.log.info('an orchestrator was not told that a stream ends', { error: errorText(error) })
      return new Uint8Array(0)
    }
  }

  /** The orchestrator is not up to it: another one goes on, unless that happened too often. */
  #swap(from: AbortController, reason: string): void {
    if (this.#at?.stop !== from || this.#over.signal.aborted) return
    const { clock, log } = this.#deps
    log.warn('a stream of a capability looks for another orchestrator', { stream: this.id, reason })
    const now = clock.elapsed()
    const tooFast = this.#swaps >= MAX_SWAPS && now - this.#lastSwapMs < SWAP_WINDOW_MS
    this.#swaps++
    this.#lastSwapMs = now
    const next = async () => {
      await this.#leave(utf8(reason))
      if (tooFast) return void (await this.stop(new Uint8Array(0), `too many swaps; the last one: ${reason}`))
      try {
        await this.begin()
      } catch (error) {
        await this.stop(new Uint8Array(0), `nobody is left: ${errorText(error)}`)
      }
    }
    void next()
  }

  #control(url: string | undefined, stop: AbortController): void {
    if (url === undefined) return
    const publisher = new TricklePublisher({ url, anyCertificate: true, mimeType: 'application/json' })
    const timer = setInterval(() => {
      publisher.write(utf8('{"keep":"alive"}')).catch((error) => {
        if (hasCode(error, 'channel_not_found') || hasCode(error, 'channel_ended'))
          this.#swap(stop, 'the control channel is gone')
      })
    }, KEEP_ALIVE_MS)
    stop.signal.addEventListener('abort', () => {
      clearInterval(timer)
      publisher.stop()
    })
  }

  #events(url: string | undefined, stop: AbortController): void {
    if (url === undefined) return
    const { clock } = this.#deps
    let heardMs = clock.elapsed()
    const watch = setInterval(() => {
      if (clock.elapsed() - heardMs > SILENT_MS) this.#swap(stop, 'the app says nothing')
    }, CHECK_MS)
    stop.signal.addEventListener('abort', () => clearInterval(watch))
    const read = async () => {
      for await (const segment of subscribe({ url, anyCertificate: true, signal: stop.signal })) {
        const text = await textOf(segment.data)
        heardMs = clock.elapsed()
        this.#event(text)
      }
      this.#swap(stop, 'the events channel ended')
    }
    read().catch((error) => this.#swap(stop, `the events channel broke off: ${errorText(error)}`))
  }

  #event(text: string): void {
    try {
      const json = JSON.parse(text) as Record<string, unknown>
      const event = (json.event ?? json) as Record<string, unknown>
      if (typeof event !== 'object' || event === null || event.type !== 'status') return
      this.#status = { ...event, stream_id: this.id, request_id: this.#options.requestId }
    } catch {
      this.#deps.log.debug('an event of an app is not JSON', { stream: this.id })
    }
  }

  #dataFrom(url: string | undefined, stop: AbortController): void {
    const { data } = this
    if (url === undefined || !data) return
    const read = async () => {
      for await (const segment of subscribe({ url, anyCertificate: true, signal: stop.signal }))
        for (const line of (await textOf(segment.data)).split('\n')) if (line.trim() !== '') data.push(line)
      this.#swap(stop, 'the data channel ended')
    }
    read().catch((error) => this.#swap(stop, `the data channel broke off: ${errorText(error)}`))
  }

  /** The word of an orchestrator leads to itself alone. */
  #channelOf(value: string | string[] | undefined, serviceUri: string): string | undefined {
    if (typeof value !== 'string' || value === '') return undefined
    const url = URL.canParse(value, serviceUri) ? new URL(value, serviceUri) : undefined
    if (url && url.origin === new URL(serviceUri).origin) return url.href
    this.#deps.log.warn('an orchestrator named a channel that is not its own', { stream: this.id, serviceUri })
    return undefined
  }
}

async function textOf(data: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of data) {
    size += chunk.length
    if (size > MAX_EVENT_BYTES) throw new MillraceError('body_too_large', 'a message of the app is too large')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

/** The client's request with the stream in it, by which the orchestrator finds it. */
function withStream(request: string, id: string): string {
  const json = JSON.parse(request) as Record<string, unknown>
  return JSON.stringify({ ...json, stream_id: id })
}

function jsonOrText(body: Uint8Array): unknown {
  const text = Buffer.from(body).toString('utf8')
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
