import { type CapabilitySettings, ComputeError } from '@millrace/ai'
import { errorText, type Log, type Rational } from '@millrace/base'
import { CAPABILITY, type PriceInfo, priceFromRational } from '@millrace/wire'

/** A capability that is registered; `pricePerSecond` is in wei. */
export type Capability = CapabilitySettings & { readonly pricePerSecond: Rational }

export type CapabilityPlace = {
  readonly capability: Capability
  /** May be called twice. */
  release(): void
}

export type CapabilityRegistryDeps = {
  /** Converts a price for a second to wei; throws where nobody knows what the currency is worth. */
  readonly inWei: (price: Rational, currency: string | undefined) => Promise<Rational>
  /** False off chain, where everything is free. */
  readonly isPaid: boolean
  readonly log: Log
}

const MAX_CAPABILITIES = 1_000
const FREE: Rational = { num: 0n, den: 1n }

/** The apps that workers have registered at an orchestrator, and how busy they are. */
export class CapabilityRegistry {
  readonly #deps: CapabilityRegistryDeps
  readonly #known = new Map<string, Capability>()
  /** Kept by name, since jobs outlive a registration. */
  readonly #inUse = new Map<string, number>()

  constructor(deps: CapabilityRegistryDeps) {
    this.#deps = deps
  }

  /** Adds a capability, or puts other settings in the place of those that it had. Throws `compute_bad_request` or `compute_no_capacity`. */
  async register(settings: CapabilitySettings): Promise<void> {
    const { isPaid, inWei, log } = this.#deps
    const { name, price, currency } = settings
    if (!this.#known.has(name) && this.#known.size >= MAX_CAPABILITIES)
      throw new ComputeError('compute_no_capacity', `there are ${MAX_CAPABILITIES} capabilities already`)
    let pricePerSecond = FREE
    if (isPaid) {
      try {
        pricePerSecond = await inWei(price, currency)
        priceFromRational(pricePerSecond)
      } catch (cause) {
        throw new ComputeError('compute_bad_request', `the price cannot be used: ${errorText(cause)}`, { cause })
      }
    }
    this.#known.set(name, { ...settings, pricePerSecond })
    log.info('a capability was registered', { capability: name, capacity: settings.capacity })
  }

  /** False when there is none of that name. */
  remove(name: string, reason: string): boolean {
    const removed = this.#known.delete(name)
    if (removed) this.#deps.log.warn('a capability was removed', { capability: name, reason })
    return removed
  }

  find(name: string): Capability | undefined {
    return this.#known.get(name)
  }

  freePlaces(name: string): number {
    const capacity = this.#known.get(name)?.capacity ?? 0
    return Math.max(0, capacity - (this.#inUse.get(name) ?? 0))
  }

  /** A place for one job; undefined when there is none. */
  reserve(name: string): CapabilityPlace | undefined {
    const capability = this.#known.get(name)
    if (!capability || this.freePlaces(name) === 0) return undefined
    this.#inUse.set(name, (this.#inUse.get(name) ?? 0) + 1)
    let held = true
    return {
      capability,
      release: () => {
        if (!held) return
        held = false
        const count = (this.#inUse.get(name) ?? 0) - 1
        if (count > 0) this.#inUse.set(name, count)
        else this.#inUse.delete(name)
      },
    }
  }

  /** Reckons prices in other currencies anew. */
  async reprice(): Promise<void> {
    for (const [name, capability] of this.#known) {
      if (!this.#deps.isPaid || capability.currency === undefined) continue
      const pricePerSecond = await this.#deps.inWei(capability.price, capability.currency)
      if (this.#known.get(name) === capability) this.#known.set(name, { ...capability, pricePerSecond })
    }
  }

  /** The prices as they stand in an orchestrator's terms: the name of the capability in the place of a model. */
  prices(): readonly PriceInfo[] {
    return [...this.#known.values()].map(({ name, pricePerSecond }) => ({
      ...priceFromRational(pricePerSecond),
      capability: CAPABILITY.byoc,
      constraint: name,
    }))
  }
}
