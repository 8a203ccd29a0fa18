import { randomBytes } from 'node:crypto'
import { ComputeError, unitsPerSecond } from '@millrace/ai'
import {
  type Clock,
  compareRational,
  errorText,
  hasCode,
  type Log,
  MillraceError,
  type Rational,
  rational,
} from '@millrace/base'
import { checksumAddress, type TellEvent } from '@millrace/wire'
import { z } from 'zod'
import type { SecureClient, SecureResponse } from '../../links/http/secure-fetch.ts'
import { RUNNER_HEADER } from '../../links/live-runner-links.ts'
import type { SpendAccount } from '../api-keys/spend-account.ts'
import { SpendMeter } from '../api-keys/spend-meter.ts'
import type { PaymentSource } from '../payment-source.ts'
import type { AppMarket, AppOffer } from './app-market.ts'
import { AppSession, type SessionOutcome } from './app-session.ts'
import { BUFFER_SECONDS, readChallenge, SessionPayments } from './session-payments.ts'

export type AppBuyerOptions = {
  readonly maxSessions?: number
  /** Default 5 minutes. */
  readonly idleMs?: number
  /** Default 5 s. */
  readonly payEveryMs?: number
}

export type AppBuyerDeps = {
  readonly market: Pick<AppMarket, 'offers'>
  readonly http: SecureClient
  /** Undefined off chain: nothing is paid. */
  readonly payer: PaymentSource | undefined
  /** The most for a unit of an app, in wei; undefined for any price. */
  readonly maxPrice: (app: string) => Rational | undefined
  readonly tell: TellEvent
  readonly clock: Clock
  readonly log: Log
  readonly random: () => number
}

export type OpenCall = {
  /** Who it is bought for, where the gateway keeps accounts. */
  readonly account?: Pick<SpendAccount, 'reserve'> | undefined
  readonly signal: AbortSignal
}

const ASK = { method: 'POST', headTimeoutMs: 10_000, timeoutMs: 10_000, maxBytes: 64 * 1024 } as const
/** Accounts of an app, and apps with accounts, that are kept for later. */
const MAX_KEPT = 20
const MAX_APPS = 1_000
const MAX_TRIES = 5
const Opened = z.object({
  session_id: z.string().min(1).max(200),
  app_url: z.string().max(2_000),
  control_url: z.string().max(2_000),
})

/** Opens sessions with apps at whoever offers them, cheap ones with room first, and pays for them. */
export class AppBuyer {
  readonly #options: Required<AppBuyerOptions>
  readonly #deps: AppBuyerDeps
  readonly #sessions = new Map<string, AppSession>()
  /** Accounts at orchestrators that no session uses at the moment, by the address of the app. */
  readonly #accounts = new Map<string, SessionPayments[]>()

  constructor(options: AppBuyerOptions, deps: AppBuyerDeps) {
    this.#options = { maxSessions: 100, idleMs: 300_000, payEveryMs: 5_000, ...options }
    this.#deps = deps
  }

  /** Undefined when there is none, or none any more. */
  session(id: string): AppSession | undefined {
    return this.#sessions.get(id)
  }

  /** A session of one's own with an app; of a single-shot app it is good for one request. Throws a ComputeError. */
  async open(app: string, call: OpenCall): Promise<AppSession> {
    const { log, tell } = this.#deps
    if (this.#sessions.size >= this.#options.maxSessions)
      throw new ComputeError('compute_no_capacity', `this gateway has ${this.#options.maxSessions} sessions with apps`)
    const offers = await this.#offers(app)
    let last: unknown
    for (const [i, offer] of offers.slice(0, MAX_TRIES).entries()) {
      call.signal.throwIfAborted()
      try {
        return await this.#openAt(offer, { ...call, attempts: i + 1 })
      } catch (error) {
        if (call.signal.aborted || hasCode(error, 'ai_spend_limit')) throw error
        last = error
        log.info('an orchestrator opened no session with an app', {
          ...{ app, serviceUri: offer.entry.serviceUri },
          error: errorText(error),
        })
      }
    }
    tell({ type: 'ai_job_failed', pipeline: 'live-runner', modelId: app, code: 'compute_no_capacity' })
    const text = `none of ${offers.length} orchestrators opened a session with ${app}; the last one: ${errorText(last)}`
    if (hasCode(last, 'peer_timeout')) throw new ComputeError('compute_timed_out', text, { cause: last })
    const unreachable = hasCode(last, 'peer_unreachable')
    const code = unreachable ? 'compute_unreachable' : 'compute_no_capacity'
    throw new ComputeError(code, text, { cause: last, retryable: true })
  }

  /** Ends all sessions. */
  async stop(): Promise<void> {
    await Promise.all([...this.#sessions.values()].map((session) => session.end('the gateway stops')))
  }

  async #offers(app: string): Promise<readonly AppOffer[]> {
    const { market, maxPrice, payer, random } = this.#deps
    const isMeant = (offer: AppOffer) => offer.app.app === app
    const known = (await market.offers()).filter((offer) => isMeant(offer) && offer.app.available > 0)
    // An app that was added a moment ago, or has room again, is found by asking anew.
    const all = known.length > 0 ? known : (await market.offers({ fresh: true })).filter(isMeant)
    if (all.length === 0)
      throw new ComputeError('compute_not_found', `no orchestrator offers the app ${app}: see /apps`)
    const open = all.filter(({ app: { available } }) => available > 0)
    if (open.length === 0)
      throw new ComputeError('compute_no_capacity', `everybody who has ${app} is busy`, { retryable: true })
    const most = maxPrice(app)
    const affordable = open.filter(({ app: { price } }) => {
      if (!price) return true
      return payer !== undefined && (!most || compareRational(rational(price.wei), most) <= 0)
    })
    if (affordable.length === 0)
      throw new ComputeError('compute_no_capacity', `everybody who has ${app} asks more than this gateway pays`)
    const cost = ({ app: { price } }: AppOffer) => Number(price?.wei ?? 0n)
    return affordable
      .map((offer) => ({ offer, at: random() }))
      .sort((a, b) => cost(a.offer) - cost(b.offer) || a.at - b.at)
      .map(({ offer }) => offer)
  }

  async #openAt(offer: AppOffer, call: OpenCall & { readonly attempts: number }): Promise<AppSession> {
    const { http } = this.#deps
    const { app } = offer
    const { signal } = call
    const { origin } = new URL(app.url)
    const meter = new SpendMeter(call.account, app.price ? aheadOf(app.price) : 0n)
    const kept = this.#takeAccount(offer)
    try {
      const payments = kept ?? (await this.#newAccount(offer, call))
      const headers = (await payments?.begin({ signal })) ?? {}
      if (app.mode === 'single-shot')
        return this.#begin(
          offer,
          { meter, attempts: call.attempts },
          {
            ...{ id: randomBytes(8).toString('hex'), appUrl: app.url, headers, payments },
            release: async () => {},
          },
        )
      const answer = await http.fetch(app.url, { ...ASK, headers: { ...headers, 'content-length': '0' }, signal })
      if (answer.status !== 200) throw refusal(answer)
      const opened = readOpened(answer, origin)
      return this.#begin(
        offer,
        { meter, attempts: call.attempts },
        {
          ...{ id: opened.session_id, appUrl: opened.app_url, headers: {}, payments },
          release: async () => {
            await http.fetch(`${opened.control_url}/stop`, { ...ASK, headers: { 'content-length': '0' } })
          },
        },
      )
    } catch (error) {
      meter.end(0n)
      // An orchestrator that began anew does not know the account: then it gets another one.
      if (!kept || signal.aborted) throw error
      return this.#openAt(offer, call)
    }
  }

  /** An account with the offer's orchestrator that no session uses. */
  #takeAccount({ app }: AppOffer): SessionPayments | undefined {
    const accounts = this.#accounts.get(app.url)
    for (let account = accounts?.pop(); account; account = accounts?.pop())
      if (account.isGood && app.price && compareRational(account.price, rational(app.price.wei)) <= 0) return account
    return undefined
  }

  #keepAccount({ app }: AppOffer, account: SessionPayments): void {
    const accounts = this.#accounts.get(app.url) ?? []
    this.#accounts.delete(app.url)
    this.#accounts.set(app.url, [...accounts.slice(-MAX_KEPT), account])
    const [oldest] = this.#accounts.keys()
    if (this.#accounts.size > MAX_APPS && oldest !== undefined) this.#accounts.delete(oldest)
  }

  /** Asks what must be paid; nothing of the client's goes with it. Undefined where nothing is. */
  async #newAccount(
    { app }: AppOffer,
    { signal }: { readonly signal: AbortSignal },
  ): Promise<SessionPayments | undefined> {
    const { payer, http, clock } = this.#deps
    if (!app.price || !payer) return undefined
    const headers = { [RUNNER_HEADER.payer]: checksumAddress(payer.address), 'content-length': '0' }
    const asked = await http.fetch(app.url, { ...ASK, headers, signal })
    if (asked.status !== 402) throw refusal(asked)
    const challenge = readChallenge(asked.body, new URL(app.url).origin)
    const agreed = rational(app.price.wei)
    return new SessionPayments({ challenge, unit: app.price.unit, agreed }, { payer, http, clock })
  }

  #begin(
    offer: AppOffer,
    { meter, attempts }: { readonly meter: SpendMeter; readonly attempts: number },
    given: {
      readonly id: string
      readonly appUrl: string
      readonly headers: Readonly<Record<string, string>>
      readonly payments: SessionPayments | undefined
      readonly release: () => Promise<void>
    },
  ): AppSession {
    const { tell, clock, log } = this.#deps
    const { idleMs, payEveryMs } = this.#options
    const { id, appUrl, headers, payments, release } = given
    const onEnd = (outcome: SessionOutcome) => {
      this.#sessions.delete(id)
      if (payments && outcome !== 'refused') this.#keepAccount(offer, payments)
    }
    const session = new AppSession(
      { id, offer, appUrl, headers, attempts, idleMs, payEveryMs },
      { payments, meter, release, tell, clock, log, onEnd },
    )
    this.#sessions.set(id, session)
    return session
  }
}

/** What is kept of the day's money of a key while a session goes on. */
const aheadOf = ({ wei, unit }: NonNullable<AppOffer['app']['price']>): bigint =>
  unit === 'fixed' ? wei : wei * unitsPerSecond(unit) * BigInt(BUFFER_SECONDS)

function readOpened(answer: SecureResponse, origin: string): z.output<typeof Opened> {
  try {
    const opened = Opened.parse(JSON.parse(Buffer.from(answer.body).toString('utf8')))
    if (new URL(opened.control_url).origin !== origin) throw new RangeError('it names another host')
    if (!/^https?:$/.test(new URL(opened.app_url).protocol)) throw new RangeError('it is no address')
    return opened
  } catch (cause) {
    throw new ComputeError('compute_bad_request', 'the orchestrator answered with a session that cannot be read', {
      cause,
    })
  }
}

function refusal({ status, body }: SecureResponse): MillraceError {
  const text = Buffer.from(body.subarray(0, 500)).toString('utf8').trim()
  return new MillraceError('ai_job_refused', `it answered ${status}: ${text}`, { retryable: true, meta: { status } })
}
