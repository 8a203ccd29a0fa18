import { type IncomingMessage, request as plainRequest } from 'node:http'
import { request as secureRequest } from 'node:https'
import { errorText, MillraceError } from '@millrace/base'
import { AiError } from '../ai-error.ts'
import { failureOf } from './server-failure.ts'

export type ServerClientOptions = {
  /** Where the server is; paths are put behind it. */
  readonly url: string
  /** Sent as a bearer token. */
  readonly token?: string | undefined
  /** What errors call it, such as `the runner of text-to-image`: addresses of an operator's machines are none of a customer's business. */
  readonly what: string
}

export type ServerCall = {
  readonly signal: AbortSignal
  /** Bytes of the answer. */
  readonly maxBytes: number
  readonly headers?: Readonly<Record<string, string>>
}

export type ServerBody = { readonly type: string; readonly bytes: Uint8Array }

export type ServerAnswer = {
  readonly status: number
  /** The media type without parameters, in lower case. */
  readonly type: string
  /** Throws `ai_runner_failed` when it breaks off or is larger than it may be. */
  readonly body: AsyncIterable<Buffer>
  bytes(): Promise<Buffer>
  /** Throws `ai_runner_failed` when it is no JSON. */
  json(): Promise<unknown>
}

/** Characters that are worked on without a pause. */
const LARGE = 1_000_000
/** Longer texts of a server are cut. */
const MAX_FAILURE_BYTES = 64 * 1024

/** Speaks HTTP with a server that the operator named; waits as long as its callers' signals let it, because models take their time. */
export class ServerClient {
  readonly #base: string
  readonly #options: ServerClientOptions

  /** Throws `ai_models_invalid` when the address is none. */
  constructor(options: ServerClientOptions) {
    this.#options = options
    this.#base = serverAddress(options.url).href.replace(/\/+$/, '')
  }

  get(path: string, call: ServerCall): Promise<ServerAnswer> {
    return this.#send('GET', path, undefined, call)
  }

  post(path: string, body: ServerBody, call: ServerCall): Promise<ServerAnswer> {
    return this.#send('POST', path, body, call)
  }

  /** As `post`, and throws the AiError of any status but 2xx. */
  async ask(path: string, body: ServerBody | undefined, call: ServerCall): Promise<ServerAnswer> {
    const answer = await this.#send(body ? 'POST' : 'GET', path, body, call)
    if (answer.status >= 200 && answer.status < 300) return answer
    throw failureOf(answer.status, await this.#failureText(answer), this.#options.what)
  }

  async #failureText(answer: ServerAnswer): Promise<string> {
    const chunks: Buffer[] = []
    let length = 0
    try {
      for await (const chunk of answer.body) {
        chunks.push(chunk)
        length += chunk.length
        if (length >= MAX_FAILURE_BYTES) break
      }
    } catch {
      // The status says enough.
    }
    return Buffer.concat(chunks).subarray(0, MAX_FAILURE_BYTES).toString('utf8')
  }

  #send(method: string, path: string, body: ServerBody | undefined, call: ServerCall): Promise<ServerAnswer> {
    const { token } = this.#options
    const url = new URL(`${this.#base}${path}`)
    const headers = {
      ...(token && { authorization: `Bearer ${token}` }),
      ...(body && { 'content-type': body.type, 'content-length': String(body.bytes.length) }),
      ...call.headers,
    }
    return new Promise((resolve, reject) => {
      if (call.signal.aborted) return reject(givenUp(call.signal))
      const send = url.protocol === 'https:' ? secureRequest : plainRequest
      // Python's servers close idle connections after five seconds without a word: one that is kept might die under a job.
      const request = send(url, { method, headers, signal: call.signal, agent: false }, (answer) =>
        resolve(this.#answer(answer, call)),
      )
      request.once('error', (cause) => reject(call.signal.aborted ? givenUp(call.signal) : this.#unreachable(cause)))
      request.end(body?.bytes)
    })
  }

  #answer(answer: IncomingMessage, call: ServerCall): ServerAnswer {
    const body = this.#body(answer, call)
    const bytes = async () => {
      const chunks: Buffer[] = []
      for await (const chunk of body) chunks.push(chunk)
      return Buffer.concat(chunks)
    }
    return {
      status: answer.statusCode ?? 0,
      type: (answer.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? '',
      body,
      bytes,
      json: async () => {
        const text = (await bytes()).toString('utf8')
        await othersFirst(text.length)
        try {
          return JSON.parse(text)
        } catch (cause) {
          throw new AiError('ai_runner_failed', `${this.#options.what} answered something that is no JSON`, { cause })
        }
      },
    }
  }

  async *#body(answer: IncomingMessage, { signal, maxBytes }: ServerCall): AsyncGenerator<Buffer> {
    let length = 0
    try {
      for await (const chunk of answer) {
        length += (chunk as Buffer).length
        if (length > maxBytes)
          throw new AiError('ai_runner_failed', `${this.#options.what} answered more than ${maxBytes} bytes`)
        yield chunk as Buffer
      }
    } catch (cause) {
      if (cause instanceof AiError) throw cause
      throw signal.aborted ? givenUp(signal) : this.#unreachable(cause)
    } finally {
      answer.destroy()
    }
  }

  #unreachable(cause: unknown): AiError {
    const code = (cause as { code?: unknown } | undefined)?.code
    const reason = typeof code === 'string' ? code : errorText(cause)
    const text =
      reason === 'ECONNRESET'
        ? `${this.#options.what} broke off: it may have crashed`
        : `${this.#options.what} cannot be reached: ${reason}`
    return new AiError('ai_runner_failed', text, { cause, retryable: true })
  }
}

/** Lets everything else in this process go on before the next step of work on a large answer. */
export const othersFirst = (length: number): Promise<void> | undefined =>
  length < LARGE ? undefined : new Promise((resolve) => setImmediate(resolve))

/** What a job throws whose signal aborted: the reason where it is an AiError, else `ai_timed_out`. */
export function givenUp(signal: AbortSignal): AiError {
  const { reason } = signal
  if (reason instanceof AiError) return reason
  return new AiError('ai_timed_out', 'the job was given up before it was done', { cause: reason })
}

/** The address of a server; throws `ai_models_invalid` unless it is http or https. */
export function serverAddress(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return url
  throw new MillraceError(
    'ai_models_invalid',
    'the address of a runner must begin with http:// or https://, such as http://127.0.0.1:8000',
  )
}
