import { errorText, type Log } from '@millrace/base'
import { type ChainClient, type NetworkAddresses, readAddresses } from '../client.ts'
import type { BlockFeed } from './block-feed.ts'

/** A contract that has another address than the one this program works with. */
export type MovedContract = {
  readonly name: string
  readonly from: string | undefined
  readonly to: string | undefined
}

/**
 * Notices that the Controller names other addresses than when this program connected: then it works with contracts that are out of use.
 * What moves back is well again.
 */
export class ContractWatcher {
  readonly #client: ChainClient
  readonly #log: Log
  #moved: readonly MovedContract[] = []
  #pending = false
  #first = true

  constructor(deps: { readonly client: ChainClient; readonly feed: Pick<BlockFeed, 'onBlock'>; readonly log: Log }) {
    this.#client = deps.client
    this.#log = deps.log
    deps.feed.onBlock(({ logs, reset }) => {
      // The addresses were read a moment before the first block.
      const unknown = reset && !this.#first
      this.#first = false
      if (unknown || logs.some(({ eventName }) => eventName === 'SetContractInfo')) this.#pending = true
      return this.#pending ? this.#look() : undefined
    })
  }

  /** The contracts that have moved; empty while all is as it was. */
  get moved(): readonly MovedContract[] {
    return this.#moved
  }

  async #look(): Promise<void> {
    const { addresses, rpc } = this.#client
    let now: NetworkAddresses
    try {
      now = await readAddresses(rpc, addresses.controller)
    } catch (error) {
      // It is asked again with the next block.
      this.#log.warn('the addresses of the contracts could not be read', { error: errorText(error) })
      return
    }
    this.#pending = false
    const names = new Set([...Object.keys(addresses), ...Object.keys(now)]) as Set<keyof NetworkAddresses>
    this.#moved = [...names]
      .filter((name) => addresses[name] !== now[name])
      .map((name) => ({ name, from: addresses[name], to: now[name] }))
    for (const { name, from, to } of this.#moved)
      this.#log.error('a contract has another address now: this node must be started again', { name, from, to })
  }
}
