import {
  addRational,
  compareRational,
  floorRational,
  type Hex,
  hasCode,
  MillraceError,
  type Rational,
  rational,
  toHex,
} from '@millrace/base'
import type { Hashing } from '@millrace/base/node'
import { countPixels, type PictureCount } from '@millrace/media'
import { estimateFee, feeOf, type GatewayBalances, type TicketBatch } from '@millrace/payments'
import {
  CAPABILITY,
  CONTENT_TYPE,
  type CommitmentDomain,
  decodeTranscodeResult,
  encodeSegmentHeader,
  HEADER,
  hasCapability,
  jobCapabilities,
  PEER_ERROR,
  profilesHash,
  renditionsHash,
  type SegData,
  type SignatureVerifier,
  type SignedSegmentCommitment,
  type TranscodeData,
  type VideoProfile,
  verifyHashMessage,
  verifySegmentCommitment,
  ZERO_ADDRESS,
} from '@millrace/wire'
import type { SecureClient, SecureResponse } from '../links/http/secure-fetch.ts'
import { HEDGE_LOST } from './attempts.ts'
import type { SourceSegment } from './buyer.ts'
import { NOT_PAID, type PreparedPayment, type Purchase, pay } from './pay.ts'
import type { PaidSession, PaymentSource } from './payment-source.ts'
import type { ResultStore } from './result-store.ts'
import type { GatewaySession } from './session-pool.ts'

const MAX_RESULT_BYTES = 1 << 20
/** A rendition may be this many times as large as its bit rate says, and a few megabytes in any case. */
const RENDITION_SLACK = 10
const MIN_RENDITION_LIMIT_BYTES = 4_000_000
const DOWNLOAD_TIMEOUT_MS = 8_000

export type Submission = {
  readonly segment: Omit<SourceSegment, 'hash'> & { readonly hash: Hex }
  readonly ladder: readonly VideoProfile[]
  readonly domain: CommitmentDomain | undefined
  /** Whether video signatures are asked for too. */
  readonly signatures?: boolean | undefined
  readonly traceparent: string
  readonly signal: AbortSignal
}

export type SubmitDeps = {
  readonly session: GatewaySession
  /** Undefined off chain: nothing is signed and nothing paid. */
  readonly payer: PaymentSource | undefined
  readonly balances: GatewayBalances
  readonly verifier: SignatureVerifier
  readonly http: SecureClient
  /** Where orchestrators may put results in place of serving them. */
  readonly results?: ResultStore | undefined
  readonly hashing: Hashing
  readonly lastSeenBlock: () => bigint
  /** Called when no payment could be made. */
  readonly unpaid?: (error: unknown) => void
  readonly submitted?: (sent: {
    readonly tickets: number
    readonly expectedValueWei: bigint
    readonly batch: TicketBatch | undefined
    readonly price: Rational | undefined
  }) => void
  /** Called when the renditions are here. */
  readonly transferred?: (times: { readonly uploadMs: number; readonly downloadMs: number }) => void
  /** Called when the orchestrator has answered and the fee counts as spent, whatever the answer is worth. */
  readonly debited?: (feeWei: bigint) => void
}

export type Submitted = {
  readonly result: {
    readonly feeWei: bigint
    readonly tickets: number
    readonly paid: boolean
    readonly commitment: SignedSegmentCommitment | undefined
  }
  readonly renditions: readonly Uint8Array[]
  /** Where the orchestrator has put each into the gateway's store; empty where it has not. */
  readonly stored: readonly (string | undefined)[]
  /** What each rendition holds, in the order of the ladder. */
  readonly pictures: readonly PictureCount[]
  readonly pixels: bigint
}

/**
 * Sends one segment with its payment to one orchestrator and takes the renditions; throws when anything about the answer is wrong.
 * The payment is settled whichever way it ends: kept when it was never taken, counted as spent when the answer stays away.
 */
export async function submitSegment(submission: Submission, deps: SubmitDeps): Promise<Submitted> {
  const { segment, signal, traceparent } = submission
  const { session, http } = deps
  const { info } = session
  // Signed first, because a segment that is not signed costs nothing.
  const header = await signedHeader(submission, deps)
  const payment = await preparePayment(submission, deps)
  let settled = false
  const settle = (outcome: Parameters<GatewayBalances['settle']>[1]) => {
    if (settled || !payment.staged) return
    settled = true
    deps.balances.settle(payment.staged, outcome)
  }
  try {
    deps.submitted?.(payment)
    const began = performance.now()
    const answer = await http.fetch(new URL('/segment', info.serviceUri).href, {
      headers: {
        'Content-Type': CONTENT_TYPE.segment,
        [HEADER.segment]: header,
        ...(payment.header && { [HEADER.payment]: payment.header }),
        [HEADER.traceparent]: traceparent,
      },
      body: segment.data,
      headTimeoutMs: Math.max(6_000, segment.durationMs / 2),
      timeoutMs: Math.max(16_000, 6 * segment.durationMs),
      maxBytes: MAX_RESULT_BYTES,
      signal,
    })
    if (answer.status !== 200) {
      // Refused before any work: what was paid in this request may have been credited, so it counts as spent unless it was never read.
      settle({ status: answer.status === 402 || answer.status === 403 ? 'staged' : 'creditSpent' })
      throw refusal({ status: answer.status, text: textOf(answer) })
    }
    const { result, info: fresh, seq } = decodeTranscodeResult(answer.body)
    if (fresh && fresh.address === info.address)
      session.info = { ...fresh, ...(info.authToken && { authToken: info.authToken }) }
    if ('error' in result) {
      settle({ status: 'receivedChange', debit: rational(0n) })
      throw new MillraceError('transcode_failed', result.error, { retryable: true })
    }
    const { data } = result
    if (seq !== segment.seq)
      throw new MillraceError('mismatched_segments', `the answer is to segment ${seq}, segment ${segment.seq} was sent`)
    const pixels = pixelsOf(data)
    const debit = payment.price ? feeOf(pixels, payment.price) : rational(0n)
    settle({ status: 'receivedChange', debit })
    deps.debited?.(floorRational(debit))
    checkCount(data, submission.ladder)
    const renditions = await downloadRenditions(submission, data, deps)
    const stored = data.segments.map(({ url }) => (keyOf(url, submission, deps) === undefined ? undefined : url))
    const contained = renditions.map((bytes, i) => {
      const { format: container } = submission.ladder[i] as VideoProfile
      return { data: bytes, container }
    })
    const uploadMs = answer.headMs
    deps.transferred?.({ uploadMs, downloadMs: Math.max(0, Math.round(performance.now() - began - uploadMs)) })
    const pictures = await checkRenditions(submission, data, contained, deps)
    return { renditions, stored, pictures, pixels, result: bill(payment, debit, data) }
  } catch (error) {
    // Who lost a hedge was told to stop before it delivered, and keeps the payment as credit for a later segment.
    const stopped = hasCode(signal.reason, HEDGE_LOST)
    settle(stopped ? { status: 'receivedChange', debit: rational(0n) } : { status: 'creditSpent' })
    throw error
  }
}

/** What a segment cost. */
export function bill({ staged, tickets }: PreparedPayment, debit: Rational, data: TranscodeData): Submitted['result'] {
  const credit = staged ? addRational(staged.existingCredit, staged.newCredit) : rational(0n)
  return {
    feeWei: floorRational(debit),
    tickets,
    paid: debit.num > 0n && compareRational(credit, debit) >= 0,
    commitment: data.commitment,
  }
}

/** Works out the fee of a segment, sets credit aside for it and makes the tickets that are missing. */
export async function preparePayment(submission: Submission, deps: SubmitDeps): Promise<PreparedPayment> {
  if (!deps.payer) return NOT_PAID
  try {
    return await pay(deps.payer, purchaseOf(submission, deps), deps.balances)
  } catch (error) {
    if (!submission.signal.aborted) deps.unpaid?.(error)
    throw error
  }
}

const purchaseOf = (submission: Submission, deps: SubmitDeps): Purchase => ({
  paid: paidSession(submission, deps),
  initialPrice: deps.session.initialPrice,
  feeAt: (price) => estimateFee(submission.ladder, submission.segment.durationMs, price),
  signal: submission.signal,
})

const paidSession = ({ segment }: Submission, { session }: SubmitDeps): PaidSession => ({
  info: session.info,
  sessionId: session.sessionId,
  manifestId: segment.manifestId,
})

/** The value of Livepeer-Segment; off chain nobody signs it. `live` opens a segment that is still arriving. */
export async function signedHeader(
  submission: Submission,
  deps: SubmitDeps,
  { live = false }: { readonly live?: boolean } = {},
): Promise<string> {
  const { segment, ladder, domain, signal } = submission
  const { session, payer, results } = deps
  const canStore = hasCapability(session.info.capabilities?.bits ?? 0n, CAPABILITY.storageS3)
  const offer = !live && canStore ? results?.offer(segment.manifestId, session.sessionId) : undefined
  const unsigned: Omit<SegData, 'signature'> = {
    manifestId: segment.manifestId,
    seq: segment.seq,
    profiles: ladder,
    durationMs: Math.round(segment.durationMs),
    capabilities: jobCapabilities({ profiles: ladder, storage: offer ? 's3' : 'direct' }),
    ...(session.info.authToken && { authToken: session.info.authToken }),
    calcPerceptualHash: submission.signatures ?? false,
    forceSessionReinit: false,
    hash: segment.hash,
    storage: offer ? [offer] : [],
    wantsCommitment: payer !== undefined && domain !== undefined,
    ...(live && { live: true as const }),
  }
  return payer
    ? payer.segmentHeader(paidSession(submission, deps), unsigned, { signal })
    : encodeSegmentHeader({ ...unsigned, signature: new Uint8Array(0) })
}

/** The key of a result that the orchestrator has put into the gateway's own store. */
const keyOf = (url: string, { segment }: Submission, { results, session }: SubmitDeps): string | undefined =>
  results?.keyOf(url, segment.manifestId, session.sessionId)

/** Downloads what the result names. */
async function downloadRenditions(
  submission: Submission,
  data: TranscodeData,
  deps: SubmitDeps,
): Promise<readonly Uint8Array[]> {
  const { segment, ladder, signal } = submission
  const { session, http, results } = deps
  const { origin } = new URL(session.info.serviceUri)
  return Promise.all(
    data.segments.map(async ({ url }, i) => {
      const { bitrateBps } = ladder[i] as VideoProfile
      const maxBytes = Math.max(MIN_RENDITION_LIMIT_BYTES, (RENDITION_SLACK * bitrateBps * segment.durationMs) / 8_000)
      const key = keyOf(url, submission, deps)
      if (results && key !== undefined) return results.read(key, { maxBytes, signal })
      // The address is a stranger's word: nothing but the orchestrator itself is asked.
      if (originOf(url) !== origin)
        throw new MillraceError('rendition_url_refused', 'a rendition must come from the orchestrator that made it')
      const answer = await http.fetch(url, {
        headTimeoutMs: DOWNLOAD_TIMEOUT_MS,
        timeoutMs: DOWNLOAD_TIMEOUT_MS,
        maxBytes,
        signal,
      })
      if (answer.status !== 200)
        throw new MillraceError('rendition_missing', `a rendition answered ${answer.status}`, { retryable: true })
      return answer.body
    }),
  )
}

/** Checks renditions against what the result says of them: count, signature, pixels, commitment. */
export async function checkRenditions(
  { segment, ladder, domain }: Submission,
  data: TranscodeData,
  renditions: readonly { readonly data: Uint8Array; readonly container: 'mpegts' | 'mp4' }[],
  { session, hashing, verifier, payer }: SubmitDeps,
): Promise<readonly PictureCount[]> {
  const hash = renditionsHash(await Promise.all(renditions.map((rendition) => hashing.keccak256(rendition.data))))
  if (payer) {
    const { address } = session.info
    if (address === ZERO_ADDRESS || !verifyHashMessage(verifier, address, hash, data.signature))
      throw new MillraceError('result_signature', 'PM Check Failed: the result is not signed by the orchestrator')
  }
  const pictures = renditions.map((rendition, i) => {
    const profile = ladder[i] as VideoProfile
    const counted = countPixels(rendition.data, rendition.container)
    if (counted.pixels !== data.segments[i]?.pixels)
      throw new MillraceError(
        'pixel_mismatch',
        `PixelMismatch: ${profile.name} has ${counted.pixels} pixels, reported were ${data.segments[i]?.pixels}`,
      )
    return counted
  })
  if (data.commitment && domain) {
    const c = data.commitment
    const holds =
      c.recipient === session.info.address &&
      c.sender === payer?.address &&
      c.manifestId === segment.manifestId &&
      c.seq === segment.seq &&
      c.sessionId === session.sessionId &&
      c.sourceHash === segment.hash &&
      c.profilesHash === toHex(profilesHash(ladder)) &&
      c.renditionsHash === toHex(hash) &&
      c.pixels === pixelsOf(data) &&
      verifySegmentCommitment(verifier, domain, c)
    if (!holds) throw new MillraceError('bad_commitment', 'the orchestrator signed a commitment to something else')
  }
  return pictures
}

/** Throws `mismatched_segments` unless there is a rendition for each profile. */
export function checkCount(data: TranscodeData, ladder: readonly VideoProfile[]): void {
  if (data.segments.length !== ladder.length)
    throw new MillraceError(
      'mismatched_segments',
      `${data.segments.length} renditions came back, ${ladder.length} were asked for`,
    )
}

export const pixelsOf = (data: TranscodeData): bigint => data.segments.reduce((sum, { pixels }) => sum + pixels, 0n)

function originOf(url: string): string | undefined {
  try {
    return new URL(url).origin
  } catch {
    return undefined
  }
}

const textOf = ({ body }: SecureResponse): string => Buffer.from(body.subarray(0, 2_000)).toString('utf8').trim()

/** A refusal of /segment; texts that a fresh session cures get the codes `session_stale` and `insufficient_balance`. */
export function refusal(answer: { readonly status: number; readonly text: string }): MillraceError {
  const { text } = answer
  const stale =
    text.includes(PEER_ERROR.invalidAuthToken) ||
    text.includes(PEER_ERROR.expiredAuthToken) ||
    text.includes('TicketParams expired') ||
    text.includes('invalid recipientRand')
  // The ledgers differ, for example because a hedge's loser was paid for what it did after it was told to stop.
  const short = text.includes(PEER_ERROR.insufficientBalance)
  return new MillraceError(
    stale ? 'session_stale' : short ? 'insufficient_balance' : 'segment_refused',
    `the orchestrator answered ${answer.status}: ${text}`,
    {
      retryable: true,
      meta: { status: answer.status, peerText: text },
    },
  )
}
