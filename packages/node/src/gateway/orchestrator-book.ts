import type { Clock } from '@millrace/base'
import { requirePublicAddress } from '@millrace/base/node'
import type { Address, OrchestratorInfo, OrchestratorRequest } from '@millrace/wire'
import { OrchestratorRpc } from '../links/grpc/orchestrator-client.ts'
import type { DirectoryEntry, OrchestratorDirectory } from './directory.ts'
import { measured, type Pace } from './lateness.ts'
import { Suspensions } from './suspensions.ts'

type Page = {
  entry: DirectoryEntry
  rpc: OrchestratorRpc
  pace: Pace | undefined
  quality: number | undefined
  address: Address | undefined
  usedMs: number
}

/** The hard end of a discovery (wire spec 2.4). */
const INFO_TIMEOUT_MS = 6_000
const DIRECTORY_TTL_MS = 2_000
/** Nobody waits longer for a directory when something is known already. */
const DIRECTORY_WAIT_MS = 500
const FORGET_AFTER_MS = 10 * 60_000
/** How much the latest comparison counts in the moving average. */
const LATEST = 0.2
/** It is left alone for almost three minutes at the first time. */
const STRIKES_FOR_CHEATING = 6

/** What a gateway knows of all orchestrators, over all its streams: connections, latency, failures. */
export class OrchestratorBook {
  readonly #directory: OrchestratorDirectory
  readonly #clock: Clock
  readonly #suspensions: Suspensions
  readonly #request: () => OrchestratorRequest
  readonly #allowPrivate: boolean
  readonly #pages = new Map<string, Page>()
  #entries: readonly DirectoryEntry[] = []
  #readAt = Number.NEGATIVE_INFINITY
  #reading: Promise<void> | undefined

  /** `allowPrivate` lets orchestrators be on this machine or its network, as on a laptop or where the operator lists them. */
  constructor(
    options: { readonly allowPrivate: boolean },
    deps: {
      readonly directory: OrchestratorDirectory
      readonly clock: Clock
      readonly request: () => OrchestratorRequest
    },
  ) {
    this.#allowPrivate = options.allowPrivate
    this.#directory = deps.directory
    this.#clock = deps.clock
    this.#request = deps.request
    this.#suspensions = new Suspensions(deps)
  }

  /** The orchestrators that may be asked; a directory that fails or hangs is answered with what was known before. */
  async entries(): Promise<readonly DirectoryEntry[]> {
    if (this.#clock.elapsed() - this.#readAt < DIRECTORY_TTL_MS) return this.#entries
    this.#reading ??= this.#read().finally(() => {
      this.#reading = undefined
    })
    if (this.#entries.length === 0) await this.#reading
    else {
      const over = new AbortController()
      const wait = this.#clock.sleep(DIRECTORY_WAIT_MS, { signal: over.signal }).catch(() => {})
      await Promise.race([this.#reading.catch(() => {}), wait])
      over.abort()
    }
    return this.#entries
  }

  async #read(): Promise<void> {
    this.#entries = await this.#directory.find()
    this.#readAt = this.#clock.elapsed()
    const listed = new Set(this.#entries.map(({ serviceUri }) => serviceUri))
    for (const [serviceUri, page] of this.#pages) {
      if (listed.has(serviceUri)) page.usedMs = this.#readAt
      if (page.usedMs + FORGET_AFTER_MS > this.#readAt) continue
      page.rpc.close()
      this.#pages.delete(serviceUri)
      this.#suspensions.forget(serviceUri)
    }
  }

  /** Asks one orchestrator for its terms. */
  async info(entry: DirectoryEntry, call: { readonly signal?: AbortSignal | undefined }): Promise<OrchestratorInfo> {
    const allowPrivate = this.#allowPrivate && !entry.hearsay
    if (!allowPrivate) await requirePublicAddress(entry.serviceUri)
    const page = this.#page(entry)
    const info = await page.rpc.getOrchestrator(this.#request(), { timeoutMs: INFO_TIMEOUT_MS, signal: call.signal })
    page.address = info.address
    // What it calls itself may be another host, which is as much a stranger's word as the first.
    if (!allowPrivate) await requirePublicAddress(info.serviceUri)
    return info
  }

  rpc(entry: DirectoryEntry): OrchestratorRpc {
    return this.#page(entry).rpc
  }

  /** How long its results take; undefined before the first one. */
  pace(serviceUri: string): Pace | undefined {
    return this.#pages.get(serviceUri)?.pace
  }

  latencyScore(serviceUri: string): number | undefined {
    return this.pace(serviceUri)?.score
  }

  /** How true its pictures are to their sources, 0 to 1; undefined before the first comparison. */
  quality(serviceUri: string): number | undefined {
    return this.#pages.get(serviceUri)?.quality
  }

  compared(serviceUri: string, quality: number): void {
    const page = this.#pages.get(serviceUri)
    if (page) page.quality = page.quality === undefined ? quality : page.quality + LATEST * (quality - page.quality)
  }

  isSuspended(serviceUri: string): boolean {
    return this.#suspensions.isSuspended(serviceUri)
  }

  /** True when it failed so often that only one segment at a time may try it. */
  isBroken(serviceUri: string): boolean {
    return this.#suspensions.isBroken(serviceUri)
  }

  measured(serviceUri: string, score: number): void {
    const page = this.#pages.get(serviceUri)
    if (page) page.pace = measured(page.pace, score)
  }

  succeeded(serviceUri: string): void {
    this.#suspensions.succeed(serviceUri)
  }

  /** Leaves an orchestrator alone for a while, for something that was begun then; returns for how many milliseconds. */
  failed(serviceUri: string, begunMs?: number): number {
    return this.#suspensions.suspend(serviceUri, { begunMs })
  }

  /** Leaves an orchestrator alone that did not fail but cheat. */
  cheated(serviceUri: string): number {
    return this.#suspensions.suspend(serviceUri, { strikes: STRIKES_FOR_CHEATING })
  }

  close(): void {
    for (const { rpc } of this.#pages.values()) rpc.close()
    this.#pages.clear()
  }

  #page(entry: DirectoryEntry): Page {
    const known = this.#pages.get(entry.serviceUri)
    if (known) {
      known.entry = entry
      known.usedMs = this.#clock.elapsed()
      return known
    }
    const page: Page = {
      entry,
      rpc: new OrchestratorRpc(entry.serviceUri),
      pace: undefined,
      quality: undefined,
      address: entry.address,
      usedMs: this.#clock.elapsed(),
    }
    this.#pages.set(entry.serviceUri, page)
    return page
  }
}
