import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { ComputeError } from '@millrace/ai'
import { errorText, type Log } from '@millrace/base'
import { encodeGoJson, HEADER } from '@millrace/wire'
import { type AppRoute, RUNNER_HEADER, type RunnerHeaders, type RunnerService } from '../live-runner-links.ts'
import { type ProxyTarget, proxyRequest, proxyUpgrade, refuseUpgrade } from './app-proxy.ts'
import { readText, sayBytes, sayError, sayText } from './byoc-answers.ts'
import type { Door, DoorCall, DoorRequest, DoorResponse } from './door.ts'
import { headerOf } from './orchestrator-server.ts'
import { workerUrl } from './worker-call.ts'

const MAX_BODY_BYTES = 256 * 1024
const BODY_TIMEOUT_MS = 10_000
/** The longest that an app may think before it answers; what streams may go on. */
const HEAD_TIMEOUT_MS = 10 * 60_000
/** Of payments to this orchestrator, which are none of the app's business. */
const OURS = ['livepeer-payment', 'livepeer-segment', 'livepeer-payer-address']

type Call = { readonly request: DoorRequest; readonly response: DoorResponse; readonly headers: RunnerHeaders }

/** The paths of live runners at the orchestrator's port (ai spec, section 11). */
export class LiveRunnerDoor {
  readonly #service: RunnerService
  readonly #log: Log

  constructor(deps: { readonly service: RunnerService; readonly log: Log }) {
    this.#service = deps.service
    this.#log = deps.log
  }

  readonly door: Door = (request, response, call) => {
    const host = hostOf(request)
    const isProxy = this.#isProxied(host, call.path)
    if (!isProxy && !routeOf(request.method, call.path)) return undefined
    return this.#serve(request, response, call, isProxy ? host : undefined)
  }

  /** Takes a connection that asks for another protocol; false where its path is none of an app. */
  readonly upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): boolean => {
    const { pathname, search } = new URL(request.url ?? '/', 'https://localhost')
    const host = hostOf(request)
    const isProxy = this.#isProxied(host, pathname)
    const route = isProxy ? undefined : routeOf(request.method, pathname)
    if (!isProxy && route?.kind !== 'app' && route?.kind !== 'once') return false
    socket.on('error', () => socket.destroy())
    this.#upgrade(request, socket, head, { host, pathname, search }).catch((error) =>
      refuseUpgrade(socket, error instanceof ComputeError ? error.status : 500, errorText(error)),
    )
    return true
  }

  async #serve(request: DoorRequest, response: DoorResponse, call: DoorCall, proxyHost: string | undefined) {
    try {
      const headers = headersOf(request)
      const { search } = new URL(request.url ?? '/', 'https://localhost')
      if (proxyHost !== undefined) {
        const found = this.#service.proxied(proxyHost, call.path)
        if (found && 'once' in found)
          return await this.#once({ request, response, headers }, { route: found.once, path: found.path, search })
        if (found) return await this.#forward({ request, response, headers }, found.app, found.path, search)
      }
      const route = routeOf(request.method, call.path)
      if (!route) throw new ComputeError('compute_not_found', 'Not Found')
      if (route.kind === 'wrong method') {
        request.resume()
        return sayText(response, 405, 'Method not allowed')
      }
      await this.#answer({ request, response, headers }, route, search)
    } catch (error) {
      if (!(error instanceof ComputeError)) this.#log.debug('a request failed', { error: errorText(error) })
      sayError(request, response, error)
    }
  }

  async #answer(call: Call, { kind, runner, session, path }: Route, search: string): Promise<void> {
    const { request, response, headers } = call
    const service = this.#service
    const body = () => readText(request, MAX_BODY_BYTES, BODY_TIMEOUT_MS)
    if (kind === 'discovery') return json(response, 200, service.discovery())
    if (kind === 'heartbeat') return json(response, 200, await service.heartbeat(await body(), headers.authorization))
    if (kind === 'unregister') {
      service.unregister(runner, headers.authorization)
      return nothing(call)
    }
    if (kind === 'open') {
      const opened = await service.openSession(runner, headers)
      request.resume()
      return 'challenge' in opened ? json(response, 402, opened.challenge) : json(response, 200, opened.session)
    }
    if (kind === 'stop') {
      service.stopSession(runner, session)
      return nothing(call)
    }
    if (kind === 'payment') {
      const answer = await service.paySession(runner, session, headers)
      request.resume()
      return sayBytes(response, 200, answer, { 'content-type': 'application/octet-stream' })
    }
    if (kind === 'app') return await this.#forward(call, service.appOf(runner, session), path, search)
    if (kind === 'once') return await this.#once(call, { route: runner, path, search })
    service.checkToken(runner, session, headers.token)
    if (kind === 'own stop') {
      service.stopSession(runner, session)
      return nothing(call)
    }
    if (kind === 'proxy') return json(response, 200, service.openProxy(runner, session, await body()))
    if (kind === 'open channels') return json(response, 200, service.openChannels(runner, session, await body()))
    return json(response, 200, service.closeChannels(runner, session, await body()))
  }

  async #once(call: Call, to: { readonly route: string; readonly path: string; readonly search: string }) {
    const opened = await this.#service.openOnce(to.route, call.headers)
    if ('app' in opened) return await this.#forward(call, opened.app, to.path, to.search)
    call.request.resume()
    json(call.response, 402, opened.challenge)
  }

  async #forward({ request, response }: Call, app: AppRoute, path: string, search: string): Promise<void> {
    let outcome: Awaited<ReturnType<typeof proxyRequest>> = 'failed'
    try {
      outcome = await proxyRequest(request, response, { ...targetOf(app, path, search), signal: app.signal })
    } finally {
      app.finished(outcome)
    }
  }

  async #upgrade(
    request: IncomingMessage,
    socket: Duplex,
    head: Buffer,
    { host, pathname, search }: { readonly host: string; readonly pathname: string; readonly search: string },
  ): Promise<void> {
    const headers = headersOf(request)
    const found = this.#isProxied(host, pathname) ? this.#service.proxied(host, pathname) : undefined
    const route = routeOf(request.method, pathname)
    const once = found && 'once' in found ? found.once : route?.kind === 'once' && !found ? route.runner : undefined
    const path = found?.path ?? route?.path ?? ''
    let app: AppRoute
    if (once !== undefined) {
      const opened = await this.#service.openOnce(once, headers)
      if ('challenge' in opened) return refuseUpgrade(socket, 402, encodeGoJson(opened.challenge))
      app = opened.app
    } else if (found && 'app' in found) app = found.app
    else if (route) app = this.#service.appOf(route.runner, route.session)
    else throw new ComputeError('compute_not_found', 'Not Found')
    let outcome: Awaited<ReturnType<typeof proxyUpgrade>> = 'failed'
    try {
      outcome = await proxyUpgrade(request, socket, head, { ...targetOf(app, path, search), signal: app.signal })
    } finally {
      app.finished(outcome)
    }
  }

  #isProxied(host: string, path: string): boolean {
    return this.#service.isProxyAddress(host, path)
  }
}

type Kind =
  | 'discovery'
  | 'heartbeat'
  | 'unregister'
  | 'open'
  | 'stop'
  | 'payment'
  | 'app'
  | 'once'
  | 'own stop'
  | 'proxy'
  | 'open channels'
  | 'close channels'
  | 'wrong method'
type Route = { readonly kind: Kind; readonly runner: string; readonly session: string; readonly path: string }

/** In this order; the methods of a path stand together. */
const ROUTES: readonly (readonly [method: string | undefined, pattern: RegExp, kind: Kind])[] = [
  ['GET', /^\/discovery$/, 'discovery'],
  ['POST', /^\/runners\/heartbeat$/, 'heartbeat'],
  ['POST', /^\/runners\/(?<runner>[^/]+)\/unregister$/, 'unregister'],
  ['POST', /^\/apps\/(?<runner>[^/]+)\/session$/, 'open'],
  ['POST', /^\/apps\/(?<runner>[^/]+)\/session\/(?<session>[^/]+)\/stop$/, 'stop'],
  ['POST', /^\/apps\/(?<runner>[^/]+)\/session\/(?<session>[^/]+)\/payment$/, 'payment'],
  [undefined, /^\/apps\/(?<runner>[^/]+)\/session\/(?<session>[^/]+)\/app(?:\/(?<path>.*))?$/, 'app'],
  [undefined, /^\/apps\/(?<runner>[^/]+)\/app(?:\/(?<path>.*))?$/, 'once'],
  ['POST', /^\/runner\/(?<runner>[^/]+)\/session\/(?<session>[^/]+)\/channels$/, 'open channels'],
  ['DELETE', /^\/runner\/(?<runner>[^/]+)\/session\/(?<session>[^/]+)\/channels$/, 'close channels'],
  ['POST', /^\/runner\/(?<runner>[^/]+)\/session\/(?<session>[^/]+)\/proxy$/, 'proxy'],
  ['POST', /^\/runner\/(?<runner>[^/]+)\/session\/(?<session>[^/]+)\/stop$/, 'own stop'],
]

function routeOf(method: string | undefined, path: string): Route | undefined {
  let other = false
  for (const [wanted, pattern, kind] of ROUTES) {
    const found = pattern.exec(path)
    if (!found) continue
    const { runner = '', session = '', path: rest = '' } = found.groups ?? {}
    if (wanted === undefined || wanted === method) return { kind, runner: decoded(runner), session, path: rest }
    other = true
  }
  return other ? { kind: 'wrong method', runner: '', session: '', path: '' } : undefined
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

const targetOf = (app: AppRoute, path: string, search: string): ProxyTarget => ({
  url: workerUrl(app.url, path, search),
  headers: app.headers,
  without: OURS,
  headTimeoutMs: HEAD_TIMEOUT_MS,
})

const headersOf = (request: DoorRequest): RunnerHeaders => ({
  payment: headerOf(request, HEADER.payment),
  segment: headerOf(request, HEADER.segment),
  traceparent: undefined,
  authorization: headerOf(request, HEADER.authorization),
  payer: headerOf(request, RUNNER_HEADER.payer),
  token: headerOf(request, RUNNER_HEADER.token),
})

const hostOf = (request: DoorRequest): string => headerOf(request, ':authority') ?? headerOf(request, 'host') ?? ''

const json = (response: DoorResponse, status: number, value: unknown): void =>
  sayBytes(response, status, Buffer.from(encodeGoJson(value)), { 'content-type': 'application/json' })

function nothing({ request, response }: Call): void {
  request.resume()
  response.writeHead(204)
  response.end()
}
