import type { Wei } from '@millrace/base'
import type { ChainClient } from '../client.ts'
import { chainError } from '../errors.ts'
import type { BlockFeed } from './block-feed.ts'

/** What a unit of gas costs, as of the last block seen. */
export class GasPriceWatcher {
  #price: Wei = 0n

  constructor(deps: { readonly client: ChainClient; readonly feed: BlockFeed }) {
    deps.feed.onBlock(async () => {
      try {
        this.#price = await deps.client.rpc.getGasPrice()
      } catch (cause) {
        throw chainError(cause, 'reading the gas price')
      }
    })
  }

  /** Wei per gas; 0 before the first block. */
  gasPrice(): Wei {
    return this.#price
  }
}
