import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { ComputeError } from '@millrace/ai'
import { errorText, type Log } from '@millrace/base'
import { encodeGoJson } from '@millrace/wire'
import {
  type Proxied,
  type ProxyTarget,
  proxyRequest,
  proxyUpgrade,
  refuseUpgrade,
} from '../../links/http/app-proxy.ts'
import { sayBytes, sayError, sayText, statusOf } from '../../links/http/byoc-answers.ts'
import { workerUrl } from '../../links/http/worker-call.ts'
import type { ApiKeys } from '../api-keys/api-keys.ts'
import { isForeignPage } from '../foreign-page.ts'
import type { AppBuyer } from './app-buyer.ts'
import type { AppMarket } from './app-market.ts'
import type { AppSession } from './app-session.ts'

export type AppDoorDeps = {
  readonly buyer: AppBuyer
  /** Who may have this gateway buy; anybody who reaches it when undefined. */
  readonly keys: Pick<ApiKeys, 'admit'> | undefined
  readonly market: Pick<AppMarket, 'offers'>
  readonly ownUrl: () => string
  readonly log: Log
  readonly stopping: AbortSignal
}

const PREFIX = '/apps'
const MAX_CALLS = 200
const HEAD_TIMEOUT_MS = 10 * 60_000
/** What a client says of payments and sessions is not its business. */
const OURS = [
  'livepeer-payment',
  'livepeer-segment',
  'livepeer-payer-address',
  'livepeer-runner-route',
  'livepeer-session-id',
  'livepeer-session-token',
  'livepeer-session-control',
]

/**
 * Where clients of a gateway call apps of the network, without paying anybody themselves: /apps lists them, /apps/{app}/app/{path} is
 * one call, /apps/{app}/session opens a session for several.
 */
export class AppDoor {
  readonly #deps: AppDoorDeps
  #calls = 0

  constructor(deps: AppDoorDeps) {
    this.#deps = deps
  }

  owns(pathname: string): boolean {
    return pathname === PREFIX || pathname === `${PREFIX}/` || routeOf(pathname) !== undefined
  }

  async answer(request: IncomingMessage, response: ServerResponse, pathname: string): Promise<void> {
    try {
      const route = routeOf(pathname)
      if (!route) {
        request.resume()
        if (request.method !== 'GET') return refuseMethod(response, 'GET')
        return json(response, 200, await this.#list())
      }
      if ((route.kind === 'open' || route.kind === 'stop') && request.method !== 'POST') {
        request.resume()
        return refuseMethod(response, 'POST')
      }
      if (route.kind === 'open') return await this.#open(request, response, route.app)
      if (route.kind === 'stop') {
        request.resume()
        await this.#session(route.session).end('its client stopped it')
        response.writeHead(204)
        response.end()
        return
      }
      await this.#call(request, response, route)
    } catch (error) {
      if (error instanceof ComputeError && error.status === 503) response.setHeader('retry-after', '5')
      sayError(request, response, error)
    }
  }

  /** Takes a connection that asks for another protocol; false where its path is none of an app. */
  readonly upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): boolean => {
    const { pathname, search } = new URL(request.url ?? '/', 'http://localhost')
    const route = routeOf(pathname)
    if (route?.kind !== 'once' && route?.kind !== 'app') return false
    socket.on('error', () => socket.destroy())
    this.#upgrade(request, socket, head, route, search).catch((error) =>
      refuseUpgrade(socket, statusOf(error), errorText(error)),
    )
    return true
  }

  async #list(): Promise<unknown> {
    const apps = new Map<
      string,
      {
        orchestrators: number
        capacity: number
        available: number
        lowest: bigint | null
        unit: string | null
        mode: string
      }
    >()
    for (const { app } of await this.#deps.market.offers()) {
      const known = apps.get(app.app)
      const price = app.price?.wei ?? null
      const isLower = price !== null && (known?.lowest === undefined || known.lowest === null || price < known.lowest)
      apps.set(app.app, {
        orchestrators: (known?.orchestrators ?? 0) + 1,
        capacity: (known?.capacity ?? 0) + app.capacity,
        available: (known?.available ?? 0) + app.available,
        lowest: isLower ? price : (known?.lowest ?? null),
        unit: isLower ? (app.price?.unit ?? null) : (known?.unit ?? null),
        mode: app.mode,
      })
    }
    return {
      apps: [...apps].map(([app, { lowest, unit, ...rest }]) => ({
        app,
        ...rest,
        // Amounts are texts in Millrace's own JSON.
        price: lowest === null ? null : { wei: lowest.toString(), unit },
      })),
    }
  }

  async #open(request: IncomingMessage, response: ServerResponse, app: string): Promise<void> {
    request.resume()
    const session = await this.#openFor(app, request)
    if (session.options.offer.app.mode === 'single-shot') {
      await session.end('it is a single-shot app', 'failed')
      throw new ComputeError(
        'compute_bad_request',
        `${app} takes single requests and has no sessions: call /apps/${app}/app`,
      )
    }
    if (response.destroyed) return void (await session.end('its client went away'))
    const control = `${this.#deps.ownUrl()}${PREFIX}/${encodeURI(app)}/session/${encodeURIComponent(session.id)}`
    json(response, 200, { session_id: session.id, app_url: `${control}/app`, control_url: control })
  }

  async #call(request: IncomingMessage, response: ServerResponse, route: Route): Promise<void> {
    const { search } = new URL(request.url ?? '/', 'http://localhost')
    await this.#with(request, route, (session) =>
      proxyRequest(request, response, { ...this.#targetOf(session, route.path, search), signal: session.signal }),
    )
  }

  async #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer, route: Route, search: string): Promise<void> {
    await this.#with(request, route, (session) =>
      proxyUpgrade(request, socket, head, { ...this.#targetOf(session, route.path, search), signal: session.signal }),
    )
  }

  /** Does something within the session of the path, or within one of its own, which then ends. */
  async #with(request: IncomingMessage, route: Route, work: (session: AppSession) => Promise<Proxied>): Promise<void> {
    if (this.#calls >= MAX_CALLS)
      throw new ComputeError('compute_no_capacity', `this gateway has ${MAX_CALLS} calls of apps under way`)
    this.#calls++
    try {
      const own = route.kind === 'once' ? await this.#openFor(route.app, request) : undefined
      const session = own ?? this.#session(route.session)
      const release = session.use()
      let outcome: Proxied = 'failed'
      try {
        outcome = await work(session)
      } finally {
        release()
        if (own) await own.end('its call is over', outcome === 'gone' ? 'done' : outcome)
      }
    } finally {
      this.#calls--
    }
  }

  async #openFor(app: string, request: IncomingMessage): Promise<AppSession> {
    const { keys } = this.#deps
    const account = keys?.admit(request)
    // A page of another site must not be able to spend this gateway's money, by a picture's address for example.
    if (!keys && isForeign(request))
      throw new ComputeError('compute_forbidden', 'pages of other sites may not call apps')
    const gone = new AbortController()
    const onClose = () => gone.abort()
    request.socket.once('close', onClose)
    try {
      const signal = AbortSignal.any([gone.signal, this.#deps.stopping])
      const session = await this.#deps.buyer.open(app, { account, signal })
      if (gone.signal.aborted) {
        await session.end('its client went away', 'failed')
        throw new ComputeError('compute_not_found', 'the client went away')
      }
      return session
    } finally {
      request.socket.off('close', onClose)
    }
  }

  #targetOf(session: AppSession, path: string, search: string): ProxyTarget {
    return targetOf(session, path, search, this.#deps.keys !== undefined)
  }

  #session(id: string): AppSession {
    const session = this.#deps.buyer.session(id)
    if (!session) throw new ComputeError('compute_not_found', 'there is no such session, or it is over')
    return session
  }
}

type Route = {
  readonly kind: 'open' | 'stop' | 'app' | 'once'
  readonly app: string
  readonly session: string
  readonly path: string
}

const ROUTES: readonly (readonly [RegExp, Route['kind']])[] = [
  [/^\/apps\/(?<app>.+?)\/session$/, 'open'],
  [/^\/apps\/(?<app>.+?)\/session\/(?<session>[^/]+)\/stop$/, 'stop'],
  [/^\/apps\/(?<app>.+?)\/session\/(?<session>[^/]+)\/app(?:\/(?<path>.*))?$/, 'app'],
  [/^\/apps\/(?<app>.+?)\/app(?:\/(?<path>.*))?$/, 'once'],
]

/** The app's name may have slashes: it ends before the first part that is `session` or `app`. */
function routeOf(pathname: string): Route | undefined {
  for (const [pattern, kind] of ROUTES) {
    const found = pattern.exec(pathname)?.groups
    if (found)
      return {
        kind,
        app: decoded(found.app ?? ''),
        session: decoded(found.session ?? ''),
        path: found.path ?? '',
      }
  }
  return undefined
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

const isForeign = (request: IncomingMessage): boolean =>
  isForeignPage(request, { host: request.headers.host }) || request.headers['sec-fetch-site'] === 'cross-site'

const targetOf = (
  { options: { appUrl, headers } }: AppSession,
  path: string,
  search: string,
  hasKeys: boolean,
): ProxyTarget => ({
  url: workerUrl(appUrl, path, search),
  headers,
  // Where clients send keys of this gateway, no app must see them.
  without: hasKeys ? [...OURS, 'authorization'] : OURS,
  // Certificates are self-signed throughout the network.
  anyCertificate: true,
  headTimeoutMs: HEAD_TIMEOUT_MS,
})

const json = (response: ServerResponse, status: number, value: unknown): void =>
  sayBytes(response, status, Buffer.from(encodeGoJson(value)), { 'content-type': 'application/json' })

function refuseMethod(response: ServerResponse, method: string): void {
  response.setHeader('allow', method)
  sayText(response, 405, 'Method not allowed')
}
