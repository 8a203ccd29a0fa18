import {
  ComputeError,
  discoveredUnit,
  pricePerCountedUnit,
  type RunnerSettings,
  readHeartbeat,
  readStaticRunners,
} from '@millrace/ai'
import { type Clock, errorText, floorRational, type Log, type Part, type Rational } from '@millrace/base'
import { callWorker } from '../../links/http/worker-call.ts'
import { isSecret } from '../../links/secrets.ts'
import { LiveRunner, randomName } from './live-runner.ts'
import type { RunnerChannels } from './runner-channels.ts'

export type RunnerRegistryOptions = {
  /** With which apps register themselves; they cannot without one. */
  readonly secret: string | undefined
  /** The document of -liveRunnerConfig. */
  readonly config: string | undefined
  /** Where apps reach this orchestrator. */
  readonly runnerAddr: () => string
  /** False off chain, where everything is free. */
  readonly isPaid: boolean
  readonly heartbeatMs?: number
  readonly ttlMs?: number
  readonly healthMs?: number
}

export type RunnerRegistryDeps = {
  readonly inWei: (price: Rational, currency: string | undefined) => Promise<Rational>
  readonly channels: RunnerChannels
  readonly clock: Clock
  readonly log: Log
}

const HEALTH_TIMEOUT_MS = 3_000
const MAX_RUNNERS = 1_000

/** The apps behind an orchestrator: those of its file, whose health is asked, and those that report themselves (ai spec, section 11). */
export class RunnerRegistry implements Part {
  readonly name = 'live-runners'
  readonly #options: Required<RunnerRegistryOptions>
  readonly #deps: RunnerRegistryDeps
  /** By route. */
  readonly #runners = new Map<string, LiveRunner>()
  readonly #stopping = new AbortController()
  #timers: NodeJS.Timeout[] = []

  constructor(options: RunnerRegistryOptions, deps: RunnerRegistryDeps) {
    this.#options = { heartbeatMs: 5_000, ttlMs: 20_000, healthMs: 5_000, ...options }
    this.#deps = deps
  }

  async start(): Promise<void> {
    const { config, healthMs, heartbeatMs } = this.#options
    if (config !== undefined) await this.registerStatic(config)
    const health = setInterval(() => void this.#checkHealth(), healthMs)
    const expiry = setInterval(() => this.#expire(), heartbeatMs)
    this.#timers = [health, expiry]
    for (const timer of this.#timers) timer.unref()
  }

  async stop(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer)
    this.#stopping.abort()
    for (const runner of [...this.#runners.values()]) this.#remove(runner, 'the orchestrator stops')
  }

  /** The answer of /registerLiveRunners. All entries are registered, or none. Throws ComputeErrors. */
  async registerStatic(text: string): Promise<{ readonly runners: readonly unknown[] }> {
    const entries = readStaticRunners(text, { needsPrice: this.#options.isPaid })
    const prices: (bigint | undefined)[] = []
    for (const [i, entry] of entries.entries()) prices.push(await this.#priceOf(entry, `runners[${i}]: `))
    const healthy = await Promise.all(
      entries.map(({ healthUrl: url, healthyStatusCode: status }) => this.#isHealthy({ url, status })),
    )
    const added = entries.filter(({ label }) => !this.#labelled(label)).length
    if (this.#runners.size + added > MAX_RUNNERS)
      throw new ComputeError('compute_no_capacity', `an orchestrator has ${MAX_RUNNERS} live runners at most`)
    return {
      runners: entries.map((entry, i) => {
        const { routing, healthUrl, healthyStatusCode, ...settings } = entry
        const known = this.#labelled(entry.label)
        const runner = known ?? new LiveRunner({ id: `runner_${randomName(5)}`, isStatic: true, settings })
        if (known) this.#runners.delete(known.route)
        runner.settings = settings
        runner.route = routing === 'label' ? entry.label : runner.id
        runner.priceWei = prices[i]
        runner.health = { url: healthUrl, status: healthyStatusCode }
        this.#setReady(runner, healthy[i] ?? false)
        this.#runners.set(runner.route, runner)
        if (!known) this.#deps.log.info('a live runner was registered', { runner: runner.route, app: settings.app })
        return {
          ...{ runner_id: runner.id, label: entry.label, app: entry.app, proxy: entry.proxy },
          ...{ runner_url: entry.runnerUrl, mode: entry.mode, health_url: healthUrl },
          ...{ healthy_status_code: healthyStatusCode, healthy: healthy[i] ?? false },
        }
      }),
    }
  }

  /** The answer of a heartbeat; the first one, with the orchestrator's secret, registers. Throws ComputeErrors. */
  async heartbeat(text: string, authorization: string | undefined): Promise<Readonly<Record<string, unknown>>> {
    const { secret, runnerAddr, heartbeatMs, ttlMs, isPaid } = this.#options
    const { clock, channels, log } = this.#deps
    const { runnerId, isReady, ...settings } = readHeartbeat(text, { needsPrice: isPaid })
    const answer = (runner: LiveRunner) => ({
      ...{ runner_id: runner.id, orchestrator: runnerAddr() },
      ...{ heartbeat_interval: goSeconds(heartbeatMs), heartbeat_ttl: goSeconds(ttlMs) },
      session_ids: runner.sessionIds,
    })
    const known = this.#runners.get(runnerId)
    if (known) {
      if (known.isStatic) throw new ComputeError('compute_bad_request', 'static runner cannot heartbeat')
      if (this.#isExpired(known)) throw notFound()
      if (!isSecret(authorization, known.heartbeatSecret))
        throw new ComputeError('compute_unauthorized', 'invalid heartbeat authorization')
      await this.#update(known, settings, isReady)
      return answer(known)
    }
    if (secret === undefined)
      throw new ComputeError('compute_not_found', 'dynamic live runner registration is disabled')
    if (!isSecret(authorization, secret))
      throw new ComputeError('compute_unauthorized', 'invalid registration authorization')
    if (this.#runners.size >= MAX_RUNNERS)
      throw new ComputeError('compute_no_capacity', `an orchestrator has ${MAX_RUNNERS} live runners at most`)
    const runner = new LiveRunner({ id: runnerId || `runner_${randomName(5)}`, isStatic: false, settings })
    await this.#update(runner, settings, isReady)
    this.#runners.set(runner.route, runner)
    const o2r = channels.openControl(runner)
    runner.lastBeatMs = clock.elapsed()
    log.info('a live runner was registered', { runner: runner.route, app: settings.app })
    return { ...answer(runner), heartbeat_secret: runner.heartbeatSecret, o2r }
  }

  /** Throws ComputeErrors. */
  unregister(route: string, authorization: string | undefined): void {
    const runner = this.find(route)
    if (runner.isStatic)
      throw new ComputeError('compute_bad_request', 'static runner cannot unregister with heartbeat credentials')
    if (!isSecret(authorization, runner.heartbeatSecret))
      throw new ComputeError('compute_unauthorized', 'invalid authorization')
    this.#remove(runner, 'it unregistered')
  }

  /** Throws `compute_not_found`. */
  find(route: string): LiveRunner {
    const runner = this.#runners.get(route)
    if (!runner || this.#isExpired(runner)) throw notFound()
    return runner
  }

  /** One that takes sessions; throws `compute_not_found`. */
  ready(route: string): LiveRunner {
    const runner = this.find(route)
    if (!runner.isReady) throw notFound()
    return runner
  }

  /** All that take sessions, or did until they were full. */
  get readyRunners(): readonly LiveRunner[] {
    return [...this.#runners.values()].filter((runner) => runner.isReady && !this.#isExpired(runner))
  }

  /** Reckons prices in other currencies anew. */
  async reprice(): Promise<void> {
    for (const runner of this.#runners.values()) runner.priceWei = await this.#priceOf(runner.settings, '')
  }

  async #update(runner: LiveRunner, settings: RunnerSettings, isReady: boolean): Promise<void> {
    runner.priceWei = await this.#priceOf(settings, '')
    runner.settings = settings
    runner.lastBeatMs = this.#deps.clock.elapsed()
    runner.isReady = isReady
  }

  async #priceOf({ price }: RunnerSettings, where: string): Promise<bigint | undefined> {
    if (!this.#options.isPaid || !price) return undefined
    let wei: bigint
    try {
      wei = floorRational(await this.#deps.inWei(pricePerCountedUnit(price), price.currency))
    } catch (cause) {
      throw new ComputeError('compute_bad_request', `${where}price_info: ${errorText(cause)}`, { cause })
    }
    if (wei > 0n) return wei
    throw new ComputeError(
      'compute_bad_request',
      `${where}price_info: it comes to less than 1 wei for a ${discoveredUnit(price.unit)}: ask more`,
    )
  }

  async #checkHealth(): Promise<void> {
    await Promise.all(
      [...this.#runners.values()].map(async (runner) => {
        if (!runner.health) return
        const healthy = await this.#isHealthy(runner.health)
        if (this.#runners.get(runner.route) === runner) this.#setReady(runner, healthy)
      }),
    )
  }

  #setReady(runner: LiveRunner, healthy: boolean): void {
    if (runner.isReady !== healthy)
      this.#deps.log.info('the health of a live runner changed', { runner: runner.route, healthy })
    runner.isReady = healthy
    if (!healthy) runner.endSessions('the app is not healthy')
  }

  async #isHealthy({ url, status }: { readonly url: string; readonly status: number }): Promise<boolean> {
    try {
      const { signal } = this.#stopping
      const answer = await callWorker(url, { method: 'GET', headers: {}, timeoutMs: HEALTH_TIMEOUT_MS, signal })
      answer.destroy()
      return answer.statusCode === status
    } catch {
      return false
    }
  }

  #expire(): void {
    for (const runner of [...this.#runners.values()])
      if (this.#isExpired(runner)) this.#remove(runner, 'it sent no heartbeat')
  }

  #isExpired({ isStatic, lastBeatMs }: LiveRunner): boolean {
    return !isStatic && this.#deps.clock.elapsed() - lastBeatMs > this.#options.ttlMs
  }

  #labelled(label: string): LiveRunner | undefined {
    return [...this.#runners.values()].find((runner) => runner.isStatic && runner.settings.label === label)
  }

  #remove(runner: LiveRunner, reason: string): void {
    this.#runners.delete(runner.route)
    runner.endSessions(reason)
    this.#deps.channels.closeControl(runner)
    this.#deps.log.info('a live runner is gone', { runner: runner.route, app: runner.settings.app, reason })
  }
}

const goSeconds = (ms: number): string => `${ms / 1_000}s`
const notFound = (): ComputeError => new ComputeError('compute_not_found', 'runner not found')
