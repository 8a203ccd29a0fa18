import { errorText, type Log, MillraceError, type Part, type Rational, toHex } from '@millrace/base'
import type { Hashing } from '@millrace/base/node'
import { type Balances, feeOf, type TicketRecipient } from '@millrace/payments'
import {
  type Address,
  type AuthToken,
  CAPABILITY,
  CONTENT_TYPE,
  type CommitmentDomain,
  capabilitiesOf,
  checkSegDataSeal,
  DEFAULT_CAPABILITIES,
  decodePaymentHeader,
  decodeSegmentHeader,
  hasCapability,
  includesCapabilities,
  type OrchestratorInfo,
  type OrchestratorRequest,
  type Payment,
  PEER_ERROR,
  type PriceInfo,
  priceFromRational,
  priceToRational,
  profilesHash,
  renditionsHash,
  type SegData,
  type SessionId,
  type SignatureVerifier,
  type SignedSegmentCommitment,
  type Signer,
  segmentDurationMs,
  signHashMessage,
  signNodeMessage,
  signSegmentCommitment,
  type TellEvent,
  type TranscodeResult,
  verifyOrchestratorRequest,
  verifySegment,
  ZERO_ADDRESS,
} from '@millrace/wire'
import type { AuthTokens } from '@millrace/wire/node'
import type { AcceptedSegment, OrchestratorService, Refusal, SegmentHeaders } from '../links/orchestrator-service.ts'
import type { TranscodedSegment } from '../links/ports.ts'
import { traceOf } from '../links/trace-context.ts'
import type { Dispatcher } from './dispatch.ts'
import type { RenditionStore } from './rendition-store.ts'
import type { SessionTable } from './session-table.ts'

const MAX_SEGMENT_BYTES = 300_000_000
const MAX_RENDITION_PIXELS = 4096 * 4096

export type OrchestratorOptions = {
  readonly serviceUri: () => string
  readonly version: string
  /** Undefined off chain: nothing is signed, nothing is paid. */
  readonly domain: CommitmentDomain | undefined
  /** The expected value of one ticket in wei: the least balance with which a segment is accepted. */
  readonly ticketEv: Rational
  /** Further instances that gateways are told of. */
  readonly nodes?: readonly string[]
}

export type OrchestratorDeps = {
  readonly signer: Signer | undefined
  readonly verifier: SignatureVerifier
  readonly tokens: AuthTokens
  readonly sessions: SessionTable
  /** Undefined off chain. */
  readonly recipient: TicketRecipient | undefined
  readonly balances: Balances
  readonly priceFor: (gateway: Address) => Promise<PriceInfo>
  readonly round: () => bigint
  readonly dispatcher: Dispatcher
  readonly store: RenditionStore
  readonly hashing: Hashing
  readonly keepCommitment: (signed: SignedSegmentCommitment) => void
  readonly tell: TellEvent
  readonly log: Log
}

/**
 * The seller: tells its terms, takes segments that are signed and paid for, has them transcoded, signs the result and debits the fee.
 * The order of checks and the texts are those that gateways of the network know (wire spec 2.2 and 3.2).
 */
export class Orchestrator implements OrchestratorService, Part {
  readonly name = 'orchestrator'
  readonly #options: OrchestratorOptions
  readonly #deps: OrchestratorDeps

  constructor(options: OrchestratorOptions, deps: OrchestratorDeps) {
    this.#options = options
    this.#deps = deps
  }

  async getOrchestrator(request: OrchestratorRequest): Promise<OrchestratorInfo> {
    const { sessions, tokens } = this.#deps
    if (this.#deps.signer && !verifyOrchestratorRequest(this.#deps.verifier, request))
      throw invalidRequest(PEER_ERROR.orchestratorRequestSignature)
    if (sessions.full) throw invalidRequest(PEER_ERROR.orchestratorCapped)
    return this.#info(request.address, tokens.issue())
  }

  async endSession(token: AuthToken): Promise<void> {
    if (this.#deps.tokens.fault(token, { ignoreExpiry: true }))
      throw new MillraceError('invalid_auth_token', PEER_ERROR.endSessionInvalidAuthToken)
    this.#deps.sessions.end(token.sessionId)
  }

  ping(value: Uint8Array): Uint8Array {
    return this.#deps.signer ? signNodeMessage(this.#deps.signer, value) : new Uint8Array(0)
  }

  storedObject(path: string): { readonly contentType: string; readonly data: Uint8Array } | undefined {
    return this.#deps.store.get(path)
  }

  async acceptSegment(headers: SegmentHeaders): Promise<AcceptedSegment | Refusal> {
    let payment: Payment | undefined
    try {
      payment = decodePaymentHeader(headers.payment)
    } catch (error) {
      return { status: 402, text: errorText(error) }
    }
    const sender = payment?.sender ?? ZERO_ADDRESS
    let segment: SegData
    try {
      segment = this.#verifySegment(headers.segment, sender)
    } catch (error) {
      return this.#refused(undefined, sender, 403, errorText(error))
    }
    const token = segment.authToken as AuthToken
    const { manifestId, seq } = segment
    let info: OrchestratorInfo
    try {
      info = await this.#info(sender, token)
    } catch (error) {
      this.#deps.log.warn('terms for a gateway cannot be made', { sender, error: errorText(error) })
      return { status: 500, text: 'Internal Server Error' }
    }
    const traceparent = traceOf(headers.traceparent)
    const receivedAtMs = Date.now()
    const unpaid = await this.#receivePayment(payment, sender, segment, token, traceparent)
    if (unpaid) return this.#refused(segment, sender, 400, unpaid)
    const release = this.#deps.sessions.begin(token.sessionId, sender)
    const durationMs = segmentDurationMs(segment)
    return {
      maxBytes: MAX_SEGMENT_BYTES,
      bodyTimeoutMs: Math.max(8_000, 4 * durationMs),
      abandon: release,
      checkBody: async (body) => {
        if (toHex(await this.#deps.hashing.keccak256(body)) === segment.hash) return undefined
        release()
        return this.#refused(segment, sender, 403, PEER_ERROR.forbidden)
      },
      process: async (body, { signal }) => {
        try {
          return await this.#transcode({
            segment,
            sender,
            token,
            info,
            body,
            signal,
            durationMs,
            traceparent,
            receivedAtMs,
          })
        } catch (error) {
          this.#deps.log.warn('a segment was not transcoded', { manifestId, seq, error: errorText(error) })
          return { seq, result: { error: errorText(error) }, info }
        } finally {
          release()
        }
      },
    }
  }

  /** The checks of verifySegCreds, in its order; throws the text that is answered with 403. */
  #verifySegment(header: string | undefined, sender: Address): SegData {
    const { verifier, signer, tokens, sessions } = this.#deps
    let decoded: ReturnType<typeof decodeSegmentHeader>
    try {
      decoded = decodeSegmentHeader(header)
    } catch (cause) {
      const known = cause instanceof MillraceError && cause.code === 'unknown_enum_value'
      throw known ? cause : new MillraceError('segment_encoding', PEER_ERROR.segmentEncoding, { cause })
    }
    const { segment } = decoded
    if (signer) {
      if (!verifySegment(verifier, sender, segment))
        throw new MillraceError('segment_signature', PEER_ERROR.segmentSignature)
      checkSegDataSeal(verifier, sender, { encoded: decoded.encoded, segment })
    }
    segmentDurationMs(segment)
    const wanted = segment.capabilities?.bits ?? 0n
    if (!includesCapabilities(wanted, DEFAULT_CAPABILITIES) || !hasCapability(DEFAULT_CAPABILITIES, CAPABILITY.h264))
      throw new MillraceError('incompatible_capabilities', PEER_ERROR.incompatibleCapabilities)
    if (segment.profiles.some(({ width, height }) => width * height > MAX_RENDITION_PIXELS))
      throw new MillraceError('invalid_profile', 'a rendition has at most 4096 x 4096 pixels')
    const fault = tokens.fault(segment.authToken)
    if (fault) {
      const texts = {
        missing: PEER_ERROR.missingAuthToken,
        invalid: PEER_ERROR.invalidAuthToken,
        expired: PEER_ERROR.expiredAuthToken,
      }
      throw new MillraceError('auth_token', texts[fault])
    }
    const { sessionId } = segment.authToken as AuthToken
    if (!sessions.has(sessionId) && sessions.full) throw new MillraceError('capped', PEER_ERROR.orchestratorCapped)
    return segment
  }

  /** Credits the payment; returns the reason when the segment is not paid for (ProcessPayment, SufficientBalance). */
  async #receivePayment(
    payment: Payment | undefined,
    sender: Address,
    segment: SegData,
    token: AuthToken,
    traceparent: string | undefined,
  ): Promise<string | undefined> {
    const { recipient, balances, tell } = this.#deps
    if (!recipient) return undefined
    const { manifestId, seq } = segment
    const { sessionId } = token
    if (payment) {
      const received = await recipient.receivePayment(payment, { origin: { manifestId, seq, sessionId } })
      const balance = balances.credit(sender, sessionId, received.credit)
      if (received.accepted > 0)
        tell({
          type: 'payment_received',
          manifestId,
          seq,
          sender,
          sessionId,
          tickets: received.accepted,
          creditWei: wholeWei(received.credit),
          balanceWei: wholeWei(balance),
          traceparent,
        })
      if (received.error) return received.error.message
      if (received.expectedPrice) balances.setFixedPrice(sender, sessionId, received.expectedPrice)
    }
    const price = await this.#price(sender, sessionId)
    if (price.pricePerUnit === 0n) return undefined
    return balances.isSufficient(sender, sessionId, this.#options.ticketEv) ? undefined : PEER_ERROR.insufficientBalance
  }

  async #transcode(work: {
    readonly segment: SegData
    readonly sender: Address
    readonly token: AuthToken
    readonly info: OrchestratorInfo
    readonly body: Uint8Array
    readonly durationMs: number
    readonly signal: AbortSignal
    readonly traceparent: string | undefined
    readonly receivedAtMs: number
  }): Promise<TranscodeResult> {
    const { segment, sender, token, info, body, signal, durationMs, traceparent, receivedAtMs } = work
    const { dispatcher, hashing, signer, tell } = this.#deps
    const { manifestId, seq, profiles } = segment
    const { sessionId } = token
    const dispatchedAtMs = Date.now()
    const transcoded = await dispatcher.transcode(
      { manifestId, sessionId, seq, durationMs, profiles, container: containerOf(body), data: body, traceparent },
      { signal },
    )
    const returnedAtMs = Date.now()
    if (transcoded.renditions.some(({ data }) => data.length < 25))
      throw new MillraceError('zero_segments', PEER_ERROR.zeroSegments)
    const pixels = transcoded.renditions.reduce((sum, rendition) => sum + rendition.pixels, 0n)
    const hashes = await Promise.all(transcoded.renditions.map(({ data }) => hashing.keccak256(data)))
    const hash = renditionsHash(hashes)
    await this.#debit({ sender, sessionId, manifestId, seq, pixels, traceparent: work.traceparent })
    const segments = this.#store(sessionId, seq, segment, transcoded)
    const commitment = this.#commit({ segment, sender, sessionId, pixels, renditionsHash: toHex(hash) })
    const times = { receivedAtMs, dispatchedAtMs, returnedAtMs }
    tell({ type: 'segment_served', manifestId, seq, sessionId, ...times, traceparent })
    return {
      seq,
      result: {
        data: {
          segments,
          signature: signer ? signHashMessage(signer, hash) : new Uint8Array(0),
          ...(commitment && { commitment }),
        },
      },
      info,
    }
  }

  async #debit(work: {
    readonly sender: Address
    readonly sessionId: SessionId
    readonly manifestId: SegData['manifestId']
    readonly seq: number
    readonly pixels: bigint
    readonly traceparent: string | undefined
  }): Promise<void> {
    const { sender, sessionId, manifestId, seq, pixels } = work
    const { balances, recipient, tell } = this.#deps
    if (!recipient) return
    const fee = feeOf(pixels, priceToRational(await this.#price(sender, sessionId)))
    const { after } = balances.debit(sender, sessionId, fee)
    tell({
      type: 'segment_debited',
      manifestId,
      seq,
      sender,
      sessionId,
      feeWei: wholeWei(fee),
      balanceWei: wholeWei(after),
      pixels: pixels.toString(),
      traceparent: work.traceparent,
    })
  }

  #store(sessionId: SessionId, seq: number, segment: SegData, transcoded: TranscodedSegment) {
    return transcoded.renditions.map(({ data, pixels }, i) => {
      const profile = segment.profiles[i] as SegData['profiles'][number]
      const mp4 = profile.format === 'mp4'
      const folder = `/stream/${encodeURIComponent(sessionId)}/${encodeURIComponent(profile.name)}`
      const name = `${seq}${mp4 ? '.mp4' : '.ts'}`
      this.#deps.store.put(folder, name, { data, contentType: mp4 ? CONTENT_TYPE.mp4 : CONTENT_TYPE.mpegts })
      return { url: new URL(`${folder}/${name}`, this.#options.serviceUri()).href, pixels }
    })
  }

  #commit(work: {
    readonly segment: SegData
    readonly sender: Address
    readonly sessionId: SessionId
    readonly pixels: bigint
    readonly renditionsHash: `0x${string}`
  }): SignedSegmentCommitment | undefined {
    const { signer, round, keepCommitment } = this.#deps
    const { domain } = this.#options
    if (!signer || !domain) return undefined
    const { segment, sender, sessionId, pixels } = work
    const signed = signSegmentCommitment(signer, domain, {
      sender,
      recipient: signer.address,
      manifestId: segment.manifestId,
      seq: segment.seq,
      sourceHash: segment.hash,
      profilesHash: toHex(profilesHash(segment.profiles)),
      renditionsHash: work.renditionsHash,
      pixels,
      sessionId,
      round: round(),
    })
    keepCommitment(signed)
    return segment.wantsCommitment ? signed : undefined
  }

  async #info(gateway: Address, authToken: AuthToken): Promise<OrchestratorInfo> {
    const { recipient, signer, sessions } = this.#deps
    const priceInfo = await this.#price(gateway, authToken.sessionId)
    const ticketParams = await recipient?.ticketParams(gateway, priceToRational(priceInfo))
    return {
      serviceUri: this.#options.serviceUri(),
      ...(ticketParams && { ticketParams }),
      priceInfo,
      address: signer?.address ?? ZERO_ADDRESS,
      capabilities: capabilitiesOf(DEFAULT_CAPABILITIES, {
        version: this.#options.version,
        capacities: new Map([[CAPABILITY.h264, sessions.capacity]]),
      }),
      authToken,
      hardware: [],
      storage: [],
      capabilitiesPrices: [],
      nodes: this.#options.nodes ?? [],
    }
  }

  /** The session's fixed price, or today's for the gateway. */
  async #price(gateway: Address, sessionId: SessionId): Promise<PriceInfo> {
    const { recipient, balances, priceFor } = this.#deps
    if (!recipient) return { pricePerUnit: 0n, pixelsPerUnit: 1n }
    const fixed = balances.fixedPrice(gateway, sessionId)
    return fixed ? priceFromRational(fixed) : priceFor(gateway)
  }

  #refused(segment: SegData | undefined, sender: Address, status: number, text: string): Refusal {
    if (segment) {
      const { manifestId, seq } = segment
      this.#deps.tell({ type: 'segment_refused', manifestId, seq, code: text.slice(0, 200), sender })
    }
    this.#deps.log.info('a segment was refused', { sender, status, reason: text })
    return { status, text }
  }
}

const invalidRequest = (text: string): MillraceError =>
  new MillraceError('invalid_request', `Invalid orchestrator request: ${text}`)

const wholeWei = ({ num, den }: { readonly num: bigint; readonly den: bigint }): string => (num / den).toString()

/** MP4 starts with a box named ftyp; sources of both kinds come as video/MP2T. */
const containerOf = (data: Uint8Array): 'mpegts' | 'mp4' =>
  Buffer.from(data.subarray(4, 8)).toString('latin1') === 'ftyp' ? 'mp4' : 'mpegts'
