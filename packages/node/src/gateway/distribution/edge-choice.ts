import { type Clock, errorText, hasCode, type Log, type Rational, rational } from '@millrace/base'
import { requirePublicAddress } from '@millrace/base/node'
import type { DistributionOffer, ManifestId, OrchestratorInfo } from '@millrace/wire'
import type { DirectoryEntry } from '../directory.ts'
import type { OrchestratorBook } from '../orchestrator-book.ts'
import {
  type Candidate,
  DEFAULT_WEIGHTS,
  type SelectionOptions,
  type SelectionWeights,
  selectOrchestrator,
  type Verdict,
} from '../selection.ts'
import { Suspensions } from '../suspensions.ts'

export type EdgeChooserOptions = {
  readonly weights?: SelectionWeights | undefined
  /** The most for a byte, in wei; read anew for each choice. Undefined means any price. */
  readonly maxPricePerByte: () => Rational | undefined
  /** Viewers came by HTTPS, whose browsers fetch from no plain address. */
  readonly secureOnly: boolean
  /** Edges may be on this machine and its network. */
  readonly allowPrivate: boolean
}

export type EdgeChooserDeps = {
  readonly book: Pick<OrchestratorBook, 'entries' | 'info'>
  readonly clock: Clock
  readonly log: Log
  readonly random: () => number
}

/** An orchestrator that serves viewers, with the terms of a new session. */
export type ChosenEdge = { readonly serviceUri: string; readonly info: OrchestratorInfo }

/** One choice of an edge, with everything that it was made from. */
export type EdgeChoice = {
  readonly atMs: number
  readonly random: number
  readonly options: SelectionOptions
  readonly candidates: readonly Candidate[]
  /** Orchestrators that could not be chosen. */
  readonly leftOut: readonly { readonly serviceUri: string; readonly reason: string }[]
  readonly picked: string | undefined
  readonly verdicts: readonly Verdict[]
}

const TERMS_WITHIN_MS = 2_000
const MAX_ASKED = 50
const MAX_CHOICES = 20
const MAX_STREAMS = 200

/** Chooses who serves the viewers of a stream, by the rules by which its segments are bought: price, latency, stake and chance. */
export class EdgeChooser {
  readonly #options: EdgeChooserOptions
  readonly #deps: EdgeChooserDeps
  readonly #suspensions: Suspensions
  readonly #choices = new Map<ManifestId, EdgeChoice[]>()

  constructor(options: EdgeChooserOptions, deps: EdgeChooserDeps) {
    this.#options = options
    this.#deps = deps
    this.#suspensions = new Suspensions(deps)
  }

  /** Leaves an edge alone for a while; one that cheated for longer. */
  failed(serviceUri: string, cause: unknown): void {
    const cheated = hasCode(cause, 'edge_overbilled') || hasCode(cause, 'edge_tampered')
    this.#suspensions.suspend(serviceUri, cheated ? { strikes: 6 } : {})
  }

  choices(manifestId: ManifestId): readonly EdgeChoice[] {
    return this.#choices.get(manifestId) ?? []
  }

  /** One more edge for the stream; undefined when there is none. */
  async choose(manifestId: ManifestId, used: ReadonlySet<string>): Promise<ChosenEdge | undefined> {
    const { book, clock, random } = this.#deps
    const others = (await book.entries()).filter(({ serviceUri }) => !used.has(serviceUri))
    const isLeft = ({ serviceUri }: DirectoryEntry) => this.#suspensions.isSuspended(serviceUri)
    const leftOut = others
      .filter(isLeft)
      .slice(0, MAX_ASKED)
      .map(({ serviceUri }) => ({ serviceUri, reason: 'it failed, and is left alone for a while' }))
    const entries = others.filter((entry) => !isLeft(entry))
    const asked = shuffled(entries, random).slice(0, MAX_ASKED)
    const offers = (await Promise.all(asked.map((entry) => this.#offer(entry, leftOut)))).filter((o) => o !== undefined)
    const candidates = offers.map(
      ({ entry, info, offer, ms }): Candidate => ({
        serviceUri: entry.serviceUri,
        address: entry.address ?? info.address,
        // The rules compare prices with each other: here they are those of a byte.
        pricePerPixel: rational(offer.pricePerUnit, offer.bytesPerUnit),
        latencyScore: Math.min(1, ms / 1_000),
        quality: undefined,
        stakeLpt: entry.stakeLpt,
        suspended: false,
      }),
    )
    const options: SelectionOptions = {
      weights: this.#options.weights ?? DEFAULT_WEIGHTS,
      maxPricePerPixel: this.#options.maxPricePerByte(),
    }
    const number = random()
    const { picked, verdicts } = selectOrchestrator(candidates, options, number)
    this.#keep(manifestId, { atMs: clock.now(), random: number, options, candidates, leftOut, picked, verdicts })
    const found = offers.find(({ entry }) => entry.serviceUri === picked)
    return found && { serviceUri: found.entry.serviceUri, info: found.info }
  }

  async #offer(entry: DirectoryEntry, leftOut: { serviceUri: string; reason: string }[]) {
    const { book, clock, log } = this.#deps
    const { serviceUri } = entry
    const began = clock.elapsed()
    let reason: string | undefined
    try {
      const info = await book.info(entry, { signal: AbortSignal.timeout(TERMS_WITHIN_MS) })
      const { distribution: offer, ticketParams } = info
      reason = this.#refusal(offer)
      if (entry.address !== undefined && ticketParams && ticketParams.recipient !== entry.address)
        reason ??= `the directory names ${entry.address}`
      if (!this.#options.allowPrivate && offer && !reason) await requirePublicAddress(offer.viewerUrl)
      if (offer && !reason) return { entry, info, offer, ms: clock.elapsed() - began }
    } catch (error) {
      reason = errorText(error)
    }
    log.debug('an orchestrator is no edge', { serviceUri, reason })
    leftOut.push({ serviceUri, reason: reason ?? '' })
    return undefined
  }

  /** Why viewers cannot be sent there; undefined when they can. */
  #refusal(offer: DistributionOffer | undefined): string | undefined {
    if (!offer) return 'it serves no viewers'
    const url = URL.canParse(offer.viewerUrl) ? new URL(offer.viewerUrl) : undefined
    const isPlain = url?.protocol === 'http:'
    const isWeb =
      url && (isPlain || url.protocol === 'https:') && url.username === '' && url.search === '' && url.hash === ''
    if (!isWeb || offer.bytesPerUnit <= 0n) return 'its offer cannot be read'
    return isPlain && this.#options.secureOnly ? 'it has no https, which pages of https need' : undefined
  }

  #keep(manifestId: ManifestId, choice: EdgeChoice): void {
    const choices = this.#choices.get(manifestId) ?? []
    this.#choices.delete(manifestId)
    this.#choices.set(manifestId, choices)
    choices.push(choice)
    if (choices.length > MAX_CHOICES) choices.shift()
    const oldest = this.#choices.keys().next().value
    if (this.#choices.size > MAX_STREAMS && oldest !== undefined) this.#choices.delete(oldest)
  }
}

/** A choice as JSON shows it: each orchestrator with its inputs beside what became of it. */
export function explainEdgeChoice({
  candidates,
  verdicts,
  leftOut,
  options,
  ...rest
}: EdgeChoice): Record<string, unknown> {
  const { maxPricePerPixel: most } = options
  return {
    ...rest,
    options: { weights: options.weights, ...(most && { maxPricePerByte: `${most.num}/${most.den}` }) },
    considered: candidates.map(({ serviceUri, address, pricePerPixel: price, latencyScore, stakeLpt }, i) => ({
      serviceUri,
      address,
      pricePerByte: `${price.num}/${price.den}`,
      latencyScore,
      stakeLpt: stakeLpt.toString(),
      probability: verdicts[i]?.probability,
      reason: verdicts[i]?.reason,
    })),
    leftOut,
  }
}

function shuffled<T>(items: readonly T[], random: () => number): readonly T[] {
  return items
    .map((item) => ({ item, key: random() }))
    .sort((a, b) => a.key - b.key)
    .map(({ item }) => item)
}
