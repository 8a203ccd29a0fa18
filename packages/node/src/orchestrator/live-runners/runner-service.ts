import { ComputeError, discoveredUnit } from '@millrace/ai'
import { z } from 'zod'
import {
  type AppRoute,
  RUNNER_HEADER,
  type RunnerHeaders,
  type RunnerService as RunnerPort,
} from '../../links/live-runner-links.ts'
import { isSecret } from '../../links/secrets.ts'
import { type LiveRunner, type RunnerSession, randomName } from './live-runner.ts'
import type { ProxyTemplate } from './proxy-template.ts'
import type { RunnerChannels } from './runner-channels.ts'
import type { RunnerRegistry } from './runner-registry.ts'
import type { RunnerSales } from './runner-sales.ts'

export type RunnerServiceOptions = {
  readonly serviceUri: () => string
  /** Where apps reach this orchestrator. */
  readonly runnerAddr: () => string
}

export type RunnerServiceDeps = {
  readonly registry: RunnerRegistry
  readonly sales: RunnerSales
  readonly channels: RunnerChannels
  readonly template: () => ProxyTemplate
}

const MAX_REQUESTS = 100
const MAX_PROXIES = 25
const names = z.string().max(200)
const Channels = z.object({
  channels: z
    .array(z.object({ name: names, mime_type: names.nullish() }))
    .min(1, 'channels is required')
    .max(25, 'channels cannot contain more than 25 entries'),
})
const ChannelNames = z.object({
  channels: z.array(names).min(1, 'channels is required').max(25, 'channels cannot contain more than 25 entries'),
})
const ProxyOrder = z.object({ target_url: z.string().max(2_000).nullish() })

/** What the paths of live runners do. */
export class RunnerService implements RunnerPort {
  readonly #options: RunnerServiceOptions
  readonly #deps: RunnerServiceDeps

  constructor(options: RunnerServiceOptions, deps: RunnerServiceDeps) {
    this.#options = options
    this.#deps = deps
  }

  discovery(): unknown {
    const runners = this.#deps.registry.readyRunners.map((runner) => {
      const { settings, sessions, priceWei } = runner
      const { gpu, app, version, metadata, mode, capacity, price } = settings
      return {
        url: this.#publicUrl(runner),
        ...(gpu && { gpu }),
        app,
        ...(version !== '' && { version }),
        ...(metadata !== '' && { metadata }),
        ...{ mode, capacity, capacity_used: sessions.size },
        capacity_available: Math.max(0, capacity - sessions.size),
        ...(priceWei !== undefined && {
          price_info: { price: priceWei, currency: 'wei', unit: discoveredUnit(price?.unit ?? 'hour') },
        }),
      }
    })
    return [{ address: this.#options.serviceUri(), ...(runners.length > 0 && { runners }) }]
  }

  heartbeat(body: string, authorization: string | undefined): Promise<unknown> {
    return this.#deps.registry.heartbeat(body, authorization)
  }

  unregister(route: string, authorization: string | undefined): void {
    this.#deps.registry.unregister(route, authorization)
  }

  async openSession(route: string, headers: RunnerHeaders) {
    const runner = this.#deps.registry.ready(route)
    if (runner.settings.mode !== 'persistent')
      throw new ComputeError('compute_bad_request', 'only persistent runners have sessions')
    const opened = await this.#deps.sales.open(runner, headers)
    if ('challenge' in opened) return opened
    const { session } = opened
    const control = this.#url('apps', runner.route, 'session', session.id)
    const proxy = runner.settings.proxy && this.#addProxy(session, runner.settings.runnerUrl)
    return {
      session: { session_id: session.id, app_url: proxy ? proxy.url : `${control}/app`, control_url: control },
    }
  }

  stopSession(route: string, id: string): void {
    this.#deps.registry.find(route).sessions.get(id)?.end('its client stopped it')
  }

  paySession(route: string, id: string, headers: RunnerHeaders): Promise<Uint8Array> {
    return this.#deps.sales.pay(this.#session(route, id).session, headers)
  }

  appOf(route: string, id: string): AppRoute {
    const { runner, session } = this.#session(route, id)
    return this.#app(runner, session, runner.settings.runnerUrl, () => {})
  }

  async openOnce(route: string, headers: RunnerHeaders) {
    const runner = this.#deps.registry.ready(route)
    if (runner.settings.mode !== 'single-shot')
      throw new ComputeError('compute_bad_request', 'runner is not single-shot')
    const { sales } = this.#deps
    const opened = await sales.open(runner, headers)
    if ('challenge' in opened) return opened
    const { session } = opened
    const app = this.#app(runner, session, runner.settings.runnerUrl, (outcome) =>
      // Who goes away has had the app work until then.
      sales.finish(session, outcome === 'failed' || outcome === 'refused' ? 'failed' : 'done'),
    )
    return { app }
  }

  checkToken(route: string, id: string, token: string | undefined): void {
    const { runner } = this.#session(route, id)
    if (!isSecret(token, runner.sessionToken(id)))
      throw new ComputeError('compute_unauthorized', 'invalid authorization')
  }

  openChannels(route: string, id: string, body: string): unknown {
    const { session } = this.#session(route, id)
    const { channels } = parse(Channels, body)
    return { channels: channels.map(({ name, mime_type }) => this.#deps.channels.open(session, name, mime_type ?? '')) }
  }

  closeChannels(route: string, id: string, body: string): unknown {
    const { session } = this.#session(route, id)
    const { channels } = parse(ChannelNames, body)
    for (const name of channels) this.#deps.channels.close(session, name)
    return { deleted: channels }
  }

  openProxy(route: string, id: string, body: string): unknown {
    const { runner, session } = this.#session(route, id)
    const { target_url: asked } = parse(ProxyOrder, body.trim() === '' ? '{}' : body)
    const own = runner.settings.runnerUrl
    const target = asked?.trim() || own
    if (!URL.canParse(target)) throw new ComputeError('compute_bad_request', 'target_url must be an absolute URL')
    const { protocol, hash, hostname } = new URL(target)
    if (protocol !== 'http:' && protocol !== 'https:')
      throw new ComputeError('compute_bad_request', 'target_url scheme must be http or https')
    if (hash !== '') throw new ComputeError('compute_bad_request', 'target_url must not include a fragment')
    if (hostname !== new URL(own).hostname)
      throw new ComputeError('compute_bad_request', 'target_url hostname must match registered runner_url hostname')
    return this.#addProxy(session, target)
  }

  isProxyAddress(host: string, path: string): boolean {
    return this.#deps.template().match(host, path) !== undefined
  }

  proxied(host: string, path: string) {
    const { registry, template } = this.#deps
    const asked = template().match(host, path)
    if (!asked) return undefined
    for (const runner of registry.readyRunners)
      for (const session of runner.sessions.values()) {
        const url = session.proxies.get(asked.name)
        if (url !== undefined) return { app: this.#app(runner, session, url, () => {}), path: asked.path }
      }
    const runner = registry.readyRunners.find(({ route }) => route === asked.name)
    if (runner?.settings.proxy && runner.settings.mode === 'single-shot')
      return { once: runner.route, path: asked.path }
    throw new ComputeError('compute_not_found', 'live runner proxy not found')
  }

  #session(route: string, id: string): { readonly runner: LiveRunner; readonly session: RunnerSession } {
    const runner = this.#deps.registry.ready(route)
    return { runner, session: runner.session(id) }
  }

  #app(runner: LiveRunner, session: RunnerSession, url: string, finished: AppRoute['finished']): AppRoute {
    if (session.requests >= MAX_REQUESTS)
      throw new ComputeError('compute_no_capacity', `a session has ${MAX_REQUESTS} requests under way at most`)
    session.requests++
    let under = true
    return {
      url,
      headers: {
        [RUNNER_HEADER.route]: runner.route,
        [RUNNER_HEADER.session]: session.id,
        [RUNNER_HEADER.token]: runner.sessionToken(session.id),
        [RUNNER_HEADER.control]: new URL(
          `/runner/${encodeURIComponent(runner.route)}/session/${session.id}`,
          this.#options.runnerAddr(),
        ).href,
      },
      signal: session.signal,
      finished: (outcome) => {
        if (under) session.requests--
        under = false
        finished(outcome)
      },
    }
  }

  #addProxy(session: RunnerSession, target: string): { readonly proxy_id: string; readonly url: string } {
    if (session.proxies.size >= MAX_PROXIES)
      throw new ComputeError('compute_bad_request', `a session has ${MAX_PROXIES} proxies at most`)
    const name = randomName(16)
    session.proxies.set(name, target)
    return { proxy_id: name, url: this.#deps.template().url(name) }
  }

  #publicUrl({ route, settings: { proxy, mode } }: LiveRunner): string {
    if (mode === 'persistent') return this.#url('apps', route, 'session')
    return proxy ? this.#deps.template().url(route) : this.#url('apps', route, 'app')
  }

  #url(...parts: readonly string[]): string {
    return `${this.#options.serviceUri()}/${parts.map(encodeURIComponent).join('/')}`
  }
}

function parse<Shape extends z.ZodType>(shape: Shape, text: string): z.output<Shape> {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (cause) {
    throw new ComputeError('compute_bad_request', 'the body is not JSON', { cause })
  }
  const { data, error } = shape.safeParse(json)
  if (error) throw new ComputeError('compute_bad_request', error.issues[0]?.message ?? 'the body is wrong')
  return data
}
