import { LIVE_CAPABILITY, liveCatalogEntry, liveParamsSchema } from '@millrace/ai'
import { type Clock, compareRational, errorText, type Log, type Rational } from '@millrace/base'
import {
  type Capabilities,
  capabilitiesOf,
  capabilityBits,
  incompatibility,
  type OrchestratorInfo,
  priceToRational,
} from '@millrace/wire'
import type { AiMarket, AiOffer } from '../ai/ai-market.ts'
import type { OrchestratorBook } from '../orchestrator-book.ts'

/** An orchestrator that would do it, with terms that it told a moment ago. */
export type LiveOffer = {
  readonly offer: AiOffer
  readonly info: OrchestratorInfo
  readonly capabilities: Capabilities
  /** By `Clock.elapsed`. */
  readonly toldMs: number
}

/** A live pipeline, and who runs it. */
export type LivePipeline = {
  /** The model. */
  readonly id: string
  readonly orchestrators: number
  readonly warm: boolean
  readonly capacity: number
  readonly inUse: number
  /** Wei a pixel. */
  readonly lowestPrice?: string
  /** The JSON schema of its parameters, where it is known here. */
  readonly params?: Readonly<Record<string, unknown>>
}

export type LiveWish = {
  /** The model. */
  readonly pipeline: string
  /** A part of the address that it must have; empty for anybody. */
  readonly orchestrator: string
}

export type LiveMarketDeps = {
  readonly market: Pick<AiMarket, 'offers'>
  readonly bookFor: (capabilities: Capabilities) => OrchestratorBook
  /** Wei a pixel; undefined for any price. */
  readonly maxPrice: (job: Capabilities) => Rational | undefined
  readonly clock: Clock
  readonly log: Log
}

/** Terms that are older than this are asked for anew: ticket parameters are valid for a few blocks only. */
const TERMS_FRESH_MS = 3_000
const ASK_WITHIN_MS = 3_000

/** Finds who works on a live stream: the first under the ceiling, warm ones first, and those that failed lately last. */
export class LiveMarket {
  readonly #minVersion: string
  readonly #deps: LiveMarketDeps

  constructor(options: { readonly minVersion: string }, deps: LiveMarketDeps) {
    this.#minVersion = options.minVersion
    this.#deps = deps
  }

  /** The models that somebody offers; `fresh` asks although the answers are young. */
  async models(options: { readonly fresh?: boolean } = {}): Promise<readonly string[]> {
    const offers = await this.#deps.market.offers({ capability: LIVE_CAPABILITY }, options)
    return [...new Set(offers.map(({ modelId }) => modelId))]
  }

  /** What there is, as pages show it. */
  async catalog(): Promise<readonly LivePipeline[]> {
    const offers = await this.#deps.market.offers({ capability: LIVE_CAPABILITY })
    return [...new Set(offers.map(({ modelId }) => modelId))].map((id) => {
      const of = offers.filter(({ modelId }) => modelId === id)
      const [cheapest] = of.flatMap(({ price }) => price ?? []).sort(compareRational)
      const card = liveCatalogEntry(id)?.card
      return {
        id,
        orchestrators: of.length,
        warm: of.some(({ model }) => model.warm),
        capacity: of.reduce((sum, { model }) => sum + model.capacity, 0),
        inUse: of.reduce((sum, { model }) => sum + model.capacityInUse, 0),
        ...(cheapest && { lowestPrice: `${cheapest.num}/${cheapest.den}` }),
        ...(card && { params: liveParamsSchema(card) }),
      }
    })
  }

  /** The best that answers; undefined when nobody does. */
  async choose(
    wish: LiveWish,
    { except, signal }: { readonly except: ReadonlySet<string>; readonly signal: AbortSignal },
  ): Promise<LiveOffer | undefined> {
    for (const offer of await this.#candidates(wish, except)) {
      signal.throwIfAborted()
      try {
        return await this.ask(offer, { signal })
      } catch (error) {
        signal.throwIfAborted()
        this.book(wish.pipeline).failed(offer.entry.serviceUri)
        const { serviceUri } = offer.entry
        this.#deps.log.info('an orchestrator does not tell its terms', { serviceUri, error: errorText(error) })
      }
    }
    return undefined
  }

  /** The same orchestrator with terms that are fresh. */
  async refreshed(known: LiveOffer, call: { readonly signal: AbortSignal }): Promise<LiveOffer> {
    return this.#deps.clock.elapsed() - known.toldMs <= TERMS_FRESH_MS ? known : this.ask(known.offer, call)
  }

  async ask(offer: AiOffer, { signal }: { readonly signal: AbortSignal }): Promise<LiveOffer> {
    const { bookFor, maxPrice, clock } = this.#deps
    const capabilities = this.wanted(offer.modelId)
    const within = AbortSignal.any([signal, AbortSignal.timeout(ASK_WITHIN_MS)])
    const info = await bookFor(capabilities).info(offer.entry, { signal: within })
    if (incompatibility(capabilities, info.capabilities ?? capabilitiesOf(0n)))
      throw new Error(`it does not offer ${offer.modelId} any more`)
    const max = maxPrice(capabilities)
    const price = info.priceInfo && priceToRational(info.priceInfo)
    if (max && price && compareRational(price, max) > 0) throw new Error('it asks more than this gateway pays')
    return { offer, info, capabilities, toldMs: clock.elapsed() }
  }

  /** What is known of those who run a model. */
  book(pipeline: string): OrchestratorBook {
    return this.#deps.bookFor(this.wanted(pipeline))
  }

  wanted(modelId: string): Capabilities {
    const model = { warm: false, capacity: 0, runnerVersion: '', capacityInUse: 0 }
    return capabilitiesOf(capabilityBits([LIVE_CAPABILITY]), {
      capacities: new Map([[LIVE_CAPABILITY, 1]]),
      constraints: {
        minVersion: this.#minVersion,
        perCapability: new Map([[LIVE_CAPABILITY, { models: new Map([[modelId, model]]) }]]),
      },
    })
  }

  async #candidates({ pipeline, orchestrator }: LiveWish, except: ReadonlySet<string>): Promise<readonly AiOffer[]> {
    const { market, maxPrice } = this.#deps
    const isMeant = ({ modelId, entry }: AiOffer) => modelId === pipeline && entry.serviceUri.includes(orchestrator)
    const asked = { capability: LIVE_CAPABILITY }
    const known = (await market.offers(asked)).filter(isMeant)
    // A model that was added a moment ago is found by asking anew.
    const offers = known.length > 0 ? known : (await market.offers(asked, { fresh: true })).filter(isMeant)
    const max = maxPrice(this.wanted(pipeline))
    const book = this.book(pipeline)
    const rank = ({ entry, model }: AiOffer): number => {
      // One that failed lately is better than nobody.
      const failed = book.isSuspended(entry.serviceUri) ? 4 : 0
      const full = model.capacity > 0 && model.capacityInUse >= model.capacity ? 2 : 0
      return failed + full + (model.warm ? 0 : 1)
    }
    return offers
      .filter(
        ({ entry, price }) => !except.has(entry.serviceUri) && (!max || !price || compareRational(price, max) <= 0),
      )
      .sort((a, b) => rank(a) - rank(b))
  }
}
