import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2'
import { Code, ConnectError, type ConnectRouter, createContextKey, createContextValues } from '@connectrpc/connect'
import { connectNodeAdapter } from '@connectrpc/connect-node'
import type { Pipeline } from '@millrace/ai'
import { errorText, hasCode, type Log, MillraceError, type Part } from '@millrace/base'
import { CONTENT_TYPE, encodeTranscodeResult, HEADER } from '@millrace/wire'
import {
  AIWorker,
  endTranscodingSessionRequestFromProto,
  notifyAiJobToProto,
  notifySegmentToProto,
  Orchestrator,
  orchestratorInfoToProto,
  orchestratorRequestFromProto,
  registerAiWorkerRequestFromProto,
  registerRequestFromProto,
  Transcoder,
} from '@millrace/wire/proto'
import type { AiService, PaymentService } from '../ai-links.ts'
import type { EdgeService } from '../edge-service.ts'
import type { AiWorkerRegistry } from '../grpc/ai-worker-registry.ts'
import {
  isRefusal,
  type OrchestratorService,
  type SegmentHeaders,
  type WorkerService,
} from '../orchestrator-service.ts'
import type { EvidenceDoor } from '../ports.ts'
import { makeCertificate } from '../tls.ts'
import { aiPath, serveAiJob } from './ai-door.ts'
import { AI_RESULTS_PATH, receiveAiResults } from './ai-results.ts'
import { DISTRIBUTION_PATH, serveDistribution } from './distribution-door.ts'
import type { Door, DoorCall } from './door.ts'
import { EVIDENCE_PATH, EvidenceServer } from './evidence-door.ts'
import { LINK_SPEED_PATH, LinkSpeedProbe } from './link-speed.ts'
import { type Listening, listenSecure, type Upgrade } from './listening.ts'
import { LIVE_SEGMENT_PATH, serveLiveSegment } from './live-segment-server.ts'
import { LIVE_TASK_PATH, serveLiveTask } from './live-task.ts'
import { PAYMENT_PATH, REFRESH_PAYMENT_PATH, servePayment } from './payment-door.ts'
import { readBody } from './read-body.ts'
import { receiveTranscodeResults } from './transcode-results.ts'

export type OrchestratorServerOptions = {
  readonly host: string
  readonly port: number
  /** The name in the certificate. */
  readonly certificateHost: string
  /** Where cert.pem and key.pem are written. */
  readonly folder: string
}

type Request = IncomingMessage | Http2ServerRequest
type Response = ServerResponse | Http2ServerResponse

const REMOTE_ADDRESS = createContextKey<string | undefined>(undefined)

/** Of the connection: what a header says of it may be anything. */
function addressOf(request: Request): string | undefined {
  try {
    return request.socket.remoteAddress?.replace(/^::ffff:(?=\d+\.)/, '')
  } catch {
    // An HTTP/2 session that is gone already throws when it is asked.
    return undefined
  }
}

/** The orchestrator's one TLS port: gRPC and plain HTTP side by side, told apart by the content type (wire spec 1.1). */
export class OrchestratorServer implements Part {
  readonly name = 'orchestrator-server'
  readonly #options: OrchestratorServerOptions
  readonly #service: OrchestratorService
  readonly #workers: WorkerService | undefined
  readonly #evidence: EvidenceServer | undefined
  readonly #edge: Pick<EdgeService, 'update'> | undefined
  readonly #ai: AiService | undefined
  readonly #aiWorkers: AiWorkerRegistry | undefined
  readonly #payments: PaymentService | undefined
  readonly #doors: readonly Door[]
  readonly #onUpgrade: Upgrade | undefined
  readonly #log: Log
  readonly #stopping = new AbortController()
  readonly #linkSpeed = new LinkSpeedProbe()
  #aiJobs = 0
  #listening: Listening | undefined

  constructor(
    options: OrchestratorServerOptions,
    deps: {
      readonly service: OrchestratorService
      readonly workers?: WorkerService | undefined
      /** Of disputes; nodes that do not judge have no such door. */
      readonly evidence?: EvidenceDoor | undefined
      /** Serves viewers; most orchestrators do not. */
      readonly edge?: Pick<EdgeService, 'update'> | undefined
      /** Sells AI jobs. */
      readonly ai?: AiService | undefined
      /** Takes payments that come without work. */
      readonly payments?: PaymentService | undefined
      /** Where remote AI workers join, where they may. */
      readonly aiWorkers?: AiWorkerRegistry | undefined
      /** Further paths, asked in this order before any other. */
      readonly doors?: readonly Door[] | undefined
      /** Takes WebSockets. */
      readonly onUpgrade?: Upgrade | undefined
      readonly log: Log
    },
  ) {
    this.#options = options
    this.#service = deps.service
    this.#workers = deps.workers
    this.#evidence = deps.evidence && new EvidenceServer(deps.evidence)
    this.#edge = deps.edge
    this.#ai = deps.ai
    this.#aiWorkers = deps.aiWorkers
    this.#payments = deps.payments
    this.#doors = deps.doors ?? []
    this.#onUpgrade = deps.onUpgrade
    this.#log = deps.log
  }

  get port(): number {
    return this.#listening?.port ?? this.#options.port
  }

  async start(): Promise<void> {
    const { host, port, certificateHost, folder } = this.#options
    const certificate = await makeCertificate(certificateHost, folder)
    const rpc = connectNodeAdapter({
      routes: (router) => this.#routes(router),
      grpcWeb: false,
      connect: false,
      fallback: (request, response) => void this.#http(request as Request, response as Response),
      contextValues: (request) => createContextValues().set(REMOTE_ADDRESS, addressOf(request)),
      shutdownSignal: this.#stopping.signal,
      readMaxBytes: 4 << 20,
    })
    this.#listening = await listenSecure(
      rpc,
      { host, port, flag: '--service-addr (of `millrace up`: --port-offset)', certificate, onUpgrade: this.#onUpgrade },
      { log: this.#log },
    )
  }

  async stop(): Promise<void> {
    this.#stopping.abort(new MillraceError('stopped', 'the orchestrator is stopping', { retryable: true }))
    await this.#listening?.close()
  }

  #routes(router: ConnectRouter): void {
    router.service(Orchestrator, {
      getOrchestrator: (message) =>
        rpcAnswer(async () =>
          orchestratorInfoToProto(await this.#service.getOrchestrator(orchestratorRequestFromProto(message))),
        ),
      endTranscodingSession: (message) =>
        rpcAnswer(async () => {
          await this.#service.endSession(endTranscodingSessionRequestFromProto(message).authToken)
          return {}
        }),
      ping: (message) =>
        rpcAnswer(async () => {
          if (message.value.length > 1024) throw new MillraceError('ping_too_large', 'a ping has at most 1024 bytes')
          return { value: this.#service.ping(message.value) }
        }),
    })
    const aiWorkers = this.#aiWorkers
    if (aiWorkers)
      router.service(AIWorker, {
        registerAIWorker: async function* (message, context) {
          try {
            const remote = context.values.get(REMOTE_ADDRESS)
            const request = registerAiWorkerRequestFromProto(message)
            for await (const notify of aiWorkers.register(request, remote, context.signal))
              yield notifyAiJobToProto(notify)
          } catch (error) {
            throw new ConnectError(errorText(error), Code.Unknown)
          }
        },
      })
    const workers = this.#workers
    if (!workers) return
    router.service(Transcoder, {
      registerTranscoder: async function* (message, context) {
        try {
          const remote = context.values.get(REMOTE_ADDRESS)
          for await (const notify of workers.register(registerRequestFromProto(message), remote, context.signal))
            yield notifySegmentToProto(notify)
        } catch (error) {
          throw new ConnectError(errorText(error), Code.Unknown)
        }
      },
    })
  }

  async #http(request: Request, response: Response): Promise<void> {
    try {
      const path = new URL(request.url ?? '/', 'https://localhost').pathname
      for (const door of this.#doors) {
        const answered = door(request, response, { path, ...this.#call(request) })
        if (answered) return await answered
      }
      if (path === '/segment' && request.method === 'POST') return await this.#segment(request, response)
      if (path === LIVE_SEGMENT_PATH && request.method === 'POST') return await this.#liveSegment(request, response)
      if (path === '/healthz') return answer(response, 200, 'text/plain', 'ok')
      if (path.startsWith('/stream/') && request.method === 'GET') return this.#object(path, response)
      const pays = path === PAYMENT_PATH || path === REFRESH_PAYMENT_PATH
      if (pays && request.method === 'POST' && this.#payments)
        return await servePayment(request, response, {
          path,
          service: this.#payments,
          headers: segmentHeaders(request),
        })
      if (path === AI_RESULTS_PATH && request.method === 'POST' && this.#aiWorkers)
        return await receiveAiResults(request, response, this.#aiWorkers)
      if (path === '/transcodeResults' && request.method === 'POST' && this.#workers)
        return await receiveTranscodeResults(request, response, this.#workers)
      if (path.startsWith(LIVE_TASK_PATH) && request.method === 'POST' && this.#workers)
        return await serveLiveTask(request, response, { path, workers: this.#workers, signal: this.#stopping.signal })
      if (path === LINK_SPEED_PATH && request.method === 'POST' && this.#workers)
        return await this.#linkSpeed.answer(request, response, this.#workers)
      if (path === DISTRIBUTION_PATH && request.method === 'POST' && this.#edge)
        return await serveDistribution(request, response, this.#edge, segmentHeaders(request))
      const pipeline = this.#ai && request.method === 'POST' ? aiPath(path) : undefined
      if (this.#ai && pipeline) return await this.#job(request, response, this.#ai, pipeline)
      if (path.startsWith(EVIDENCE_PATH) && this.#evidence) return await this.#evidence.serve(request, response, path)
      answer(response, 404, 'text/plain', 'Not Found')
    } catch (error) {
      this.#log.warn('a request failed', { error: errorText(error) })
      if (!response.headersSent) answer(response, 500, 'text/plain', 'Internal Server Error')
      else response.end()
    }
  }

  async #segment(request: Request, response: Response): Promise<void> {
    const gone = new AbortController()
    response.on('close', () => gone.abort(new MillraceError('peer_gone', 'the gateway went away', { retryable: true })))
    const accepted = await this.#service.acceptSegment(segmentHeaders(request))
    if (isRefusal(accepted)) return refuse(request, response, accepted.status, accepted.text)
    let body: Uint8Array
    try {
      body = await readBody(request, {
        maxBytes: accepted.maxBytes,
        timeoutMs: accepted.bodyTimeoutMs,
        signal: gone.signal,
      })
      if (headerOf(request, 'content-type')?.toLowerCase() === CONTENT_TYPE.segmentUri)
        body = await accepted.fetchBody(Buffer.from(body.subarray(0, MAX_URI_BYTES)).toString('utf8').trim(), {
          signal: gone.signal,
        })
    } catch (error) {
      accepted.abandon()
      return refuse(request, response, hasCode(error, 'body_too_large') ? 500 : 400, errorText(error))
    }
    const mismatch = await accepted.checkBody(body)
    if (mismatch) return refuse(request, response, mismatch.status, mismatch.text)
    // Gateways take the time until these headers as upload time, so they leave before the work begins (trap 5).
    response.writeHead(200, { 'content-type': 'application/octet-stream' })
    if ('flushHeaders' in response) response.flushHeaders()
    const signal = AbortSignal.any([gone.signal, this.#stopping.signal])
    const result = await accepted.process(body, { signal })
    response.end(encodeTranscodeResult(result))
  }

  async #liveSegment(request: Request, response: Response): Promise<void> {
    const gone = new AbortController()
    response.on('close', () => gone.abort(new MillraceError('peer_gone', 'the gateway went away', { retryable: true })))
    const accepted = await this.#service.acceptLiveSegment(segmentHeaders(request))
    if (isRefusal(accepted)) return refuse(request, response, accepted.status, accepted.text)
    if (gone.signal.aborted) return accepted.abandon()
    const signal = AbortSignal.any([gone.signal, this.#stopping.signal])
    await serveLiveSegment(request, response, accepted, { signal })
  }

  async #job(request: Request, response: Response, service: AiService, pipeline: Pipeline): Promise<void> {
    // Bodies are read before they are paid for, so there is an end to them.
    if (this.#aiJobs >= MAX_AI_JOBS) return refuse(request, response, 503, 'insufficient capacity')
    this.#aiJobs++
    try {
      await serveAiJob(request, response, { pipeline, service, ...this.#call(request), log: this.#log })
    } finally {
      this.#aiJobs--
    }
  }

  #call(request: Request): Pick<DoorCall, 'headers' | 'signal'> {
    return { headers: segmentHeaders(request), signal: this.#stopping.signal }
  }

  #object(path: string, response: Response): void {
    const input = this.#aiWorkers?.input(path)
    if (input) return answer(response, 200, input.type, input.bytes)
    const source = this.#workers?.source(path)
    // The worker's part of a trace begins with the source that it fetches.
    if (source?.traceparent !== undefined) response.setHeader(HEADER.traceparent, source.traceparent)
    const object = source ? { contentType: CONTENT_TYPE.segment, data: source.data } : this.#service.storedObject(path)
    if (!object) return answer(response, 404, 'text/plain', 'Not Found')
    answer(response, 200, object.contentType, object.data)
  }
}

/** AI jobs at once, each with its input in memory. */
const MAX_AI_JOBS = 64
const MAX_URI_BYTES = 4_096

/** Errors of handlers surface as status UNKNOWN with their text, which peers match on (wire spec 1.3). */
async function rpcAnswer<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw new ConnectError(errorText(error), Code.Unknown)
  }
}

const segmentHeaders = (request: Request): SegmentHeaders => ({
  payment: headerOf(request, HEADER.payment),
  segment: headerOf(request, HEADER.segment),
  traceparent: headerOf(request, HEADER.traceparent),
})

export function headerOf(request: Request, name: string): string | undefined {
  const value = request.headers[name.toLowerCase()]
  return Array.isArray(value) ? value[0] : value
}

function answer(response: Response, status: number, contentType: string, body: string | Uint8Array): void {
  response.writeHead(status, { 'content-type': contentType, 'content-length': String(Buffer.byteLength(body)) })
  response.end(body)
}

/** Refuses a request whose body may still be under way, and stops reading it. */
function refuse(request: Request, response: Response, status: number, text: string): void {
  if (response.destroyed) return
  answer(response, status, 'text/plain; charset=utf-8', `${text}\n`)
  request.resume()
}
