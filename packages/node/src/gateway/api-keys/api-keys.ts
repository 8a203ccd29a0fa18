import { createHash, timingSafeEqual } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import { AiError } from '@millrace/ai'
import { type Clock, errorText, type Log, MillraceError, type Part } from '@millrace/base'
import type { KeyValueTable } from '../../store/key-value.ts'
import { type KeyEntry, parseApiKeys } from './key-file.ts'
import { RateLimit } from './rate-limit.ts'
import { SpendAccount } from './spend-account.ts'

export type ApiKeysDeps = { readonly kv: Pick<KeyValueTable, 'get' | 'set'>; readonly clock: Clock; readonly log: Log }

const LOOK_EVERY_MS = 2_000

type Held = { readonly entry: KeyEntry; readonly rate: RateLimit; readonly account: SpendAccount }

/** Who may have this gateway buy for them, how often, and for how much a day: a file of keys, read again when it changes. */
export class ApiKeys implements Part {
  readonly name = 'api-keys'
  readonly #file: string
  readonly #deps: ApiKeysDeps
  readonly #timer: ReturnType<typeof setInterval>
  #held: readonly Held[] = []
  #changed = ''

  /** Throws `bad_api_keys`. */
  constructor(file: string, deps: ApiKeysDeps) {
    this.#file = file
    this.#deps = deps
    this.#read()
    this.#timer = setInterval(() => this.#look(), LOOK_EVERY_MS)
    this.#timer.unref()
  }

  stop(): Promise<void> {
    clearInterval(this.#timer)
    return Promise.resolve()
  }

  /** The account of the request's bearer token; throws `ai_key_refused` or `ai_rate_limited`. */
  admit({ headers }: Pick<IncomingMessage, 'headers'>): SpendAccount {
    const token = /^Bearer +(.+)$/i.exec(headers.authorization ?? '')?.[1]?.trim()
    if (token === undefined)
      throw new AiError('ai_key_refused', 'this gateway takes jobs with a key only: send Authorization: Bearer KEY')
    const held = this.#of(token)
    if (!held) throw new AiError('ai_key_refused', 'this key is not known here')
    const waitMs = held.rate.take(this.#deps.clock.elapsed())
    if (waitMs > 0)
      throw new AiError('ai_rate_limited', `this key may send ${held.entry.requestsPerMinute} requests a minute`, {
        retryable: true,
        meta: { retryAfterS: Math.ceil(waitMs / 1_000) },
      })
    return held.account
  }

  /** All keys are compared, so that time tells nothing of them. */
  #of(token: string): Held | undefined {
    const hash = createHash('sha256').update(token).digest()
    let found: Held | undefined
    for (const held of this.#held) if (timingSafeEqual(held.entry.hash, hash)) found = held
    return found
  }

  #look(): void {
    try {
      if (this.#stamp() === this.#changed) return
      this.#read()
      this.#deps.log.info('the API keys were read again', { file: this.#file, keys: this.#held.length })
    } catch (error) {
      this.#deps.log.warn('the new API keys cannot be used, those before are', { error: errorText(error) })
    }
  }

  #stamp(): string {
    const { mtimeMs, ino, size } = statSync(this.#file)
    return `${mtimeMs}/${ino}/${size}`
  }

  #read(): void {
    let text: string
    try {
      this.#changed = this.#stamp()
      text = readFileSync(this.#file, 'utf8')
    } catch (cause) {
      throw new MillraceError('bad_api_keys', `the API keys ${this.#file} cannot be read: ${errorText(cause)}`, {
        cause,
      })
    }
    const before = new Map(this.#held.map((held) => [held.entry.name, held]))
    this.#held = parseApiKeys(text).map((entry) => {
      const known = before.get(entry.name)
      known?.account.setLimit(entry.weiPerDay)
      // A changed limit begins anew; one that stays must not be forgotten with every look at the file.
      const isSameRate = known?.entry.requestsPerMinute === entry.requestsPerMinute
      return {
        entry,
        rate: known && isSameRate ? known.rate : new RateLimit(entry.requestsPerMinute),
        account: known?.account ?? new SpendAccount({ name: entry.name, weiPerDay: entry.weiPerDay }, this.#deps),
      }
    })
  }
}
