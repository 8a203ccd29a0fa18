import { type DiscoveredApp, decodeDiscovery } from '@millrace/ai'
import { type Clock, errorText, type Log } from '@millrace/base'
import { requirePublicAddress } from '@millrace/base/node'
import type { SecureClient } from '../../links/http/secure-fetch.ts'
import type { DirectoryEntry } from '../directory.ts'

/** An app of an orchestrator, as it said last. */
export type AppOffer = { readonly entry: DirectoryEntry; readonly app: DiscoveredApp }

export type AppMarketOptions = {
  /** True where orchestrators may be on this machine or its network. */
  readonly allowPrivate: boolean
  /** Addresses in lower case that are not dealt with. */
  readonly blocklist: ReadonlySet<string>
}

export type AppMarketDeps = {
  readonly entries: () => Promise<readonly DirectoryEntry[]>
  readonly http: Pick<SecureClient, 'fetch'>
  readonly clock: Clock
  readonly log: Log
}

const TTL_MS = 3_000
const ANSWER_MS = 2_000
const MAX_BYTES = 2_000_000
const MAX_ASKED = 200

/** What apps the orchestrators of the network offer (GET /discovery). */
export class AppMarket {
  readonly #options: AppMarketOptions
  readonly #deps: AppMarketDeps
  #offers: readonly AppOffer[] = []
  #readAtMs = Number.NEGATIVE_INFINITY
  #reading: Promise<void> | undefined

  constructor(options: AppMarketOptions, deps: AppMarketDeps) {
    this.#options = options
    this.#deps = deps
  }

  /** Everything that is offered; `fresh` asks although the answers are young. */
  async offers({ fresh = false }: { readonly fresh?: boolean } = {}): Promise<readonly AppOffer[]> {
    if (fresh || this.#deps.clock.elapsed() - this.#readAtMs >= TTL_MS) {
      this.#reading ??= this.#read().finally(() => {
        this.#reading = undefined
      })
      await this.#reading
    }
    return this.#offers
  }

  async #read(): Promise<void> {
    const { entries, clock, log } = this.#deps
    const asked = (await entries())
      .filter(({ address }) => address === undefined || !this.#options.blocklist.has(address.toLowerCase()))
      .slice(0, MAX_ASKED)
    const found = await Promise.all(
      asked.map(async (entry) => {
        try {
          return (await this.#ask(entry)).map((app): AppOffer => ({ entry, app }))
        } catch (error) {
          log.debug('an orchestrator tells no apps', { serviceUri: entry.serviceUri, error: errorText(error) })
          return []
        }
      }),
    )
    this.#offers = found.flat()
    this.#readAtMs = clock.elapsed()
  }

  async #ask(entry: DirectoryEntry): Promise<readonly DiscoveredApp[]> {
    const allowPrivate = this.#options.allowPrivate && !entry.hearsay
    if (!allowPrivate) await requirePublicAddress(entry.serviceUri)
    const answer = await this.#deps.http.fetch(new URL('/discovery', entry.serviceUri).href, {
      headTimeoutMs: ANSWER_MS,
      timeoutMs: ANSWER_MS,
      maxBytes: MAX_BYTES,
    })
    if (answer.status !== 200) return []
    const apps = decodeDiscovery(Buffer.from(answer.body).toString('utf8'))
    const hosts = new Map<string, boolean>()
    for (const { url } of apps) {
      const { host } = new URL(url)
      // Apps may stand under names of their own, which are as much a stranger's word as the rest.
      if (!hosts.has(host)) hosts.set(host, allowPrivate || (await isPublic(url)))
    }
    return apps.filter(({ url }) => hosts.get(new URL(url).host) && new URL(url).protocol === 'https:')
  }
}

const isPublic = (url: string): Promise<boolean> =>
  requirePublicAddress(url).then(
    () => true,
    () => false,
  )
