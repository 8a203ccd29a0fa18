import type { Address } from '@millrace/wire'
import type { ChainClient } from '../client.ts'
import { getOrchestrator, getPool, type Orchestrator } from '../contracts/bonding-manager.ts'
import { getServiceUri } from '../contracts/service-registry.ts'
import type { BlockFeed } from './block-feed.ts'

export type KnownOrchestrator = Orchestrator & { readonly serviceUri: string }

/** The orchestrator pool with stakes and service URIs, read anew whenever an event or a round changes it. */
export class OrchestratorWatcher {
  readonly #client: ChainClient
  #reading: Promise<readonly KnownOrchestrator[]> | undefined

  constructor(deps: { readonly client: ChainClient; readonly feed: BlockFeed }) {
    this.#client = deps.client
    deps.feed.onBlock(({ logs, reset }) => {
      if (reset || logs.some((log) => POOL_EVENTS.has(log.eventName))) this.#reading = undefined
    })
  }

  /** The pool, highest stake first. */
  list(): Promise<readonly KnownOrchestrator[]> {
    this.#reading ??= this.#read().catch((error) => {
      this.#reading = undefined
      throw error
    })
    return this.#reading
  }

  async #read(): Promise<readonly KnownOrchestrator[]> {
    const pool = await getPool(this.#client)
    return Promise.all(pool.map((address) => this.#readOne(address)))
  }

  async #readOne(address: Address): Promise<KnownOrchestrator> {
    const [orchestrator, serviceUri] = await Promise.all([
      getOrchestrator(this.#client, address),
      getServiceUri(this.#client, address),
    ])
    return { ...orchestrator, serviceUri }
  }
}

const POOL_EVENTS = new Set<string>([
  'NewRound',
  'TranscoderActivated',
  'TranscoderDeactivated',
  'TranscoderUpdate',
  'ServiceURIUpdate',
  'Reward',
  'Bond',
  'Unbond',
  'Rebond',
])
