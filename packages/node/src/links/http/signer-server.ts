import type { IncomingMessage, ServerResponse } from 'node:http'
import { errorText, type Log, MillraceError, type Part } from '@millrace/base'
import { encodeGoJson, HEADER, WireError } from '@millrace/wire'
import { type SignerCall, SignerError, type SignerLink } from '../signer-link.ts'
import { type Listening, listenPlain } from './listening.ts'
import { readBody } from './read-body.ts'
import {
  decodePaymentOrder,
  decodeSegmentOrder,
  encodeIdentity,
  encodeSignedPayment,
  SIGNER_PATH,
} from './signer-messages.ts'

/** An orchestrator's terms with hardware and prices of many models take some ten KB. */
const MAX_BODY_BYTES = 1 << 20
const BODY_TIMEOUT_MS = 10_000
/** Each waits for nothing but a webhook; more than these are told to come back. */
const MAX_UNDER_WAY = 128
const MAX_CAPS = 100

type Reply = { readonly status: number; readonly body: unknown; readonly headers?: Readonly<Record<string, string>> }

/** A signer behind HTTP, with go-livepeer's paths and statuses (wire spec 2.7) and /sign-segment beside them. */
export class SignerServer implements Part {
  readonly name = 'signer-server'
  readonly #at: { readonly host: string; readonly port: number }
  readonly #signer: SignerLink
  readonly #log: Log
  readonly #stopping = new AbortController()
  #underWay = 0
  #listening: Listening | undefined

  constructor(
    at: { readonly host: string; readonly port: number },
    deps: { readonly signer: SignerLink; readonly log: Log },
  ) {
    this.#at = at
    this.#signer = deps.signer
    this.#log = deps.log
  }

  get port(): number {
    return this.#listening?.port ?? this.#at.port
  }

  async start(): Promise<void> {
    this.#listening = await listenPlain((request, response) => void this.#serve(request, response), {
      ...this.#at,
      flag: '--http-addr (of `millrace up`: --port-offset)',
    })
  }

  async stop(): Promise<void> {
    this.#stopping.abort(new MillraceError('stopped', 'the signer stops'))
    await this.#listening?.close()
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.#underWay++
    const gone = new AbortController()
    response.once('close', () => gone.abort())
    let reply: Reply
    try {
      if (this.#underWay > MAX_UNDER_WAY)
        throw new SignerError('signer_busy', 503, 'too many requests at once', { retryable: true })
      reply = await this.#answer(request, AbortSignal.any([gone.signal, this.#stopping.signal]))
    } catch (error) {
      reply = this.#refusal(error)
    } finally {
      this.#underWay--
    }
    if (response.destroyed) return
    const text = encodeGoJson(reply.body)
    response.writeHead(reply.status, {
      'content-type': 'application/json',
      // A body that was not read to its end must not be taken for the next request.
      ...(!request.complete && { connection: 'close' }),
      ...reply.headers,
    })
    response.end(text)
    if (!request.complete) request.resume()
  }

  async #answer(request: IncomingMessage, signal: AbortSignal): Promise<Reply> {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost')
    const call: SignerCall = { signal, headers: goHeaders(request) }
    const { identity, payment, segment, discover } = SIGNER_PATH
    if (pathname === '/healthz') return { status: 200, body: { ok: true } }
    const method = pathname === discover ? 'GET' : 'POST'
    if (![identity, payment, segment, discover].some((path) => path === pathname))
      throw new SignerError('bad_order', 404, `there is ${identity}, ${payment}, ${segment} and ${discover}`)
    if (request.method !== method) throw new SignerError('bad_order', 405, `${pathname} takes ${method}`)
    if (pathname === discover) {
      const wanted = searchParams.getAll('caps').filter((text) => text !== '')
      if (wanted.length > MAX_CAPS) throw new SignerError('bad_order', 400, `at most ${MAX_CAPS} caps`)
      const found = await this.#signer.discover(wanted, call)
      // The score is what a list for -orchWebhookUrl has: all of them are trusted as much as this signer.
      return {
        status: 200,
        body: found.map(({ address, capabilities }) => ({
          address,
          score: 1,
          ...(capabilities.length > 0 && { capabilities }),
        })),
      }
    }
    const bytes = await readBody(request, { maxBytes: MAX_BODY_BYTES, timeoutMs: BODY_TIMEOUT_MS, signal })
    // go-livepeer's gateways send no body with this one.
    if (pathname === identity) return { status: 200, body: encodeIdentity(await this.#signer.identity(call)) }
    const body = parseJson(bytes)
    if (pathname === payment)
      return {
        status: 200,
        body: encodeSignedPayment(await this.#signer.generatePayment(decodePaymentOrder(body), call)),
      }
    return { status: 200, body: { segCreds: await this.#signer.signSegment(decodeSegmentOrder(body), call) } }
  }

  #refusal(error: unknown): Reply {
    const failure = error instanceof SignerError ? error : callerError(error)
    if (failure) {
      const { status, code, message, meta } = failure
      this.#log.info('a request was refused', { status, code, error: message })
      return {
        status,
        // go-livepeer tells the message alone; its gateways read nothing else.
        body: { error: { message, code, ...(meta.reason !== undefined && { reason: meta.reason }) } },
        ...(meta.serviceUri !== undefined && { headers: { [HEADER.orchestratorUri]: headerText(meta.serviceUri) } }),
      }
    }
    this.#log.warn('a request failed', { error: errorText(error) })
    return { status: 500, body: { error: { message: 'Internal Server Error' } } }
  }
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8'))
  } catch (cause) {
    throw new SignerError('bad_order', 400, 'the body is not JSON', { cause })
  }
}

/** What the caller sent, where that is what is wrong. */
function callerError(error: unknown): SignerError | undefined {
  if (error instanceof WireError) return new SignerError('bad_order', 400, error.message, { cause: error })
  if (!(error instanceof MillraceError) || !error.code.startsWith('body_')) return undefined
  return new SignerError('bad_order', error.code === 'body_too_large' ? 413 : 400, error.message, { cause: error })
}

/** The headers with the names as Go's servers spell them, since that is what an auth webhook reads. */
const goHeaders = (request: IncomingMessage): Readonly<Record<string, readonly string[]>> =>
  Object.fromEntries(
    Object.entries(request.headersDistinct)
      .filter(([name]) => name !== 'host')
      .map(([name, values]) => [name.replace(/(^|-)([a-z])/g, (letters) => letters.toUpperCase()), values ?? []]),
  )

/** What an orchestrator calls itself is a stranger's word: no byte of it may end the header. */
const headerText = (value: unknown): string => String(value).replace(/[^\x21-\x7e]/g, '')
