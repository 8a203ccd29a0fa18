import { floorRational, MillraceError, type Rational, rational } from '@millrace/base'
import { requirePublicAddress } from '@millrace/base/node'
import { feeOf, type GatewayBalances } from '@millrace/payments'
import { AI_WORKER_AUTHORIZATION, HEADER, manifestId, sessionId } from '@millrace/wire'
import { z } from 'zod'
import type { SecureClient } from '../../links/http/secure-fetch.ts'
import { outcomeOf, refusalOf } from '../ai/ai-purchase.ts'
import { NOT_PAID, pay } from '../pay.ts'
import type { PaymentSource } from '../payment-source.ts'
import { liveCredentials } from './live-ai-credentials.ts'
import type { LiveOffer } from './live-ai-market.ts'

/** What the pictures of a second cost, whatever their size and number is: 30 of 1280×720 (ai spec 8.6). */
export const PIXELS_A_SECOND = 30n * 1280n * 720n
/** Paid in advance, so that a payment that is late does not end the stream. */
export const FIRST_SECONDS = 60n
const ANSWER_MS = 5_000
const MAX_ANSWER_BYTES = 100_000

export type LiveAiJob = {
  readonly modelId: string
  readonly params: Readonly<Record<string, unknown>>
  readonly requestId: string
  readonly streamId: string
}

export type StartDeps = {
  /** Undefined off chain: nothing is signed and nothing paid. */
  readonly payer: PaymentSource | undefined
  readonly balances: GatewayBalances
  readonly http: Pick<SecureClient, 'fetch'>
  /** True where orchestrators may be on this machine or its network. */
  readonly allowPrivate: boolean
}

/** A job that an orchestrator has taken; the channels are named from the gateway's view. */
export type StartedLiveAi = {
  /** Its name at the orchestrator, under which it is paid. */
  readonly manifestId: string
  readonly publishUrl: string
  readonly subscribeUrl: string
  readonly controlUrl: string
  readonly eventsUrl: string | undefined
  readonly price: Rational | undefined
  readonly feeWei: bigint
  readonly tickets: number
}

const answerSchema = z.object({
  publish_url: z.string().min(1).max(2_000),
  subscribe_url: z.string().min(1).max(2_000),
  control_url: z.string().min(1).max(2_000),
  events_url: z.string().max(2_000).nullish(),
  manifest_id: z.string().max(200).nullish(),
})

/**
 * Asks an orchestrator to work on a live stream, and pays for its first minute.
 * Throws `ai_job_refused` with what it answered, `bad_live_answer`, `private_address`, or what stood in the way of paying.
 */
export async function startLiveAi(
  job: LiveAiJob,
  { info, offer, capabilities }: LiveOffer,
  deps: StartDeps,
  { signal }: { readonly signal: AbortSignal },
): Promise<StartedLiveAi> {
  const { payer, balances, http } = deps
  // Live jobs have an account each (ai spec 8.6): credit of another job would leave this one without its first payment.
  const account = `${LIVE_ACCOUNT}${job.requestId}`
  const paid = { info, sessionId: sessionId(account), manifestId: manifestId(account) }
  const feeAt = (price: Rational) => feeOf(PIXELS_A_SECOND * FIRST_SECONDS, price)
  const header = await liveCredentials(paid, capabilities, payer, { signal })
  const payment = payer ? await pay(payer, { paid, initialPrice: offer.price, feeAt, signal }, balances) : NOT_PAID
  const settle = (outcome: Parameters<GatewayBalances['settle']>[1]) =>
    payment.staged && balances.settle(payment.staged, outcome)
  let answer: Awaited<ReturnType<typeof http.fetch>>
  try {
    answer = await http.fetch(new URL('/live-video-to-video', info.serviceUri).href, {
      headers: {
        'content-type': 'application/json',
        authorization: AI_WORKER_AUTHORIZATION,
        [HEADER.segment]: header,
        ...(payment.header && { [HEADER.payment]: payment.header }),
      },
      body: Buffer.from(
        JSON.stringify({
          model_id: job.modelId,
          params: job.params,
          gateway_request_id: job.requestId,
          stream_id: job.streamId,
        }),
      ),
      headTimeoutMs: ANSWER_MS,
      timeoutMs: ANSWER_MS,
      maxBytes: MAX_ANSWER_BYTES,
      signal,
    })
    if (answer.status !== 200) throw refusalOf(answer)
  } catch (error) {
    settle(outcomeOf(error))
    throw error
  }
  const fee = payment.price ? feeAt(payment.price) : rational(0n)
  settle({ status: 'receivedChange', debit: fee })
  const channels = parsed(answer.body)
  const at = (url: string) => channelAt(url, info.serviceUri, deps.allowPrivate)
  return {
    manifestId: channels.manifest_id || account,
    publishUrl: await at(channels.publish_url),
    subscribeUrl: await at(channels.subscribe_url),
    controlUrl: await at(channels.control_url),
    eventsUrl: channels.events_url ? await at(channels.events_url) : undefined,
    price: payment.price,
    feeWei: floorRational(fee),
    tickets: payment.tickets,
  }
}

const LIVE_ACCOUNT = 'live-'

function parsed(body: Uint8Array): z.infer<typeof answerSchema> {
  try {
    return answerSchema.parse(JSON.parse(Buffer.from(body).toString('utf8')))
  } catch (cause) {
    throw new MillraceError(
      'bad_live_answer',
      'the orchestrator did not answer with channels: publish_url, subscribe_url and control_url are expected',
      { cause, retryable: true },
    )
  }
}

/** A channel at the orchestrator where its address names no host; another host must be one that strangers may send us to. */
async function channelAt(text: string, serviceUri: string, allowPrivate: boolean): Promise<string> {
  const url = URL.canParse(text, serviceUri) ? new URL(text, serviceUri) : undefined
  if (!url || (url.protocol !== 'https:' && url.protocol !== 'http:'))
    throw new MillraceError('bad_live_answer', 'a channel has an address that is none', { retryable: true })
  if (!allowPrivate && url.hostname !== new URL(serviceUri).hostname) await requirePublicAddress(url.href)
  return url.href.replace(/\/$/, '')
}
