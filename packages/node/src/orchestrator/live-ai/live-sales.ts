import { randomBytes } from 'node:crypto'
import { AiError, LIVE_CAPABILITY, type LiveChannels, type LiveStart } from '@millrace/ai'
import {
  type Clock,
  compareRational,
  errorText,
  hasCode,
  type Log,
  MillraceError,
  multiplyRational,
  type Part,
  type Rational,
  rational,
  systemClock,
} from '@millrace/base'
import type { Balances, TicketRecipient } from '@millrace/payments'
import {
  type Address,
  decodePaymentHeader,
  type ManifestId,
  manifestId,
  type Payment,
  PEER_ERROR,
  type SegData,
  type SessionId,
  sessionId,
  type TellEvent,
  ZERO_ADDRESS,
} from '@millrace/wire'
import type { LiveAiService } from '../../links/ai-links.ts'
import type { TrickleMount } from '../../links/http/trickle-mount.ts'
import { isRefusal, type Refusal, type SegmentHeaders } from '../../links/orchestrator-service.ts'
import type { AiDispatcher } from '../ai/ai-dispatch.ts'
import { accountOf } from '../ai/ai-sales.ts'
import type { AiTerms } from '../ai/ai-terms.ts'
import type { SegmentAdmission } from '../segment-admission.ts'
import { wholeWei } from '../whole-wei.ts'
import { StreamChannels } from './live-channels.ts'
import { LiveMeter } from './live-meter.ts'
import { LiveStream } from './live-stream.ts'

export type LiveSalesOptions = {
  /** The expected value of one ticket in wei: the least balance with which a stream begins. */
  readonly ticketEv: Rational
  /** -livePaymentInterval: how often is debited. */
  readonly intervalMs: number
  /** -liveAITrickleHostForRunner: the host, with its port, by which runners reach the channels. */
  readonly hostForRunner?: string | undefined
  readonly serviceUri: () => string
  /** Where the orchestrator is for runners of its own process. */
  readonly localUri: () => string
}

export type LiveSalesDeps = {
  readonly admission: Pick<SegmentAdmission, 'verify'>
  readonly dispatcher: Pick<AiDispatcher, 'reserveLive'>
  readonly terms: Pick<AiTerms, 'price'>
  /** Undefined off chain. */
  readonly recipient: TicketRecipient | undefined
  readonly balances: Balances
  readonly trickle: Pick<TrickleMount, 'create' | 'close' | 'url'>
  readonly clock?: Clock
  readonly tell: TellEvent
  readonly log: Log
}

type Buyer = { readonly sender: Address; readonly payment: Payment | undefined; readonly segment: SegData }

/** A price that was told a while ago may be a little lower than today's, where it follows a currency. */
const LEAST_OF_PRICE = rational(8n, 10n)

/**
 * Sells work on live video. The order of checks and the texts are those of go-livepeer: room (503), payment and segment headers (402, 403),
 * payment and balance (400), runner (500). Each stream has an account of its own, its manifest; what is left of it at the end waits in the
 * account of the gateway's streams of that model, so that what was paid for a stream that failed pays for the next.
 */
export class LiveSales implements LiveAiService, Part {
  readonly name = 'live-ai'
  readonly #options: LiveSalesOptions
  readonly #deps: LiveSalesDeps
  readonly #clock: Clock
  readonly #streams = new Map<ManifestId, LiveStream>()

  constructor(options: LiveSalesOptions, deps: LiveSalesDeps) {
    this.#options = options
    this.#deps = deps
    this.#clock = deps.clock ?? systemClock
  }

  /** The manifests of the streams that go on. */
  get streams(): readonly ManifestId[] {
    return [...this.#streams.keys()]
  }

  async stop(): Promise<void> {
    const streams = [...this.#streams.values()]
    for (const stream of streams) stream.end('stopping', 'the orchestrator is stopping')
    await Promise.all(streams.map((stream) => stream.ended))
  }

  async begin(
    headers: SegmentHeaders,
    start: LiveStart,
    call: { readonly signal: AbortSignal },
  ): Promise<LiveChannels | Refusal> {
    const { dispatcher, log } = this.#deps
    const { modelId } = start
    const place = dispatcher.reserveLive(modelId)
    let refusal: Refusal = { status: 503, text: 'insufficient capacity' }
    if (place) {
      // The name cannot be guessed: whoever knows it may read and write the stream.
      const manifest = manifestId(randomBytes(16).toString('hex'))
      const taken = await this.#take(headers, manifest, modelId).catch((error) => {
        place.release()
        throw error
      })
      if (!isRefusal(taken)) return this.#open(place, { ...taken, manifest, start }, call)
      place.release()
      refusal = taken
    }
    log.info('a live AI stream was refused', { modelId, status: refusal.status, reason: refusal.text })
    return refusal
  }

  /** Credits the payment to the stream's own account; or the reason why the stream does not begin. */
  async #take(
    headers: SegmentHeaders,
    manifest: ManifestId,
    modelId: string,
  ): Promise<{ readonly sender: Address; readonly price: Rational } | Refusal> {
    const buyer = this.#buyer(headers)
    if (isRefusal(buyer)) return buyer
    const { sender, payment, segment } = buyer
    const { recipient, balances, terms, tell } = this.#deps
    if (!recipient) return { sender, price: rational(0n) }
    const account = sessionId(manifest)
    const today = terms.price(sender, LIVE_CAPABILITY, modelId) ?? rational(0n)
    let price = today
    if (payment) {
      const received = await recipient.receivePayment(payment, {
        origin: { manifestId: manifest, seq: segment.seq, sessionId: account },
      })
      const balance = balances.credit(sender, account, received.credit)
      if (received.accepted > 0)
        tell({
          type: 'payment_received',
          ...{ manifestId: manifest, seq: segment.seq, sender, sessionId: account },
          ...{ tickets: received.accepted, creditWei: wholeWei(received.credit), balanceWei: wholeWei(balance) },
        })
      if (received.accepted > 0 && received.expectedPrice) price = received.expectedPrice
      if (received.error) return this.#unpaid(sender, account, modelId, received.error.message)
      // Tickets for something cheaper do not buy this.
      if (compareRational(price, multiplyRational(today, LEAST_OF_PRICE)) < 0)
        return this.#unpaid(sender, account, modelId, 'the price of the payment is not the price of the model')
      balances.setFixedPrice(sender, account, price)
    }
    this.#move(sender, accountOf({ capability: LIVE_CAPABILITY }, modelId), account)
    if (price.num > 0n && !balances.isSufficient(sender, account, this.#options.ticketEv))
      return this.#unpaid(sender, account, modelId, PEER_ERROR.insufficientBalance)
    return { sender, price }
  }

  #buyer(headers: SegmentHeaders): Buyer | Refusal {
    let payment: Payment | undefined
    try {
      payment = decodePaymentHeader(headers.payment)
    } catch (error) {
      return { status: 402, text: errorText(error) }
    }
    const sender = payment?.sender ?? ZERO_ADDRESS
    try {
      return { sender, payment, segment: this.#deps.admission.verify(headers.segment, sender, { session: false }) }
    } catch (error) {
      return { status: 403, text: errorText(error) }
    }
  }

  async #open(
    place: NonNullable<ReturnType<AiDispatcher['reserveLive']>>,
    stream: {
      readonly sender: Address
      readonly price: Rational
      readonly manifest: ManifestId
      readonly start: LiveStart
    },
    { signal }: { readonly signal: AbortSignal },
  ): Promise<LiveChannels | Refusal> {
    const { balances, trickle, tell, log } = this.#deps
    const { intervalMs, serviceUri, localUri, hostForRunner } = this.#options
    const { sender, price, manifest, start } = stream
    const { modelId } = start
    const account = sessionId(manifest)
    let live: LiveStream | undefined
    const onEnd = () => {
      this.#streams.delete(manifest)
      place.release()
      this.#move(sender, account, accountOf({ capability: LIVE_CAPABILITY }, modelId))
      balances.end(sender, account)
    }
    try {
      const channels = new StreamChannels(
        { manifestId: manifest, owner: sender, onClose: (kind) => live?.channelClosed(kind) },
        trickle,
      )
      const meter = new LiveMeter(
        { sender, account, price, intervalMs },
        {
          ...{ balances, clock: this.#clock },
          input: () => channels.written('input'),
          output: () => channels.written('output'),
        },
      )
      const who = { manifestId: manifest, sender, modelId }
      live = new LiveStream(who, { channels, meter, onEnd, clock: this.#clock, tell, log }, intervalMs)
      this.#streams.set(manifest, live)
      const base = hostForRunner ? withHost(serviceUri(), hostForRunner) : serviceUri()
      const job = { modelId, request: channels.forRunner(start, base), here: channels.forRunner(start, localUri()) }
      live.began(await place.start(job, { signal }))
      if (signal.aborted) throw new MillraceError('peer_gone', 'the gateway went away', { retryable: true })
      return channels.forGateway()
    } catch (error) {
      log.warn('a live AI stream did not begin', { modelId, sender, error: errorText(error) })
      if (live) live.end('runner_ended', errorText(error))
      else onEnd()
      return { status: statusOf(error), text: errorText(error) }
    }
  }

  /** What was credited in vain is not lost. */
  #unpaid(sender: Address, account: SessionId, modelId: string, text: string): Refusal {
    this.#move(sender, account, accountOf({ capability: LIVE_CAPABILITY }, modelId))
    this.#deps.balances.end(sender, account)
    return { status: 400, text }
  }

  #move(sender: Address, from: SessionId, to: SessionId): void {
    const { balances } = this.#deps
    const left = balances.balance(sender, from)
    if (!left || left.num <= 0n) return
    balances.debit(sender, from, left)
    balances.credit(sender, to, left)
  }
}

function statusOf(error: unknown): number {
  if (hasCode(error, 'too_many_channels')) return 503
  return error instanceof AiError ? error.status : 500
}

function withHost(uri: string, host: string): string {
  const url = new URL(uri)
  url.host = host
  return url.origin
}
