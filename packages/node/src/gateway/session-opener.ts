import { type Clock, errorText, type Log, MillraceError, type Rational } from '@millrace/base'
import {
  type Address,
  type Capabilities,
  freshAuthTokenValidS,
  incompatibility,
  isCompatible,
  type OrchestratorInfo,
  priceToRational,
  type TellEvent,
  sessionId as toSessionId,
} from '@millrace/wire'
import type { DirectoryEntry } from './directory.ts'
import type { LeftOut } from './explain.ts'
import type { OrchestratorBook } from './orchestrator-book.ts'
import type { GatewaySession } from './session-pool.ts'

/** What an orchestrator must be to be asked for work. */
export type Requirements = {
  /** What the jobs need, with the lowest version as a constraint. */
  readonly capabilities?: Capabilities | undefined
  /** -orchBlocklist: addresses in lower case. */
  readonly blocklist?: ReadonlySet<string> | undefined
}

export type SessionOpenerDeps = {
  readonly book: OrchestratorBook
  readonly tell: TellEvent
  readonly clock: Clock
  readonly log: Log
}

/** Terms that were of no use are asked for again after so long, and sooner where there is nobody else: an orchestrator whose workers come back can do more. */
const ASK_AGAIN_MS = 60_000
const ASK_AGAIN_SOON_MS = 1_000

/** Asks orchestrators for their terms on behalf of one stream and refuses those that may not serve it. */
export class SessionOpener {
  readonly #requirements: Requirements
  readonly #deps: SessionOpenerDeps
  readonly #opening = new Map<string, Promise<GatewaySession | undefined>>()
  readonly #leftOut = new Map<string, { readonly why: LeftOut; readonly sinceMs: number }>()
  readonly #firstPrices = new Map<string, Rational>()

  constructor(requirements: Requirements, deps: SessionOpenerDeps) {
    this.#requirements = requirements
    this.#deps = deps
  }

  /** Why orchestrators could not be chosen. */
  leftOut(): readonly LeftOut[] {
    return [...this.#leftOut.values()].map(({ why }) => why)
  }

  /** False for one whose terms were of no use a moment ago. */
  mayAsk(serviceUri: string, desperate: boolean): boolean {
    const left = this.#leftOut.get(serviceUri)
    if (left === undefined || left.why.reason === 'no_terms') return true
    return this.#deps.clock.elapsed() - left.sinceMs >= (desperate ? ASK_AGAIN_SOON_MS : ASK_AGAIN_MS)
  }

  /** Forgets those that the directory does not name. */
  keepOnly(listed: (serviceUri: string) => boolean): void {
    for (const serviceUri of this.#leftOut.keys()) if (!listed(serviceUri)) this.#leftOut.delete(serviceUri)
  }

  /** A session with new terms, or undefined. Several segments may wait for the same one, so it is not given up with any of them. */
  open(entry: DirectoryEntry, options: { readonly signal: AbortSignal }): Promise<GatewaySession | undefined> {
    const running = this.#opening.get(entry.serviceUri)
    if (running) return running
    const opening = this.#opened(entry, options.signal).finally(() => this.#opening.delete(entry.serviceUri))
    this.#opening.set(entry.serviceUri, opening)
    return opening
  }

  async #opened(entry: DirectoryEntry, signal: AbortSignal): Promise<GatewaySession | undefined> {
    const { book, clock, log, tell } = this.#deps
    const { serviceUri } = entry
    try {
      const info = await book.info(entry, { signal })
      const refused = this.#refusal(entry, info)
      if (refused) {
        log.info('an orchestrator is left out', { serviceUri, reason: refused.reason, detail: refused.detail })
        this.#leaveOut(refused)
        return undefined
      }
      this.#leftOut.delete(serviceUri)
      const price = info.priceInfo && priceToRational(info.priceInfo)
      // A refreshed session must not forget it, else the price could creep up with every refresh.
      const initialPrice = this.#firstPrices.get(serviceUri) ?? price
      if (initialPrice) this.#firstPrices.set(serviceUri, initialPrice)
      return {
        entry,
        serviceUri,
        sessionId: info.authToken?.sessionId ?? toSessionId(''),
        initialPrice,
        info,
        openedMs: clock.elapsed(),
        tokenUntilMs: tokenUntilMs(info, clock),
        inFlight: 0,
        late: 0,
        used: 0,
      }
    } catch (error) {
      if (signal.aborted) return undefined
      const code = error instanceof MillraceError ? error.code : 'unknown'
      tell({ type: 'discovery_failed', orchestratorUri: serviceUri, code })
      log.info('an orchestrator gave no terms', { serviceUri, error: errorText(error) })
      book.failed(serviceUri)
      this.#leaveOut({ serviceUri, address: entry.address, reason: 'no_terms', detail: errorText(error) })
      return undefined
    }
  }

  #leaveOut(why: LeftOut): void {
    this.#leftOut.set(why.serviceUri, { why, sinceMs: this.#deps.clock.elapsed() })
  }

  #refusal(entry: DirectoryEntry, info: OrchestratorInfo): LeftOut | undefined {
    const { capabilities, blocklist } = this.#requirements
    const { serviceUri } = entry
    const address: Address = info.address
    // On chain the directory says whose the service is, and that account must be paid. The key that signs may be another
    // (go-livepeer's -ethOrchAddr), and where nothing is paid there is nobody to compare.
    const payee = info.ticketParams?.recipient
    if (entry.address !== undefined && payee !== undefined && payee !== entry.address)
      return { serviceUri, address, reason: 'wrong_address', detail: `the directory names ${entry.address}` }
    if (blocklist?.has(address)) return { serviceUri, address, reason: 'blocked', detail: 'named by -orchBlocklist' }
    if (!capabilities || isCompatible(capabilities, info.capabilities)) return undefined
    const why = info.capabilities && incompatibility(capabilities, info.capabilities)
    return { serviceUri, address, reason: 'incompatible', detail: why ? JSON.stringify(why) : 'tells no capabilities' }
  }
}

/** Reckoned from when the token came, so that neither a clock that is set nor one that is wrong ends a session too soon or too late. */
const tokenUntilMs = ({ authToken }: OrchestratorInfo, clock: Clock): number =>
  authToken ? clock.elapsed() + 1000 * freshAuthTokenValidS(authToken, clock.now() / 1000) : Number.NEGATIVE_INFINITY
