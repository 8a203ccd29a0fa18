import 'reflect-metadata'
import { createHash, createHmac, createPublicKey, randomBytes, verify, webcrypto } from 'node:crypto'
import { get } from 'node:http'
import { createServer, type Server } from 'node:https'
import * as x509 from '@peculiar/x509'
import { makeCertificate } from '../tls.ts'

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }

export type AcmeServerOptions = {
  /** The port that challenges are fetched from, on the loopback, whatever the name. */
  readonly challengePort: () => number
  /** Life of the certificates it signs, in milliseconds; a day when left out. */
  readonly lifeMs?: number
  /** An account that others must be bound to. */
  readonly externalAccount?: { readonly keyId: string; readonly key: string }
  /** How often a nonce is called stale that is not. */
  readonly staleNonces?: number
  /** Says the window of renewal of a certificate, in milliseconds since 1970. */
  readonly renewalWindow?: (id: string) => { readonly start: number; readonly end: number } | undefined
}

type Json = Record<string, unknown>
type Order = { status: string; names: string[]; authorization: string[]; certificate?: string; replaces?: string }
type Authorization = { status: string; name: string; token: string; error?: Json }

/**
 * A strict ACME server (RFC 8555): nonces count once, every signature, URL and content type is checked, http-01 is really fetched, requests for
 * certificates are checked and signed by an authority of its own.
 */
export class AcmeServer implements AsyncDisposable {
  readonly orders: Order[] = []
  readonly accounts = new Map<string, { readonly jwk: Json; readonly contact: unknown }>()
  /** Everything that was wrong with what came. */
  readonly refused: string[] = []
  /** When set, everybody is asked to come back later. */
  limited: { readonly retryAfterS: number } | undefined
  readonly #options: AcmeServerOptions
  readonly #nonces = new Set<string>()
  readonly #authorizations: Authorization[] = []
  readonly #certificates: string[] = []
  #stale: number
  #authority!: { readonly keys: webcrypto.CryptoKeyPair; readonly certificate: x509.X509Certificate }
  #server!: Server
  #ca = ''
  #url = ''

  private constructor(options: AcmeServerOptions) {
    this.#options = options
    this.#stale = options.staleNonces ?? 0
  }

  static async start(options: AcmeServerOptions): Promise<AcmeServer> {
    const server = new AcmeServer(options)
    await server.#start()
    return server
  }

  get directory(): string {
    return `${this.#url}/directory`
  }

  /** The certificate of the server itself, for those who ask it. */
  get ca(): string {
    return this.#ca
  }

  /** The authority that signs, for those who check what it signed. */
  get authority(): string {
    return this.#authority.certificate.toString('pem')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  async #start(): Promise<void> {
    x509.cryptoProvider.set(webcrypto as never)
    const keys = (await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])) as webcrypto.CryptoKeyPair
    const certificate = await x509.X509CertificateGenerator.createSelfSigned({
      name: 'CN=An authority for tests',
      notAfter: new Date(Date.now() + 86_400_000),
      keys: keys as never,
      signingAlgorithm: ALGORITHM,
      extensions: [
        new x509.BasicConstraintsExtension(true, undefined, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign, true),
        await x509.SubjectKeyIdentifierExtension.create(keys.publicKey as never),
      ],
    })
    this.#authority = { keys, certificate }
    const own = await makeCertificate('127.0.0.1')
    this.#ca = own.cert
    this.#server = createServer(own, async (request, response) => {
      let body = ''
      for await (const chunk of request) body += chunk
      response.setHeader('replay-nonce', this.#nonce())
      const answer = await this.#answer(request.method ?? '', request.url ?? '', request.headers, body).catch(
        (error) => {
          const problem = error instanceof Problem ? error : new Problem(500, 'serverInternal', String(error))
          this.refused.push(`${problem.type}: ${problem.message}`)
          const headers = problem.retryAfter === undefined ? {} : { 'retry-after': String(problem.retryAfter) }
          return { status: problem.status, headers, body: problem.json }
        },
      )
      response.writeHead(answer.status, { 'content-type': 'application/json', ...answer.headers })
      response.end(typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body))
    })
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve))
    this.#url = `https://127.0.0.1:${(this.#server.address() as { port: number }).port}`
  }

  #nonce(): string {
    const nonce = randomBytes(12).toString('base64url')
    this.#nonces.add(nonce)
    return nonce
  }

  async #answer(
    method: string,
    path: string,
    headers: Record<string, string | string[] | undefined>,
    body: string,
  ): Promise<{ readonly status: number; readonly headers?: Record<string, string>; readonly body: unknown }> {
    const { externalAccount, renewalWindow } = this.#options
    // RFC 8555, section 6.1.
    if (headers['user-agent'] === undefined) throw new Problem(400, 'malformed', 'User-Agent is missing')
    if (path === '/directory' && method === 'GET')
      return {
        status: 200,
        body: {
          ...Object.fromEntries(['newNonce', 'newAccount', 'newOrder'].map((name) => [name, `${this.#url}/${name}`])),
          ...(renewalWindow && { renewalInfo: `${this.#url}/renewal` }),
          meta: { externalAccountRequired: externalAccount !== undefined },
        },
      }
    if (path === '/newNonce' && method === 'HEAD') return { status: 200, body: '' }
    const renewal = /^\/renewal\/([\w-]+\.[\w-]+)$/.exec(path)?.[1]
    if (renewal !== undefined && method === 'GET') {
      const window = renewalWindow?.(renewal)
      if (!window) throw new Problem(404, 'malformed', 'no such certificate')
      const [start, end] = [new Date(window.start).toISOString(), new Date(window.end).toISOString()]
      return { status: 200, body: { suggestedWindow: { start, end } } }
    }
    if (method !== 'POST') throw new Problem(405, 'malformed', 'POST is expected')
    if (headers['content-type'] !== 'application/jose+json')
      throw new Problem(415, 'malformed', 'application/jose+json')
    if (this.limited) throw new Problem(429, 'rateLimited', 'too many orders', this.limited.retryAfterS)
    const { payload, account, jwk } = this.#verified(`${this.#url}${path}`, body)
    if (path === '/newAccount') return this.#newAccount(jwk, payload)
    if (account === undefined) throw new Problem(401, 'malformed', 'kid is expected')
    const [, kind = '', id = ''] = /^\/(order|authz|chall|finalize|cert)\/(\d+)$/.exec(path) ?? []
    const n = Number(id)
    const wanted = payload === undefined
    if (path === '/newOrder') return this.#newOrder(payload)
    if (kind === 'order' && wanted && this.orders[n]) return { status: 200, body: this.#shown(n) }
    if (kind === 'authz' && wanted) return { status: 200, body: this.#authorization(n) }
    if (kind === 'chall' && !wanted) {
      const authorization = this.#authorizations[n] as Authorization
      authorization.status = 'processing'
      void this.#validate(authorization, thumbprintOf(jwk))
      return { status: 200, body: { type: 'http-01', status: 'processing', token: authorization.token } }
    }
    if (kind === 'finalize') return { status: 200, body: await this.#finalize(n, payload as Json) }
    if (kind === 'cert' && wanted) return { status: 200, body: this.#certificates[n] }
    throw new Problem(404, 'malformed', `there is no ${path}`)
  }

  #verified(url: string, body: string): { payload: Json | undefined; account: string | undefined; jwk: Json } {
    const message = JSON.parse(body) as { protected: string; payload: string; signature: string }
    const head = JSON.parse(Buffer.from(message.protected, 'base64url').toString()) as Json
    if (head.alg !== 'ES256') throw new Problem(400, 'badSignatureAlgorithm', 'ES256 is expected')
    if (head.url !== url) throw new Problem(401, 'unauthorized', 'the message is for another address')
    if (!this.#nonces.delete(String(head.nonce)) || this.#stale-- > 0) throw new Problem(400, 'badNonce', 'stale nonce')
    if ((head.jwk === undefined) === (head.kid === undefined)) throw new Problem(400, 'malformed', 'one of jwk and kid')
    const account = head.kid === undefined ? undefined : String(head.kid)
    const jwk = (head.jwk ?? this.accounts.get(account as string)?.jwk) as Json | undefined
    if (!jwk) throw new Problem(400, 'accountDoesNotExist', 'no such account')
    const key = createPublicKey({ key: jwk as never, format: 'jwk' })
    const signed = Buffer.from(`${message.protected}.${message.payload}`)
    const signature = Buffer.from(message.signature, 'base64url')
    if (!verify('sha256', signed, { key, dsaEncoding: 'ieee-p1363' }, signature))
      throw new Problem(400, 'malformed', 'the signature is wrong')
    const text = Buffer.from(message.payload, 'base64url').toString()
    return { payload: text === '' ? undefined : (JSON.parse(text) as Json), account, jwk }
  }

  #newAccount(jwk: Json, payload: Json | undefined) {
    if (payload?.termsOfServiceAgreed !== true) throw new Problem(403, 'userActionRequired', 'terms of service')
    const { externalAccount } = this.#options
    if (externalAccount) {
      const binding = payload.externalAccountBinding as
        | { protected: string; payload: string; signature: string }
        | undefined
      if (!binding) throw new Problem(403, 'externalAccountRequired', 'an external account is required')
      const head = JSON.parse(Buffer.from(binding.protected, 'base64url').toString()) as Json
      const mac = createHmac('sha256', Buffer.from(externalAccount.key, 'base64url'))
      const expected = mac.update(`${binding.protected}.${binding.payload}`).digest('base64url')
      const bound = Buffer.from(binding.payload, 'base64url').toString()
      if (head.alg !== 'HS256' || head.kid !== externalAccount.keyId || head.url !== `${this.#url}/newAccount`)
        throw new Problem(403, 'unauthorized', 'the binding is for something else')
      if (binding.signature !== expected || thumbprintOf(JSON.parse(bound)) !== thumbprintOf(jwk))
        throw new Problem(403, 'unauthorized', 'the binding is wrong')
    }
    const location = `${this.#url}/account/${thumbprintOf(jwk)}`
    const known = this.accounts.has(location)
    this.accounts.set(location, { jwk, contact: payload.contact })
    return { status: known ? 200 : 201, headers: { location }, body: { status: 'valid' } }
  }

  #newOrder(payload: Json | undefined) {
    const identifiers = (payload?.identifiers ?? []) as { type: string; value: string }[]
    if (identifiers.length === 0 || identifiers.some(({ type }) => type !== 'dns'))
      throw new Problem(400, 'unsupportedIdentifier', 'names are expected')
    const names = identifiers.map(({ value }) => value)
    const authorization = names.map((name) => {
      this.#authorizations.push({ status: 'pending', name, token: randomBytes(16).toString('base64url') })
      return `${this.#url}/authz/${this.#authorizations.length - 1}`
    })
    const replaces = payload?.replaces as string | undefined
    this.orders.push({ status: 'pending', names, authorization, ...(replaces !== undefined && { replaces }) })
    const n = this.orders.length - 1
    return { status: 201, headers: { location: `${this.#url}/order/${n}` }, body: this.#shown(n) }
  }

  #shown(n: number): Json {
    const order = this.orders[n] as Order
    const states = order.authorization.map((url) => this.#authorizations[Number(url.split('/').at(-1))]?.status)
    if (order.status === 'pending' && states.every((state) => state === 'valid')) order.status = 'ready'
    if (states.includes('invalid')) order.status = 'invalid'
    const { status, authorization, certificate, names } = order
    return {
      status,
      identifiers: names.map((value) => ({ type: 'dns', value })),
      authorizations: authorization,
      finalize: `${this.#url}/finalize/${n}`,
      ...(certificate && { certificate }),
    }
  }

  #authorization(n: number): Json {
    const { status, name, token, error } = this.#authorizations[n] as Authorization
    const challenge = { type: 'http-01', url: `${this.#url}/chall/${n}`, token, ...(error && { error }) }
    return {
      status: status === 'processing' ? 'pending' : status,
      identifier: { type: 'dns', value: name },
      challenges: [{ type: 'dns-01', url: `${this.#url}/chall/dns`, token: 'dns-token' }, challenge],
    }
  }

  async #validate(authorization: Authorization, thumbprint: string): Promise<void> {
    const expected = `${authorization.token}.${thumbprint}`
    const found = await this.#fetched(authorization).catch((error) => `(${error.message})`)
    if (found === expected) authorization.status = 'valid'
    else {
      authorization.error = {
        type: 'urn:ietf:params:acme:error:connection',
        detail: `expected the key, found ${found}`,
      }
      authorization.status = 'invalid'
    }
  }

  #fetched({ name, token }: Authorization): Promise<string> {
    const path = `/.well-known/acme-challenge/${token}`
    const at = { host: '127.0.0.1', port: this.#options.challengePort(), path, headers: { host: name }, agent: false }
    return new Promise((resolve, reject) => {
      get(at, (response) => {
        let body = ''
        response.on('data', (chunk) => {
          body += chunk
        })
        response.on('end', () => resolve(response.statusCode === 200 ? body : `status ${response.statusCode}`))
      }).on('error', reject)
    })
  }

  async #finalize(n: number, payload: Json): Promise<Json> {
    const order = this.orders[n] as Order
    if (this.#shown(n).status !== 'ready') throw new Problem(403, 'orderNotReady', `the order is ${order.status}`)
    const csr = new x509.Pkcs10CertificateRequest(Buffer.from(String(payload.csr), 'base64url'))
    if (!(await csr.verify())) throw new Problem(400, 'badCSR', 'the signature of the request is wrong')
    const extension = csr.extensions.find((one) => one instanceof x509.SubjectAlternativeNameExtension)
    const names = (extension as x509.SubjectAlternativeNameExtension | undefined)?.names.toJSON() ?? []
    const asked = names.map(({ type, value }) => `${type}:${value}`).sort()
    if (
      asked.join() !==
      order.names
        .map((name) => `dns:${name}`)
        .sort()
        .join()
    )
      throw new Problem(400, 'badCSR', `the request has other names: ${asked.join()}`)
    const { keys, certificate: authority } = this.#authority
    const certificate = await x509.X509CertificateGenerator.create({
      // A first byte above 0x7f shows who reads numbers of DER.
      serialNumber: `ff${randomBytes(15).toString('hex')}`,
      subject: '',
      issuer: authority.subject,
      notBefore: new Date(Date.now() - 1_000),
      notAfter: new Date(Date.now() + (this.#options.lifeMs ?? 86_400_000)),
      publicKey: csr.publicKey,
      signingKey: keys.privateKey as never,
      signingAlgorithm: ALGORITHM,
      extensions: [
        new x509.SubjectAlternativeNameExtension(order.names.map((value) => ({ type: 'dns', value }))),
        await x509.AuthorityKeyIdentifierExtension.create(keys.publicKey as never),
      ],
    })
    this.#certificates.push(`${certificate.toString('pem')}\n${this.authority}\n`)
    order.status = 'valid'
    order.certificate = `${this.#url}/cert/${this.#certificates.length - 1}`
    return this.#shown(n)
  }
}

const thumbprintOf = ({ crv, kty, x, y }: Json): string =>
  createHash('sha256').update(JSON.stringify({ crv, kty, x, y })).digest('base64url')

class Problem extends Error {
  readonly status: number
  readonly type: string
  readonly retryAfter: number | undefined
  constructor(status: number, type: string, detail: string, retryAfter?: number) {
    super(detail)
    this.status = status
    this.type = type
    this.retryAfter = retryAfter
  }
  get json(): Json {
    return { type: `urn:ietf:params:acme:error:${this.type}`, detail: this.message }
  }
}
