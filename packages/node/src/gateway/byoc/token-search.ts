import { decodeJobToken, type JobParameters, type JobToken } from '@millrace/ai'
import { errorText, hasCode, type Log, MillraceError } from '@millrace/base'
import { requirePublicAddress } from '@millrace/base/node'
import type { SecureClient } from '../../links/http/secure-fetch.ts'
import type { DirectoryEntry } from '../directory.ts'
import type { JobSigner } from './job-signer.ts'

export type TokenSearchOptions = {
  /** True where orchestrators may be on this machine or its network. */
  readonly allowPrivate: boolean
  /** Addresses in lower case that are not dealt with. */
  readonly blocklist: ReadonlySet<string>
}

export type TokenSearchDeps = {
  readonly entries: () => Promise<readonly DirectoryEntry[]>
  readonly http: Pick<SecureClient, 'fetch'>
  readonly signer: JobSigner
  readonly random: () => number
  readonly log: Log
}

export type SearchLimits = {
  /** Until the search is over, with those that have answered. */
  readonly searchMs: number
  /** Until one orchestrator must have answered. */
  readonly answerMs: number
}

/** A token of an orchestrator, from where it was asked. */
export type FoundToken = { readonly token: JobToken; readonly entry: DirectoryEntry }

const MAX_TOKEN_BYTES = 64 * 1024
const MAX_ASKED = 200
/** On a busy machine, or over a slow link, the first answer of an orchestrator takes its time. */
const LONGER_MS = 3_000

/** Asks orchestrators what a capability costs, and who has room. */
export class TokenSearch {
  readonly #options: TokenSearchOptions
  readonly #deps: TokenSearchDeps

  constructor(options: TokenSearchOptions, deps: TokenSearchDeps) {
    this.#options = options
    this.#deps = deps
  }

  /** Those with room for a job, in any order; what the parameters leave out is not asked. Where nobody was in time, they get longer once. */
  async find(
    capability: string,
    { include, exclude }: Pick<JobParameters, 'include' | 'exclude'>,
    { searchMs, answerMs, signal }: SearchLimits & { readonly signal: AbortSignal },
  ): Promise<readonly FoundToken[]> {
    const limits = { searchMs, answerMs, signal }
    const first = await this.#search(capability, { include, exclude }, limits)
    if (first.found.length > 0 || !first.isLate) return first.found
    const longer = { searchMs: Math.max(searchMs, LONGER_MS), answerMs: Math.max(answerMs, LONGER_MS), signal }
    return (await this.#search(capability, { include, exclude }, longer)).found
  }

  async #search(
    capability: string,
    { include, exclude }: Pick<JobParameters, 'include' | 'exclude'>,
    { searchMs, answerMs, signal }: SearchLimits & { readonly signal: AbortSignal },
  ): Promise<{ readonly found: readonly FoundToken[]; readonly isLate: boolean }> {
    const { entries, random, log } = this.#deps
    let isLate = false
    const asked = (await entries()).filter(
      ({ serviceUri }) => (include.length === 0 || include.includes(serviceUri)) && !exclude.includes(serviceUri),
    )
    const over = AbortSignal.any([signal, AbortSignal.timeout(searchMs)])
    const found: { readonly at: number; readonly token: FoundToken }[] = []
    const all = shuffled(asked, random)
      .slice(0, MAX_ASKED)
      .map(async (entry, at) => {
        try {
          const token = await this.ask(entry, capability, { timeoutMs: answerMs, signal: over })
          if (token.availableCapacity > 0) found.push({ at, token: { token, entry } })
        } catch (error) {
          isLate ||= over.aborted || hasCode(error, 'peer_timeout')
          log.debug('an orchestrator told no token', { serviceUri: entry.serviceUri, error: errorText(error) })
        }
      })
    await Promise.all(all)
    signal.throwIfAborted()
    return { found: found.sort((a, b) => a.at - b.at).map(({ token }) => token), isLate }
  }

  /** What one orchestrator says now; throws what keeps it from being dealt with. */
  async ask(
    entry: DirectoryEntry,
    capability: string,
    { timeoutMs, signal }: { readonly timeoutMs: number; readonly signal: AbortSignal },
  ): Promise<JobToken> {
    const { http, signer } = this.#deps
    const allowPrivate = this.#options.allowPrivate && !entry.hearsay
    if (!allowPrivate) await requirePublicAddress(entry.serviceUri)
    const answer = await http.fetch(new URL('/process/token', entry.serviceUri).href, {
      headers: {
        'livepeer-eth-address': Buffer.from(JSON.stringify(signer.sender)).toString('base64'),
        'livepeer-capability': capability,
      },
      headTimeoutMs: timeoutMs,
      timeoutMs,
      maxBytes: MAX_TOKEN_BYTES,
      signal,
    })
    const text = Buffer.from(answer.body).toString('utf8')
    if (answer.status !== 200) throw refused(`it answered ${answer.status}: ${text.slice(0, 200)}`)
    const token = decodeJobToken(text)
    const serviceUri = token.serviceUri === '' ? entry.serviceUri : token.serviceUri.replace(/\/+$/, '')
    if (!URL.canParse(serviceUri) || new URL(serviceUri).protocol !== 'https:')
      throw refused('its service address is not one of https')
    // What it calls itself may be another host, which is as much a stranger's word as the first.
    if (!allowPrivate) await requirePublicAddress(serviceUri)
    if (this.#options.blocklist.has(token.ticketParams?.recipient.toLowerCase() ?? ''))
      throw refused('it is on the blocklist')
    return { ...token, serviceUri }
  }
}

const refused = (why: string): MillraceError =>
  new MillraceError('peer_unreachable', `the orchestrator cannot be used: ${why}`, { retryable: true })

function shuffled<Item>(items: readonly Item[], random: () => number): Item[] {
  const out = [...items]
  for (let i = out.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1))
    ;[out[i], out[j]] = [out[j]!, out[i]!]
  }
  return out
}
