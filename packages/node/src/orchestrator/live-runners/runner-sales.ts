import { ComputeError, discoveredUnit, unitsPerSecond } from '@millrace/ai'
import {
  type Clock,
  compareRational,
  errorText,
  type Log,
  MillraceError,
  multiplyRational,
  type Part,
  type Rational,
  rational,
} from '@millrace/base'
import type { TicketRecipient } from '@millrace/payments'
import {
  type AuthToken,
  decodePaymentHeader,
  decodeSegmentHeader,
  orchestratorInfoToBase64,
  type Payment,
  parseAddress,
  priceFromRational,
  priceToRational,
  type SegData,
  sessionId,
  type TellEvent,
} from '@millrace/wire'
import type { AuthTokens } from '@millrace/wire/node'
import type { PaymentService } from '../../links/ai-links.ts'
import type { PaymentChallenge } from '../../links/live-runner-links.ts'
import { isRefusal, type SegmentHeaders } from '../../links/orchestrator-service.ts'
import type { ComputeAccounts } from '../compute-accounts.ts'
import type { SegmentAdmission } from '../segment-admission.ts'
import type { Terms } from '../terms.ts'
import { wholeWei } from '../whole-wei.ts'
import { type LiveRunner, type RunnerSession, randomName, type SessionTerms } from './live-runner.ts'
import type { RunnerChannels } from './runner-channels.ts'

export type RunnerSalesOptions = {
  readonly serviceUri: () => string
  /** How often sessions are charged. Default 5 s. */
  readonly intervalMs?: number
}

export type RunnerSalesDeps = {
  readonly admission: Pick<SegmentAdmission, 'verify'>
  readonly terms: Pick<Terms, 'infoFor'>
  readonly tokens: AuthTokens
  readonly payments: Pick<PaymentService, 'take'>
  /** Undefined off chain. */
  readonly recipient: TicketRecipient | undefined
  readonly accounts: ComputeAccounts
  readonly channels: RunnerChannels
  readonly tell: TellEvent
  readonly clock: Clock
  readonly log: Log
}

const INTERVAL_MS = 5_000

/** Sells sessions with live runners: asks for payment, charges by the second, by pixels of 720p or once, and ends those that are not paid. */
export class RunnerSales implements Part {
  readonly name = 'live-runner-sales'
  readonly #options: Required<RunnerSalesOptions>
  readonly #deps: RunnerSalesDeps
  readonly #sessions = new Map<RunnerSession, LiveRunner>()
  #timer: NodeJS.Timeout | undefined

  constructor(options: RunnerSalesOptions, deps: RunnerSalesDeps) {
    this.#options = { intervalMs: INTERVAL_MS, ...options }
    this.#deps = deps
  }

  async start(): Promise<void> {
    // Looked at often, so that each session is charged about when its own interval is over.
    this.#timer = setInterval(() => this.#chargeAll(), Math.max(50, this.#options.intervalMs / 5))
    this.#timer.unref()
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer)
  }

  /** A session, or what must be paid first. Throws ComputeErrors. */
  async open(
    runner: LiveRunner,
    headers: SegmentHeaders & { readonly payer: string | undefined },
  ): Promise<{ readonly session: RunnerSession } | { readonly challenge: PaymentChallenge }> {
    if (runner.priceWei === undefined || !this.#deps.recipient)
      return { session: this.#reserve(runner, `session_${randomName(10)}`, undefined) }
    if (!headers.payment && !headers.segment) return { challenge: await this.#challenge(runner, headers.payer) }
    const { payment, segment, token } = this.#credentials(headers)
    if (String(segment.manifestId) !== String(token.sessionId))
      throw new ComputeError('compute_forbidden', 'mismatched manifest and auth token')
    const price = payment.expectedPrice && priceToRational(payment.expectedPrice)
    if (!price || compareRational(price, rational(runner.priceWei)) < 0)
      throw new ComputeError('compute_bad_request', 'payment price does not match live runner price')
    const { sender } = payment
    const unit = discoveredUnit(runner.settings.price?.unit ?? 'hour')
    const session = this.#reserve(runner, segment.manifestId, { sender, price, unit })
    try {
      const fault = (await this.#deps.accounts.take(payment, session.id))?.error
      const least = unit === 'fixed' ? price : this.#feeOf(session, this.#options.intervalMs)
      const enough = compareRational(this.#deps.accounts.balance(sender, session.id), least) >= 0
      if (!enough) throw new ComputeError('compute_bad_request', fault?.message ?? 'Insufficient balance')
      this.#deps.accounts.agree(sender, session.id, price)
      if (unit === 'fixed') this.#deps.accounts.takeFee(sender, session.id, price)
    } catch (error) {
      session.end('it was not paid for')
      throw error
    }
    return { session }
  }

  /** The body of the answer to a further payment for a session. Throws ComputeErrors. */
  async pay(session: RunnerSession, headers: SegmentHeaders): Promise<Uint8Array> {
    if (session.terms?.unit === 'fixed')
      throw new ComputeError('compute_conflict', 'fixed-price live runner sessions do not accept follow-up payments')
    let named: string | undefined
    try {
      named = decodeSegmentHeader(headers.segment).segment.manifestId
    } catch {
      // Whoever takes the payment says what is wrong with it.
    }
    if (named !== undefined && named !== session.id)
      throw new ComputeError('compute_forbidden', 'mismatched session and payment manifest')
    const taken = await this.#deps.payments.take(headers)
    if (!isRefusal(taken)) return taken
    const { status, text } = taken
    const code = status === 402 ? 'compute_unpaid' : status === 403 ? 'compute_forbidden' : 'compute_bad_request'
    throw new ComputeError(code, text)
  }

  /** The work of a single-shot session is done, or failed: what failed is not paid for. */
  finish(session: RunnerSession, outcome: 'done' | 'failed'): void {
    if (outcome === 'failed' && session.terms) {
      session.chargedAtMs = this.#deps.clock.elapsed()
      const { sender, price, unit } = session.terms
      if (unit === 'fixed') this.#deps.accounts.giveBack(sender, session.id, price)
    }
    session.end(outcome === 'done' ? 'it is done' : 'its work failed')
  }

  #reserve(runner: LiveRunner, id: string, terms: SessionTerms | undefined): RunnerSession {
    const nowMs = this.#deps.clock.elapsed()
    const session = runner.reserve({ id, terms, nowMs, onEnd: (one, reason) => this.#ended(one, runner, reason) })
    this.#sessions.set(session, runner)
    return session
  }

  #ended(session: RunnerSession, runner: LiveRunner, reason: string): void {
    const { accounts, channels, clock, log, tell } = this.#deps
    const { terms, createdAtMs } = session
    const until = clock.elapsed()
    if (terms) {
      accounts.takeFee(terms.sender, session.id, this.#feeOf(session, until - session.chargedAtMs))
      session.chargedAtMs = until
      const tookMs = until - createdAtMs
      const fee = terms.unit === 'fixed' ? terms.price : this.#feeOf(session, tookMs)
      if (reason !== 'its work failed' && reason !== 'it was not paid for')
        tell({
          type: 'ai_job_sold',
          ...{ pipeline: 'live-runner', modelId: runner.settings.app, sender: terms.sender, tookMs },
          units: (terms.unit === 'fixed' ? 1n : (unitsPerSecond(terms.unit) * BigInt(tookMs)) / 1_000n).toString(),
          feeWei: wholeWei(fee),
        })
    }
    this.#sessions.delete(session)
    channels.closeAll(session)
    log.info('a session with a live runner ended', { session: session.id, app: runner.settings.app, reason })
  }

  #chargeAll(): void {
    const now = this.#deps.clock.elapsed()
    for (const session of [...this.#sessions.keys()]) {
      const { terms } = session
      const spentMs = now - session.chargedAtMs
      if (!terms || terms.unit === 'fixed' || spentMs < this.#options.intervalMs) continue
      session.chargedAtMs = now
      if (!this.#deps.accounts.takeFee(terms.sender, session.id, this.#feeOf(session, spentMs)))
        session.end('its account is empty')
    }
  }

  #feeOf({ terms }: RunnerSession, ms: number): Rational {
    if (!terms || terms.unit === 'fixed') return rational(0n)
    const units = rational(unitsPerSecond(terms.unit) * BigInt(Math.max(0, Math.round(ms))), 1_000n)
    return multiplyRational(terms.price, units)
  }

  async #challenge(runner: LiveRunner, payer: string | undefined): Promise<PaymentChallenge> {
    const { terms, tokens, log } = this.#deps
    const { serviceUri } = this.#options
    if (payer === undefined || !/^(0x)?[0-9a-fA-F]{40}$/.test(payer))
      throw new ComputeError(
        'compute_unpaid',
        'invalid live runner payment signer address: the header Livepeer-Payer-Address must name the account that pays',
      )
    const manifest = randomName(10)
    const sender = parseAddress(payer.startsWith('0x') ? payer : `0x${payer}`)
    try {
      const price = priceFromRational(rational(runner.priceWei ?? 0n))
      const info = await terms.infoFor(sender, tokens.issue(sessionId(manifest)), price)
      return {
        payment_params: orchestratorInfoToBase64(info),
        orchestrator: serviceUri(),
        manifest_id: manifest,
        payment_url: `${serviceUri()}/apps/${encodeURIComponent(runner.route)}/session/${manifest}/payment`,
      }
    } catch (cause) {
      log.info('nobody can be asked to pay', { sender, error: errorText(cause) })
      throw new ComputeError('compute_no_capacity', errorText(cause), { cause })
    }
  }

  #credentials(headers: SegmentHeaders): {
    readonly payment: Payment
    readonly segment: SegData
    readonly token: AuthToken
  } {
    let payment: Payment | undefined
    try {
      payment = decodePaymentHeader(headers.payment)
    } catch (cause) {
      throw new ComputeError('compute_unpaid', errorText(cause), { cause })
    }
    if (!payment) throw new ComputeError('compute_unpaid', 'the header Livepeer-Payment is missing')
    try {
      const segment = this.#deps.admission.verify(headers.segment, payment.sender, { session: false })
      return { payment, segment, token: segment.authToken as AuthToken }
    } catch (cause) {
      if (!(cause instanceof MillraceError)) throw cause
      throw new ComputeError('compute_forbidden', errorText(cause), { cause })
    }
  }
}
