import {
  ComputeError,
  encodeJobToken,
  type JobRequest,
  type JobSender,
  jobMessage,
  readCapabilitySettings,
  readJobDetails,
  readJobHeader,
  readJobParameters,
} from '@millrace/ai'
import {
  compareRational,
  errorText,
  fromHex,
  hasCode,
  type Log,
  MillraceError,
  multiplyRational,
  type Rational,
  rational,
  utf8,
} from '@millrace/base'
import { feeOf, type TicketRecipient } from '@millrace/payments'
import {
  type Address,
  decodePaymentHeader,
  parseAddress,
  priceFromRational,
  type SignatureVerifier,
  type TellEvent,
  verifyNodeMessage,
  ZERO_ADDRESS,
} from '@millrace/wire'
import { z } from 'zod'
import type { ByocJob, ByocService } from '../../links/byoc-links.ts'
import type { Refusal } from '../../links/orchestrator-service.ts'
import { isSecret } from '../../links/secrets.ts'
import { type ComputeAccounts, decimalText } from '../compute-accounts.ts'
import { wholeWei } from '../whole-wei.ts'
import type { Capability, CapabilityPlace, CapabilityRegistry } from './capability-registry.ts'

export type ByocSalesOptions = {
  /** With which workers register; nobody can without one. */
  readonly secret: string | undefined
  readonly serviceUri: () => string
}

export type ByocSalesDeps = {
  readonly registry: CapabilityRegistry
  readonly accounts: ComputeAccounts
  /** Undefined off chain: nothing is signed, and everything is free. */
  readonly recipient: Pick<TicketRecipient, 'ticketParams'> | undefined
  readonly verifier: SignatureVerifier
  readonly tell: TellEvent
  readonly log: Log
}

/** What go-livepeer's gateways and scripts know of these refusals by heart. */
const TEXT = {
  authorization: 'invalid authorization',
  credentials: 'Could not verify job creds',
  noCapacity: 'No capacity available for capability',
  unpaid: 'Insufficient balance for request',
} as const

/** A job is accepted with so many seconds in the account. */
const LEAST_SECONDS = 60n
const Sender = z.object({ addr: z.string().max(100), sig: z.string().max(200).nullish() })

/** Sells the work of registered capabilities by the second (ai spec, section 10). The order of checks is go-livepeer's: signature, place, payment. */
export class ByocSales implements ByocService {
  readonly #options: ByocSalesOptions
  readonly #deps: ByocSalesDeps

  constructor(options: ByocSalesOptions, deps: ByocSalesDeps) {
    this.#options = options
    this.#deps = deps
  }

  async register(authorization: string | undefined, body: string): Promise<void> {
    this.#authorize(authorization)
    await this.#deps.registry.register(readCapabilitySettings(body))
  }

  unregister(authorization: string | undefined, name: string): void {
    this.#authorize(authorization)
    this.#deps.registry.remove(name.trim(), 'its worker unregistered it')
  }

  async token(headers: {
    readonly sender: string | undefined
    readonly capability: string | undefined
  }): Promise<string> {
    const { registry, recipient, accounts } = this.#deps
    const sender = this.#senderOf(headers.sender)
    if (!headers.capability || headers.capability.length > 200)
      throw new ComputeError('compute_bad_request', 'the header Livepeer-Capability is missing: name a capability')
    const price = registry.find(headers.capability)?.pricePerSecond ?? rational(0n)
    const address = addressOf(sender.addr)
    return encodeJobToken({
      sender,
      ticketParams: await this.#ticketParams(recipient, address, price),
      balanceWei: BigInt(wholeWei(accounts.balance(address, headers.capability))),
      price: priceFromRational(price),
      serviceUri: this.#options.serviceUri(),
      availableCapacity: registry.freePlaces(headers.capability),
    })
  }

  async admit(
    headers: { readonly job: string | undefined; readonly payment: string | undefined },
    { reserve, paid = true }: { readonly reserve: boolean; readonly paid?: boolean },
  ): Promise<ByocJob | Refusal> {
    const { registry, log } = this.#deps
    let place: CapabilityPlace | undefined
    try {
      const job = readJobHeader(headers.job)
      const sender = this.#verify(job)
      place = reserve ? registry.reserve(job.capability) : undefined
      const capability = place?.capability ?? (reserve ? undefined : registry.find(job.capability))
      if (!capability) return { status: 503, text: `${TEXT.noCapacity} ${job.capability}` }
      const fault = await this.#unpaid(headers.payment, sender, capability)
      const unpaid = paid ? fault : undefined
      const accepted = unpaid === undefined && this.#job(job, sender, capability, place)
      if (accepted) {
        place = undefined
        return accepted
      }
      log.info('a job was refused', { capability: job.capability, sender, reason: unpaid })
      return { status: 400, text: unpaid as string }
    } catch (error) {
      if (!(error instanceof ComputeError)) throw error
      return { status: error.status, text: error.message }
    } finally {
      place?.release()
    }
  }

  #job(job: JobRequest, sender: Address, capability: Capability, place: CapabilityPlace | undefined): ByocJob {
    const { accounts, registry, tell } = this.#deps
    const { pricePerSecond, name } = capability
    let seconds = 0n
    return {
      id: job.id,
      capability: name,
      sender,
      url: capability.url,
      token: capability.token,
      timeoutMs: job.timeoutSeconds * 1_000,
      streamId: readJobDetails(job).streamId,
      parameters: readJobParameters(job),
      charge: (more) => {
        const units = BigInt(Math.max(0, Math.ceil(more)))
        seconds += units
        return accounts.charge(sender, name, units, pricePerSecond)
      },
      sold: (tookMs) =>
        tell({
          type: 'ai_job_sold',
          pipeline: 'byoc',
          modelId: name,
          sender,
          units: seconds.toString(),
          feeWei: wholeWei(feeOf(seconds, pricePerSecond)),
          tookMs: Math.round(tookMs),
        }),
      balance: (digits) => decimalText(accounts.balance(sender, name), digits),
      removeCapability: (reason) => {
        // One that registered anew in the meantime is another.
        if (registry.find(name)?.url === capability.url) registry.remove(name, reason)
      },
      release: () => place?.release(),
    }
  }

  /** Credits the payment; the reason when there is less than a minute's price in the account after it. */
  async #unpaid(
    header: string | undefined,
    sender: Address,
    { name, pricePerSecond: price }: Capability,
  ): Promise<string | undefined> {
    const { accounts } = this.#deps
    if (price.num === 0n) return undefined
    let fault: string | undefined
    try {
      const payment = decodePaymentHeader(header)
      fault = payment && (await accounts.take(payment, name))?.error?.message
    } catch (error) {
      fault = `Could not parse payment: ${errorText(error)}`
    }
    const least = multiplyRational(price, rational(LEAST_SECONDS))
    if (compareRational(accounts.balance(sender, name), least) >= 0) return undefined
    return fault === undefined ? TEXT.unpaid : `${TEXT.unpaid}: ${fault}`
  }

  #verify(job: JobRequest): Address {
    const { recipient, verifier } = this.#deps
    if (!recipient) return ZERO_ADDRESS
    const sender = addressOf(job.sender)
    if (!verifyNodeMessage(verifier, sender, jobMessage(job), signatureOf(job.sig)))
      throw new ComputeError('compute_bad_request', `${TEXT.credentials}: ${job.sender} did not sign it`)
    return sender
  }

  #senderOf(header: string | undefined): JobSender {
    const { recipient, verifier } = this.#deps
    const hint = 'the header Livepeer-Eth-Address must be base64 of {"addr", "sig"}'
    let sender: z.output<typeof Sender>
    try {
      if ((header ?? '').length > 1_000) throw new RangeError('it is too long')
      sender = Sender.parse(JSON.parse(Buffer.from(header ?? '', 'base64').toString('utf8')))
    } catch (cause) {
      throw new ComputeError('compute_bad_request', hint, { cause })
    }
    const { addr, sig } = sender
    const signed = verifyNodeMessage(verifier, addressOf(addr), utf8(addr), signatureOf(sig ?? ''))
    if (recipient && !signed)
      throw new ComputeError('compute_bad_request', `${hint}: ${addr} did not sign its own address`)
    return { addr, sig: sig ?? '' }
  }

  async #ticketParams(recipient: ByocSalesDeps['recipient'], sender: Address, price: Rational) {
    try {
      return await recipient?.ticketParams(sender, price)
    } catch (cause) {
      const poor = hasCode(cause, 'insufficient_sender_reserve')
      const code = poor ? 'compute_no_capacity' : 'compute_bad_request'
      throw new ComputeError(code, `Could not get ticket params err=${errorText(cause)}`, { cause })
    }
  }

  #authorize(authorization: string | undefined): void {
    const { secret } = this.#options
    if (secret === undefined || !isSecret(authorization, secret))
      throw new ComputeError('compute_bad_request', TEXT.authorization)
  }
}

function addressOf(text: string): Address {
  try {
    return parseAddress(text)
  } catch (cause) {
    const message = cause instanceof MillraceError ? cause.message : 'it is no address'
    throw new ComputeError('compute_bad_request', `${TEXT.credentials}: ${message}`, { cause })
  }
}

/** The bytes of a signature; nothing for what is none, which no account has made. */
const signatureOf = (text: string): Uint8Array =>
  /^(0x)?[0-9a-fA-F]{130}$/.test(text) ? fromHex(text.startsWith('0x') ? text : `0x${text}`) : new Uint8Array(0)
