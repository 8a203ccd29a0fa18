import { randomBytes } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { ComputeError, readJobParameters } from '@millrace/ai'
import { type Clock, type Log, MillraceError } from '@millrace/base'
import { z } from 'zod'
import { sayBytes, sayError, sayText, untilGone, writeOn } from '../../links/http/byoc-answers.ts'
import { readBody } from '../../links/http/read-body.ts'
import type { ApiKeys } from '../api-keys/api-keys.ts'
import { type ByocBuyer, JobRefusal } from './byoc-buyer.ts'
import { readClientJob } from './byoc-door.ts'
import { ByocStream } from './byoc-stream.ts'
import { searchLimits } from './search-limits.ts'

export type ByocStreamDoorDeps = {
  readonly buyer: ByocBuyer
  /** Who may have this gateway buy; anybody who reaches it when undefined. */
  readonly keys: Pick<ApiKeys, 'admit'> | undefined
  /** Where this gateway is reached. */
  readonly ownUrl: () => string
  readonly clock: Clock
  readonly log: Log
  readonly stopping: AbortSignal
}

const PREFIX = '/process/stream/'
const MAX_BODY_BYTES = 10_000_000
const BODY_TIMEOUT_MS = 30_000
const MAX_STREAMS = 100
/** A stream's status is told for so long after its end. */
const KEEP_STATUS_MS = 60_000
const name = z
  .string()
  .max(100)
  .regex(/^[\w.~-]*$/, 'letters, digits and _ . ~ - are expected')
  .nullish()
const Start = z.object({
  stream_name: name,
  stream_id: name,
  rtmp_output: z.string().max(2_000).nullish(),
  params: z.string().max(MAX_BODY_BYTES).nullish(),
})

/** Where clients of a gateway begin and steer streams of capabilities: /process/stream/… (ai spec, section 10). */
export class ByocStreamDoor {
  readonly #deps: ByocStreamDoorDeps
  readonly #streams = new Map<string, ByocStream>()
  readonly #ended = new Map<string, Readonly<Record<string, unknown>>>()

  constructor(deps: ByocStreamDoorDeps) {
    this.#deps = deps
  }

  owns(pathname: string): boolean {
    return pathname.startsWith(PREFIX)
  }

  async answer(request: IncomingMessage, response: ServerResponse, pathname: string): Promise<void> {
    try {
      if (request.method === 'OPTIONS') {
        request.resume()
        response.writeHead(204)
        return void response.end()
      }
      const [id = '', action, ...more] = pathname.slice(PREFIX.length).split('/')
      if (more.length > 0 || (action === undefined && id !== 'start')) throw nothingHere()
      if (action === undefined) return await this.#post(request, response, () => this.#start(request, response))
      if (action === 'data' || action === 'status')
        return await this.#get(request, response, () =>
          action === 'data' ? this.#data(response, id) : this.#status(response, id),
        )
      if (action === 'update') return await this.#post(request, response, () => this.#update(request, response, id))
      if (action === 'stop') return await this.#post(request, response, () => this.#stop(request, response, id))
      if (action === 'whip' || action === 'rtmp' || action === 'whep') {
        this.#stream(id)
        throw new ComputeError(
          'compute_not_served',
          `video of capabilities does not go through this gateway yet: its app works on the trickle channels and the data channel, /${action} is not served`,
        )
      }
      throw nothingHere()
    } catch (error) {
      if (error instanceof JobRefusal)
        return sayBytes(response, error.status, error.body, { 'content-type': error.contentType })
      sayError(request, response, error)
    }
  }

  /** Ends all streams. */
  async stop(): Promise<void> {
    await Promise.all([...this.#streams.values()].map((stream) => stream.stop(new Uint8Array(0), 'the gateway stops')))
  }

  async #start(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { buyer, keys, clock, log } = this.#deps
    const account = keys?.admit(request)
    const job = readClientJob(request)
    const parameters = readJobParameters(job)
    const { stream_name: given, stream_id: wanted, params } = parse(await this.#bodyOf(request, response))
    const id = [given, wanted || randomBytes(16).toString('hex')].filter((part) => part).join('-')
    if (this.#streams.has(id)) throw new ComputeError('compute_bad_request', `stream already exists: ${id}`)
    if (this.#streams.size >= MAX_STREAMS)
      throw new ComputeError('compute_no_capacity', `this gateway has ${MAX_STREAMS} streams of capabilities`)
    const stream: ByocStream = new ByocStream(
      {
        ...{ id, requestId: randomBytes(4).toString('hex'), params: params ? paramsOf(params) : undefined },
        call: { job, parameters, account, limits: searchLimits(request.headers) },
      },
      { buyer, clock, log, onEnd: () => this.#forget(stream) },
    )
    this.#streams.set(id, stream)
    try {
      await stream.begin()
    } catch (error) {
      this.#streams.delete(id)
      throw error
    }
    if (response.destroyed) return void (await stream.stop(new Uint8Array(0), 'its client went away'))
    const at = (action: string) => `${this.#deps.ownUrl()}${PREFIX}${encodeURIComponent(id)}/${action}`
    json(response, 200, {
      ...{ stream_id: id, whip_url: '', whep_url: '', rtmp_url: '', rtmp_output_url: '' },
      ...{ update_url: at('update'), status_url: at('status'), stop_url: at('stop') },
      data_url: parameters.dataOutput ? at('data') : '',
    })
  }

  async #update(request: IncomingMessage, response: ServerResponse, id: string): Promise<void> {
    const stream = this.#stream(id)
    const job = readClientJob(request)
    if (job.capability !== stream.capability)
      throw new ComputeError('compute_bad_request', `the stream is one of ${stream.capability}`)
    const body = await this.#bodyOf(request, response)
    const answer = await stream.update(job, body, request.headers['content-type'])
    const type = answer.headers['content-type']
    sayBytes(response, answer.status, answer.body, { ...(type !== undefined && { 'content-type': type }) })
  }

  async #stop(request: IncomingMessage, response: ServerResponse, id: string): Promise<void> {
    const stream = this.#stream(id)
    const body = await this.#bodyOf(request, response)
    sayBytes(response, 200, await stream.stop(body, 'its client stopped it'), { 'content-type': 'application/json' })
  }

  #status(response: ServerResponse, id: string): void {
    const status = this.#streams.get(id)?.status ?? this.#ended.get(id)
    if (!status) throw new ComputeError('compute_not_found', 'Stream not found')
    json(response, 200, status)
  }

  async #data(response: ServerResponse, id: string): Promise<void> {
    const { data } = this.#stream(id)
    if (!data)
      throw new ComputeError(
        'compute_no_capacity',
        'Stream data not available: the stream was begun without enable_data_output',
      )
    const signal = untilGone(response, this.#deps.stopping)
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' })
    response.flushHeaders()
    for await (const line of data.read({ signal })) await writeOn(response, `data: ${line}\n\n`)
    if (!signal.aborted) await writeOn(response, 'event: end\ndata: {"type":"stream_ended"}\n\n')
    response.end()
  }

  #stream(id: string): ByocStream {
    const stream = this.#streams.get(id)
    if (!stream) throw new ComputeError('compute_not_found', 'Stream not found')
    return stream
  }

  #forget(stream: ByocStream): void {
    this.#streams.delete(stream.id)
    this.#ended.set(stream.id, stream.status)
    setTimeout(() => this.#ended.delete(stream.id), KEEP_STATUS_MS).unref()
  }

  #bodyOf(request: IncomingMessage, response: ServerResponse): Promise<Uint8Array> {
    const signal = untilGone(response, this.#deps.stopping)
    return readBody(request, { maxBytes: MAX_BODY_BYTES, timeoutMs: BODY_TIMEOUT_MS, signal })
  }

  #post(request: IncomingMessage, response: ServerResponse, work: () => Promise<void>): Promise<void> {
    return this.#only('POST', request, response, work)
  }

  #get(request: IncomingMessage, response: ServerResponse, work: () => Promise<void> | void): Promise<void> {
    return this.#only('GET', request, response, work)
  }

  async #only(
    method: string,
    request: IncomingMessage,
    response: ServerResponse,
    work: () => Promise<void> | void,
  ): Promise<void> {
    if (request.method === method) return work()
    response.setHeader('allow', method)
    request.resume()
    sayText(response, 405, 'Method not allowed')
  }
}

const nothingHere = (): ComputeError => new ComputeError('compute_not_found', 'Not Found')

const json = (response: ServerResponse, status: number, value: unknown): void =>
  sayBytes(response, status, Buffer.from(JSON.stringify(value)), { 'content-type': 'application/json' })

function parse(body: Uint8Array): z.output<typeof Start> {
  let value: unknown
  try {
    value = JSON.parse(Buffer.from(body).toString('utf8') || '{}')
  } catch (cause) {
    throw new ComputeError('compute_bad_request', 'invalid JSON request body', { cause })
  }
  const { data, error } = Start.safeParse(value)
  if (!error) return data
  const [issue] = error.issues
  throw new ComputeError('compute_bad_request', `${issue?.path.join('.') || 'the body'}: ${issue?.message}`)
}

function paramsOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    if (cause instanceof MillraceError) throw cause
    throw new ComputeError('compute_bad_request', 'invalid model params: params must be JSON in a string', { cause })
  }
}
