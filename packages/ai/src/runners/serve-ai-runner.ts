import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { errorText, type Log } from '@millrace/base'
import { AiError } from '../ai-error.ts'
import type { AiFile } from '../files.ts'
import { maxBodyBytes, readJob } from '../http/read-job.ts'
import { dataUrl, placeFiles } from '../http/result-files.ts'
import { LIVE_PIPELINE } from '../live/live-pipeline.ts'
import type { LivePool } from '../live/live-pool.ts'
import { liveStatus, serveLive } from '../live/serve-live.ts'
import type { Pipeline } from '../pipelines/pipeline.ts'
import { pipelineOf } from '../pipelines/registry.ts'
import type { ModelDescription } from './model-description.ts'
import { receiveBody } from './receive-body.ts'
import type { AiJob, AiResult } from './runner.ts'
import type { RunnerPool } from './runner-pool.ts'
import { framesOfVideo } from './video-frames.ts'

export type ServeAiRunnerOptions = {
  /** Asked of those who send jobs, as AUTH_TOKEN of a container. */
  readonly token?: string | undefined
  /** What `/version` says. Default: the version of ai-runner whose API this is. */
  readonly version?: string | undefined
  readonly maxJobs?: number | undefined
}

export type ServeAiRunnerDeps = {
  readonly pool: Pick<RunnerPool, 'run' | 'describe'>
  /** Its live models, where it has any. */
  readonly live?: Pick<LivePool, 'open' | 'describe'> | undefined
  readonly log: Log
}

const API_VERSION = '0.14.1'
/** Jobs of a pipeline at once, each with its input in memory. */
const MAX_JOBS = 32

/**
 * Serves ai-runner's API from a pool (ai spec, section 4), so that a go-livepeer node can use this worker as a container that it does not start.
 * The pool may have several pipelines; a job without a model goes to the first model of its pipeline.
 */
export function serveAiRunner(options: ServeAiRunnerOptions, deps: ServeAiRunnerDeps): RequestListener {
  const { pool, live, log } = deps
  const { token, version = API_VERSION, maxJobs = MAX_JOBS } = options
  /** By pipeline: those whose body is still coming in are not known to the pool. */
  const underWay = new Map<string, number>()

  return (request, response) => {
    const path = (request.url ?? '/').split('?', 1)[0]?.replace(/(.)\/+$/, '$1') ?? '/'
    answer(request, response, path).catch((error) => {
      if (response.headersSent) return void response.destroy()
      if (!(error instanceof AiError || error instanceof HttpRefusal))
        log.error('a job of the runner API failed', { path, error: errorText(error) })
      const { status, detail } = failureOf(error)
      send(response, status, { detail })
      // What still comes is read and dropped: a connection that is cut would take the answer with it.
      request.resume()
    })
  }

  async function answer(request: IncomingMessage, response: ServerResponse, path: string): Promise<void> {
    const batch = pool.describe()
    const models = [...batch, ...(live?.describe() ?? [])]
    const facts = factsOf(models)
    const isLive = batch.length === 0 && models.length > 0
    if (path === '/health') return send(response, 200, { status: isLive ? liveStatus(models) : statusOf(models) })
    if (path === '/version') return send(response, 200, { ...facts, version, models: models.map(nameOf) })
    if (path === '/hardware/info') return send(response, 200, { ...facts, gpu_info: {} })
    if (path === '/hardware/stats') return send(response, 200, { ...facts, gpu_stats: {} })
    if (path === '/metrics') return metrics(response, version)
    if (live && models.length > batch.length && path === `/${LIVE_PIPELINE}`) {
      admit(request)
      return send(response, 200, await serveLive(request, response, live))
    }
    const pipeline = pipelineOf(path.slice(1))
    const offered = models.filter((model) => model.pipeline === pipeline?.name)
    if (!pipeline || offered.length === 0) throw new HttpRefusal(404, 'Not Found')
    admit(request)
    const name = pipeline.name
    const jobs = underWay.get(name) ?? 0
    const room = offered.reduce((sum, { capacity }) => sum + capacity, 0)
    // Nothing is read of a job for which there is no room.
    if (jobs >= Math.min(room, maxJobs))
      throw new AiError('ai_no_capacity', `insufficient capacity: ${jobs} jobs are under way`, { retryable: true })
    underWay.set(name, jobs + 1)
    try {
      await job(request, response, pipeline, offered)
    } finally {
      underWay.set(name, (underWay.get(name) ?? 1) - 1)
    }
  }

  function admit(request: IncomingMessage): void {
    if (request.method !== 'POST') throw new HttpRefusal(405, 'Method Not Allowed')
    if (token !== undefined && !isToken(request.headers.authorization, token))
      throw new HttpRefusal(401, { msg: 'Invalid bearer token.' })
  }

  async function job(
    request: IncomingMessage,
    response: ServerResponse,
    pipeline: Pipeline,
    offered: readonly ModelDescription[],
  ): Promise<void> {
    const gone = new AbortController()
    response.once('close', () => gone.abort(new AiError('ai_timed_out', 'the client went away')))
    const { signal } = gone
    const body = await receiveBody(request, { maxBytes: maxBodyBytes(pipeline), signal })
    const sent = { contentType: request.headers['content-type'], body, requestId: randomBytes(8).toString('hex') }
    const read = readJob(pipeline, sent, offered[0]?.modelId)
    const model = read.request[pipeline.modelField]
    if (!offered.some(({ modelId }) => modelId === model))
      throw new AiError('ai_bad_request', `this runner has ${offered[0]?.modelId} for ${pipeline.name}, not ${model}`)
    if (pipeline.streams && read.request.stream === true) return stream(response, pipeline, read, signal)
    const result = await pool.run(pipeline.name, read, { signal })
    if (pipeline.name === 'image-to-video') return send(response, 200, await framesOf(result, signal))
    send(response, 200, placeFiles(result, dataUrl))
  }

  /** Chunks as server-sent events; what fails before the first still has a status. */
  async function stream(response: ServerResponse, pipeline: Pipeline, read: AiJob, signal: AbortSignal): Promise<void> {
    const write = (data: string) => {
      if (!response.headersSent)
        response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' })
      response.write(`data: ${data}\n\n`)
    }
    await pool.run(pipeline.name, read, { signal, onChunk: (chunk) => write(JSON.stringify(chunk)) })
    write('[DONE]')
    response.end()
  }
}

/** Containers answer videos as their pictures, and upstream's workers make files of them. */
async function framesOf({ response, files }: AiResult, signal: AbortSignal): Promise<unknown> {
  const frames: unknown[] = []
  for (const image of response.images as readonly Readonly<Record<string, unknown>>[]) {
    const film = files.find(({ name }) => name === image.url)
    if (!film) throw new AiError('ai_runner_failed', 'the video is not among the files of the result')
    const pictures = await framesOfVideo(film.bytes, signal)
    frames.push(pictures.map((bytes) => ({ ...image, url: dataUrl(png(bytes)) })))
  }
  return { frames }
}

const png = (bytes: Uint8Array): AiFile => ({ name: 'frame', type: 'image/png', bytes })

/** Beside what containers say: this one may have several models. */
const nameOf = ({ pipeline, modelId }: ModelDescription) => ({ pipeline, model_id: modelId })

const factsOf = ([first]: readonly ModelDescription[]) => ({
  pipeline: first?.pipeline ?? '',
  model_id: first?.modelId ?? '',
})

/** One state for all models: it is up when any of them is. Upstream takes IDLE for the end of a job, so a runner of jobs never says it, also one that has live models beside. */
function statusOf(models: readonly ModelDescription[]): 'OK' | 'LOADING' | 'ERROR' {
  if (models.some(({ state }) => state === 'ready' || state === 'cold')) return 'OK'
  return models.some(({ state }) => state === 'loading' || state === 'away') ? 'LOADING' : 'ERROR'
}

/** As FastAPI does: a field that is wrong is 422 with its place, everything else has a sentence. */
function failureOf(error: unknown): { readonly status: number; readonly detail: unknown } {
  if (error instanceof HttpRefusal) return error
  if (!(error instanceof AiError)) return { status: 500, detail: { msg: 'the runner failed; its log says why' } }
  const { field } = error.meta
  if (error.code === 'ai_bad_request' && typeof field === 'string') {
    const msg = error.message.startsWith(`${field}: `) ? error.message.slice(field.length + 2) : error.message
    return { status: 422, detail: [{ loc: ['body', ...field.split('.')], msg, type: 'value_error' }] }
  }
  return { status: error.status, detail: { msg: error.message } }
}

/** Hashes have the same length, so that neither length nor content shows in the time it takes. */
function isToken(authorization: string | undefined, token: string): boolean {
  const hash = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(hash(authorization ?? ''), hash(`Bearer ${token}`))
}

function metrics(response: ServerResponse, version: string): void {
  const name = version.replaceAll(/[^\w.+-]/g, '')
  response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4' })
  response.end(
    `# HELP version Version of the runner.\n# TYPE version gauge\nversion{app="millrace",version="${name}"} 1\n`,
  )
}

function send(response: ServerResponse, status: number, value: unknown): void {
  const body = Buffer.from(JSON.stringify(value))
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': body.length })
  response.end(body)
}

/** What a container refuses before it looks at the job. */
class HttpRefusal extends Error {
  readonly status: number
  readonly detail: unknown
  constructor(status: number, detail: unknown) {
    super(`refused with ${status}`)
    this.status = status
    this.detail = detail
  }
}
