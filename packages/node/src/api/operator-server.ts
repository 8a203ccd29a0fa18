import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { errorText, hasCode, type Log, MillraceError, type Part, silentLog } from '@millrace/base'
import { encodeView } from '@millrace/wire'
import type { EventHub } from '../events/event-hub.ts'
import { type Listening, listenPlain } from '../links/http/listening.ts'
import type { Health } from './health.ts'
import { isLocalRequest, isLoopback, isOwnMachine } from './local-request.ts'
import { readParameters } from './parameters.ts'
import { ApiError, json, type Reply, type Route, type Routes, text } from './route.ts'
import { streamEvents } from './sse.ts'

export type OperatorServerOptions = { readonly host: string; readonly port: number; readonly version: string }

export type OperatorServerDeps = {
  readonly hub: EventHub
  readonly health: Health
  /** What the node serves its operator beside the API of go-livepeer. */
  readonly routes?: Routes
  /** The API of go-livepeer, loaded by the first request for it: its code of chains is most of what an idle worker would hold. */
  readonly loadRoutes?: () => Promise<Routes>
  readonly log?: Log
}

/** Paths that change nothing: where the port is open to a network, a monitor may ask for them by any name of the machine. */
const FOR_MONITORS = new Set(['/healthz', '/readyz', '/metrics'])

/**
 * The operator's port of one node, on loopback: go-livepeer's API, /healthz and /readyz, /view (all figures as JSON) and
 * /events (server-sent events). Requests that a browser sends from another site are refused, so that no page can read or
 * steer a node (faults 45).
 */
export class OperatorServer implements Part {
  readonly name = 'operator-server'
  readonly #options: OperatorServerOptions
  readonly #deps: OperatorServerDeps
  readonly #routes: ReadonlyMap<string, Route>
  readonly #log: Log
  #loaded: Promise<Routes> | undefined
  readonly #stopping = new AbortController()
  #listening: Listening | undefined

  constructor(options: OperatorServerOptions, deps: OperatorServerDeps) {
    this.#options = options
    this.#deps = deps
    this.#log = deps.log ?? silentLog
    const { hub, health } = deps
    this.#routes = new Map(
      Object.entries({
        ...deps.routes,
        '/healthz': () => json(health.live(), health.live().ok ? 200 : 503),
        '/readyz': () => json(health.ready(), health.ready().ok ? 200 : 503),
        '/view': (): Reply => ({
          status: 200,
          type: 'application/json',
          body: `{"version":${JSON.stringify(options.version)},"view":${encodeView(hub.view())}}`,
        }),
      }),
    )
  }

  get url(): string {
    return `http://${this.#options.host}:${this.#listening?.port ?? this.#options.port}`
  }

  async start(): Promise<void> {
    const { host, port } = this.#options
    const handle: RequestListener = (request, response) => void this.#handle(request, response)
    this.#listening = await listenPlain(handle, { host, port, flag: '--cli-addr (of `millrace up`: --port-offset)' })
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    await this.#listening?.close()
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost')
    const allowed = this.#mayAsk(request, pathname)
    if (allowed && pathname === '/events') {
      const replay = searchParams.get('replay') === 'true'
      return streamEvents(this.#deps.hub, response, { signal: this.#stopping.signal, replay })
    }
    const reply = allowed
      ? await this.#answer(request, pathname, searchParams)
      : text('requests from other sites are refused\n', 403)
    if (response.destroyed) return
    response.writeHead(reply.status, { 'content-type': reply.type, 'cache-control': 'no-store' })
    response.end(reply.body)
  }

  #mayAsk(request: IncomingMessage, path: string): boolean {
    const { host } = this.#options
    // What a program does inside is shown to who sits at its machine.
    if (path.startsWith('/debug/') && !isOwnMachine(request.socket.remoteAddress)) return false
    if (isLocalRequest(request, { openTo: host })) return true
    const { origin, 'sec-fetch-site': site } = request.headers
    return !isLoopback(host) && FOR_MONITORS.has(path) && origin === undefined && site === undefined
  }

  async #routeOf(path: string): Promise<Route | undefined> {
    const find = (routes: ReadonlyMap<string, Route>) =>
      routes.get(path) ?? routes.get(path.slice(0, path.indexOf('/', 1) + 1))
    const own = find(this.#routes)
    if (own || !this.#deps.loadRoutes) return own
    this.#loaded ??= this.#deps.loadRoutes()
    return find(new Map(Object.entries(await this.#loaded)))
  }

  async #answer(request: IncomingMessage, path: string, query: URLSearchParams): Promise<Reply> {
    const { signal } = this.#stopping
    try {
      const route = await this.#routeOf(path)
      if (!route) return text(`there is nothing at ${path.slice(0, 100)}\n`, 404)
      const parameters = await readParameters(request, query, { signal })
      return await route({ path, parameters, signal })
    } catch (error) {
      if (error instanceof ApiError) return text(`${error.message}\n`, error.status)
      this.#log.warn('a request of the operator failed', { path, error: errorText(error) })
      if (hasCode(error, 'body_too_large') || hasCode(error, 'body_timeout')) return text(`${errorText(error)}\n`, 400)
      // What is not known to be fit for a reader stays in the log.
      return text(`${error instanceof MillraceError ? error.message : 'internal error, see the log'}\n`, 500)
    }
  }
}
