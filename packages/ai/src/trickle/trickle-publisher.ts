import { once } from 'node:events'
import type { ClientRequest } from 'node:http'
import { MillraceError } from '@millrace/base'
import { TRICKLE_HEADER } from './headers.ts'
import { call, channelGone, isEnd, openRequest, type TrickleTarget, unreachable } from './trickle-client.ts'

export type TricklePublisherOptions = TrickleTarget & {
  /** Of the segments; go-livepeer says video/MP2T whatever they are. */
  readonly mimeType?: string
  /** The number of the first segment. Default 0. */
  readonly from?: number
  /** True for a publisher that takes the place of one that broke off: what that one left open ends. */
  readonly reset?: boolean
  /** Until a server has answered to a segment that is written, or to a call. Default 10 s. */
  readonly timeoutMs?: number
}

type Post = { readonly seq: number; readonly outgoing: ClientRequest; readonly answered: Promise<void> }

/** Writes segments to a channel, one after the other; the request of the next is open before it is needed. */
export class TricklePublisher {
  readonly #options: TricklePublisherOptions
  readonly #stop = new AbortController()
  #seq: number
  #isFirst = true
  #next: Post | undefined

  constructor(options: TricklePublisherOptions) {
    this.#options = options
    this.#seq = options.from ?? 0
  }

  /** Creates the channel, where the server lets strangers do so. Throws `channel_not_found` or `channel_unreachable`. */
  async create(): Promise<void> {
    const headers = { [TRICKLE_HEADER.expectContent]: this.#options.mimeType ?? 'video/MP2T' }
    const status = await this.#call('', 'POST', headers)
    if (status === 404) throw channelGone()
    if (status !== 200) throw refused(status)
  }

  /**
   * Writes one segment, as its bytes come; resolves with its number when the server has all of it.
   * Throws `channel_ended`, `channel_not_found`, `channel_unreachable` or `segment_refused`; the next call is for the next segment.
   */
  async write(data: Uint8Array | AsyncIterable<Uint8Array>): Promise<number> {
    this.#stop.signal.throwIfAborted()
    const post = this.#next ?? this.#open()
    this.#next = this.#open()
    const { seq, outgoing, answered } = post
    let failed = false
    const settled = answered.then(
      () => {},
      () => {
        failed = true
      },
    )
    try {
      for await (const chunk of data instanceof Uint8Array ? [data] : data) {
        if (failed) break
        if (!outgoing.write(chunk)) await Promise.race([once(outgoing, 'drain').catch(() => {}), settled])
      }
    } catch (error) {
      // Half a segment is no segment: the server sees that it broke off.
      outgoing.destroy()
      throw error
    }
    outgoing.end()
    await this.#inTime(answered, outgoing)
    return seq
  }

  /** Ends the channel for its readers. */
  async close(): Promise<void> {
    await this.#call('', 'DELETE').finally(() => this.stop())
  }

  /** Gives up what is open, and leaves the channel as it is. */
  stop(): void {
    this.#stop.abort(new MillraceError('publisher_stopped', 'the publisher was stopped'))
  }

  #open(): Post {
    const { mimeType = 'video/MP2T', reset = false } = this.#options
    const seq = this.#seq++
    const headers = { 'content-type': mimeType, ...(reset && this.#isFirst && { [TRICKLE_HEADER.reset]: '1' }) }
    this.#isFirst = false
    const { signal } = this.#stop
    const outgoing = openRequest(this.#options, `/${seq}`, { method: 'POST', headers, signal })
    const answered = new Promise<void>((resolve, reject) => {
      outgoing.on('error', (cause) => reject(signal.aborted ? signal.reason : unreachable(cause)))
      outgoing.on('response', (answer) => {
        answer.resume()
        answer.on('error', () => {})
        const status = answer.statusCode ?? 0
        if (isEnd(answer)) reject(new MillraceError('channel_ended', 'the trickle channel has ended'))
        else if (status === 404) reject(channelGone())
        else if (status !== 200) reject(refused(status))
        else resolve()
      })
    })
    // One that nobody writes to any more may fail.
    answered.catch(() => {})
    // Sends the head, so that the server knows of it and can say when the channel ends.
    outgoing.flushHeaders()
    return { seq, outgoing, answered }
  }

  async #inTime(answered: Promise<void>, outgoing: ClientRequest): Promise<void> {
    const { timeoutMs = 10_000 } = this.#options
    const timer = setTimeout(() => outgoing.destroy(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs)
    try {
      await answered
    } finally {
      clearTimeout(timer)
    }
  }

  async #call(path: string, method: string, headers: Readonly<Record<string, string>> = {}): Promise<number> {
    const { timeoutMs = 10_000 } = this.#options
    const limit = new AbortController()
    const timer = setTimeout(
      () =>
        limit.abort(
          new MillraceError('channel_unreachable', `the trickle server did not answer within ${timeoutMs} ms`),
        ),
      timeoutMs,
    )
    try {
      return await call(this.#options, path, { method, headers, signal: limit.signal })
    } finally {
      clearTimeout(timer)
    }
  }
}

const refused = (status: number): MillraceError =>
  new MillraceError('segment_refused', `the trickle server answered ${status}`, { meta: { status } })
