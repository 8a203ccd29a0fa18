import type { Balances, TicketRecipient } from '@millrace/payments'
import {
  type Address,
  type AuthToken,
  CAPABILITY,
  type Capabilities,
  type CapabilityBits,
  capabilitiesOf,
  codecCapabilities,
  DEFAULT_CAPABILITIES,
  type DistributionOffer,
  type OrchestratorInfo,
  type PriceInfo,
  priceFromRational,
  priceToRational,
  type SessionId,
  type Signer,
  ZERO_ADDRESS,
} from '@millrace/wire'
import { type AiTerms, asksForModels } from './ai/ai-terms.ts'
import type { Dispatcher } from './dispatch.ts'
import type { SessionTable } from './session-table.ts'

export type TermsOptions = {
  readonly serviceUri: () => string
  readonly version: string
  /** Further instances that gateways are told of. */
  readonly nodes?: readonly string[]
}

export type TermsDeps = {
  readonly signer: Signer | undefined
  readonly sessions: SessionTable
  /** Undefined off chain. */
  readonly recipient: TicketRecipient | undefined
  readonly balances: Balances
  readonly priceFor: (gateway: Address) => Promise<PriceInfo>
  readonly dispatcher: Pick<Dispatcher, 'takesLive' | 'codecs'>
  /** What it asks for serving viewers, where it does. */
  readonly distribution?: (() => DistributionOffer) | undefined
  /** Its AI models, where it has any. */
  readonly ai?: Pick<AiTerms, 'offer' | 'priceOf' | 'prices'> | undefined
}

/** What an orchestrator tells gateways of itself: price, ticket parameters, what it can do. */
export class Terms {
  readonly #options: TermsOptions
  readonly #deps: TermsDeps

  constructor(options: TermsOptions, deps: TermsDeps) {
    this.#options = options
    this.#deps = deps
  }

  async info(gateway: Address, authToken: AuthToken): Promise<OrchestratorInfo> {
    return this.infoFor(gateway, authToken, await this.price(gateway, authToken.sessionId))
  }

  /** The terms for what a gateway wants: where it names models, at their price. */
  async infoAbout(gateway: Address, authToken: AuthToken, wanted: Capabilities | undefined): Promise<OrchestratorInfo> {
    const { ai } = this.#deps
    const models = this.#deps.recipient && ai?.priceOf(gateway, wanted)
    const price = models ? priceFromRational(models) : await this.price(gateway, authToken.sessionId)
    const info = await this.infoFor(gateway, authToken, price)
    // Upstream leaves the list out where certain capabilities are asked for.
    return ai && !asksForModels(wanted) ? { ...info, capabilitiesPrices: ai.prices(gateway) } : info
  }

  /** The terms with this price, and ticket parameters that hold for it alone. */
  async infoFor(gateway: Address, authToken: AuthToken, priceInfo: PriceInfo): Promise<OrchestratorInfo> {
    const { recipient, signer, sessions, dispatcher, distribution } = this.#deps
    const ai = this.#deps.ai?.offer()
    const ticketParams = await recipient?.ticketParams(gateway, priceToRational(priceInfo))
    return {
      serviceUri: this.#options.serviceUri(),
      ...(ticketParams && { ticketParams }),
      priceInfo,
      address: signer?.address ?? ZERO_ADDRESS,
      capabilities: capabilitiesOf(this.capabilities, {
        version: this.#options.version,
        capacities: new Map([[CAPABILITY.h264, sessions.capacity], ...(ai?.capacities ?? [])]),
        ...(ai && { constraints: ai.constraints }),
      }),
      authToken,
      hardware: [],
      storage: [],
      capabilitiesPrices: [],
      nodes: this.#options.nodes ?? [],
      ...(dispatcher.takesLive && { takesLiveSegments: true as const }),
      ...(distribution && { distribution: distribution() }),
    }
  }

  /** What it can do now, with the workers that are there. */
  get capabilities(): CapabilityBits {
    return DEFAULT_CAPABILITIES | codecCapabilities(this.#deps.dispatcher.codecs) | (this.#deps.ai?.offer().bits ?? 0n)
  }

  /** The session's fixed price, or today's for the gateway. */
  async price(gateway: Address, sessionId: SessionId): Promise<PriceInfo> {
    const { recipient, balances, priceFor } = this.#deps
    if (!recipient) return { pricePerUnit: 0n, pixelsPerUnit: 1n }
    const fixed = balances.fixedPrice(gateway, sessionId)
    return fixed ? priceFromRational(fixed) : priceFor(gateway)
  }
}
