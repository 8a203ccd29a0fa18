import { setTimeout as sleep } from 'node:timers/promises'
import type { AccountKey, ExternalAccount } from './account-key.ts'
import { AcmeError, problemText } from './acme-error.ts'
import { type AcmeAnswer, acmeRequest } from './acme-http.ts'

/** Let's Encrypt's directory, and the one to try things out with, whose certificates no browser trusts. */
export const LETS_ENCRYPT = 'https://acme-v02.api.letsencrypt.org/directory'
export const LETS_ENCRYPT_STAGING = 'https://acme-staging-v02.api.letsencrypt.org/directory'

const NONCE_ATTEMPTS = 5
const POLL_MS = 1_000
const MAX_POLL_MS = 15_000
const TOKEN = /^[\w-]{1,256}$/

export type AcmeClientOptions = {
  readonly directory: string
  readonly email?: string | undefined
  readonly externalAccount?: ExternalAccount | undefined
  /** How long an order may take, in milliseconds; two minutes when left out. */
  readonly withinMs?: number | undefined
  /** The first pause between two looks at an order, in milliseconds; each further one doubles. A second when left out. */
  readonly pollMs?: number | undefined
  /** PEM of the authorities to trust in place of this machine's. */
  readonly ca?: string | undefined
}

/** Puts what a challenge must answer where the authority looks for it; the result takes it away. */
export type OpenChallenge = (domain: string, token: string, answer: string) => () => void

type Call = { readonly signal?: AbortSignal | undefined }
type Directory = {
  readonly newNonce: string
  readonly newAccount: string
  readonly newOrder: string
  readonly renewalInfo?: string
  readonly meta?: { readonly externalAccountRequired?: boolean; readonly termsOfService?: string }
}
type Challenge = { readonly type: string; readonly url: string; readonly token: string; readonly error?: object }
type Authorization = {
  readonly status: string
  readonly identifier: { readonly value: string }
  readonly challenges: readonly Challenge[]
}
type Order = {
  readonly status: string
  readonly authorizations: readonly string[]
  readonly finalize: string
  readonly certificate?: string
  readonly error?: object
}

/** Speaks to one certificate authority as RFC 8555 says, for one account. */
export class AcmeClient {
  readonly #options: AcmeClientOptions
  readonly #key: AccountKey
  #directory: Directory | undefined
  #account: string | undefined
  #nonce: string | undefined

  constructor(options: AcmeClientOptions, key: AccountKey) {
    this.#options = options
    this.#key = key
  }

  /**
   * Orders a certificate for the names of the request and proves by http-01 that they lead here; resolves with its chain in PEM.
   * Throws `acme_unreachable`, `acme_refused`, `acme_rate_limited`, `acme_challenge_failed` or `acme_failed`.
   */
  async order(
    request: { readonly domains: readonly string[]; readonly csr: Uint8Array; readonly replaces?: string | undefined },
    open: OpenChallenge,
    { signal }: Call = {},
  ): Promise<string> {
    const deadline = Date.now() + (this.#options.withinMs ?? 120_000)
    const { newOrder } = await this.#open({ signal })
    const identifiers = request.domains.map((value) => ({ type: 'dns', value }))
    const { replaces } = request
    const made = await this.#post(newOrder, { identifiers, ...(replaces !== undefined && { replaces }) }, { signal })
    const orderUrl = linkOf(made, newOrder)
    const { authorizations, finalize } = parse<Order>(made)
    if (!Array.isArray(authorizations) || authorizations.length > 100 || typeof finalize !== 'string') throw broken()
    for (const url of authorizations) await this.#authorize(url, open, deadline, { signal })
    await this.#post(finalize, { csr: Buffer.from(request.csr).toString('base64url') }, { signal })
    const order = await this.#poll<Order>(orderUrl, ['valid', 'invalid'], deadline, { signal })
    if (order.status !== 'valid' || typeof order.certificate !== 'string')
      throw new AcmeError(
        'acme_refused',
        `the certificate was refused: ${problemText(JSON.stringify(order.error)).text}`,
      )
    const accept = 'application/pem-certificate-chain'
    return (await this.#post(order.certificate, undefined, { signal, accept })).text
  }

  /** When the authority wants a certificate renewed (RFC 9773); undefined where it does not say. */
  async renewalWindow(
    certificateId: string,
    { signal }: Call = {},
  ): Promise<{ readonly start: Date; readonly end: Date } | undefined> {
    const { renewalInfo } = await this.#find({ signal })
    if (typeof renewalInfo !== 'string') return undefined
    const { ca } = this.#options
    const answer = await acmeRequest(`${renewalInfo}/${certificateId}`, { method: 'GET', ca, signal })
    if (answer.status !== 200) return undefined
    const { suggestedWindow: { start, end } = {} } = parse<{ suggestedWindow?: { start?: string; end?: string } }>(
      answer,
    )
    const window = { start: new Date(start ?? ''), end: new Date(end ?? '') }
    return window.start.getTime() <= window.end.getTime() ? window : undefined
  }

  async #authorize(url: string, open: OpenChallenge, deadline: number, { signal }: Call): Promise<void> {
    const authorization = parse<Authorization>(await this.#post(url, undefined, { signal }))
    if (authorization.status === 'valid') return
    const domain = String(authorization.identifier?.value)
    const challenge = authorization.challenges?.find(({ type }) => type === 'http-01')
    if (challenge === undefined || !TOKEN.test(challenge.token))
      throw new AcmeError(
        'acme_refused',
        `the certificate authority offers no http-01 challenge for ${domain}, which is the only one answered here`,
      )
    const close = open(domain, challenge.token, `${challenge.token}.${this.#key.thumbprint}`)
    try {
      await this.#post(challenge.url, {}, { signal })
      const done = await this.#poll<Authorization>(url, ['valid', 'invalid'], deadline, { signal })
      if (done.status === 'valid') return
      const failed = done.challenges?.find(({ error }) => error !== undefined)
      const { text } = problemText(JSON.stringify(failed?.error ?? {}))
      throw new AcmeError('acme_challenge_failed', text || 'it did not say why', { retryable: true, meta: { domain } })
    } finally {
      close()
    }
  }

  async #find({ signal }: Call): Promise<Directory> {
    if (this.#directory) return this.#directory
    const { directory, ca } = this.#options
    const answer = await acmeRequest(directory, { method: 'GET', ca, signal })
    if (answer.status !== 200) throw refusal(answer)
    const found = parse<Directory>(answer)
    for (const name of ['newNonce', 'newAccount', 'newOrder'] as const)
      if (typeof found[name] !== 'string')
        throw new AcmeError('acme_failed', `${directory} is no directory of an ACME server: it has no ${name}`)
    this.#directory = found
    return found
  }

  /** The directory, once the account is known to the authority. */
  async #open({ signal }: Call): Promise<Directory> {
    const directory = await this.#find({ signal })
    if (this.#account !== undefined) return directory
    const { email, externalAccount } = this.#options
    if (directory.meta?.externalAccountRequired === true && externalAccount === undefined)
      throw new AcmeError(
        'acme_refused',
        'this certificate authority wants an account of its own first: name its key id and key with -acmeEab (millrace up: --acme-eab)',
      )
    const payload = {
      termsOfServiceAgreed: true,
      ...(email !== undefined && { contact: [`mailto:${email}`] }),
      ...(externalAccount && { externalAccountBinding: this.#key.bind(externalAccount, directory.newAccount) }),
    }
    this.#account = linkOf(await this.#post(directory.newAccount, payload, { signal }), directory.newAccount)
    return directory
  }

  async #poll<T extends { readonly status: string }>(
    url: string,
    until: readonly string[],
    deadline: number,
    { signal }: Call,
  ): Promise<T> {
    for (let pause = this.#options.pollMs ?? POLL_MS; ; pause = Math.min(MAX_POLL_MS, pause * 2)) {
      const answer = await this.#post(url, undefined, { signal })
      const state = parse<T>(answer)
      if (until.includes(state.status)) return state
      const wait = Math.min(MAX_POLL_MS, retryAfterMs(answer) ?? pause)
      if (Date.now() + wait > deadline)
        throw new AcmeError('acme_failed', 'the certificate authority does not come to an end', { retryable: true })
      await sleep(wait, undefined, { signal })
    }
  }

  /** A signed request; one whose nonce was too old is sent again with the one of the answer (RFC 8555, section 6.5). */
  async #post(
    url: string,
    payload: unknown,
    { signal, accept }: Call & { readonly accept?: string },
  ): Promise<AcmeAnswer> {
    const { ca } = this.#options
    for (let attempt = 1; ; attempt++) {
      const head = { url, nonce: await this.#takeNonce({ signal }), ...(this.#account && { account: this.#account }) }
      const body = JSON.stringify(this.#key.sign(head, payload))
      const answer = await acmeRequest(url, { method: 'POST', body, ca, signal, accept })
      this.#keepNonce(answer)
      if (answer.status < 300) return answer
      const isStale = problemText(answer.text).type === 'badNonce'
      if (!isStale || attempt >= NONCE_ATTEMPTS) throw refusal(answer)
    }
  }

  async #takeNonce({ signal }: Call): Promise<string> {
    if (this.#nonce === undefined) {
      const { newNonce } = await this.#find({ signal })
      this.#keepNonce(await acmeRequest(newNonce, { method: 'HEAD', ca: this.#options.ca, signal }))
    }
    const nonce = this.#nonce
    if (nonce === undefined) throw broken()
    this.#nonce = undefined
    return nonce
  }

  #keepNonce({ headers }: AcmeAnswer): void {
    const nonce = headers['replay-nonce']
    this.#nonce = typeof nonce === 'string' && TOKEN.test(nonce) ? nonce : undefined
  }
}

/** Seconds or a date. */
function retryAfterMs({ headers }: AcmeAnswer): number | undefined {
  const text = headers['retry-after']
  if (text === undefined) return undefined
  const ms = /^\d+$/.test(text) ? Number(text) * 1_000 : Date.parse(text) - Date.now()
  return Number.isFinite(ms) ? Math.max(0, ms) : undefined
}

function refusal(answer: AcmeAnswer): AcmeError {
  const { type, text } = problemText(answer.text)
  if (type === 'rateLimited' || answer.status === 429 || answer.status === 503)
    return new AcmeError('acme_rate_limited', `the certificate authority asks for patience: ${text}`, {
      retryable: true,
      meta: { retryAfterMs: retryAfterMs(answer) },
    })
  return new AcmeError('acme_refused', `the certificate authority refuses: ${text} (${type || answer.status})`, {
    meta: { type, status: answer.status },
  })
}

function linkOf({ headers: { location } }: AcmeAnswer, base: string): string {
  if (location === undefined) throw broken()
  return new URL(location, base).href
}

function parse<T>({ text }: AcmeAnswer): T {
  try {
    const value: unknown = JSON.parse(text)
    if (value !== null && typeof value === 'object') return value as T
  } catch {}
  throw broken()
}

const broken = (): AcmeError =>
  new AcmeError(
    'acme_failed',
    'the certificate authority does not answer as RFC 8555 says: check the directory’s address',
  )
