import { randomBytes } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { ComputeError, type JobParameters, type JobRequest, type JobToken, writeJobHeader } from '@millrace/ai'
import { type Clock, errorText, floorRational, hasCode, type Log, MillraceError } from '@millrace/base'
import { feeOf } from '@millrace/payments'
import { priceToRational, type TellEvent, ZERO_ADDRESS } from '@millrace/wire'
import { readBody } from '../../links/http/read-body.ts'
import type { SecureClient, SecureResponse } from '../../links/http/secure-fetch.ts'
import type { SpendAccount } from '../api-keys/spend-account.ts'
import { SpendMeter } from '../api-keys/spend-meter.ts'
import type { DirectoryEntry } from '../directory.ts'
import type { JobPayments } from './job-payments.ts'
import type { JobSigner } from './job-signer.ts'
import { openAnswer } from './open-answer.ts'
import type { FoundToken, SearchLimits, TokenSearch } from './token-search.ts'

export type ByocBuyerDeps = {
  readonly search: TokenSearch
  readonly payments: JobPayments
  readonly signer: JobSigner
  readonly http: SecureClient
  readonly tell: TellEvent
  readonly clock: Clock
  readonly log: Log
}

/** A request for a capability, as a client sent it. */
export type ByocCall = {
  readonly job: JobRequest
  readonly parameters: JobParameters
  /** Of the orchestrator, with what stands behind `?`. */
  readonly path: string
  readonly contentType: string | undefined
  readonly body: Uint8Array
  readonly limits: SearchLimits
  /** Who it is bought for, where the gateway keeps accounts. */
  readonly account?: Pick<SpendAccount, 'reserve'> | undefined
  /** Told when the account may spend no more on what goes on. */
  readonly onSpent?: ((error: unknown) => void) | undefined
  readonly signal: AbortSignal
}

/** An answer that may be handed to the client; `settle` must be called once it is read, or given up. */
export type ByocAnswer = {
  readonly answer: IncomingMessage
  readonly token: JobToken
  readonly entry: DirectoryEntry
  settle(done: boolean): void
}

/** Orchestrators close what takes too long themselves; they get this much more. */
const GRACE_MS = 5_000
const KEEP_PAID_MS = 50_000
const TOKEN_TIMEOUT_MS = 3_000
const MAX_REFUSAL_BYTES = 1_000_000
/** What is no orchestrator's fault, so that another one would not help. */
const OURS = ['compute_not_served', 'ai_spend_limit']
/** What an orchestrator answers whose account is empty, or whose ticket parameters are old: it is asked once more. */
const PAY_ANEW = /insufficient balance|could not parse payment|ticketparams expired|invalid recipientrand/i

/** Has orchestrators run jobs for capabilities: the next one where one fails, until somebody answered. */
export class ByocBuyer {
  readonly #deps: ByocBuyerDeps

  constructor(deps: ByocBuyerDeps) {
    this.#deps = deps
  }

  /** Those who have room for the capability at a price that is paid; throws a ComputeError when there are none. */
  async find({ job, parameters, limits, signal }: Omit<ByocCall, 'path' | 'body' | 'contentType'>) {
    const { search, payments } = this.#deps
    const found = await search.find(job.capability, parameters, { ...limits, signal })
    if (found.length === 0)
      throw new ComputeError('compute_bad_request', `No orchestrators found for capability ${job.capability}`)
    const affordable = found.filter(({ token }) => payments.accepts(job.capability, token))
    if (affordable.length === 0)
      throw new ComputeError(
        'compute_no_capacity',
        `everybody who has ${job.capability} asks more than this gateway pays, or forgot what it was paid`,
      )
    return affordable
  }

  /** The first answer below 500, from whomever; throws a ComputeError when nobody gives one. */
  async run(call: ByocCall): Promise<ByocAnswer> {
    const { log, tell } = this.#deps
    const { capability } = call.job
    const found = await this.find(call)
    let last: unknown
    let attempts = 0
    for (const one of found)
      for (let again = false; ; again = true) {
        call.signal.throwIfAborted()
        attempts++
        try {
          return await this.#try(one, call, { again, attempts })
        } catch (error) {
          if (call.signal.aborted || error instanceof JobRefusal || OURS.some((code) => hasCode(error, code)))
            throw error
          last = error
          log.info('an orchestrator did not do a job', {
            capability,
            serviceUri: one.token.serviceUri,
            error: errorText(error),
          })
          if (again || !PAY_ANEW.test(errorText(error))) break
        }
      }
    tell({ type: 'ai_job_failed', pipeline: 'byoc', modelId: capability, code: 'compute_unreachable' })
    throw givenUp(capability, found.length, last)
  }

  /** Pays so much into the account of a capability that it does not run dry; for streams and for what takes long. */
  async keepPaid({ entry }: Pick<FoundToken, 'entry'>, capability: string, id: string, signal: AbortSignal) {
    const { search, payments, signer, http } = this.#deps
    const token = await search.ask(entry, capability, { timeoutMs: TOKEN_TIMEOUT_MS, signal })
    const payment = await payments.pay(capability, token, { signal })
    payment.end(0)
    if (payment.header === undefined) return token
    const job = signer.sign({
      ...{ id, capability, sender: '', sig: '', parameters: '{}', timeoutSeconds: 70 },
      request: JSON.stringify({ stream_id: id }),
    })
    const answer = await http.fetch(`${token.serviceUri}/ai/stream/payment`, {
      method: 'POST',
      headers: { livepeer: writeJobHeader(job), 'livepeer-payment': payment.header, 'content-length': '0' },
      headTimeoutMs: 10_000,
      timeoutMs: 10_000,
      maxBytes: 10_000,
      signal,
    })
    if (answer.status !== 200)
      throw new MillraceError('ai_job_refused', `a payment was answered with ${answer.status}`, { retryable: true })
    return token
  }

  /** Tells an orchestrator something about a stream of its: `update` is paid for as a job is, `stop` costs nothing. */
  async command(
    entry: DirectoryEntry,
    order: {
      readonly job: JobRequest
      readonly what: 'update' | 'stop'
      readonly body: Uint8Array
      readonly contentType?: string | undefined
      readonly signal: AbortSignal
    },
  ): Promise<SecureResponse> {
    const { search, payments, signer, http } = this.#deps
    const { job, what, body, contentType = 'application/json', signal } = order
    const timeoutMs = job.timeoutSeconds * 1_000 + GRACE_MS
    const token = await search.ask(entry, job.capability, { timeoutMs: TOKEN_TIMEOUT_MS, signal })
    const payment = what === 'update' ? await payments.pay(job.capability, token, { signal }) : undefined
    payment?.end(0)
    return http.fetch(`${token.serviceUri}/ai/stream/${what}`, {
      method: 'POST',
      headers: {
        livepeer: writeJobHeader(signer.sign(job)),
        'content-type': contentType,
        ...(payment?.header !== undefined && { 'livepeer-payment': payment.header }),
        ...(body.length === 0 && { 'content-length': '0' }),
      },
      ...(body.length > 0 && { body }),
      ...{ headTimeoutMs: timeoutMs, timeoutMs, maxBytes: MAX_REFUSAL_BYTES, signal },
    })
  }

  async #try(
    found: FoundToken,
    call: ByocCall,
    { again, attempts }: { readonly again: boolean; readonly attempts: number },
  ): Promise<ByocAnswer> {
    const { search, payments, signer, http, clock, tell, log } = this.#deps
    const { job, signal } = call
    const { capability } = job
    const token = again
      ? await search.ask(found.entry, capability, { timeoutMs: TOKEN_TIMEOUT_MS, signal })
      : found.token
    const signed = signer.sign({ ...job, id: job.id || randomBytes(8).toString('hex') })
    const price = priceToRational(token.price)
    const costOf = (ms: number) => floorRational(feeOf(BigInt(Math.ceil(ms / 1_000)), price))
    const meter = new SpendMeter(call.account, costOf(job.timeoutSeconds * 1_000))
    const payment = await payments.pay(capability, token, { signal }).catch((error) => {
      meter.end(0n)
      throw error
    })
    const began = clock.elapsed()
    const paying = setInterval(() => {
      try {
        if (call.onSpent) meter.goOn(costOf(clock.elapsed() - began))
      } catch (error) {
        return call.onSpent?.(error)
      }
      this.keepPaid(found, capability, signed.id, signal).catch((error) =>
        log.info('a capability could not be paid for', { capability, error: errorText(error) }),
      )
    }, KEEP_PAID_MS)
    const settle = (done: boolean) => {
      clearInterval(paying)
      const tookMs = clock.elapsed() - began
      const units = BigInt(Math.ceil(tookMs / 1_000))
      payment.end(done ? tookMs / 1_000 : 0)
      meter.end(done ? costOf(tookMs) : 0n)
      if (!done) return
      tell({
        type: 'ai_job_bought',
        ...{ pipeline: 'byoc', modelId: capability, orchestratorUri: token.serviceUri },
        orchestrator: token.ticketParams?.recipient ?? ZERO_ADDRESS,
        units: units.toString(),
        feeWei: costOf(tookMs).toString(),
        ...{ tickets: payment.tickets, attempts, tookMs },
      })
    }
    try {
      const { answer } = await openAnswer(http, `${token.serviceUri}${call.path}`, {
        headers: {
          livepeer: writeJobHeader(signed),
          ...(call.contentType !== undefined && { 'content-type': call.contentType }),
          ...(payment.header !== undefined && { 'livepeer-payment': payment.header }),
        },
        body: call.body,
        headTimeoutMs: job.timeoutSeconds * 1_000 + GRACE_MS,
        signal,
      })
      const status = answer.statusCode ?? 500
      if (status < 500 && (status !== 400 || again)) {
        const late = setTimeout(() => answer.destroy(), job.timeoutSeconds * 1_000 + 2 * GRACE_MS)
        answer.once('close', () => clearTimeout(late))
        return { answer, token, entry: found.entry, settle }
      }
      const body = await bodyOf(answer, signal)
      const text = body.subarray(0, 2_000).toString('utf8').trim()
      if (status < 500 && !PAY_ANEW.test(text)) throw new JobRefusal(status, answer.headers['content-type'], body)
      throw new MillraceError('ai_job_refused', `it answered ${status}: ${text}`, {
        retryable: true,
        meta: { status },
      })
    } catch (error) {
      settle(false)
      throw error
    }
  }
}

/** What was answered to a job that nobody else will take either; it goes to the client as it is. */
export class JobRefusal extends MillraceError {
  readonly status: number
  readonly contentType: string
  readonly body: Uint8Array

  constructor(status: number, contentType = 'text/plain; charset=utf-8', body: Uint8Array) {
    super('ai_job_refused', `the orchestrator answered ${status}`, { meta: { status } })
    this.status = status
    this.contentType = contentType
    this.body = body
  }
}

async function bodyOf(answer: IncomingMessage, signal: AbortSignal): Promise<Buffer> {
  try {
    return Buffer.from(await readBody(answer, { maxBytes: MAX_REFUSAL_BYTES, timeoutMs: 5_000, signal }))
  } finally {
    answer.destroy()
  }
}

function givenUp(capability: string, tried: number, last: unknown): ComputeError {
  const why = errorText(last)
  const text = `none of ${tried} orchestrators did the job for ${capability}; the last one: ${why}`
  if (hasCode(last, 'compute_unpaid')) return new ComputeError('compute_no_capacity', text, { cause: last })
  const status = last instanceof MillraceError ? last.meta.status : undefined
  if (hasCode(last, 'peer_timeout') || status === 504)
    return new ComputeError('compute_timed_out', text, { cause: last, retryable: true })
  const busy = status === 503
  return new ComputeError(busy ? 'compute_no_capacity' : 'compute_unreachable', text, { cause: last, retryable: true })
}
