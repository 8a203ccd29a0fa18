import { errorText, type Log, MillraceError, type Part, type Rational, toHex } from '@millrace/base'
import type { Hashing } from '@millrace/base/node'
import type { Balances, TicketRecipient } from '@millrace/payments'
import {
  type Address,
  type AuthToken,
  CONTENT_TYPE,
  type CommitmentDomain,
  type DistributionOffer,
  type OrchestratorInfo,
  type OrchestratorRequest,
  PEER_ERROR,
  type PriceInfo,
  type SegData,
  type SessionId,
  type SignatureVerifier,
  type SignedSegmentCommitment,
  type Signer,
  signNodeMessage,
  type TellEvent,
  type TranscodeResult,
  verifyOrchestratorRequest,
} from '@millrace/wire'
import type { AuthTokens } from '@millrace/wire/node'
import { postResult } from '../links/http/post-result.ts'
import { fetchFromStranger } from '../links/http/stranger-fetch.ts'
import {
  type AcceptedLiveSegment,
  type AcceptedSegment,
  isRefusal,
  type OrchestratorService,
  type Refusal,
  type SegmentHeaders,
} from '../links/orchestrator-service.ts'
import type { TranscodedSegment } from '../links/ports.ts'
import { type AiTerms, asksForModels } from './ai/ai-terms.ts'
import type { Dispatcher } from './dispatch.ts'
import { LiveSegments, type LiveSegmentsOptions } from './live-segments.ts'
import type { RenditionStore } from './rendition-store.ts'
import { type Admitted, SegmentAdmission } from './segment-admission.ts'
import { SegmentSales } from './segment-sales.ts'
import type { SessionTable } from './session-table.ts'
import { Terms, type TermsOptions } from './terms.ts'

const MAX_SEGMENT_BYTES = 300_000_000
/** A live segment of which nothing comes for so long is given up. */
const LIVE_IDLE_MS = 8_000

export type OrchestratorOptions = TermsOptions &
  LiveSegmentsOptions & {
    /** Undefined off chain: nothing is signed, nothing is paid. */
    readonly domain: CommitmentDomain | undefined
    /** The expected value of one ticket in wei: the least balance with which a segment is accepted. */
    readonly ticketEv: Rational
    /** True where gateways may name addresses of this machine and its network: for results, and for sources. */
    readonly allowPrivate?: boolean
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
  /** What it asks for serving viewers, where it does. */
  readonly distribution?: (() => DistributionOffer) | undefined
  /** Its AI models, where it has any. */
  readonly ai?: AiTerms | undefined
  readonly tell: TellEvent
  readonly log: Log
}

/**
 * The seller: tells its terms, takes segments that are signed and paid for, has them transcoded, signs the result and debits the fee.
 */
export class Orchestrator implements OrchestratorService, Part {
  readonly name = 'orchestrator'
  readonly #options: OrchestratorOptions
  readonly #deps: OrchestratorDeps
  readonly #terms: Terms
  readonly #admission: SegmentAdmission
  readonly #sales: SegmentSales
  readonly #live: LiveSegments

  constructor(options: OrchestratorOptions, deps: OrchestratorDeps) {
    this.#options = options
    this.#deps = deps
    this.#terms = new Terms(options, deps)
    const parts = { ...deps, terms: this.#terms }
    this.#admission = new SegmentAdmission(options, parts)
    this.#sales = new SegmentSales(options, parts)
    this.#live = new LiveSegments(options, { ...deps, admission: this.#admission, sales: this.#sales })
  }

  async getOrchestrator(request: OrchestratorRequest): Promise<OrchestratorInfo> {
    const { sessions, tokens } = this.#deps
    if (this.#deps.signer && !verifyOrchestratorRequest(this.#deps.verifier, request))
      throw invalidRequest(PEER_ERROR.orchestratorRequestSignature)
    // Jobs of models take no session; whether there is room for one is asked with the job.
    if (sessions.full && !asksForModels(request.capabilities)) throw invalidRequest(PEER_ERROR.orchestratorCapped)
    return this.#terms.infoAbout(request.address, tokens.issue(), request.capabilities)
  }

  /** What checks the headers of segments, and of other jobs that are sold beside them. */
  get admission(): Pick<SegmentAdmission, 'verify'> {
    return this.#admission
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
    const admitted = await this.#admission.admit(headers, { live: false })
    if (isRefusal(admitted)) return admitted
    const { segment, sender, info, durationMs, release } = admitted
    const { manifestId, seq } = segment
    return {
      maxBytes: MAX_SEGMENT_BYTES,
      bodyTimeoutMs: Math.max(8_000, 4 * durationMs),
      abandon: release,
      fetchBody: (url, options) => this.#fetchSource(url, durationMs, options.signal),
      checkBody: async (body) => {
        if (toHex(await this.#deps.hashing.keccak256(body)) === segment.hash) return undefined
        release()
        return this.#admission.refused(segment, sender, 403, PEER_ERROR.forbidden)
      },
      process: async (body, { signal }) => {
        try {
          return await this.#transcode(admitted, body, signal)
        } catch (error) {
          this.#deps.log.warn('a segment was not transcoded', { manifestId, seq, error: errorText(error) })
          return { seq, result: { error: errorText(error) }, info }
        } finally {
          release()
        }
      },
    }
  }

  /** A source that the gateway has put elsewhere; what comes is checked against the signed hash. */
  async #fetchSource(url: string, durationMs: number, signal: AbortSignal): Promise<Uint8Array> {
    const { status, body } = await fetchFromStranger(url, {
      method: 'GET',
      timeoutMs: Math.max(8_000, durationMs),
      maxBytes: MAX_SEGMENT_BYTES,
      allowPrivate: this.#options.allowPrivate ?? false,
      anyCertificate: true,
      signal,
    })
    if (status !== 200) throw new MillraceError('source_missing', `the source answered ${status}`, { retryable: true })
    return body
  }

  async acceptLiveSegment(headers: SegmentHeaders): Promise<AcceptedLiveSegment | Refusal> {
    const admitted = await this.#admission.admit(headers, { live: true })
    if (isRefusal(admitted)) return admitted
    const { release } = admitted
    return {
      maxBytes: MAX_SEGMENT_BYTES,
      idleMs: LIVE_IDLE_MS,
      abandon: release,
      process: (messages, call) => this.#live.process(admitted, messages, call).finally(release),
    }
  }

  async #transcode(admitted: Admitted, body: Uint8Array, signal: AbortSignal): Promise<TranscodeResult> {
    const { segment, token, info, durationMs, traceparent, receivedAtMs } = admitted
    const { dispatcher, tell } = this.#deps
    const { manifestId, seq, profiles } = segment
    const { sessionId } = token
    const dispatchedAtMs = Date.now()
    const transcoded = await dispatcher.transcode(
      {
        ...{ manifestId, sessionId, seq, durationMs, profiles, traceparent },
        container: containerOf(body),
        data: body,
        signatures: segment.calcPerceptualHash,
      },
      { signal },
    )
    const returnedAtMs = Date.now()
    const signed = await this.#sales.sell({ ...admitted, sourceHash: segment.hash, transcoded })
    const segments = await this.#store(sessionId, seq, segment, transcoded, signal)
    const times = { receivedAtMs, dispatchedAtMs, returnedAtMs }
    tell({ type: 'segment_served', manifestId, seq, sessionId, ...times, traceparent })
    return { seq, result: { data: { segments, ...signed } }, info }
  }

  /** Where the renditions are for the gateway: in its own bucket, where it names one that takes them, else here. */
  #store(
    sessionId: SessionId,
    seq: number,
    segment: SegData,
    transcoded: TranscodedSegment,
    signal: AbortSignal,
  ): Promise<{ url: string; pixels: bigint; perceptualHashUrl?: string }[]> {
    return Promise.all(
      transcoded.renditions.map(async ({ data, pixels, signature }, i) => {
        const profile = segment.profiles[i] as SegData['profiles'][number]
        const mp4 = profile.format === 'mp4'
        const contentType = mp4 ? CONTENT_TYPE.mp4 : CONTENT_TYPE.mpegts
        const name = `${seq}${mp4 ? '.mp4' : '.ts'}`
        const folder = `/stream/${encodeURIComponent(sessionId)}/${encodeURIComponent(profile.name)}`
        const here = new URL(`${folder}/${name}`, this.#options.serviceUri()).href
        const there = await this.#post(segment, { name: `${profile.name}/${name}`, data, contentType }, signal)
        if (there === undefined) this.#deps.store.put(folder, name, { data, contentType })
        const url = there ?? here
        if (!signature || !segment.calcPerceptualHash) return { url, pixels }
        // Wire spec 3.3: the video signature stands beside its rendition.
        this.#deps.store.put(folder, `${name}.phash`, { data: signature, contentType: CONTENT_TYPE.perceptualHash })
        return { url, pixels, perceptualHashUrl: `${here}.phash` }
      }),
    )
  }

  /** Puts a rendition where the gateway wants it; undefined where that is nowhere, or does not work: then it is fetched from here. */
  async #post(
    { storage, manifestId, seq }: SegData,
    object: { readonly name: string; readonly data: Uint8Array; readonly contentType: string },
    signal: AbortSignal,
  ): Promise<string | undefined> {
    const grant = storage.find(({ type }) => type === 's3')?.s3
    if (!grant) return undefined
    try {
      return await postResult(grant, object, { allowPrivate: this.#options.allowPrivate ?? false, signal })
    } catch (error) {
      signal.throwIfAborted()
      this.#deps.log.warn('a result was not put into the storage of its gateway; it is served from here', {
        manifestId,
        seq,
        error: errorText(error),
      })
      return undefined
    }
  }
}

const invalidRequest = (text: string): MillraceError =>
  new MillraceError('invalid_request', `Invalid orchestrator request: ${text}`)

/** MP4 starts with a box named ftyp; sources of both kinds come as video/MP2T. */
const containerOf = (data: Uint8Array): 'mpegts' | 'mp4' =>
  Buffer.from(data.subarray(4, 8)).toString('latin1') === 'ftyp' ? 'mp4' : 'mpegts'
