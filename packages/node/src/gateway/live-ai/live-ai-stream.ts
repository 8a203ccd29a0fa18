import { type Clock, errorText, type Log, MillraceError } from '@millrace/base'
import { type CodedFrame, carriedFrames, LiveFeed, type Publication } from '@millrace/media'
import { manifestId, type TellEvent } from '@millrace/wire'
import { costOf } from '../ai/ai-buyer.ts'
import type { SpendAccount } from '../api-keys/spend-account.ts'
import { LatencyMeter } from './latency-meter.ts'
import type { LiveMarket, LiveOffer, LiveWish } from './live-ai-market.ts'
import { LiveAiOutput, type LiveAiOutputDeps } from './live-ai-output.ts'
import { LiveAiPayments, type PaidPiece } from './live-ai-payments.ts'
import { LiveAiSession, type SessionEnd } from './live-ai-session.ts'
import { LiveAiStatus } from './live-ai-status.ts'
import { FIRST_SECONDS, PIXELS_A_SECOND, type StartDeps, startLiveAi } from './start-live-ai.ts'
import { SwapLimit } from './swap-limit.ts'

export type LiveAiOptions = {
  /** -livePaymentInterval. Default 5 s. */
  readonly paymentIntervalMs?: number | undefined
  /** -liveOutSegmentTimeout. Default 30 s. */
  readonly outTimeoutMs?: number | undefined
  /** Default 1 s. */
  readonly minSegmentMs?: number | undefined
  /** How long somebody is looked for when nobody is at work. Default 20 s. */
  readonly lookForMs?: number | undefined
}

export type LiveAiRequest = LiveWish & {
  readonly name: string
  readonly requestId: string
  readonly streamId: string
  readonly params: Readonly<Record<string, unknown>>
  readonly whepUrl: string
  /** Who pays for it, where the gateway keeps accounts. */
  readonly account?: Pick<SpendAccount, 'name' | 'reserve' | 'paid'> | undefined
}

export type LiveAiDeps = StartDeps &
  LiveAiOutputDeps & {
    readonly market: Pick<LiveMarket, 'choose' | 'refreshed' | 'ask' | 'book'>
    readonly tell: TellEvent
    readonly clock: Clock
  }

const PAYMENT_INTERVAL_MS = 5_000
const OUT_TIMEOUT_MS = 30_000
const LOOK_FOR_MS = 20_000
const LOOK_AGAIN_MS = 500
/** How often the one who would take over is asked whether it is there. */
const SPARE_EVERY_MS = 15_000
/** The time line of a source begins here, whatever its own clock says, so that it is far from where time stamps begin anew. */
const LINE_BEGINS = 90_000

/**
 * One live stream through an AI pipeline, from its first frame to its last: the source goes to one orchestrator, and what it makes comes
 * back on one time line. When it fails another takes over, from the newest key frame on, with the parameters that held.
 */
export class LiveAiStream {
  readonly request: LiveAiRequest
  readonly status: LiveAiStatus
  /** Resolves with why it is over; never rejects. */
  readonly ended: Promise<string>
  readonly #options: LiveAiOptions
  readonly #deps: LiveAiDeps
  readonly #log: Log
  readonly #stop = new AbortController()
  readonly #source: LiveFeed
  readonly #output: LiveAiOutput
  readonly #swaps: SwapLimit
  readonly #latency = new LatencyMeter()
  #publication: Publication | undefined
  #session: LiveAiSession | undefined
  #spare: LiveOffer | undefined
  #params: Uint8Array | undefined
  #sourcePts = LINE_BEGINS
  #end: (reason: string) => void = () => {}
  #swapped = 0

  constructor(request: LiveAiRequest, options: LiveAiOptions, deps: LiveAiDeps) {
    this.request = request
    this.status = new LiveAiStatus(request.whepUrl)
    this.#options = options
    this.#deps = deps
    this.#log = deps.log.child({ manifestId: request.name, requestId: request.requestId })
    this.#source = new LiveFeed({ requestKey: () => this.#publication?.direct?.requestKey() })
    const latency = this.#latency
    this.status.set('latency_ms', () => latency.medianMs)
    this.#output = new LiveAiOutput(`${request.name}-out`, {
      ...deps,
      onPicture: (pts) => latency.came(pts, deps.clock.elapsed()),
      log: this.#log,
    })
    this.#swaps = new SwapLimit(deps.clock.elapsed())
    const over = new Promise<string>((resolve) => {
      this.#end = resolve
    })
    this.ended = over.then((reason) => this.#leave(reason))
    deps.tell({ type: 'live_ai_opened', manifestId: manifestId(request.name), modelId: request.pipeline })
    void this.#work()
  }

  /** How many orchestrators took over so far. */
  get swaps(): number {
    return this.#swapped
  }

  get over(): boolean {
    return this.#stop.signal.aborted
  }

  /** True once viewers have something to see, within so long. */
  async hasPicture(withinMs: number): Promise<boolean> {
    const { signal } = this.#stop
    const late = this.#deps.clock.sleep(withinMs, { signal }).then(
      () => false,
      () => false,
    )
    return Promise.race([this.#output.begun.then(() => true), late])
  }

  /** Takes the source; there is one. */
  take(publication: Publication): void {
    // It may have been given up while its source was on the way.
    if (this.over) return void publication.close()
    this.#publication = publication
    void this.#read(publication)
  }

  /** Changed parameters, which are kept for whoever works on the stream next. Throws `bad_live_request` or `control_not_sent`. */
  async update(params: Uint8Array, stage = 0): Promise<void> {
    if (stage !== 0) throw new MillraceError('bad_live_request', `there is no stage ${stage}: this stream has one, 0`)
    this.#params = params
    await this.#session?.update(params)
  }

  async stop(reason: string): Promise<void> {
    this.#end(reason)
    await this.ended
  }

  async #leave(reason: string): Promise<string> {
    this.#stop.abort(new MillraceError('stream_ended', reason))
    this.#source.end()
    const stopped = this.#session?.stop()
    await this.#publication?.close()
    await this.#output.end()
    await stopped
    const { name, pipeline: modelId } = this.request
    this.#deps.tell({
      type: 'live_ai_closed',
      ...{ manifestId: manifestId(name), modelId, reason, swaps: this.#swapped },
    })
    this.#log.info('a live AI stream has ended', { reason, swaps: this.#swapped })
    return reason
  }

  /** Puts the source on a time line of its own, and its own Opus in the place of the AAC that was made of it. */
  async #read(publication: Publication): Promise<void> {
    let offset: number | undefined
    const push = (frame: CodedFrame) => {
      offset ??= LINE_BEGINS - frame.dts
      const placed = { ...frame, pts: frame.pts + offset, dts: frame.dts + offset }
      if (frame.kind === 'video') {
        this.#sourcePts = placed.pts
        this.#latency.sent(placed.pts, this.#deps.clock.elapsed())
      }
      this.#source.push(placed)
    }
    const { direct } = publication
    const leave = direct?.opus(push)
    try {
      for await (const frame of carriedFrames(publication.frames)) if (frame.kind === 'video' || !direct) push(frame)
      const { reason, error } = await publication.ended
      this.#end(error ? errorText(error) : `the publisher has ${reason === 'closed' ? 'finished' : reason}`)
    } catch (error) {
      this.#end(errorText(error))
    } finally {
      leave?.()
    }
  }

  async #work(): Promise<void> {
    const { signal } = this.#stop
    let left: string | undefined
    try {
      for (;;) {
        const { session, offer } = await this.#begin(left)
        const watching = setInterval(() => void this.#findSpare(offer), SPARE_EVERY_MS)
        watching.unref()
        void this.#findSpare(offer)
        const end = await session.ended.finally(() => clearInterval(watching))
        void session.stop()
        if (signal.aborted) return
        this.#session = undefined
        left = this.#failed(offer, end)
        if (!this.#swaps.take(this.#deps.clock.elapsed()))
          throw new MillraceError('too_many_swaps', `Too many swaps: ${end.reason}`)
        this.#swapped++
        this.status.set('swaps', this.#swapped)
      }
    } catch (error) {
      if (signal.aborted) return
      this.status.failed(errorText(error))
      this.#log.warn('a live AI stream is given up', { error: errorText(error) })
      this.#end(errorText(error))
    }
  }

  #failed({ offer, info }: LiveOffer, { reason, isAtFault }: SessionEnd): string {
    const { serviceUri } = offer.entry
    this.status.failed(reason)
    this.#log.warn('an orchestrator is not at work on a live AI stream any more', { serviceUri, reason })
    if (isAtFault) this.#deps.market.book(this.request.pipeline).failed(serviceUri)
    const { name, pipeline: modelId } = this.request
    const about = { manifestId: manifestId(name), modelId, orchestrator: info.address, orchestratorUri: serviceUri }
    this.#deps.tell({ type: 'live_ai_swapped', ...about, reason })
    return serviceUri
  }

  /** Has somebody begin; looks on for a while when nobody does. Throws `ai_no_runner`. */
  async #begin(left: string | undefined): Promise<{ readonly session: LiveAiSession; readonly offer: LiveOffer }> {
    const { clock, market } = this.#deps
    const { signal } = this.#stop
    const began = clock.elapsed()
    const except = new Set(left === undefined ? [] : [left])
    let last: unknown
    for (;;) {
      signal.throwIfAborted()
      const spare = this.#spare
      this.#spare = undefined
      const isUsable = spare && !except.has(spare.offer.entry.serviceUri)
      const offer = isUsable
        ? await market.refreshed(spare, { signal }).catch(() => undefined)
        : await market.choose(this.request, { except, signal })
      if (offer) {
        try {
          return { session: await this.#open(offer), offer }
        } catch (error) {
          signal.throwIfAborted()
          last = error
          const { serviceUri } = offer.offer.entry
          except.add(serviceUri)
          this.#log.info('an orchestrator did not take a live AI stream', { serviceUri, error: errorText(error) })
        }
        continue
      }
      if (isUsable) continue
      if (clock.elapsed() - began >= (this.#options.lookForMs ?? LOOK_FOR_MS)) throw nobody(this.request, last)
      // The one that failed may be back, when there is nobody else.
      except.clear()
      await clock.sleep(LOOK_AGAIN_MS, { signal })
    }
  }

  async #open(offer: LiveOffer): Promise<LiveAiSession> {
    const { market, payer, balances, http, clock, tell } = this.#deps
    const { pipeline: modelId, params, requestId, streamId, name } = this.request
    const { signal } = this.#stop
    const {
      paymentIntervalMs = PAYMENT_INTERVAL_MS,
      outTimeoutMs = OUT_TIMEOUT_MS,
      minSegmentMs = 1_000,
    } = this.#options
    // Nothing is paid that could not be.
    this.request.account?.reserve(costOf(PIXELS_A_SECOND * FIRST_SECONDS, offer.offer.price)).settle(0n)
    const started = await startLiveAi({ modelId, params, requestId, streamId }, offer, this.#deps, { signal })
    const { serviceUri } = offer.offer.entry
    const { address } = offer.info
    const about = { manifestId: manifestId(name), modelId, orchestrator: address, orchestratorUri: serviceUri }
    const paid = ({ units, feeWei, ...piece }: PaidPiece, isFirst: boolean) => {
      tell({ type: 'live_ai_paid', ...about, ...piece, units: `${units}`, feeWei: `${feeWei}`, isFirst })
      this.#spent(feeWei)
    }
    const { feeWei, tickets } = started
    if (started.price)
      paid({ seconds: Number(FIRST_SECONDS), units: PIXELS_A_SECOND * FIRST_SECONDS, feeWei, tickets }, true)
    const beganMs = clock.elapsed()
    let isShown = false
    const payments = new LiveAiPayments(
      { started, offer, intervalMs: paymentIntervalMs },
      {
        ...{ payer, balances, http, clock, log: this.#log },
        terms: async (call) => (await market.ask(offer.offer, call)).info,
        onPaid: (piece) => paid(piece, false),
      },
    )
    this.#output.next()
    const session = new LiveAiSession(
      { started, minSegmentMs, outTimeoutMs },
      {
        source: this.#source,
        payments,
        clock,
        log: this.#log,
        onFrame: (frame, announced) => this.#output.frame(frame, announced, this.#sourcePts),
        onEvent: (event) => this.status.heard(event),
        onSegment: (what) => {
          if (what === 'sent' || isShown) return
          isShown = true
          tell({ type: 'live_ai_shown', ...about, delayMs: Math.round(clock.elapsed() - beganMs) })
        },
      },
    )
    this.#session = session
    this.status.set('orchestrator', { address, url: serviceUri })
    this.#log.info('an orchestrator is at work on a live AI stream', { serviceUri, model: modelId, stream: name })
    if (this.#params) await session.update(this.#params).catch(() => {})
    return session
  }

  /** What was paid counts against the day's money of whoever began the stream, which ends when that is spent. */
  #spent(feeWei: bigint): void {
    if (this.request.account?.paid(feeWei) ?? true) return
    const reason = 'the money that the key of its publisher may spend today is spent'
    this.status.failed(reason)
    this.#end(reason)
  }

  /** Keeps one in view that could take over at once: chosen, asked for its terms, its connection open. It is paid once it works. */
  async #findSpare({ offer: current }: LiveOffer): Promise<void> {
    const { signal } = this.#stop
    const except = new Set([current.entry.serviceUri])
    try {
      const spare = await this.#deps.market.choose(this.request, { except, signal })
      if (!signal.aborted) this.#spare = spare
    } catch (error) {
      if (!signal.aborted) this.#log.debug('nobody stands by for a live AI stream', { error: errorText(error) })
    }
  }
}

function nobody({ pipeline }: LiveAiRequest, last: unknown): MillraceError {
  const why = last === undefined ? '' : ` The last one asked said: ${errorText(last)}`
  return new MillraceError('ai_no_runner', `no orchestrators available for the live pipeline ${pipeline}.${why}`, {
    retryable: true,
  })
}
