import type { IncomingMessage } from 'node:http'
import { type Clock, MillraceError, systemClock } from '@millrace/base'
import { SEQ_NEXT, STATUS_NO_SEGMENT, TRICKLE_HEADER } from './headers.ts'
import { channelGone, isEnd, numberIn, openRequest, type TrickleTarget, unreachable } from './trickle-client.ts'

export type TrickleSubscriberOptions = TrickleTarget & {
  /** The first segment: a number, SEQ_NEXT (the default) or SEQ_CURRENT. */
  readonly from?: number
  /** A request that waits for so long is made anew, since something between may have forgotten it; what begins at that moment is missed with SEQ_NEXT. Default 20 s. */
  readonly renewMs?: number
  /** Failures in a row after which it gives up. Default 5. */
  readonly maxFailures?: number
  readonly signal?: AbortSignal | undefined
}

/** One segment as it comes. */
export type ReceivedSegment = {
  readonly seq: number
  readonly mimeType: string
  /** How many segments the reader had missed before this one, because it was too slow. */
  readonly skipped: number
  /** Throws `segment_broken` when the connection breaks before its end. */
  readonly data: AsyncIterable<Uint8Array>
}

type Waiting = { readonly answer: Promise<IncomingMessage>; cancel(): void }

const RETRY_MS = 500

/**
 * Reads the segments of a channel from one on, for ever; the request for the next is open while one is read.
 * Ends when the channel does. Throws `channel_not_found` when there is none at the beginning, and `channel_unreachable`.
 */
export async function* subscribe(
  options: TrickleSubscriberOptions,
  { clock = systemClock }: { readonly clock?: Clock } = {},
): AsyncGenerator<ReceivedSegment> {
  const { renewMs = 20_000, maxFailures = 5, signal } = options
  let wanted = options.from ?? SEQ_NEXT
  let skipped = 0
  let failures = 0
  let seenAny = false
  let next: Waiting | undefined
  try {
    for (;;) {
      signal?.throwIfAborted()
      const waiting = next ?? ask(options, wanted)
      next = undefined
      let answer: IncomingMessage | undefined
      try {
        answer = await inTime(waiting, renewMs, clock, signal)
        if (!answer) continue
        failures = 0
      } catch (error) {
        signal?.throwIfAborted()
        if (++failures > maxFailures) throw error
        await clock.sleep(RETRY_MS, { signal })
        continue
      }
      const status = answer.statusCode ?? 0
      const seq = numberIn(answer, TRICKLE_HEADER.seq)
      if (status === 404) {
        answer.resume()
        // A channel that was there and is not any more has ended.
        if (seenAny) return
        throw channelGone()
      }
      if (status === STATUS_NO_SEGMENT) {
        answer.resume()
        const latest = numberIn(answer, TRICKLE_HEADER.latest)
        // A server that sends its reader round in circles is asked no faster than one that fails.
        if (latest === undefined || latest === wanted) await clock.sleep(RETRY_MS, { signal })
        if (latest !== undefined && wanted >= 0) skipped += Math.max(0, latest - wanted)
        wanted = latest ?? SEQ_NEXT
        seenAny = true
        continue
      }
      if (isEnd(answer)) {
        answer.resume()
        return
      }
      if (status !== 200 || seq === undefined) {
        answer.resume()
        throw new MillraceError('segment_refused', `the trickle server answered ${status}`, { meta: { status } })
      }
      seenAny = true
      wanted = seq + 1
      next = ask(options, wanted)
      yield { seq, mimeType: answer.headers['content-type'] ?? '', skipped, data: bodyOf(answer, signal) }
      skipped = 0
    }
  } finally {
    next?.cancel()
  }
}

function ask(options: TrickleSubscriberOptions, seq: number): Waiting {
  const stop = new AbortController()
  const answer = new Promise<IncomingMessage>((resolve, reject) => {
    const outgoing = openRequest(options, `/${seq}`, { method: 'GET', signal: stop.signal })
    outgoing.on('error', (cause) => reject(unreachable(cause)))
    outgoing.on('response', resolve)
    outgoing.end()
  })
  answer.catch(() => {})
  return { answer, cancel: () => stop.abort() }
}

/** Undefined when the answer stays away for so long that it is asked for anew. */
async function inTime(
  waiting: Waiting,
  renewMs: number,
  clock: Clock,
  signal: AbortSignal | undefined,
): Promise<IncomingMessage | undefined> {
  const over = new AbortController()
  const onAbort = () => over.abort()
  signal?.addEventListener('abort', onAbort, { once: true })
  try {
    const late = clock.sleep(renewMs, { signal: over.signal }).then(
      () => undefined,
      () => undefined,
    )
    const answer = await Promise.race([waiting.answer, late])
    if (!answer) waiting.cancel()
    return answer
  } finally {
    over.abort()
    signal?.removeEventListener('abort', onAbort)
  }
}

async function* bodyOf(answer: IncomingMessage, signal: AbortSignal | undefined): AsyncGenerator<Uint8Array> {
  const onAbort = () => void answer.destroy()
  signal?.addEventListener('abort', onAbort, { once: true })
  try {
    for await (const chunk of answer as AsyncIterable<Buffer>) yield chunk
  } catch (cause) {
    signal?.throwIfAborted()
    throw new MillraceError('segment_broken', 'the segment broke off before its end', { cause, retryable: true })
  } finally {
    signal?.removeEventListener('abort', onAbort)
  }
}
