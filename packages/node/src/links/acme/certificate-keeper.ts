import { createHash, X509Certificate } from 'node:crypto'
import { lookup } from 'node:dns/promises'
import { chmod, mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createSecureContext } from 'node:tls'
import { type Clock, errorText, hasCode, type Log, MillraceError, type Part, systemClock } from '@millrace/base'
import { diskError, writeFileAtomic } from '@millrace/base/node'
import type { CertificateFiles } from '../http/certificate-files.ts'
import { makeCertificate } from '../tls.ts'
import { AccountKey } from './account-key.ts'
import { AcmeClient, type AcmeClientOptions } from './acme-client.ts'
import { AcmeError } from './acme-error.ts'
import { ChallengeDoor, type ChallengeDoorOptions } from './challenge-door.ts'
import { makeCsr } from './csr.ts'
import { lifeOf } from './renewal.ts'

/** How often an authority is asked whether it wants a certificate renewed early. */
const LOOK_EVERY_MS = 6 * 3600_000
const FIRST_PAUSE_MS = 60_000
const MAX_PAUSE_MS = 6 * 3600_000

export type CertificateKeeperOptions = AcmeClientOptions & {
  /** The names that the certificate is for. */
  readonly domains: readonly string[]
  /** Where account and certificate are kept, one folder for each authority. */
  readonly folder: string
  readonly door: Omit<ChallengeDoorOptions, 'domains'>
  /** The first pause after a failure; each further one doubles. A minute when left out. */
  readonly pauseMs?: number
  /** How often the authority is asked for the time of renewal; six hours when left out. */
  readonly lookEveryMs?: number
}

export type CertificateKeeperDeps = {
  readonly log: Log
  /** Told of a failure that leaves the names without a good certificate, or lets the one in use grow old. */
  readonly warn?: (error: MillraceError) => void
  readonly clock?: Clock
  readonly random?: () => number
}

/**
 * Keeps a certificate of an ACME authority in a file, which the doors follow, and renews it in time.
 * Until there is one, a self-made certificate stands in, so that nothing waits for an authority that does not answer.
 */
export class CertificateKeeper implements Part {
  readonly name = 'certificate'
  readonly #options: CertificateKeeperOptions
  readonly #deps: CertificateKeeperDeps
  readonly #clock: Clock
  readonly #door: ChallengeDoor
  readonly #folder: string
  readonly #random: () => number
  /** All certificates of an authority renewed at the same moment would be too many: each keeper has its own place in a window. */
  readonly #share: number
  readonly #stopping = new AbortController()
  #orderedAt = Number.NEGATIVE_INFINITY
  #client: AcmeClient | undefined
  #running: Promise<void> = Promise.resolve()
  #problem: MillraceError | undefined
  #endsAt: number | undefined
  #settled: () => void = () => {}
  /** Resolves when there is a good certificate, or the first try for one has failed. */
  readonly settled = new Promise<void>((resolve) => {
    this.#settled = resolve
  })

  constructor(options: CertificateKeeperOptions, deps: CertificateKeeperDeps) {
    this.#options = options
    this.#deps = deps
    this.#clock = deps.clock ?? systemClock
    this.#random = deps.random ?? Math.random
    this.#share = this.#random()
    this.#door = new ChallengeDoor({ ...options.door, domains: options.domains })
    const { host } = new URL(options.directory)
    const mark = createHash('sha256').update(options.directory).digest('hex').slice(0, 8)
    this.#folder = join(options.folder, `${host.replace(/[^\w.-]/g, '_')}-${mark}`)
  }

  /** Key and certificate stand in one file, so that they change at once. */
  get files(): CertificateFiles {
    const file = join(this.#folder, 'certificate.pem')
    return { certFile: file, keyFile: file }
  }

  /** Why there is no new certificate; undefined when the last try went well. */
  get problem(): MillraceError | undefined {
    return this.#problem
  }

  /** When the certificate in use ends, in milliseconds since 1970; undefined while a self-made one stands in. */
  get endsAt(): number | undefined {
    return this.#endsAt
  }

  get doorPort(): number {
    return this.#door.port
  }

  /** Throws `port_in_use`, `cannot_listen` or a disk error; what an authority says does not stop the start. */
  async start(): Promise<void> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 }).catch((cause) => {
      throw diskError(cause, this.#folder)
    })
    await chmod(this.#folder, 0o700)
    this.#client = new AcmeClient(this.#options, await this.#accountKey())
    if ((await this.#life()) === undefined && !(await this.#isUsable())) await this.#standIn()
    await this.#door.start()
    this.#running = this.#run()
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    this.#settled()
    await this.#running
    await this.#door.stop()
  }

  get #pauseMs(): number {
    return this.#options.pauseMs ?? FIRST_PAUSE_MS
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping
    let failures = 0
    while (!signal.aborted) {
      try {
        // An authority that wants each new certificate renewed at once is not followed into a circle.
        const waitMs = Math.max(await this.#dueAt(), this.#orderedAt + this.#pauseMs) - this.#clock.now()
        if (waitMs > 0) {
          this.#settled()
          await this.#clock.sleep(Math.min(waitMs, this.#options.lookEveryMs ?? LOOK_EVERY_MS), { signal })
          continue
        }
        await this.#obtain()
        this.#orderedAt = this.#clock.now()
        failures = 0
        this.#problem = undefined
      } catch (error) {
        if (signal.aborted) return
        await this.#failed(error, ++failures)
      }
    }
  }

  async #failed(error: unknown, failures: number): Promise<void> {
    const problem = await this.#explained(error)
    this.#problem = problem
    const wanted = Number(problem.meta.retryAfterMs ?? 0)
    const pause = Math.min(MAX_PAUSE_MS, this.#pauseMs * 2 ** Math.min(failures - 1, 20))
    const waitMs = Math.max(wanted, pause * (0.8 + this.#random() * 0.4))
    this.#deps.log.error('there is no new certificate', {
      domains: this.#options.domains.join(','),
      error: problem.message,
      code: problem.code,
      nextTryInS: Math.round(waitMs / 1_000),
    })
    this.#deps.warn?.(problem)
    this.#settled()
    await this.#clock.sleep(waitMs, { signal: this.#stopping.signal }).catch(() => {})
  }

  /** When the next certificate should be ordered: at once, when its authority says, or after two thirds of its life. */
  async #dueAt(): Promise<number> {
    const life = await this.#life()
    this.#endsAt = life?.endsAt
    if (!life) return 0
    if (life.id === undefined) return life.renewAt
    const window = await this.#client
      ?.renewalWindow(life.id, { signal: this.#stopping.signal })
      .catch((error) => void this.#deps.log.debug('no time of renewal is told', { error: errorText(error) }))
    if (!window) return life.renewAt
    const [start, end] = [window.start.getTime(), Math.min(window.end.getTime(), life.endsAt)]
    return start + this.#share * Math.max(0, end - start)
  }

  async #obtain(): Promise<void> {
    const { domains } = this.#options
    const { signal } = this.#stopping
    const { keyPem, csr } = await makeCsr(domains)
    const replaces = (await this.#life())?.id
    const client = this.#client as AcmeClient
    const order = (previous: string | undefined) =>
      client.order({ domains, csr, replaces: previous }, (_domain, token, answer) => this.#door.open(token, answer), {
        signal,
      })
    const chain = await order(replaces).catch((error) => {
      // An authority may have forgotten the certificate before; the new one is needed all the same.
      if (replaces === undefined || !hasCode(error, 'acme_refused')) throw error
      return order(undefined)
    })
    this.#check(chain, keyPem)
    await writeFileAtomic(this.files.certFile, `${keyPem}${chain}`, { mode: 0o600 })
    const { validTo } = new X509Certificate(chain)
    this.#deps.log.info('there is a new certificate', { domains: domains.join(','), validTo })
  }

  #check(chain: string, key: string): void {
    try {
      createSecureContext({ cert: chain, key })
    } catch (cause) {
      throw new AcmeError('acme_failed', 'the certificate that came does not belong to the key', { cause })
    }
    if (lifeOf(chain, this.#options.domains, this.#clock.now()) === undefined)
      throw new AcmeError('acme_failed', 'the certificate that came lacks a name that was asked for, or is over')
  }

  /** Says of a failed challenge where the name leads, since most fail by that. */
  async #explained(error: unknown): Promise<MillraceError> {
    if (!(error instanceof MillraceError)) return new AcmeError('acme_failed', errorText(error), { cause: error })
    if (error.code !== 'acme_challenge_failed') return error
    const domain = String(error.meta.domain)
    const found = await lookup(domain, { all: true }).catch(() => [])
    const where = [...new Set(found.map(({ address }) => address))].join(', ')
    const leads =
      where === ''
        ? `${domain} leads nowhere: set its A or AAAA record to the public address of this machine`
        : `${domain} leads to ${where}: that must be this machine, or a router that forwards port 80 to its port ${this.#door.port}`
    return new AcmeError(
      'acme_challenge_failed',
      `the certificate authority could not see this machine under ${domain}: ${error.message}. ${leads}; open port 80 in the firewall`,
      { cause: error, retryable: true, meta: error.meta },
    )
  }

  async #life() {
    const pem = await readFile(this.files.certFile, 'utf8').catch(() => '')
    return lifeOf(pem, this.#options.domains, this.#clock.now())
  }

  async #isUsable(): Promise<boolean> {
    try {
      const pem = await readFile(this.files.certFile, 'utf8')
      createSecureContext({ cert: pem, key: pem })
      return true
    } catch {
      return false
    }
  }

  async #standIn(): Promise<void> {
    const { cert, key } = await makeCertificate(this.#options.domains[0] ?? 'localhost')
    await writeFileAtomic(this.files.certFile, `${key}${cert}`, { mode: 0o600 })
  }

  async #accountKey(): Promise<AccountKey> {
    const file = join(this.#folder, 'account.pem')
    let pem: string
    try {
      pem = await readFile(file, 'utf8')
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code !== 'ENOENT') throw diskError(cause, file)
      const key = AccountKey.make()
      await writeFileAtomic(file, key.toPem(), { mode: 0o600 })
      return key
    }
    try {
      return AccountKey.fromPem(pem)
    } catch (cause) {
      throw new MillraceError(
        'bad_config',
        `${file} holds no key of an ACME account: restore it, or delete it to begin with a new account`,
        { cause },
      )
    }
  }
}
