import { type Clock, compareRational, errorText, type Log, type Rational } from '@millrace/base'
import {
  CAPABILITY_NAMES,
  type Capabilities,
  capabilitiesOf,
  NO_CONSTRAINTS,
  type OrchestratorInfo,
  priceToRational,
} from '@millrace/wire'
import { type DiscoveredOrchestrator, SignerError } from '../links/signer-link.ts'

/** Orchestrators that are asked at the same time. */
const AT_ONCE = 20
/** While nobody is found, nobody is asked more often than this. */
const RETRY_MS = 5_000

type Listed = { readonly serviceUri: string }

export type SignerDiscoveryDeps<Entry extends Listed = Listed> = {
  readonly find: () => Promise<readonly Entry[]>
  /** The terms of one of them. */
  readonly ask: (entry: Entry) => Promise<OrchestratorInfo>
  readonly isBlocked: (info: OrchestratorInfo) => boolean
  readonly maxPrice: (capabilities: Capabilities | undefined) => Rational | undefined
  readonly clock: Pick<Clock, 'elapsed'>
  readonly log: Log
}

/**
 * -remoteDiscovery: the orchestrators that gateways of this signer can afford, asked for their terms every so often.
 * Models of AI work are named as `pipeline/model` where their price is not above the most for them. An orchestrator that only
 * transcodes is listed without capabilities; signers of go-livepeer leave it out.
 */
export class SignerDiscovery<Entry extends Listed = Listed> {
  readonly #refreshMs: number
  readonly #deps: SignerDiscoveryDeps<Entry>
  #found: readonly DiscoveredOrchestrator[] = []
  #readAt = Number.NEGATIVE_INFINITY
  #reading: Promise<void> | undefined

  constructor(options: { readonly refreshMs: number }, deps: SignerDiscoveryDeps<Entry>) {
    this.#refreshMs = options.refreshMs
    this.#deps = deps
  }

  /** Those with any of the capabilities, or all where none is named. Throws `signer_busy` with 503 while nobody is known. */
  async find(capabilities: readonly string[]): Promise<readonly DiscoveredOrchestrator[]> {
    const age = this.#deps.clock.elapsed() - this.#readAt
    const due = this.#found.length === 0 ? RETRY_MS : this.#refreshMs
    if (!this.#reading && age >= due)
      this.#reading = this.#read().finally(() => {
        this.#reading = undefined
      })
    // Once somebody is known nobody waits for news.
    if (this.#found.length === 0) await this.#reading
    if (this.#found.length === 0)
      throw new SignerError('signer_busy', 503, 'no orchestrator is known yet', { retryable: true })
    if (capabilities.length === 0) return this.#found
    return this.#found.filter((o) => o.capabilities.some((name) => capabilities.includes(name)))
  }

  async #read(): Promise<void> {
    const { find, log, clock } = this.#deps
    this.#readAt = clock.elapsed()
    try {
      const entries = [...(await find())]
      const found: DiscoveredOrchestrator[] = []
      while (entries.length > 0) {
        const some = await Promise.all(entries.splice(0, AT_ONCE).map((entry) => this.#look(entry)))
        found.push(...some.flatMap((o) => o ?? []))
      }
      // A moment without anybody is more likely a fault here than everywhere.
      if (found.length > 0) this.#found = found
    } catch (error) {
      log.warn('no orchestrators could be found', { error: errorText(error), kept: this.#found.length })
    }
  }

  async #look(entry: Entry): Promise<DiscoveredOrchestrator | undefined> {
    const { ask, isBlocked, log } = this.#deps
    const { serviceUri } = entry
    try {
      const info = await ask(entry)
      if (isBlocked(info)) return undefined
      const capabilities = this.#affordable(info)
      if (
        capabilities.length === 0 &&
        !this.#isAffordable(info.priceInfo && priceToRational(info.priceInfo), undefined)
      )
        return undefined
      return { address: serviceUri, capabilities }
    } catch (error) {
      log.debug('an orchestrator gave no terms', { serviceUri, error: errorText(error) })
      return undefined
    }
  }

  #affordable(info: OrchestratorInfo): readonly string[] {
    const models = info.capabilities?.constraints?.perCapability ?? new Map()
    return [...models].flatMap(([capability, { models }]) => {
      const pipeline = CAPABILITY_NAMES.get(capability)?.toLowerCase().replaceAll(' ', '-')
      if (pipeline === undefined) return []
      return [...(models as ReadonlyMap<string, unknown>).keys()]
        .filter(
          (model) => model !== '' && this.#isAffordable(priceOf(info, capability, model), modelOf(capability, model)),
        )
        .map((model) => `${pipeline}/${model}`)
        .sort()
    })
  }

  #isAffordable(price: Rational | undefined, capabilities: Capabilities | undefined): boolean {
    if (!price) return false
    const most = this.#deps.maxPrice(capabilities)
    return !most || compareRational(price, most) <= 0
  }
}

/** The price for a model, or for everything where it has none of its own. */
function priceOf(
  { capabilitiesPrices, priceInfo }: OrchestratorInfo,
  capability: number,
  model: string,
): Rational | undefined {
  const own = capabilitiesPrices.find(
    (price) => (price.capability ?? 0) === capability && price.constraint === model && price.pixelsPerUnit > 0n,
  )
  const price = own ?? priceInfo
  return price && priceToRational(price)
}

const modelOf = (capability: number, model: string): Capabilities =>
  capabilitiesOf(1n << BigInt(capability), {
    constraints: {
      ...NO_CONSTRAINTS,
      perCapability: new Map([
        [capability, { models: new Map([[model, { warm: false, capacity: 0, runnerVersion: '', capacityInUse: 0 }]]) }],
      ]),
    },
  })
