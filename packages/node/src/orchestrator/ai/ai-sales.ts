import {
  AiError,
  type AiFile,
  type AiJob,
  type AiResult,
  inputFacts,
  type Pipeline,
  type RunContext,
} from '@millrace/ai'
import { compareRational, errorText, type Log, MillraceError, type Rational, rational } from '@millrace/base'
import { type Balances, feeOf, type TicketRecipient } from '@millrace/payments'
import {
  type Address,
  decodePaymentHeader,
  manifestId,
  type Payment,
  PEER_ERROR,
  type SegData,
  type SessionId,
  sessionId,
  type TellEvent,
  ZERO_ADDRESS,
} from '@millrace/wire'
import type { AcceptedAiJob, AdmittedAiCall, AiService } from '../../links/ai-links.ts'
import { isRefusal, type Refusal, type SegmentHeaders } from '../../links/orchestrator-service.ts'
import type { RenditionStore } from '../rendition-store.ts'
import type { SegmentAdmission } from '../segment-admission.ts'
import { wholeWei } from '../whole-wei.ts'
import type { AiDispatcher, AiPlace } from './ai-dispatch.ts'
import type { AiTerms } from './ai-terms.ts'

/** A gateway fetches the files of a result at once; after so long nobody will. */
const KEEP_RESULTS_MS = 10 * 60_000

export type AiSalesOptions = {
  readonly serviceUri: () => string
  /** The expected value of one ticket in wei: the least balance with which a job is accepted. */
  readonly ticketEv: Rational
}

export type AiSalesDeps = {
  readonly admission: Pick<SegmentAdmission, 'verify'>
  readonly dispatcher: Pick<AiDispatcher, 'reserve' | 'models'>
  readonly terms: AiTerms
  /** Undefined off chain. */
  readonly recipient: TicketRecipient | undefined
  readonly balances: Balances
  readonly store: RenditionStore
  readonly tell: TellEvent
  readonly log: Log
}

type Paid = {
  readonly sender: Address
  readonly fee: Rational
  /** Puts the fee back into the account that it was taken from. */
  readonly refund: () => void
}
type Buyer = { readonly sender: Address; readonly payment: Payment | undefined; readonly segment: SegData }

/**
 * Sells AI jobs. The order of checks, the texts and the account that a job is paid from are those of go-livepeer:
 * headers (402, 403), room (503), payment and balance (400); the fee is debited when the result is there.
 */
export class AiSales implements AiService {
  readonly #options: AiSalesOptions
  readonly #deps: AiSalesDeps

  constructor(options: AiSalesOptions, deps: AiSalesDeps) {
    this.#options = options
    this.#deps = deps
  }

  async admit(headers: SegmentHeaders): Promise<AdmittedAiCall | Refusal> {
    let payment: Payment | undefined
    try {
      payment = decodePaymentHeader(headers.payment)
    } catch (error) {
      return { status: 402, text: errorText(error) }
    }
    const sender = payment?.sender ?? ZERO_ADDRESS
    try {
      const segment = this.#deps.admission.verify(headers.segment, sender, { session: false })
      return { begin: (pipeline, job, call) => this.#begin({ sender, payment, segment }, pipeline, job, call) }
    } catch (error) {
      return { status: 403, text: errorText(error) }
    }
  }

  store(requestId: string, { name, type, bytes }: AiFile): string {
    const folder = `/stream/${encodeURIComponent(requestId)}`
    const { store } = this.#deps
    store.put(folder, name, { contentType: type, data: bytes })
    setTimeout(() => store.removeFolder(folder), KEEP_RESULTS_MS).unref()
    return new URL(`${folder}/${encodeURIComponent(name)}`, this.#options.serviceUri()).href
  }

  async #begin(
    buyer: Buyer,
    pipeline: Pipeline,
    job: AiJob,
    call: { readonly signal: AbortSignal },
  ): Promise<AcceptedAiJob | Refusal> {
    const { dispatcher, log } = this.#deps
    const modelId = String(job.request[pipeline.modelField])
    const place = dispatcher.reserve(pipeline.name, modelId)
    if (!place) {
      log.info('an AI job was refused', { pipeline: pipeline.name, modelId, reason: 'no room' })
      return { status: 503, text: 'insufficient capacity' }
    }
    let paid: Paid | Refusal
    let units: bigint
    try {
      // Measuring a recording takes a process: nobody has more of them than places, and what cannot be read is refused before it is paid.
      units = pipeline.units(job.request, await inputFacts(pipeline, job.files, call))
      paid = await this.#take(buyer, { pipeline, modelId, units })
    } catch (error) {
      place.release()
      throw error
    }
    if (isRefusal(paid)) {
      place.release()
      log.info('an AI job was refused', { pipeline: pipeline.name, modelId, sender: buyer.sender, reason: paid.text })
      return paid
    }
    const { refund } = paid
    const work = { pipeline, job, units, modelId, ...paid }
    return {
      run: (context) => this.#run(place, work, context),
      abandon: () => {
        refund()
        place.release()
      },
    }
  }

  /** Credits the payment and debits the fee, so that no two jobs are paid from the same credit; or the reason why it is not paid for. */
  async #take(
    { sender, payment, segment }: Buyer,
    { pipeline, modelId, units }: { readonly pipeline: Pipeline; readonly modelId: string; readonly units: bigint },
  ): Promise<Paid | Refusal> {
    const { recipient, balances, terms, tell } = this.#deps
    const account = accountOf(pipeline, modelId)
    if (!recipient) return { sender, fee: rational(0n), refund: () => {} }
    if (payment) {
      const origin = { manifestId: segment.manifestId, seq: segment.seq, sessionId: account }
      const received = await recipient.receivePayment(payment, { origin })
      const balance = balances.credit(sender, account, received.credit)
      if (received.accepted > 0)
        tell({
          type: 'payment_received',
          manifestId: manifestId(account),
          seq: 0,
          sender,
          sessionId: account,
          tickets: received.accepted,
          creditWei: wholeWei(received.credit),
          balanceWei: wholeWei(balance),
        })
      if (received.error) return { status: 400, text: received.error.message }
      if (received.accepted > 0 && received.expectedPrice)
        balances.setFixedPrice(sender, account, received.expectedPrice)
    }
    const price =
      balances.fixedPrice(sender, account) ?? terms.price(sender, pipeline.capability, modelId) ?? rational(0n)
    const fee = feeOf(units, price)
    if (price.num === 0n) return { sender, fee, refund: () => {} }
    const balance = balances.balance(sender, account) ?? rational(0n)
    const enough = balances.isSufficient(sender, account, this.#options.ticketEv) && compareRational(balance, fee) >= 0
    if (!enough) return { status: 400, text: PEER_ERROR.insufficientBalance }
    balances.debit(sender, account, fee)
    return { sender, fee, refund: () => void balances.credit(sender, account, fee) }
  }

  async #run(
    place: AiPlace,
    work: Paid & {
      readonly pipeline: Pipeline
      readonly job: AiJob
      readonly units: bigint
      readonly modelId: string
    },
    context: RunContext,
  ): Promise<AiResult> {
    const { tell, log } = this.#deps
    const { pipeline, job, units, modelId, sender, fee, refund } = work
    const began = performance.now()
    try {
      const result = await place.run(pipeline, job, context)
      tell({
        type: 'ai_job_sold',
        pipeline: pipeline.name,
        modelId,
        sender,
        units: units.toString(),
        feeWei: wholeWei(fee),
        tookMs: Math.round(performance.now() - began),
      })
      return result
    } catch (error) {
      // Nobody pays for what failed.
      refund()
      log.warn('an AI job failed', { pipeline: pipeline.name, modelId, error: errorText(error) })
      throw error instanceof MillraceError ? error : new AiError('ai_runner_failed', errorText(error))
    } finally {
      place.release()
    }
  }
}

/** The account of all jobs of one gateway for one model (ManifestID of go-livepeer's batch jobs). */
export const accountOf = (pipeline: Pick<Pipeline, 'capability'>, modelId: string): SessionId =>
  sessionId(`${pipeline.capability}_${modelId}`)
