import { errorText, type Log, type Part } from '@millrace/base'
import type { BlockFeed, DisputeDuties } from '@millrace/chain'

export type DisputeKeeperDeps = {
  readonly duties: Pick<DisputeDuties, 'tick' | 'collect'>
  readonly feed: Pick<BlockFeed, 'onBlock'>
  readonly log: Log
}

/** Looks after an account's duties in disputes at every block, one round of them at a time. */
export class DisputeKeeper implements Part {
  readonly name = 'dispute-keeper'
  readonly #deps: DisputeKeeperDeps
  readonly #stopping = new AbortController()
  #busy: Promise<void> | undefined

  constructor(deps: DisputeKeeperDeps) {
    this.#deps = deps
    deps.feed.onBlock(() => this.#wake())
  }

  async start(): Promise<void> {
    this.#deps.log.warn('this node takes part in disputes, by contracts that nobody has AUDITED', {
      advice: 'see docs/concepts/slashing.md',
    })
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    await this.#busy
  }

  #wake(): void {
    if (this.#busy || this.#stopping.signal.aborted) return
    this.#busy = this.#tick().finally(() => {
      this.#busy = undefined
    })
  }

  async #tick(): Promise<void> {
    const { duties, log } = this.#deps
    const { signal } = this.#stopping
    try {
      await duties.tick({ signal })
      await duties.collect({ signal })
    } catch (error) {
      if (!signal.aborted) log.warn('duties in disputes failed, trying again', { error: errorText(error) })
    }
  }
}
