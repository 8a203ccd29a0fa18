import { concatBytes, floorRational, hasCode, MillraceError, type Rational, rational, toHex } from '@millrace/base'
import { feeOf } from '@millrace/payments'
import { decodeTranscodeResult, HEADER, type LiveMessage, type LivePart, UNKNOWN_HASH } from '@millrace/wire'
import { openLiveRequest } from '../links/http/live-segment-client.ts'
import { LIVE_SEGMENT_PATH } from '../links/http/live-segment-server.ts'
import { HEDGE_LOST } from './attempts.ts'
import type { SourceSegment } from './buyer.ts'
import type { PreparedPayment } from './pay.ts'
import {
  bill,
  checkCount,
  checkRenditions,
  pixelsOf,
  preparePayment,
  refusal,
  type Submission,
  type SubmitDeps,
  type Submitted,
  signedHeader,
} from './submit.ts'

/** A part of a rendition, as it came; `init` is the initialisation segment that it needs. */
export type BoughtPart = LivePart & { readonly seq: number; readonly index: number; readonly init: Uint8Array }

export type LiveSubmission = Omit<Submission, 'segment'> & {
  /** `durationMs` is what the segment is expected to last; it is paid for so long, and what is left is credit. */
  readonly segment: Pick<SourceSegment, 'manifestId' | 'seq' | 'durationMs'>
  /** Whole PES packets of a transport stream, as they arrive; ends with the segment. */
  readonly chunks: AsyncIterable<Uint8Array>
  /** Resolves with the segment's facts after the last chunk. */
  readonly closed: Promise<SourceSegment>
  readonly part: (part: BoughtPart) => void
}

/** Renditions may be this many times as large as their bit rates say, and a few megabytes in any case. */
const SLACK = 10
const MIN_LIMIT_BYTES = 16_000_000
const LONGEST_SEGMENT_MS = 20_000

/**
 * Sends one segment to one orchestrator while it arrives, and passes on the parts that come back meanwhile; the renditions at the end
 * are those parts, checked as those of a whole segment. Throws and settles the payment as `submitSegment` does.
 */
export async function submitLiveSegment(submission: LiveSubmission, deps: SubmitDeps): Promise<Submitted> {
  const { segment, ladder, signal, traceparent } = submission
  const { session, http, balances } = deps
  const { info } = session
  const opening: Submission = {
    ...submission,
    segment: { ...segment, data: new Uint8Array(0), container: 'mpegts', hash: UNKNOWN_HASH },
  }
  const header = await signedHeader(opening, deps, { live: true })
  const payment = await preparePayment(opening, deps)
  const settle = settler(payment, balances)
  try {
    deps.submitted?.(payment)
    const parts = new PartCollector(segment.seq, ladder.length, submission.part)
    let result: Uint8Array | undefined
    const stop = new AbortController()
    const bps = ladder.reduce((sum, { bitrateBps }) => sum + bitrateBps, 0)
    const request = openLiveRequest(http, new URL(LIVE_SEGMENT_PATH, info.serviceUri).href, {
      headers: {
        'Content-Type': 'application/octet-stream',
        [HEADER.segment]: header,
        ...(payment.header && { [HEADER.payment]: payment.header }),
        [HEADER.traceparent]: traceparent,
      },
      headTimeoutMs: 6_000,
      maxBytes: Math.max(MIN_LIMIT_BYTES, (SLACK * bps * LONGEST_SEGMENT_MS) / 8_000),
      signal: AbortSignal.any([signal, stop.signal]),
      message: (message) => {
        if (message.kind === 'result') result = message.bytes
        else parts.take(message)
      },
    })
    const sending = send(submission, request, deps)
    // A source that breaks off has no result.
    sending.catch((error) => stop.abort(error))
    const answer = await request.answered
    if (answer.status !== 200) {
      settle({ status: answer.status === 402 || answer.status === 403 ? 'staged' : 'creditSpent' })
      throw refusal(answer)
    }
    if (!result) throw new MillraceError('body_truncated', 'the answer ended without a result', { retryable: true })
    const decoded = decodeTranscodeResult(result)
    const fresh = decoded.info
    if (fresh && fresh.address === info.address)
      session.info = { ...fresh, ...(info.authToken && { authToken: info.authToken }) }
    if ('error' in decoded.result)
      throw new MillraceError('transcode_failed', decoded.result.error, { retryable: true })
    const closed = await sending
    if (decoded.seq !== segment.seq)
      throw new MillraceError('mismatched_segments', `the answer is to segment ${decoded.seq}, ${segment.seq} was sent`)
    const { data } = decoded.result
    const pixels = pixelsOf(data)
    const debit = payment.price ? feeOf(pixels, payment.price) : rational(0n)
    settle({ status: 'receivedChange', debit })
    deps.debited?.(floorRational(debit))
    checkCount(data, ladder)
    const renditions = parts.joined()
    const whole: Submission = { ...submission, segment: { ...closed, hash: toHex(closed.hash) } }
    const contained = renditions.map((bytes) => ({ data: bytes, container: 'mp4' as const }))
    const pictures = await checkRenditions(whole, data, contained, deps)
    return { renditions, stored: [], pictures, pixels, result: bill(payment, debit, data) }
  } catch (error) {
    // What was given out of a segment that did not end well is debited over there, whatever it was worth here.
    const stopped = hasCode(signal.reason, HEDGE_LOST)
    settle(stopped ? { status: 'receivedChange', debit: rational(0n) } : { status: 'creditSpent' })
    throw error
  }
}

/** Sends the chunks and then the header of the complete segment. */
async function send(
  submission: LiveSubmission,
  request: ReturnType<typeof openLiveRequest>,
  deps: SubmitDeps,
): Promise<SourceSegment> {
  for await (const bytes of submission.chunks) {
    if (submission.signal.aborted) break
    await request.write({ kind: 'media', bytes })
  }
  const closed = await submission.closed
  submission.signal.throwIfAborted()
  const header = await signedHeader({ ...submission, segment: { ...closed, hash: toHex(closed.hash) } }, deps)
  await request.write({ kind: 'close', header })
  request.end()
  return closed
}

type Settle = (
  outcome:
    | { readonly status: 'staged' | 'creditSpent' }
    | { readonly status: 'receivedChange'; readonly debit: Rational },
) => void

function settler(payment: PreparedPayment, balances: SubmitDeps['balances']): Settle {
  let settled = false
  return (outcome) => {
    if (settled || !payment.staged) return
    settled = true
    balances.settle(payment.staged, outcome)
  }
}

/** Puts the messages of an answer together to parts and renditions. */
class PartCollector {
  readonly #seq: number
  readonly #part: (part: BoughtPart) => void
  readonly #renditions: { init: Uint8Array | undefined; count: number; readonly bytes: Uint8Array[] }[]

  constructor(seq: number, renditions: number, part: (part: BoughtPart) => void) {
    this.#seq = seq
    this.#part = part
    this.#renditions = Array.from({ length: renditions }, () => ({ init: undefined, count: 0, bytes: [] }))
  }

  take(message: LiveMessage): void {
    if (message.kind !== 'init' && message.kind !== 'part')
      throw new MillraceError('malformed_message', `an orchestrator sends no message of kind ${message.kind}`)
    const rendition = this.#renditions[message.rendition]
    if (!rendition)
      throw new MillraceError('mismatched_segments', `a part of rendition ${message.rendition} was not asked for`)
    rendition.bytes.push(message.bytes)
    if (message.kind === 'init') {
      rendition.init = message.bytes
      return
    }
    const { init } = rendition
    if (!init) throw new MillraceError('malformed_message', 'a part came before its initialisation segment')
    this.#part({ ...message, seq: this.#seq, index: rendition.count++, init })
  }

  joined(): readonly Uint8Array[] {
    return this.#renditions.map(({ bytes }) => concatBytes(...bytes))
  }
}
