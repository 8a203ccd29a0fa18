import { ComputeError, type JobToken } from '@millrace/ai'
import {
  type Clock,
  compareRational,
  type Log,
  multiplyRational,
  type Rational,
  rational,
  subtractRational,
} from '@millrace/base'
import { paymentOf, ticketEv, ticketsNeeded } from '@millrace/payments'
import {
  encodePaymentHeader,
  MAX_TICKETS_PER_PAYMENT,
  manifestId,
  type OrchestratorInfo,
  priceToRational,
  sessionId,
  ZERO_ADDRESS,
} from '@millrace/wire'
import { noTicketParams, type PaidSession, type PaymentSource } from '../payment-source.ts'

export type JobPaymentsDeps = {
  /** Undefined off chain: nothing is paid. */
  readonly payer: PaymentSource | undefined
  /** The most for a second of a capability, in wei; undefined for any price. */
  readonly maxPrice: (capability: string) => Rational | undefined
  readonly clock: Clock
  readonly log: Log
}

/** What goes with a job: the value of Livepeer-Payment, if anything must be paid now. */
export type JobPayment = { readonly header: string | undefined; readonly tickets: number }

/** What a gateway keeps in an account, in seconds of the price; orchestrators want half of it before they begin. */
const BUFFER_SECONDS = 120n
/** So often an orchestrator may forget what it was paid, as when it starts anew, before nothing more is paid to it. */
const MAX_LOST_BUFFERS = 3n
/** After so long what was lost is forgiven. */
const FORGIVE_MS = 3_600_000
const MAX_ACCOUNTS = 10_000

type Account = { paid: Rational; used: Rational; lost: Rational; lostAtMs: number; jobs: number }

/**
 * Pays for capabilities in advance. What is left in an account is the orchestrator's word, as in go-livepeer; what this gateway paid and
 * used by its own count bounds what an orchestrator can win by forgetting.
 */
export class JobPayments {
  readonly #deps: JobPaymentsDeps
  readonly #accounts = new Map<string, Account>()

  constructor(deps: JobPaymentsDeps) {
    this.#deps = deps
  }

  /** False where a second costs more than this gateway pays, or too much was lost with the orchestrator. */
  accepts(capability: string, token: JobToken): boolean {
    const price = priceToRational(token.price)
    if (price.num === 0n) return true
    if (!this.#deps.payer) return false
    const most = this.#deps.maxPrice(capability)
    if (most && compareRational(price, most) > 0) return false
    const account = this.#accounts.get(keyOf(capability, token))
    if (!account || account.lostAtMs + FORGIVE_MS < this.#deps.clock.elapsed()) return true
    return compareRational(account.lost, multiplyRational(price, rational(BUFFER_SECONDS * MAX_LOST_BUFFERS))) <= 0
  }

  /** Makes the tickets that are missing from the buffer; the account counts the job until `end`. */
  async pay(
    capability: string,
    token: JobToken,
    { signal }: { readonly signal: AbortSignal },
  ): Promise<JobPayment & { end(usedSeconds: number): void }> {
    const { payer } = this.#deps
    const price = priceToRational(token.price)
    if (!payer || price.num === 0n) return { header: undefined, tickets: 0, end: () => {} }
    const account = this.#account(capability, token)
    const told = rational(token.balanceWei)
    if (account.jobs === 0) this.#compare(account, told, { capability, serviceUri: token.serviceUri })
    account.jobs++
    let ended = false
    const end = (usedSeconds: number) => {
      if (ended) return
      ended = true
      account.jobs--
      const units = rational(BigInt(Math.max(0, Math.ceil(usedSeconds))))
      account.used = add(account.used, multiplyRational(price, units))
    }
    try {
      const { header, tickets, worth } = await this.#tickets(payer, capability, token, { price, told, signal })
      account.paid = add(account.paid, worth)
      return { header, tickets, end }
    } catch (error) {
      end(0)
      throw error
    }
  }

  async #tickets(
    payer: PaymentSource,
    capability: string,
    token: JobToken,
    { price, told, signal }: { readonly price: Rational; readonly told: Rational; readonly signal: AbortSignal },
  ): Promise<JobPayment & { readonly worth: Rational }> {
    const { ticketParams } = token
    if (!ticketParams) throw noTicketParams()
    const ev = ticketEv(ticketParams)
    const count = ticketsNeeded(multiplyRational(price, rational(BUFFER_SECONDS)), ev, told)
    if (count === 0) return { header: undefined, tickets: 0, worth: rational(0n) }
    if (count > MAX_TICKETS_PER_PAYMENT)
      throw new ComputeError(
        'compute_unpaid',
        `two minutes of ${capability} cost ${count} tickets of this orchestrator, and a payment has at most ${MAX_TICKETS_PER_PAYMENT}`,
      )
    await payer.checkFunds({ signal })
    const batch = await payer.makeTickets(paidSession(capability, token), count, { signal })
    const tickets = batch.tickets.length
    return {
      header: encodePaymentHeader(paymentOf(payer.address, batch, token.price)),
      tickets,
      worth: multiplyRational(ev, rational(BigInt(tickets))),
    }
  }

  /** With no job under way both sides should know of the same; an orchestrator that knows of less has lost the rest. */
  #compare(
    account: Account,
    told: Rational,
    where: { readonly capability: string; readonly serviceUri: string },
  ): void {
    const believed = subtractRational(account.paid, account.used)
    const missing = subtractRational(believed, told)
    if (missing.num > 0n) {
      account.lost = add(account.lost, missing)
      account.lostAtMs = this.#deps.clock.elapsed()
      this.#deps.log.info('an orchestrator knows of less credit for a capability than it was paid', {
        ...where,
        missingWei: missing.num / missing.den,
      })
    }
    account.paid = told
    account.used = rational(0n)
  }

  #account(capability: string, token: JobToken): Account {
    const key = keyOf(capability, token)
    const known = this.#accounts.get(key)
    if (known) return known
    const account = { paid: rational(0n), used: rational(0n), lost: rational(0n), lostAtMs: 0, jobs: 0 }
    this.#accounts.set(key, account)
    const oldest = this.#accounts.keys().next().value
    if (this.#accounts.size > MAX_ACCOUNTS && oldest !== undefined) this.#accounts.delete(oldest)
    return account
  }
}

const add = (a: Rational, b: Rational): Rational => subtractRational(a, { num: -b.num, den: b.den })

const keyOf = (capability: string, { ticketParams, serviceUri }: JobToken): string =>
  `${ticketParams?.recipient ?? serviceUri} ${capability}`

/** All jobs for a capability are paid from one account, which has its name (ManifestID of go-livepeer's jobs). */
function paidSession(capability: string, token: JobToken): PaidSession {
  const info: OrchestratorInfo = {
    serviceUri: token.serviceUri,
    ...(token.ticketParams && { ticketParams: token.ticketParams }),
    priceInfo: token.price,
    address: token.ticketParams?.recipient ?? ZERO_ADDRESS,
    ...{ hardware: [], storage: [], capabilitiesPrices: [], nodes: [] },
  }
  return { info, sessionId: sessionId(capability), manifestId: manifestId(capability) }
}
