import { type Clock, errorText, floorRational, type Log, MillraceError, type Rational } from '@millrace/base'
import { feeOf } from '@millrace/payments'
import { decodePaymentResult, HEADER, manifestId, type OrchestratorInfo, sessionId } from '@millrace/wire'
import { NOT_PAID, pay } from '../pay.ts'
import { liveCredentials } from './live-ai-credentials.ts'
import type { LiveOffer } from './live-ai-market.ts'
import { PIXELS_A_SECOND, type StartDeps, type StartedLiveAi } from './start-live-ai.ts'

export type LiveAiPaymentsOptions = {
  readonly started: Pick<StartedLiveAi, 'manifestId' | 'price'>
  readonly offer: LiveOffer
  /** -livePaymentInterval. */
  readonly intervalMs: number
}

export type LiveAiPaymentsDeps = Pick<StartDeps, 'payer' | 'balances' | 'http'> & {
  /** Asks the orchestrator for terms, when those that are known are refused. */
  readonly terms: (call: { readonly signal: AbortSignal }) => Promise<OrchestratorInfo>
  readonly onPaid: (paid: PaidPiece) => void
  readonly clock: Clock
  readonly log: Log
}

/** What was paid for at once. */
export type PaidPiece = {
  readonly seconds: number
  readonly units: bigint
  readonly feeWei: bigint
  readonly tickets: number
}

const ANSWER_MS = 10_000
const MAX_ANSWER_BYTES = 1_000_000

/**
 * Pays for a live stream as time goes by (ai spec 8.6), while something is sent. A payment that fails is made up for by the next one;
 * the orchestrator says when it has enough of it.
 */
export class LiveAiPayments {
  readonly #options: LiveAiPaymentsOptions
  readonly #deps: LiveAiPaymentsDeps
  readonly #stop = new AbortController()
  #info: OrchestratorInfo
  #paidUntilMs: number
  #sends = false
  #timer: ReturnType<typeof setInterval> | undefined
  #paying: Promise<void> | undefined

  constructor(options: LiveAiPaymentsOptions, deps: LiveAiPaymentsDeps) {
    this.#options = options
    this.#deps = deps
    this.#info = options.offer.info
    this.#paidUntilMs = deps.clock.elapsed()
    if (!deps.payer || !options.started.price) return
    this.#timer = setInterval(() => this.#due(), options.intervalMs)
    this.#timer.unref()
  }

  /** Something was sent that has to be paid for. */
  sent(): void {
    this.#sends = true
  }

  stop(): void {
    clearInterval(this.#timer)
    this.#stop.abort(new MillraceError('stream_ended', 'the stream is not paid for any more'))
  }

  #due(): void {
    if (!this.#sends || this.#paying) return
    this.#sends = false
    this.#paying = this.#pay()
      .catch((error) => {
        if (this.#stop.signal.aborted) return
        this.#sends = true
        this.#deps.log.warn('a payment for a live stream failed', { error: errorText(error) })
      })
      .finally(() => {
        this.#paying = undefined
      })
  }

  async #pay(): Promise<void> {
    const { clock, terms } = this.#deps
    const { signal } = this.#stop
    const until = clock.elapsed()
    const elapsedMs = until - this.#paidUntilMs
    try {
      await this.#send(elapsedMs)
    } catch (error) {
      signal.throwIfAborted()
      // Ticket parameters expire with the blocks: fresh ones are worth a second try.
      this.#info = await terms({ signal }).catch(() => {
        throw error
      })
      await this.#send(elapsedMs)
    }
    this.#paidUntilMs = until
  }

  async #send(elapsedMs: number): Promise<void> {
    const { payer, balances, http, onPaid } = this.#deps
    const { started, offer } = this.#options
    const { signal } = this.#stop
    if (!payer) return
    const paid = {
      info: this.#info,
      sessionId: sessionId(started.manifestId),
      manifestId: manifestId(started.manifestId),
    }
    const units = (PIXELS_A_SECOND * BigInt(Math.round(elapsedMs))) / 1_000n
    const feeAt = (price: Rational) => feeOf(units, price)
    const header = await liveCredentials(paid, offer.capabilities, payer, { signal })
    const payment = await pay(payer, { paid, initialPrice: started.price, feeAt, signal }, balances)
    const { staged = NOT_PAID.staged, price } = payment
    let accepted = false
    try {
      const answer = await http.fetch(new URL('/payment', this.#info.serviceUri).href, {
        method: 'POST',
        headers: { [HEADER.segment]: header, ...(payment.header && { [HEADER.payment]: payment.header }) },
        headTimeoutMs: ANSWER_MS,
        timeoutMs: ANSWER_MS,
        maxBytes: MAX_ANSWER_BYTES,
        signal,
      })
      if (answer.status !== 200) {
        const peerText = Buffer.from(answer.body.subarray(0, 500)).toString('utf8').trim()
        throw new MillraceError('payment_refused', `the orchestrator answered ${answer.status}: ${peerText}`, {
          retryable: true,
          meta: { status: answer.status, peerText },
        })
      }
      accepted = true
      const { info } = decodePaymentResult(answer.body)
      if (info) this.#info = { ...info, serviceUri: info.serviceUri || this.#info.serviceUri }
    } finally {
      const debit = price && feeAt(price)
      if (staged)
        balances.settle(staged, accepted && debit ? { status: 'receivedChange', debit } : { status: 'staged' })
    }
    const feeWei = price ? floorRational(feeAt(price)) : 0n
    onPaid({ seconds: elapsedMs / 1_000, units, feeWei, tickets: payment.tickets })
  }
}
