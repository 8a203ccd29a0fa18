import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import type { Part } from '@millrace/base'
import { encodeView } from '@millrace/wire'
import type { EventHub } from '../events/event-hub.ts'
import { type Listening, listenPlain } from '../links/http/listening.ts'
import { answerExplain, type Explain } from './explain.ts'
import { streamEvents } from './sse.ts'

export type OperatorServerOptions = { readonly host: string; readonly port: number; readonly version: string }

/**
 * The operator's port of one node, on loopback: /healthz, /status (all figures as JSON) and /events (server-sent events).
 * Requests that a browser sends from another site are refused, so that no page can read or steer a node (faults 45).
 */
export class OperatorServer implements Part {
  readonly name = 'operator-server'
  readonly #options: OperatorServerOptions
  readonly #hub: EventHub
  readonly #explain: Explain | undefined
  readonly #stopping = new AbortController()
  #listening: Listening | undefined

  constructor(
    options: OperatorServerOptions,
    deps: { readonly hub: EventHub; readonly explain?: Explain | undefined },
  ) {
    this.#options = options
    this.#hub = deps.hub
    this.#explain = deps.explain
  }

  get url(): string {
    return `http://${this.#options.host}:${this.#listening?.port ?? this.#options.port}`
  }

  async start(): Promise<void> {
    const { host, port } = this.#options
    const handle: RequestListener = (request, response) => this.#handle(request, response)
    this.#listening = await listenPlain(handle, { host, port, flag: '--cli-addr' })
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    await this.#listening?.close()
  }

  #handle(request: IncomingMessage, response: ServerResponse): void {
    if (!isLocalRequest(request)) return json(response, 403, { error: 'requests from other sites are refused' })
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost')
    if (pathname === '/healthz') return json(response, 200, { ok: true })
    if (pathname === '/status')
      return json(response, 200, { version: this.#options.version, view: JSON.parse(encodeView(this.#hub.view())) })
    if (pathname === '/events') {
      const replay = searchParams.get('replay') === 'true'
      return void streamEvents(this.#hub, response, { signal: this.#stopping.signal, replay })
    }
    if (pathname.startsWith('/explain/')) return answerExplain(pathname, response, this.#explain)
    json(response, 404, { error: 'there is /healthz, /status and /events' })
  }
}

/** True when the request is not a browser's from another site: the host is a loopback name and the origin, if any, is the same. */
export function isLocalRequest(request: IncomingMessage): boolean {
  const { host, origin } = request.headers
  const name = (host ?? '').replace(/:\d+$/, '')
  if (!['127.0.0.1', 'localhost', '[::1]'].includes(name)) return false
  return origin === undefined || origin === `http://${host}`
}

function json(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' })
  response.end(JSON.stringify(value))
}
