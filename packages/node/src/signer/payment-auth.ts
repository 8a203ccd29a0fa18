import { errorText, type Log, MillraceError, type Rational } from '@millrace/base'
import { z } from 'zod'
import { readDecimal } from '../links/decimal.ts'
import { fetchJson } from '../links/http/fetch-json.ts'
import { type BillingType, SignerError } from '../links/signer-link.ts'
import { ceilingOf } from './billing.ts'
import { type PaymentState, stateToJson } from './payment-state.ts'

const TIMEOUT_MS = 5_000
const MAX_BYTES = 64 * 1024

const nullable = <T extends z.ZodType>(type: T) => type.nullish().transform((value) => value ?? undefined)
const reply = z.object({
  status: z.number().int().min(100).max(999),
  reason: nullable(z.string().max(2_000)),
  expiry: nullable(z.number().int()),
  auth_id: nullable(z.string().max(1024)),
  maxPrice: nullable(
    z.object({
      price: z.union([z.number(), z.string().max(100)]),
      currency: nullable(z.string().max(100)),
      unit: nullable(z.string().max(100)),
    }),
  ),
})

/** What the operator's service says of a payment that may be made. */
export type Authorisation = {
  /** Seconds since 1970 until which it holds; 0 for this payment alone. */
  readonly expiryS: number
  readonly authId: string | undefined
  readonly maxPrice: Rational | undefined
}

/**
 * -remoteSignerWebhookUrl: is asked with `{headers, state}` before a payment, or a segment, is signed, and answers
 * `{status, reason, expiry, auth_id, maxPrice}` with 200. Any other status than 200 inside is what the caller gets.
 */
export class PaymentAuth {
  readonly #options: { readonly url: string; readonly headers?: Readonly<Record<string, string>> | undefined }
  readonly #log: Log

  constructor(
    options: { readonly url: string; readonly headers?: Readonly<Record<string, string>> | undefined },
    deps: { readonly log: Log },
  ) {
    this.#options = options
    this.#log = deps.log
  }

  /** Throws `not_authorised` with the status that the service chose, `auth_webhook_failed` where it gave none that can be used. */
  async ask(
    headers: Readonly<Record<string, readonly string[]>>,
    state: PaymentState | undefined,
    options: { readonly type: BillingType; readonly signal?: AbortSignal | undefined },
  ): Promise<Authorisation> {
    let answer: unknown
    try {
      answer = await fetchJson(this.#options.url, {
        timeoutMs: TIMEOUT_MS,
        maxBytes: MAX_BYTES,
        headers: this.#options.headers,
        body: { headers, ...(state && { state: stateToJson(state) }) },
        signal: options.signal,
      })
    } catch (cause) {
      // The address, and what is sent to it, may hold secrets: only what went wrong is told, and only to the operator.
      this.#log.warn('-remoteSignerWebhookUrl failed', { error: errorText(cause) })
      throw failed('failed to call remote signer webhook', cause)
    }
    const parsed = reply.safeParse(answer)
    if (!parsed.success) {
      this.#log.warn('-remoteSignerWebhookUrl gave an answer that cannot be used')
      throw failed('signer auth invalid response', parsed.error)
    }
    const { status, reason, expiry, auth_id, maxPrice } = parsed.data
    if (status !== 200)
      throw new SignerError(
        'not_authorised',
        status < 200 ? 500 : status,
        reason || `signer auth rejected request with status ${status}`,
      )
    return {
      expiryS: expiry !== undefined && expiry > 0 ? expiry : 0,
      authId: auth_id || undefined,
      maxPrice: maxPrice && this.#mostOf(maxPrice, options.type),
    }
  }

  #mostOf(
    {
      price,
      currency = '',
      unit = '',
    }: { price: string | number; currency?: string | undefined; unit?: string | undefined },
    type: BillingType,
  ): Rational | undefined {
    try {
      const value = readDecimal(String(price))
      if (!value) throw new MillraceError('bad_order', 'maxPrice.price must be a positive decimal')
      return ceilingOf({ price: value, currency, unit }, type)
    } catch (cause) {
      throw new SignerError('auth_webhook_failed', 502, `signer auth invalid maxPrice: ${errorText(cause)}`, { cause })
    }
  }
}

const failed = (text: string, cause: unknown): SignerError =>
  new SignerError('auth_webhook_failed', 500, text, { cause, retryable: true })
