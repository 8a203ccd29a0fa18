import type { Wei } from '@millrace/base'
import type { ChainClient } from '../client.ts'
import { chainError } from '../errors.ts'
import type { BlockFeed } from './block-feed.ts'

/** What a unit of gas costs, as of the last block seen. */
export class GasPriceWatcher {
  #floor: Wei
  #asked: Wei = 0n
  #price: Wei

  /** `minGasPriceWei` counts where the chain asks less (`-minGasPrice`). */
  constructor(
    options: { readonly minGasPriceWei: Wei },
    deps: { readonly client: ChainClient; readonly feed: BlockFeed },
  ) {
    this.#floor = options.minGasPriceWei
    this.#price = options.minGasPriceWei
    deps.feed.onBlock(async () => {
      try {
        this.#asked = await deps.client.rpc.getGasPrice()
        this.setMinimum(this.#floor)
      } catch (cause) {
        throw chainError(cause, 'reading the gas price')
      }
    })
  }

  /** Changes the minimum from now on. */
  setMinimum(minGasPriceWei: Wei): void {
    this.#floor = minGasPriceWei
    this.#price = this.#asked > minGasPriceWei ? this.#asked : minGasPriceWei
  }

  /** Wei per gas; the minimum before the first block. */
  gasPrice(): Wei {
    return this.#price
  }
}
