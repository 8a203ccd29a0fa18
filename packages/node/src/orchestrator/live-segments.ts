import { AsyncQueue, concatBytes, errorText, hasCode, type Log, MillraceError, toHex } from '@millrace/base'
import type { Hashing } from '@millrace/base/node'
import {
  type LiveMessage,
  PEER_ERROR,
  profilesHash,
  type SegData,
  segmentDurationMs,
  type TellEvent,
  type TranscodeResult,
} from '@millrace/wire'
import type { LiveRenditionPart } from '../links/ports.ts'
import type { Dispatcher } from './dispatch.ts'
import type { Admitted, SegmentAdmission } from './segment-admission.ts'
import type { SegmentSales } from './segment-sales.ts'

/** Messages that a worker which is slower than the source may leave waiting; then the sender is held back. */
const MAX_WAITING = 256
const MAX_SEGMENT_BYTES = 300_000_000
/** Paid is what the gateway said that the segment lasts: one that goes on for longer than so many times of it, or so long, is worked for unpaid. */
const LONGEST = 3
const LONGEST_MS = 20_000

export type LiveSegmentsOptions = {
  /** Milliseconds that any segment may take to arrive; default 20,000, or three times of what it says. */
  readonly liveLimitMs?: number | undefined
}

export type LiveSegmentsDeps = {
  readonly dispatcher: Pick<Dispatcher, 'transcodeLive'>
  readonly admission: Pick<SegmentAdmission, 'verify'>
  readonly sales: SegmentSales
  readonly hashing: Hashing
  readonly tell: TellEvent
  readonly log: Log
}

type Call = { readonly signal: AbortSignal; readonly send: (message: LiveMessage) => void }

/**
 * Works on segments while they arrive. The payment came with the opening; when the segment is complete its signed header follows, and
 * only then the result is signed. What was given out of a segment that never completes is debited all the same.
 */
export class LiveSegments {
  readonly #limitMs: number
  readonly #deps: LiveSegmentsDeps

  constructor({ liveLimitMs = LONGEST_MS }: LiveSegmentsOptions, deps: LiveSegmentsDeps) {
    this.#limitMs = liveLimitMs
    this.#deps = deps
  }

  /** Never rejects. */
  async process(admitted: Admitted, messages: AsyncIterable<LiveMessage>, call: Call): Promise<TranscodeResult> {
    const { segment, info } = admitted
    const { manifestId, seq } = segment
    let pixels = 0n
    const send = (message: LiveMessage) => {
      if (message.kind === 'part') pixels += message.pixels
      call.send(message)
    }
    try {
      return await this.#process(admitted, messages, { ...call, send })
    } catch (error) {
      this.#deps.log.warn('a live segment was not completed', { manifestId, seq, error: errorText(error) })
      if (!hasCode(error, SOLD)) await this.#deps.sales.debit(admitted, pixels).catch(() => {})
      return { seq, result: { error: errorText(error) }, info }
    }
  }

  async #process(admitted: Admitted, messages: AsyncIterable<LiveMessage>, call: Call): Promise<TranscodeResult> {
    const { segment, token, info, durationMs, traceparent, receivedAtMs } = admitted
    const { dispatcher, sales, tell } = this.#deps
    const { manifestId, seq, profiles } = segment
    const { sessionId } = token
    const stop = new AbortController()
    const signal = AbortSignal.any([call.signal, stop.signal])
    const chunks = new AsyncQueue<Uint8Array>({ capacity: MAX_WAITING })
    const longestMs = Math.max(this.#limitMs, LONGEST * durationMs)
    const timer = setTimeout(() => stop.abort(tooLong(longestMs)), longestMs)
    const dispatchedAtMs = Date.now()
    const work = dispatcher.transcodeLive(
      { manifestId, sessionId, seq, durationMs, profiles, chunks, traceparent },
      { signal, part: (part) => sendPart(part, call.send) },
    )
    // Who fails first is heard below; the queue of one that is gone must not hold the sender back for ever.
    work.catch((error) => chunks.close(error))
    try {
      const closed = await this.#receive(admitted, messages, chunks, signal)
      clearTimeout(timer)
      const transcoded = await work
      const returnedAtMs = Date.now()
      const signed = await sales.sell({ ...admitted, segment: closed, sourceHash: closed.hash, transcoded })
      const segments = transcoded.renditions.map(({ pixels }) => ({ url: '', pixels }))
      tell({
        type: 'segment_served',
        manifestId,
        seq,
        sessionId,
        receivedAtMs,
        dispatchedAtMs,
        returnedAtMs,
        traceparent,
      })
      return { seq, result: { data: { segments, ...signed } }, info }
    } catch (error) {
      stop.abort(error)
      chunks.close(error)
      await work.catch(() => {})
      throw error
    } finally {
      clearTimeout(timer)
    }
  }

  /** Passes the media on and takes the header at its end; throws when that is not the header of what came. */
  async #receive(
    admitted: Admitted,
    messages: AsyncIterable<LiveMessage>,
    chunks: AsyncQueue<Uint8Array>,
    signal: AbortSignal,
  ): Promise<SegData> {
    const received: Uint8Array[] = []
    let length = 0
    for await (const message of messages) {
      signal.throwIfAborted()
      if (message.kind === 'media') {
        length += message.bytes.length
        if (length > MAX_SEGMENT_BYTES)
          throw new MillraceError('body_too_large', `the segment is larger than ${MAX_SEGMENT_BYTES} bytes`)
        received.push(message.bytes)
        await chunks.pushWait(message.bytes, { signal })
      } else if (message.kind === 'close') {
        chunks.close()
        const closed = this.#deps.admission.verify(message.header, admitted.sender)
        const hash = toHex(await this.#deps.hashing.keccak256(concatBytes(...received)))
        if (!isSameSegment(admitted.segment, closed) || closed.hash !== hash)
          throw new MillraceError('segment_signature', PEER_ERROR.forbidden)
        segmentDurationMs(closed)
        return closed
      } else throw new MillraceError('malformed_message', `a gateway sends no message of kind ${message.kind}`)
    }
    throw new MillraceError('body_truncated', 'the live segment ended without its header', { retryable: true })
  }
}

const tooLong = (ms: number): MillraceError =>
  new MillraceError('body_timeout', `the live segment did not end within ${ms} ms`, { retryable: true })

/** Errors of this code come after the fee was taken. */
const SOLD = 'zero_segments'

function sendPart({ init, ...part }: LiveRenditionPart, send: (message: LiveMessage) => void): void {
  if (init) send({ kind: 'init', rendition: part.rendition, bytes: init })
  send({ kind: 'part', ...part })
}

const isSameSegment = (opened: SegData, closed: SegData): boolean =>
  closed.live === undefined &&
  closed.manifestId === opened.manifestId &&
  closed.seq === opened.seq &&
  closed.authToken?.sessionId === opened.authToken?.sessionId &&
  toHex(profilesHash(closed.profiles)) === toHex(profilesHash(opened.profiles))
