import { AiError, type AiJob, type AiResult, inputFacts, type Pipeline, type RunContext } from '@millrace/ai'
import {
  type Clock,
  compareRational,
  errorText,
  hasCode,
  type Log,
  MillraceError,
  type Rational,
  rational,
} from '@millrace/base'
import {
  type Capabilities,
  capabilitiesOf,
  capabilityBits,
  DEFAULT_CAPABILITIES,
  incompatibility,
  type TellEvent,
} from '@millrace/wire'
import type { SpendAccount } from '../api-keys/spend-account.ts'
import type { OrchestratorBook } from '../orchestrator-book.ts'
import { type Candidate, DEFAULT_WEIGHTS, type SelectionWeights, selectOrchestrator } from '../selection.ts'
import { aiCatalog } from './ai-catalog.ts'
import { AiMarket, type AiOffer } from './ai-market.ts'
import { type AiPurchaseDeps, type BoughtAiResult, purchaseAiJob } from './ai-purchase.ts'

export type AiBuyerOptions = {
  readonly weights?: SelectionWeights | undefined
  /** -aiProcessingRetryTimeout: no further try begins after so long; one that runs is not cut off by it. */
  readonly retryTimeoutMs: number
  /** The longest that one try may take, the loading of a cold model with it. */
  readonly jobTimeoutMs: number
  readonly minVersion: string
}

/** How a job is run, and for whom. */
export type BuyContext = RunContext & {
  /** Who it is bought for, where the gateway keeps accounts. */
  readonly account?: Pick<SpendAccount, 'reserve'> | undefined
}

export type AiBuyerDeps = AiPurchaseDeps & {
  readonly market: AiMarket
  /** A book whose requests name the model. */
  readonly bookFor: (capabilities: Capabilities) => OrchestratorBook
  /** Wei a unit; undefined for any price. */
  readonly maxPrice: (job: Capabilities) => Rational | undefined
  readonly tell: TellEvent
  readonly clock: Clock
  readonly log: Log
  readonly random: () => number
}

const MAX_TRIES = 20
const TRIES_OF_ONE = 3
/** So long a wait counts as half bad, whatever the pipeline is. */
const HALF_BAD_MS = 10_000
const AGAIN_AFTER_MS = 100
/** How much the latest job counts in the moving average. */
const LATEST = 0.3

/** Buys AI jobs: chooses among those who offer the model, warm ones first, and tries on while nobody has delivered. */
export class AiBuyer {
  readonly #options: AiBuyerOptions
  readonly #deps: AiBuyerDeps
  /** By pipeline and model that somebody has, so that it stays small. */
  readonly #tookMs = new Map<string, number>()

  constructor(options: AiBuyerOptions, deps: AiBuyerDeps) {
    this.#options = options
    this.#deps = deps
  }

  /** Which model a request without a name means; throws `ai_no_runner` when nobody offers any. */
  async defaultModel(pipeline: Pipeline, request: Readonly<Record<string, unknown>>): Promise<string> {
    const model = AiMarket.defaultModel(pipeline, request, await this.#deps.market.offers(pipeline))
    if (model === undefined) throw nobody(pipeline, undefined, [])
    return model
  }

  /** All pipelines with what is offered for them. */
  catalog(): ReturnType<typeof aiCatalog> {
    return aiCatalog(this.#deps.market, (pipeline, modelId) => this.#tookMs.get(`${pipeline} ${modelId}`))
  }

  /** Throws an AiError with the status that the client is answered. */
  async run(pipeline: Pipeline, job: AiJob, context: BuyContext): Promise<AiResult> {
    try {
      return await this.#run(pipeline, job, context)
    } catch (error) {
      const code = context.signal.aborted ? 'client_gone' : error instanceof MillraceError ? error.code : 'unknown'
      const modelId = String(job.request[pipeline.modelField])
      this.#deps.tell({ type: 'ai_job_failed', pipeline: pipeline.name, modelId, code })
      throw error
    }
  }

  async #run(pipeline: Pipeline, job: AiJob, context: BuyContext): Promise<AiResult> {
    const { clock, tell, log } = this.#deps
    const modelId = String(job.request[pipeline.modelField])
    const units = pipeline.units(job.request, await inputFacts(pipeline, job.files, context))
    const began = clock.elapsed()
    const tried = new Map<string, number>()
    let last: unknown
    for (let attempts = 1; attempts <= MAX_TRIES; attempts++) {
      context.signal.throwIfAborted()
      const offer = await this.#choose(pipeline, modelId, tried, attempts > 1)
      if (!offer) {
        // Everybody was busy: one of them may have room in a moment.
        if (last === undefined || clock.elapsed() - began >= this.#options.retryTimeoutMs) break
        if (!isFull(last)) break
        tried.clear()
        await clock.sleep(AGAIN_AFTER_MS, { signal: context.signal })
        continue
      }
      const { serviceUri } = offer.entry
      const book = this.#deps.bookFor(this.#wanted(pipeline, modelId))
      try {
        const begunMs = clock.elapsed()
        const bought = await this.#buy({ pipeline, job, modelId, units, offer, book, context })
        const tookMs = clock.elapsed() - begunMs
        this.#measured(`${pipeline.name} ${modelId}`, tookMs)
        book.measured(serviceUri, tookMs / (tookMs + HALF_BAD_MS))
        book.succeeded(serviceUri)
        tell({
          type: 'ai_job_bought',
          ...{ pipeline: pipeline.name, modelId, orchestrator: offer.info.address, orchestratorUri: serviceUri },
          ...{ units: units.toString(), feeWei: bought.feeWei.toString(), tickets: bought.tickets, attempts },
          tookMs: Math.round(tookMs),
        })
        return bought.result
      } catch (error) {
        if (context.signal.aborted) throw error
        last = error
        const verdict = verdictOf(error)
        log.info('an orchestrator did not do an AI job', {
          serviceUri,
          pipeline: pipeline.name,
          modelId,
          verdict,
          error: errorText(error),
        })
        if (verdict === 'client') throw clientError(error)
        tried.set(serviceUri, (tried.get(serviceUri) ?? 0) + (verdict === 'again' ? 1 : TRIES_OF_ONE))
        if (verdict === 'failed') book.failed(serviceUri)
        if (clock.elapsed() - began >= this.#options.retryTimeoutMs) break
      }
    }
    if (last !== undefined) throw givenUp(pipeline, last)
    throw nobody(pipeline, modelId, await this.#deps.market.offers(pipeline))
  }

  #measured(key: string, tookMs: number): void {
    const before = this.#tookMs.get(key) ?? tookMs
    this.#tookMs.set(key, before + LATEST * (tookMs - before))
  }

  async #buy(given: {
    readonly pipeline: Pipeline
    readonly job: AiJob
    readonly modelId: string
    readonly units: bigint
    readonly offer: AiOffer
    readonly book: OrchestratorBook
    readonly context: BuyContext
  }): Promise<BoughtAiResult> {
    const { offer, book, context, pipeline, modelId } = given
    const capabilities = this.#wanted(pipeline, modelId)
    const info = await book.info(offer.entry, { signal: context.signal })
    const lacking = incompatibility(capabilities, info.capabilities ?? capabilitiesOf(0n))
    if (lacking) throw new MillraceError('ai_job_refused', `the orchestrator does not offer ${modelId} any more`)
    const kept = context.account?.reserve(costOf(given.units, offer.price))
    try {
      const bought = await purchaseAiJob(
        { ...given, info, capabilities, initialPrice: offer.price, timeoutMs: this.#options.jobTimeoutMs },
        this.#deps,
      )
      kept?.settle(bought.feeWei)
      return bought
    } finally {
      kept?.settle(0n)
    }
  }

  async #choose(
    pipeline: Pipeline,
    modelId: string,
    tried: ReadonlyMap<string, number>,
    again: boolean,
  ): Promise<AiOffer | undefined> {
    const { market, bookFor, maxPrice, random } = this.#deps
    const wanted = this.#wanted(pipeline, modelId)
    const book = bookFor(wanted)
    const isMeant = (offer: AiOffer): boolean => offer.modelId === modelId
    const known = (await market.offers(pipeline)).filter(isMeant)
    // A model that was added a moment ago is found by asking anew.
    const offers = known.length > 0 || again ? known : (await market.offers(pipeline, { fresh: true })).filter(isMeant)
    const max = maxPrice(wanted)
    const affordable = max ? offers.filter(({ price }) => !price || compareRational(price, max) <= 0) : offers
    if (offers.length > 0 && affordable.length === 0)
      throw new AiError('ai_no_runner', `everybody who runs ${modelId} asks more than this gateway pays`, {
        retryable: true,
      })
    const left = affordable.filter(({ entry }) => (tried.get(entry.serviceUri) ?? 0) < TRIES_OF_ONE)
    const warm = left.filter(({ model }) => model.warm)
    const pool = warm.length > 0 ? warm : left
    const { picked } = selectOrchestrator(
      pool.map(
        ({ entry, info, price = rational(0n) }): Candidate => ({
          serviceUri: entry.serviceUri,
          address: info.address,
          pricePerPixel: price,
          latencyScore: book.latencyScore(entry.serviceUri),
          quality: undefined,
          stakeLpt: entry.stakeLpt,
          suspended: book.isSuspended(entry.serviceUri),
        }),
      ),
      { weights: this.#options.weights ?? DEFAULT_WEIGHTS },
      random(),
    )
    return pool.find(({ entry }) => entry.serviceUri === picked)
  }

  /** What is asked for: the model, whether it is warm or not. */
  #wanted({ capability }: Pipeline, modelId: string): Capabilities {
    const model = { warm: false, capacity: 0, runnerVersion: '', capacityInUse: 0 }
    return capabilitiesOf(DEFAULT_CAPABILITIES | capabilityBits([capability]), {
      capacities: new Map([[capability, 1]]),
      constraints: {
        minVersion: this.#options.minVersion,
        perCapability: new Map([[capability, { models: new Map([[modelId, model]]) }]]),
      },
    })
  }
}

/** The price of a job, rounded up. */
export const costOf = (units: bigint, price: Rational | undefined): bigint =>
  price ? (units * price.num + price.den - 1n) / price.den : 0n

/** What an answer means: the client's fault, a busy or stale session, or an orchestrator that is left alone for a while. */
function verdictOf(error: unknown): 'client' | 'again' | 'other' | 'failed' {
  if (!(error instanceof MillraceError)) return 'failed'
  if (error instanceof AiError) return error.status < 500 ? 'client' : 'failed'
  const text = String(error.meta.peerText ?? error.message).toLowerCase()
  if (/ticketparams expired|invalid recipientrand|expired auth token|insufficient balance/.test(text)) return 'again'
  if (isFull(error) || text.includes('invalid ticket sendernonce')) return 'other'
  const status = error.meta.status
  return status === 400 || status === 413 || status === 415 || status === 422 ? 'client' : 'failed'
}

const isFull = (error: unknown): boolean =>
  error instanceof MillraceError && /insufficient capacity/i.test(String(error.meta.peerText ?? ''))

function clientError(error: unknown): AiError {
  if (error instanceof AiError) return error
  const { status, peerText } = (error as MillraceError).meta
  const code = status === 413 ? 'ai_too_large' : status === 415 ? 'ai_media_type' : 'ai_bad_request'
  return new AiError(code, String(peerText ?? errorText(error)), { cause: error })
}

function givenUp(pipeline: Pipeline, last: unknown): AiError {
  const why = last instanceof MillraceError ? String(last.meta.peerText ?? last.message) : errorText(last)
  if (isFull(last))
    return new AiError('ai_no_capacity', `everybody who runs this model is busy: ${why}`, {
      cause: last,
      retryable: true,
    })
  if (hasCode(last, 'peer_timeout'))
    return new AiError('ai_timed_out', `the job took too long: ${why}`, { cause: last, retryable: true })
  return new AiError('ai_runner_failed', `${pipeline.name} failed: ${why}`, { cause: last, retryable: true })
}

function nobody(pipeline: Pipeline, modelId: string | undefined, offers: readonly AiOffer[]): AiError {
  const others = [...new Set(offers.map((offer) => offer.modelId))]
  const hint =
    others.length > 0
      ? `Models that there are: ${others.slice(0, 10).join(', ')}`
      : 'No orchestrator of this network offers any model for it: docs/ai.md says how to connect a server that does'
  const what = modelId === undefined ? pipeline.name : `${pipeline.name} with the model ${modelId}`
  return new AiError('ai_no_runner', `no orchestrators available for ${what}. ${hint}`, { retryable: true })
}
