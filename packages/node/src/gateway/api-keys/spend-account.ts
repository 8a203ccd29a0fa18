import { AiError } from '@millrace/ai'
import type { Clock } from '@millrace/base'
import type { KeyValueTable } from '../../store/key-value.ts'

const DAY_MS = 86_400_000

/** What is kept for a job that is under way. */
export type Reservation = {
  /** The job cost so much, 0 where it was not paid; only the first call counts. */
  settle(wei: bigint): void
}

/** What one key may spend in a day of UTC, and has spent; it is kept over restarts. */
export class SpendAccount {
  readonly name: string
  readonly #deps: { readonly kv: Pick<KeyValueTable, 'get' | 'set'>; readonly clock: Clock }
  #limit: bigint | undefined
  #day: number
  #spent: bigint
  #reserved = 0n

  constructor(
    options: { readonly name: string; readonly weiPerDay: bigint | undefined },
    deps: { readonly kv: Pick<KeyValueTable, 'get' | 'set'>; readonly clock: Clock },
  ) {
    this.name = options.name
    this.#limit = options.weiPerDay
    this.#deps = deps
    const [day, spent] = (deps.kv.get(this.#key) ?? '').split(' ')
    this.#day = Number(day ?? 0)
    this.#spent = BigInt(spent ?? 0)
  }

  setLimit(weiPerDay: bigint | undefined): void {
    this.#limit = weiPerDay
  }

  /** Spent today. */
  get spentWei(): bigint {
    this.#turn()
    return this.#spent
  }

  /** Keeps the price of a job aside while it runs; throws `ai_spend_limit` where the day's money does not reach for it. */
  reserve(wei: bigint): Reservation {
    this.#turn()
    if (this.#limit !== undefined && this.#spent + this.#reserved + wei > this.#limit)
      throw new AiError(
        'ai_spend_limit',
        `this key may spend ${this.#limit} wei a day: ${this.#spent} are spent, ${this.#reserved} kept for jobs that run, and this one costs ${wei}`,
      )
    this.#reserved += wei
    let settled = false
    return {
      settle: (cost) => {
        if (settled) return
        settled = true
        this.#reserved -= wei
        this.#count(cost)
      },
    }
  }

  /** Counts what was paid already; false where that was more than there was. */
  paid(wei: bigint): boolean {
    this.#count(wei)
    return this.#limit === undefined || this.#spent <= this.#limit
  }

  #count(wei: bigint): void {
    if (wei === 0n) return
    this.#turn()
    this.#spent += wei
    this.#deps.kv.set(this.#key, `${this.#day} ${this.#spent}`)
  }

  #turn(): void {
    const today = Math.floor(this.#deps.clock.now() / DAY_MS)
    if (today === this.#day) return
    this.#day = today
    this.#spent = 0n
  }

  get #key(): string {
    return `api-key-spent ${this.name}`
  }
}
