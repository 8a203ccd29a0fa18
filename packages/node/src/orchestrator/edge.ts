import { errorText, hasCode, type Log, MillraceError, type Part, type Rational, toHex } from '@millrace/base'
import type { Hashing } from '@millrace/base/node'
import type { Balances, TicketRecipient } from '@millrace/payments'
import {
  type Address,
  type AuthToken,
  checkSegDataSeal,
  type DistributionOffer,
  type DistributionReport,
  type DistributionRequest,
  decodeDistributionRequest,
  decodePaymentHeader,
  decodeSegmentHeader,
  isManifestId,
  type Payment,
  PEER_ERROR,
  priceFromRational,
  type SegData,
  type SessionId,
  type SignatureVerifier,
  type Signer,
  type TellEvent,
  verifySegment,
  ZERO_ADDRESS,
} from '@millrace/wire'
import type { AuthTokens } from '@millrace/wire/node'
import type { EdgeService, ViewerAnswer, ViewerRequest } from '../links/edge-service.ts'
import { isRefusal, type Refusal, type SegmentHeaders } from '../links/orchestrator-service.ts'
import type { EdgeCache } from './edge-cache.ts'
import { EdgeSession } from './edge-session.ts'
import type { Terms } from './terms.ts'
import { answerViewer, preflightAnswer, refuseViewer, viewerPath } from './viewer-answers.ts'
import { wholeWei } from './whole-wei.ts'

export type EdgeOptions = {
  /** The beginning of the addresses that viewers are given. */
  readonly viewerUrl: () => string
  /** Wei per byte, as it stands at the moment. */
  readonly pricePerByte: () => Rational
  readonly maxSessions?: number
  /** A session of which the gateway says nothing for so long is over. */
  readonly idleMs?: number
}

export type EdgeDeps = {
  /** Undefined off chain: nothing is signed, nothing is paid. */
  readonly signer: Signer | undefined
  readonly verifier: SignatureVerifier
  readonly tokens: AuthTokens
  /** Undefined off chain. */
  readonly recipient: TicketRecipient | undefined
  readonly balances: Balances
  readonly terms: Pick<Terms, 'infoFor'>
  readonly cache: EdgeCache
  readonly hashing: Hashing
  readonly tell: TellEvent
  readonly log: Log
}

const MAX_SESSIONS = 1_000
const IDLE_MS = 30_000
const SWEEP_MS = 5_000

/** Serves viewers what gateways have made, for money: it pulls a piece once and serves it as often as it is paid for. */
export class Edge implements EdgeService, Part {
  readonly name = 'edge'
  readonly #options: EdgeOptions
  readonly #deps: EdgeDeps
  readonly #sessions = new Map<SessionId, EdgeSession>()
  #sweeping: ReturnType<typeof setInterval> | undefined
  #toldPulled = 0

  constructor(options: EdgeOptions, deps: EdgeDeps) {
    this.#options = options
    this.#deps = deps
  }

  /** What gateways are told of it. */
  get offer(): DistributionOffer {
    const { pricePerUnit, pixelsPerUnit } = priceFromRational(this.#price)
    return { pricePerUnit, bytesPerUnit: pixelsPerUnit, viewerUrl: this.#options.viewerUrl() }
  }

  /** Wei per byte; where there is no chain nobody can pay. */
  get #price(): Rational {
    return this.#deps.recipient ? this.#options.pricePerByte() : FREE
  }

  async start(): Promise<void> {
    this.#sweeping = setInterval(() => this.#sweep(), SWEEP_MS)
    this.#sweeping.unref()
  }

  async stop(): Promise<void> {
    clearInterval(this.#sweeping)
    for (const session of this.#sessions.values()) this.#end(session)
  }

  async update(headers: SegmentHeaders, body: Uint8Array): Promise<DistributionReport | Refusal> {
    let payment: Payment | undefined
    try {
      payment = decodePaymentHeader(headers.payment)
    } catch (error) {
      return { status: 402, text: errorText(error) }
    }
    const sender = payment?.sender ?? ZERO_ADDRESS
    let asked: { readonly segment: SegData; readonly token: AuthToken; readonly request: DistributionRequest }
    try {
      asked = await this.#verify(headers.segment, sender, body)
    } catch (error) {
      this.#deps.log.info('a gateway was refused as an edge', { sender, reason: errorText(error) })
      return { status: 403, text: errorText(error) }
    }
    const { segment, token, request } = asked
    const session = this.#session(segment, sender, token, request)
    if (isRefusal(session)) return session
    session.usedMs = performance.now()
    const unpaid = payment && (await this.#credit(payment, session))
    if (unpaid !== undefined) return { status: 402, text: unpaid }
    this.#tellServed(session)
    const report = session.report(request.since)
    if (request.end) this.#end(session)
    try {
      const info = await this.#deps.terms.infoFor(sender, token, priceFromRational(session.price ?? FREE))
      return { ...report, info }
    } catch (error) {
      this.#deps.log.warn('terms for a gateway cannot be made', { sender, error: errorText(error) })
      return { status: 500, text: 'Internal Server Error' }
    }
  }

  async view(target: string, request: ViewerRequest): Promise<ViewerAnswer> {
    if (request.method === 'OPTIONS') return preflightAnswer()
    if (request.method !== 'GET' && request.method !== 'HEAD') return refuseViewer(405, 'method_not_allowed')
    const path = viewerPath(target)
    if (!path) return refuseViewer(404, 'not_found')
    const session = this.#sessions.get(path.sessionId)
    if (!session) return refuseViewer(404, 'distribution_session_unknown')
    const grant = path.manifestId === session.manifestId ? session.grantOf(path.token) : undefined
    if (!grant) return refuseViewer(403, 'viewer_token_invalid')
    if (grant.expiration <= Date.now() / 1_000) return refuseViewer(403, 'viewer_token_expired')
    const refused = session.refusal(grant)
    if (refused) return refuseViewer(STATUS[refused], refused)
    let data: Uint8Array | undefined
    try {
      data = await this.#deps.cache.get(session, path.file)
    } catch (error) {
      this.#deps.log.debug('a piece could not be fetched for viewers', {
        manifestId: session.manifestId,
        error: errorText(error),
      })
      return refuseViewer(
        hasCode(error, 'edge_busy') ? 503 : 502,
        hasCode(error, 'edge_busy') ? 'edge_busy' : 'edge_pull_failed',
      )
    }
    if (!data) return refuseViewer(404, 'not_found')
    const answer = answerViewer(path, data, request)
    const sent = session.reserve(grant, answer.body.length)
    if (typeof sent === 'string') return refuseViewer(STATUS[sent], sent)
    return { ...answer, sent }
  }

  /** Who asks, for which stream and with what: as with a segment whose bytes are the request's. */
  async #verify(header: string | undefined, sender: Address, body: Uint8Array) {
    const { signer, verifier, tokens, hashing } = this.#deps
    const { segment, encoded } = decodeSegmentHeader(header)
    if (signer) {
      if (!segment.wantsCommitment || !verifySegment(verifier, sender, segment))
        throw new MillraceError('segment_signature', PEER_ERROR.segmentSignature)
      checkSegDataSeal(verifier, sender, { encoded, segment })
    }
    if (toHex(await hashing.keccak256(body)) !== segment.hash || segment.live || segment.profiles.length > 0)
      throw new MillraceError('segment_signature', PEER_ERROR.segmentSignature)
    const fault = tokens.fault(segment.authToken, { ignoreExpiry: this.#sessions.has(sessionIdOf(segment)) })
    if (fault)
      throw new MillraceError(
        'auth_token',
        fault === 'expired' ? PEER_ERROR.expiredAuthToken : PEER_ERROR.invalidAuthToken,
      )
    const request = decodeDistributionRequest(body)
    return { segment, token: segment.authToken as AuthToken, request }
  }

  #session(
    { manifestId, seq }: SegData,
    sender: Address,
    { sessionId }: AuthToken,
    request: DistributionRequest,
  ): EdgeSession | Refusal {
    const known = this.#sessions.get(sessionId)
    if (known) {
      const same =
        known.sender === sender &&
        known.manifestId === manifestId &&
        known.origin === originOf(request.origin) &&
        Buffer.from(known.viewerKey).equals(request.viewerKey)
      if (!same) return { status: 403, text: 'the session was begun by somebody else, or for another stream' }
      // An old request that is sent again could end the session, or ask for what was told already.
      if (seq <= known.seq) return { status: 409, text: 'a later request of the session was taken already' }
      known.seq = seq
      return known
    }
    this.#sweep()
    if (this.#sessions.size >= (this.#options.maxSessions ?? MAX_SESSIONS) && !this.#endUnpaid())
      return { status: 503, text: PEER_ERROR.orchestratorCapped }
    const origin = originOf(request.origin)
    if (!isManifestId(manifestId) || origin === undefined || request.end)
      return { status: 400, text: 'a session needs the name of a stream and the http or https address of its gateway' }
    const { viewerKey } = request
    const price = this.#price
    const session = new EdgeSession(
      { sender, sessionId, manifestId, origin, viewerKey, price: price.num > 0n ? price : undefined },
      this.#deps,
    )
    session.seq = seq
    this.#sessions.set(sessionId, session)
    this.#deps.log.info('serving the viewers of a stream', { manifestId, sender, origin })
    return session
  }

  /** Credits a payment; returns why it was not taken. */
  async #credit(payment: Payment, session: EdgeSession): Promise<string | undefined> {
    const { recipient, balances, tell } = this.#deps
    if (!recipient || payment.tickets.length === 0) return undefined
    const { sender, sessionId, manifestId } = session
    const received = await recipient.receivePayment(payment, { origin: { manifestId, sessionId } })
    const balance = balances.credit(sender, sessionId, received.credit)
    if (received.accepted > 0) session.isPaid = true
    if (received.accepted > 0)
      tell({
        type: 'distribution_credited',
        manifestId,
        sender,
        sessionId,
        tickets: received.accepted,
        creditWei: wholeWei(received.credit),
        balanceWei: wholeWei(balance),
      })
    return received.error?.message
  }

  #tellServed(session: EdgeSession): void {
    const { pulledBytes } = this.#deps.cache
    session.tell(pulledBytes - this.#toldPulled)
    this.#toldPulled = pulledBytes
  }

  #sweep(): void {
    const limit = performance.now() - (this.#options.idleMs ?? IDLE_MS)
    for (const session of this.#sessions.values()) if (session.usedMs < limit) this.#end(session)
  }

  /** Makes room: sessions cost nothing to begin, so one that nobody has paid for gives way. */
  #endUnpaid(): boolean {
    const unpaid = [...this.#sessions.values()].find(({ isPaid }) => !isPaid)
    if (unpaid) this.#end(unpaid)
    return unpaid !== undefined
  }

  #end(session: EdgeSession): void {
    this.#tellServed(session)
    this.#sessions.delete(session.sessionId)
    session.end()
    this.#deps.cache.remove(session.sessionId)
    this.#deps.log.info('no longer serving the viewers of a stream', { manifestId: session.manifestId })
  }
}

const FREE: Rational = { num: 0n, den: 1n }
const STATUS = { viewer_budget_spent: 429, distribution_unpaid: 402, edge_busy: 503 } as const

const sessionIdOf = (segment: SegData): SessionId => segment.authToken?.sessionId as SessionId

/** Scheme, host and port; undefined for anything else than http and https without a password. */
function originOf(text: string): string | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined
  const isWeb = url?.protocol === 'http:' || url?.protocol === 'https:'
  return url && isWeb && url.username === '' ? url.origin : undefined
}
