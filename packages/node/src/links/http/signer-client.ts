import { hasCode, MillraceError, withRetry } from '@millrace/base'
import type { SegData } from '@millrace/wire'
import {
  type DiscoveredOrchestrator,
  type PaymentOrder,
  SIGNER_STATUS,
  type SignedPayment,
  type SignerCall,
  SignerError,
  type SignerErrorCode,
  type SignerIdentity,
  type SignerLink,
  type SignerState,
} from '../signer-link.ts'
import { fetchJsonAnswer } from './fetch-json.ts'
import {
  decodeDiscovered,
  decodeIdentity,
  decodeSegmentAnswer,
  decodeSignedPayment,
  decodeSignerError,
  encodePaymentOrder,
  encodeSegmentOrder,
  SIGNER_PATH,
} from './signer-messages.ts'

const TIMEOUT_MS = 6_000
const MAX_BYTES = 1 << 20
/** One that is started anew is back in a second or two; what it was asked twice it signs twice alike. */
const ATTEMPTS = 5

/** A signer in another process, of Millrace or of go-livepeer, over HTTP. */
export class SignerClient implements SignerLink {
  readonly #url: string
  readonly #headers: Readonly<Record<string, string>>

  constructor(options: { readonly url: string; readonly headers?: Readonly<Record<string, string>> | undefined }) {
    this.#url = options.url
    this.#headers = options.headers ?? {}
  }

  async identity(call: SignerCall = {}): Promise<SignerIdentity> {
    return decodeIdentity(await this.#ask(SIGNER_PATH.identity, {}, call))
  }

  async generatePayment(order: PaymentOrder, call: SignerCall = {}): Promise<SignedPayment> {
    return decodeSignedPayment(await this.#ask(SIGNER_PATH.payment, encodePaymentOrder(order), call))
  }

  async signSegment(
    order: { readonly segment: Omit<SegData, 'signature'>; readonly state?: SignerState | undefined },
    call: SignerCall = {},
  ): Promise<string> {
    try {
      return decodeSegmentAnswer(await this.#ask(SIGNER_PATH.segment, encodeSegmentOrder(order), call))
    } catch (cause) {
      if (!(cause instanceof SignerError) || cause.status !== 404) throw cause
      throw new SignerError(
        'signs_no_segments',
        404,
        'the signer signs payments but no segments, which transcoding needs: use a signer of Millrace',
        { cause },
      )
    }
  }

  async discover(capabilities: readonly string[], call: SignerCall = {}): Promise<readonly DiscoveredOrchestrator[]> {
    const query = new URLSearchParams(capabilities.map((name): [string, string] => ['caps', name]))
    const path = capabilities.length > 0 ? `${SIGNER_PATH.discover}?${query}` : SIGNER_PATH.discover
    return decodeDiscovered(await this.#ask(path, undefined, call))
  }

  async #ask(path: string, body: unknown, { signal }: SignerCall): Promise<unknown> {
    const url = new URL(path, this.#url).href
    const options = { timeoutMs: TIMEOUT_MS, maxBytes: MAX_BYTES, headers: this.#headers, body, signal }
    const answer = await withRetry(() => fetchJsonAnswer(url, options), {
      attempts: ATTEMPTS,
      signal,
      retryable: (error) => hasCode(error, 'webhook_unreachable') && !isTimeout(error),
    }).catch((cause) => {
      if (signal?.aborted) throw signal.reason
      if (hasCode(cause, 'bad_webhook_answer') || hasCode(cause, 'body_too_large'))
        throw new SignerError('signer_refused', 502, 'the remote signer answered what cannot be read', { cause })
      // Its address may hold a secret, so it is not told.
      throw new SignerError('signer_unreachable', 503, 'the remote signer does not answer: see -remoteSignerUrl', {
        cause,
        retryable: true,
      })
    })
    if (answer.status === 200) return answer.json
    throw refusal(answer.status, answer.json)
  }
}

const isTimeout = (error: unknown): boolean =>
  error instanceof MillraceError && (error.cause as { name?: string } | undefined)?.name === 'TimeoutError'

function refusal(status: number, body: unknown): SignerError {
  const said = decodeSignerError(body)
  const message = `the remote signer answered ${status}: ${said?.message ?? 'without a reason'}`
  return new SignerError(codeOf(status, said?.code), status, message, {
    retryable: status === SIGNER_STATUS.refreshSession || status === 429 || status === 503,
    meta: { reason: said?.reason },
  })
}

/** go-livepeer's signer tells no code; its statuses say what matters. */
function codeOf(status: number, code: string | undefined): SignerErrorCode {
  if (status === SIGNER_STATUS.refreshSession) return 'refresh_session'
  if (status === SIGNER_STATUS.priceExceeded) return 'price_exceeded'
  if (status === SIGNER_STATUS.noTickets) return 'no_tickets'
  return TOLD.find((known) => known === code) ?? 'signer_refused'
}

const TOLD: readonly SignerErrorCode[] = [
  'bad_order',
  'bad_state',
  'bad_segment',
  'too_many_tickets',
  'spending_limit',
  'not_authorised',
  'auth_webhook_failed',
  'auth_id_changed',
  'cannot_pay',
  'no_discovery',
  'signer_busy',
]
