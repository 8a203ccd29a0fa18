import { ComputeError, type DiscoveredUnit, unitsPerSecond } from '@millrace/ai'
import {
  addRational,
  type Clock,
  compareRational,
  floorRational,
  keccak256,
  MillraceError,
  multiplyRational,
  type Rational,
  rational,
  subtractRational,
  toHex,
} from '@millrace/base'
import { paymentOf, ticketEv, ticketsNeeded } from '@millrace/payments'
import {
  AUTH_TOKEN_VALIDITY_S,
  capabilitiesOf,
  decodePaymentResult,
  encodePaymentHeader,
  HEADER,
  MAX_TICKETS_PER_PAYMENT,
  manifestId,
  type OrchestratorInfo,
  orchestratorInfoFromBase64,
  priceToRational,
  sessionId,
} from '@millrace/wire'
import { z } from 'zod'
import type { SecureClient } from '../../links/http/secure-fetch.ts'
import { noTicketParams, type PaidSession, type PaymentSource } from '../payment-source.ts'

/** What an orchestrator asks before it opens a session (status 402). */
export type Challenge = { readonly info: OrchestratorInfo; readonly manifest: string; readonly paymentUrl: string }

/** What a session cost: wei, counted units, and the tickets that were sent for it. */
export type SessionCost = { readonly fee: Rational; readonly units: bigint; readonly tickets: number }

const NO_COST = { fee: rational(0n), units: 0n }
const NOTHING = keccak256(new Uint8Array(0))
/** What a session has in its account, beyond what it has used. */
export const BUFFER_SECONDS = 20n
/** Orchestrators forget an account after ten minutes. */
const KEEP_MS = 5 * 60_000
const ASK_MS = 10_000
const MAX_BYTES = 64 * 1024
const Asked = z.object({
  payment_params: z.string().max(MAX_BYTES),
  manifest_id: z.string().min(1).max(200),
  payment_url: z.string().max(2_000),
})

/** Reads the body of an answer with status 402; its addresses must be those of who answered. Throws `compute_bad_request`. */
export function readChallenge(body: Uint8Array, origin: string): Challenge {
  try {
    const asked = Asked.parse(JSON.parse(Buffer.from(body).toString('utf8')))
    if (new URL(asked.payment_url).origin !== origin) throw new RangeError('it names another host')
    return {
      info: orchestratorInfoFromBase64(asked.payment_params),
      manifest: asked.manifest_id,
      paymentUrl: asked.payment_url,
    }
  } catch (cause) {
    throw new ComputeError('compute_bad_request', 'the orchestrator asks for a payment that cannot be read', { cause })
  }
}

/**
 * Pays for sessions, one after the other, from one account at an orchestrator: in advance, and on as time goes by. What a session leaves
 * in the account pays for the next one.
 */
export class SessionPayments {
  readonly #deps: { readonly payer: PaymentSource; readonly http: Pick<SecureClient, 'fetch'>; readonly clock: Clock }
  readonly #challenge: Challenge
  readonly #unit: DiscoveredUnit
  readonly price: Rational
  #info: OrchestratorInfo
  #paid = rational(0n)
  /** By sessions that are over. */
  #used = rational(0n)
  /** Of the session under way. */
  #session: { readonly startedMs: number; tickets: number } | undefined
  /** Tickets for a session that has not begun yet. */
  #sent = 0
  #tokenAtMs: number
  #usedAtMs: number

  /** `agreed` is the price that discovery told; throws `compute_no_capacity` where more is asked now. */
  constructor(
    options: { readonly challenge: Challenge; readonly unit: DiscoveredUnit; readonly agreed: Rational },
    deps: { readonly payer: PaymentSource; readonly http: Pick<SecureClient, 'fetch'>; readonly clock: Clock },
  ) {
    this.#deps = deps
    this.#challenge = options.challenge
    this.#info = options.challenge.info
    this.#unit = options.unit
    this.price = priceToRational(this.#info.priceInfo)
    if (compareRational(this.price, options.agreed) > 0)
      throw new ComputeError('compute_no_capacity', 'the orchestrator asks more than it told before')
    this.#tokenAtMs = deps.clock.elapsed()
    this.#usedAtMs = this.#tokenAtMs
  }

  /** False once the orchestrator may have forgotten the account, or its token is about to run out. */
  get isGood(): boolean {
    const now = this.#deps.clock.elapsed()
    return now - this.#usedAtMs < KEEP_MS && now - this.#tokenAtMs < (AUTH_TOKEN_VALIDITY_S * 1_000) / 2
  }

  /** The headers with which a session is opened, which is counted from now on. */
  async begin({ signal }: { readonly signal: AbortSignal }): Promise<Readonly<Record<string, string>>> {
    this.#session = undefined
    const headers = (await this.#headers({ signal, always: true })) ?? {}
    this.#session = { startedMs: this.#deps.clock.elapsed(), tickets: this.#sent }
    this.#sent = 0
    return headers
  }

  /** What the session under way has cost so far, in wei. */
  get spentWei(): bigint {
    return floorRational(this.#cost().fee)
  }

  /** What the session cost; what failed costs nothing. */
  end(outcome: 'done' | 'failed'): SessionCost {
    const cost = outcome === 'done' ? this.#cost() : NO_COST
    const tickets = this.#session?.tickets ?? 0
    this.#used = addRational(this.#used, cost.fee)
    this.#session = undefined
    this.#usedAtMs = this.#deps.clock.elapsed()
    return { ...cost, tickets }
  }

  /** Fills the buffer again where a session is paid as time goes by. Throws where the payment was not taken. */
  async keepPaid({ signal }: { readonly signal: AbortSignal }): Promise<void> {
    if (this.#unit === 'fixed') return
    await this.#renewToken({ signal })
    const headers = await this.#headers({ signal, always: false })
    if (!headers) return
    const answer = await this.#deps.http.fetch(this.#challenge.paymentUrl, {
      method: 'POST',
      headers: { ...headers, 'content-length': '0' },
      ...{ headTimeoutMs: ASK_MS, timeoutMs: ASK_MS, maxBytes: MAX_BYTES, signal },
    })
    if (answer.status !== 200)
      throw new MillraceError(
        'ai_job_refused',
        `a payment for the session was answered with ${answer.status}: ${Buffer.from(answer.body.subarray(0, 200))}`,
        { retryable: true, meta: { status: answer.status } },
      )
    const { info } = decodePaymentResult(answer.body)
    // The price was agreed on for as long as the account lasts.
    if (info?.ticketParams && compareRational(priceToRational(info.priceInfo), this.price) <= 0)
      this.#info = { ...info, ...(this.#info.authToken && { authToken: this.#info.authToken }) }
  }

  async #headers({
    signal,
    always,
  }: {
    readonly signal: AbortSignal
    readonly always: boolean
  }): Promise<Record<string, string> | undefined> {
    const { payer } = this.#deps
    const info = this.#info
    if (!info.ticketParams) throw noTicketParams()
    const ev = ticketEv(info.ticketParams)
    const used = this.#unit === 'fixed' ? this.#used : addRational(this.#used, this.#cost().fee)
    const count = ticketsNeeded(this.#wanted, ev, subtractRational(this.#paid, used))
    if (count === 0 && !always) return undefined
    if (count > MAX_TICKETS_PER_PAYMENT)
      throw new ComputeError('compute_unpaid', `the app costs ${count} tickets at once, more than a payment has`)
    const { manifest } = this.#challenge
    const paid: PaidSession = { info, sessionId: sessionId(manifest), manifestId: manifestId(manifest) }
    if (count > 0) await payer.checkFunds({ signal })
    const batch = count > 0 ? await payer.makeTickets(paid, count, { signal }) : undefined
    const tickets = batch?.tickets.length ?? 0
    this.#paid = addRational(this.#paid, multiplyRational(ev, rational(BigInt(tickets))))
    if (this.#session) this.#session.tickets += tickets
    else this.#sent += tickets
    const segment = await payer.segmentHeader(
      paid,
      {
        ...{ manifestId: paid.manifestId, seq: 0, profiles: [], durationMs: 0, capabilities: capabilitiesOf(0n) },
        ...(info.authToken && { authToken: info.authToken }),
        ...{ calcPerceptualHash: false, forceSessionReinit: false, hash: toHex(NOTHING), storage: [] },
        wantsCommitment: false,
      },
      { signal },
    )
    return {
      [HEADER.payment]: encodePaymentHeader(paymentOf(payer.address, batch, info.priceInfo)),
      [HEADER.segment]: segment,
    }
  }

  #cost(): Omit<SessionCost, 'tickets'> {
    if (!this.#session) return NO_COST
    if (this.#unit === 'fixed') return { fee: this.price, units: 1n }
    const ms = BigInt(Math.round(this.#deps.clock.elapsed() - this.#session.startedMs))
    const counted = unitsPerSecond(this.#unit) * ms
    return { fee: multiplyRational(this.price, rational(counted, 1_000n)), units: counted / 1_000n }
  }

  get #wanted(): Rational {
    if (this.#unit === 'fixed') return this.price
    return multiplyRational(this.price, rational(unitsPerSecond(this.#unit) * BUFFER_SECONDS))
  }

  /** Tokens hold for half an hour; a session may last longer. */
  async #renewToken({ signal }: { readonly signal: AbortSignal }): Promise<void> {
    const { http, payer, clock } = this.#deps
    if (clock.elapsed() - this.#tokenAtMs < (AUTH_TOKEN_VALIDITY_S * 1_000) / 2) return
    const { origin } = new URL(this.#challenge.paymentUrl)
    const answer = await http.fetch(`${origin}/refresh-payment`, {
      headers: { 'content-type': 'application/json' },
      body: Buffer.from(JSON.stringify({ sender: payer.address, manifest_id: this.#challenge.manifest })),
      ...{ headTimeoutMs: ASK_MS, timeoutMs: ASK_MS, maxBytes: MAX_BYTES, signal },
    })
    if (answer.status !== 200) return
    const { info } = readChallenge(answer.body, origin)
    if (compareRational(priceToRational(info.priceInfo), this.price) > 0) return
    this.#info = info
    this.#tokenAtMs = clock.elapsed()
  }
}
