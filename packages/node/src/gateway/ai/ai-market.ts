import { embeddedModelFor, type Pipeline } from '@millrace/ai'
import { type Clock, errorText, type Log, type Rational, rational } from '@millrace/base'
import { type ModelConstraint, meetsMinVersion, type OrchestratorInfo, priceToRational } from '@millrace/wire'
import type { DirectoryEntry } from '../directory.ts'
import type { OrchestratorBook } from '../orchestrator-book.ts'

/** An orchestrator that offers a model, as it said last. */
export type AiOffer = {
  readonly entry: DirectoryEntry
  readonly info: OrchestratorInfo
  readonly modelId: string
  readonly model: ModelConstraint
  /** Wei a unit; undefined where it tells none before it is asked for this model. */
  readonly price: Rational | undefined
}

export type AiMarketOptions = {
  /** -orchBlocklist: addresses in lower case. */
  readonly blocklist?: ReadonlySet<string> | undefined
  /** The lowest version that an orchestrator may have. */
  readonly minVersion: string
}

export type AiMarketDeps = {
  /** Its request names no capabilities, so that the answers hold all models and prices. */
  readonly book: OrchestratorBook
  readonly clock: Clock
  readonly log: Log
}

const TTL_MS = 5_000
/** Nobody waits for those that do not answer while others have. */
const ANSWER_MS = 1_500

/** What AI models the orchestrators of the network offer. */
export class AiMarket {
  readonly #options: AiMarketOptions
  readonly #deps: AiMarketDeps
  readonly #known = new Map<string, { readonly entry: DirectoryEntry; readonly info: OrchestratorInfo }>()
  #readAtMs = Number.NEGATIVE_INFINITY
  #reading: Promise<void> | undefined

  constructor(options: AiMarketOptions, deps: AiMarketDeps) {
    this.#options = options
    this.#deps = deps
  }

  /** Everybody who offers a model of the pipeline; `fresh` asks although the answers are young. */
  async offers(
    pipeline: Pick<Pipeline, 'capability'>,
    { fresh = false }: { readonly fresh?: boolean } = {},
  ): Promise<readonly AiOffer[]> {
    if (fresh || this.#deps.clock.elapsed() - this.#readAtMs >= TTL_MS) {
      this.#reading ??= this.#read().finally(() => {
        this.#reading = undefined
      })
      await this.#reading
    }
    return [...this.#known.values()].flatMap(({ entry, info }) => {
      const models = info.capabilities?.constraints?.perCapability.get(pipeline.capability)?.models ?? new Map()
      return [...models].map(([modelId, model]): AiOffer => {
        const listed = info.capabilitiesPrices.find(
          (price) => price.capability === pipeline.capability && price.constraint === modelId,
        )
        return { entry, info, modelId, model, price: listed && priceToRational(listed) }
      })
    })
  }

  /**
   * Which model is meant by a request that names none: the pipeline's own where anybody has it, else the embedded one for such a request,
   * else one that is warm, and cheap.
   */
  static defaultModel(
    pipeline: Pick<Pipeline, 'name' | 'defaultModel'>,
    request: Readonly<Record<string, unknown>>,
    offers: readonly AiOffer[],
  ): string | undefined {
    const embedded = embeddedModelFor(pipeline.name, request)
    for (const wanted of [pipeline.defaultModel, embedded])
      if (offers.some(({ modelId }) => modelId === wanted)) return wanted
    const cost = ({ price = rational(0n) }: AiOffer) => Number(price.num) / Number(price.den)
    const [best] = [...offers].sort((a, b) => Number(b.model.warm) - Number(a.model.warm) || cost(a) - cost(b))
    return best?.modelId
  }

  async #read(): Promise<void> {
    const { book, clock, log } = this.#deps
    const entries = await book.entries()
    const listed = new Set(entries.map(({ serviceUri }) => serviceUri))
    for (const serviceUri of this.#known.keys()) if (!listed.has(serviceUri)) this.#known.delete(serviceUri)
    const over = new AbortController()
    const asked = entries.map(async (entry) => {
      try {
        const info = await book.info(entry, { signal: AbortSignal.timeout(ANSWER_MS * 4) })
        if (this.#accepts(info)) this.#known.set(entry.serviceUri, { entry, info })
        else this.#known.delete(entry.serviceUri)
      } catch (error) {
        this.#known.delete(entry.serviceUri)
        log.info('an orchestrator does not tell its models', { serviceUri: entry.serviceUri, error: errorText(error) })
      }
    })
    const all = Promise.all(asked).then(() => over.abort())
    await Promise.race([all, clock.sleep(ANSWER_MS, { signal: over.signal }).catch(() => {})])
    over.abort()
    if (this.#known.size === 0) await all
    this.#readAtMs = clock.elapsed()
  }

  #accepts(info: OrchestratorInfo): boolean {
    const { blocklist, minVersion } = this.#options
    if (blocklist?.has(info.address.toLowerCase())) return false
    return meetsMinVersion(minVersion, info.capabilities?.version ?? '')
  }
}
