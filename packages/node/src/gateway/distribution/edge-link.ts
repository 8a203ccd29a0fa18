import {
  addRational,
  type Clock,
  compareRational,
  errorText,
  floorRational,
  keccak256,
  type Log,
  MillraceError,
  multiplyRational,
  type Rational,
  rational,
  subtractRational,
  toHex,
} from '@millrace/base'
import { feeOf, minCredit, paymentOf, type TicketBatch, ticketEv, ticketsNeeded } from '@millrace/payments'
import {
  type Address,
  type DistributionReport,
  encodeDistributionRequest,
  encodePaymentHeader,
  encodeSegmentHeader,
  type ManifestId,
  type OrchestratorInfo,
  priceFromRational,
  priceToRational,
  type SegData,
  type SessionId,
  type TellEvent,
  type ViewerId,
} from '@millrace/wire'
import { ViewerTokenSigner } from '@millrace/wire/node'
import { askEdge } from '../../links/http/distribution-door.ts'
import type { SecureClient } from '../../links/http/secure-fetch.ts'
import type { PaymentSource } from '../payment-source.ts'
import { RecentBytes } from './recent-bytes.ts'
import { ViewerAccounts } from './viewer-accounts.ts'

export type EdgeLinkOptions = {
  readonly manifestId: ManifestId
  readonly serviceUri: string
  /** The terms of a new session. */
  readonly info: OrchestratorInfo
  /** Where the edge pulls from. */
  readonly origin: string
}

export type EdgeLinkDeps = {
  /** Undefined off chain: nothing is paid. */
  readonly payer: PaymentSource | undefined
  readonly http: SecureClient
  readonly clock: Clock
  readonly tell: TellEvent
  readonly log: Log
}

type Call = { readonly signal?: AbortSignal | undefined }

const TIMEOUT_MS = 3_000
const RECENT_MS = 30_000
/** What is paid in advance beside what was promised and not fetched: seconds at the rate of the last half minute. */
const AHEAD_S = 10
/** And for viewers who come next. */
const FIRST_BYTES = 2_000_000
/** A payment has no more tickets; the rest comes with the next. */
const MAX_TICKETS = 100

/**
 * The gateway's side of one edge that serves one stream: it signs what viewers may have, pays for it before they know where it is, and
 * checks the bill: nobody can have had more than was signed for.
 */
export class EdgeLink {
  readonly manifestId: ManifestId
  readonly serviceUri: string
  readonly viewerUrl: string
  /** Wei. */
  readonly pricePerByte: Rational
  readonly orchestrator: Address
  readonly sessionId: SessionId
  readonly accounts: ViewerAccounts
  readonly #origin: string
  readonly #deps: EdgeLinkDeps
  readonly #tokens = new ViewerTokenSigner()
  readonly #promised: RecentBytes
  readonly #billed: RecentBytes
  #info: OrchestratorInfo
  #seq = 0
  #revision = 0
  #billedBytes = 0
  #credit = rational(0n)
  #paidWei = rational(0n)
  #asking: Promise<void> | undefined
  #isOpen = false

  /** Throws `no_offer` for an orchestrator that does not say where and for what it serves viewers. */
  constructor(options: EdgeLinkOptions, deps: EdgeLinkDeps) {
    const { info, manifestId, serviceUri, origin } = options
    const { distribution: offer, authToken } = info
    if (!offer || !authToken || offer.bytesPerUnit <= 0n)
      throw new MillraceError('no_offer', `${serviceUri} does not say where and for what it serves viewers`)
    this.manifestId = manifestId
    this.serviceUri = serviceUri
    this.viewerUrl = offer.viewerUrl.replace(/\/+$/, '')
    this.pricePerByte = rational(offer.pricePerUnit, offer.bytesPerUnit)
    this.orchestrator = info.address
    this.sessionId = authToken.sessionId
    const { ticketParams: _, ...rest } = info
    this.#info = { ...rest, priceInfo: priceFromRational(this.pricePerByte) }
    this.#origin = origin
    this.#deps = deps
    const { clock } = deps
    const now = () => clock.elapsed()
    this.#promised = new RecentBytes({ windowMs: RECENT_MS }, { now })
    this.#billed = new RecentBytes({ windowMs: RECENT_MS }, { now })
    this.accounts = new ViewerAccounts(this, { tokens: this.#tokens, now: () => clock.now() })
  }

  /** Whether viewers may be sent there. */
  get isOpen(): boolean {
    return this.#isOpen
  }

  get billedBytes(): number {
    return this.#billedBytes
  }

  /** Expected value of the tickets that were sent, in wei. */
  get paidWei(): bigint {
    return floorRational(this.#paidWei)
  }

  /** Paid and not used, in wei: what the edge has as its balance. */
  get credit(): Rational {
    return this.#credit
  }

  /** What the bytes so far cost, in wei. */
  get feeWei(): bigint {
    return floorRational(this.#fee(this.#billedBytes))
  }

  /** Begins the session and pays for its first viewer; throws what `ask` throws. */
  async open(call: Call = {}): Promise<void> {
    // Ticket parameters for this price come with the first answer.
    await this.#exchange(undefined, { end: false, ...call })
    await this.ask(call)
    this.#isOpen = true
    const { num, den } = this.pricePerByte
    const { viewerUrl } = this
    this.#deps.tell({ type: 'edge_chosen', ...this.#head, viewerUrl, pricePerByte: `${num}/${den}` })
  }

  /**
   * Asks what was served, and pays for what comes next; one such exchange at a time. Throws what makes an edge useless: that it cannot
   * be reached, `distribution_refused`, `edge_overbilled` or `edge_price_changed`; or what keeps this gateway from paying.
   */
  ask(call: Call = {}): Promise<void> {
    this.#asking ??= this.#topUp(call).finally(() => {
      this.#asking = undefined
    })
    return this.#asking
  }

  /** True when so many bytes more are paid for. */
  covers(bytes: number): boolean {
    return !this.#isPaid || compareRational(this.#credit, this.#fee(this.#outstanding + bytes)) >= 0
  }

  /** Where the viewer finds a file of so many bytes; `path` is its path here. */
  addressOf(viewer: ViewerId, { path, bytes }: { readonly path: string; readonly bytes: number }): string {
    this.#promised.add(bytes)
    return `${this.viewerUrl}/edge/${this.sessionId}/${this.accounts.token(viewer, bytes)}${path}`
  }

  /** Sends no more viewers there, and settles with the edge if it still answers. */
  async close(why: { readonly code: string; readonly message: string }): Promise<void> {
    if (this.#isOpen) this.#deps.tell({ type: 'edge_left', ...this.#head, ...why })
    this.#isOpen = false
    await this.#asking?.catch(() => {})
    await this.#exchange(undefined, { end: true, timeoutMs: 1_000 }).catch((error) =>
      this.#deps.log.debug('an edge did not settle', { serviceUri: this.serviceUri, error: errorText(error) }),
    )
  }

  get #head() {
    const { manifestId, orchestrator, serviceUri: orchestratorUri, sessionId } = this
    return { manifestId, orchestrator, orchestratorUri, sessionId }
  }

  get #isPaid(): boolean {
    return this.#deps.payer !== undefined && this.pricePerByte.num > 0n
  }

  /** Bytes that viewers were sent there for lately and have not fetched. */
  get #outstanding(): number {
    return Math.max(0, this.#promised.sum - this.#billed.sum)
  }

  #fee(bytes: number): Rational {
    return feeOf(BigInt(Math.ceil(bytes)), this.pricePerByte)
  }

  async #topUp(call: Call): Promise<void> {
    this.accounts.sweep()
    await this.#exchange(await this.#tickets(call), { end: false, ...call })
  }

  /** The tickets that are lacking; undefined for none. */
  async #tickets(call: Call): Promise<TicketBatch | undefined> {
    const { payer } = this.#deps
    const { ticketParams } = this.#info
    if (!this.#isPaid || !payer || !ticketParams) return undefined
    const ev = ticketEv(ticketParams)
    const rate = (this.#billed.sum * 1_000) / RECENT_MS
    const wanted = this.#fee(this.#outstanding + Math.max(FIRST_BYTES, rate * AHEAD_S))
    const count = Math.min(MAX_TICKETS, ticketsNeeded(minCredit(wanted, ev), ev, this.#credit))
    if (count === 0) return undefined
    await payer.checkFunds(call)
    const { manifestId, sessionId } = this
    try {
      return await payer.makeTickets({ info: this.#info, sessionId, manifestId }, count, call)
    } catch (error) {
      // New parameters come with each answer.
      if (error instanceof MillraceError && error.retryable) return undefined
      throw error
    }
  }

  async #exchange(
    batch: TicketBatch | undefined,
    options: Call & { readonly end: boolean; readonly timeoutMs?: number },
  ): Promise<void> {
    const { payer, http, tell } = this.#deps
    const { signal, end, timeoutMs = TIMEOUT_MS } = options
    const body = encodeDistributionRequest({
      origin: this.#origin,
      viewerKey: this.#tokens.publicKey,
      since: this.#revision,
      end,
    })
    const payment = payer && encodePaymentHeader(paymentOf(payer.address, batch, this.#info.priceInfo))
    const segment = await this.#header(body, { signal })
    const worth = batch
      ? multiplyRational(ticketEv(batch.ticketParams), rational(BigInt(batch.tickets.length)))
      : rational(0n)
    if (batch) {
      this.#paidWei = addRational(this.#paidWei, worth)
      const expectedValueWei = floorRational(worth).toString()
      tell({ type: 'distribution_paid', ...this.#head, tickets: batch.tickets.length, expectedValueWei })
    }
    const report = await askEdge(http, this.serviceUri, { segment, payment, body }, { timeoutMs, signal })
    this.#credit = addRational(this.#credit, worth)
    this.#take(report)
  }

  #take(report: DistributionReport): void {
    const { info, revision, viewers } = report
    if (info.address !== this.orchestrator)
      throw new MillraceError('distribution_refused', 'another orchestrator answered in the place of the edge')
    if (!info.priceInfo || compareRational(priceToRational(info.priceInfo), this.pricePerByte) !== 0)
      throw new MillraceError('edge_price_changed', 'the edge asks another price than it began with')
    this.#info = { ...info, ...(this.#info.authToken && { authToken: this.#info.authToken }) }
    if (report.totalBytes < this.#billedBytes)
      throw new MillraceError('edge_overbilled', 'the edge has forgotten what it was paid for')
    const bytes = this.accounts.take(report)
    this.#revision = revision
    if (bytes === 0) return
    const before = this.feeWei
    this.#billedBytes += bytes
    this.#billed.add(bytes)
    this.#credit = subtractRational(this.#credit, this.#fee(bytes))
    const feeWei = (this.feeWei - before).toString()
    this.#deps.tell({ type: 'distribution_used', ...this.#head, bytes, feeWei, viewers: viewers.length })
  }

  /** Who asks, and for what: the header of a segment whose bytes are the request's. */
  async #header(body: Uint8Array, call: Call): Promise<string> {
    const { payer } = this.#deps
    const { manifestId, sessionId } = this
    const segment: Omit<SegData, 'signature'> = {
      manifestId,
      seq: ++this.#seq,
      profiles: [],
      durationMs: 1_000,
      ...(this.#info.authToken && { authToken: this.#info.authToken }),
      calcPerceptualHash: false,
      forceSessionReinit: false,
      hash: toHex(keccak256(body)),
      storage: [],
      // Only such headers are sealed, and only a seal covers the session's token.
      wantsCommitment: payer !== undefined,
    }
    return payer
      ? payer.segmentHeader({ info: this.#info, sessionId, manifestId }, segment, call)
      : encodeSegmentHeader({ ...segment, signature: new Uint8Array(0) })
  }
}
