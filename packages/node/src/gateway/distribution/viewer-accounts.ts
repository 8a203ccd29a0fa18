import { MillraceError } from '@millrace/base'
import type { DistributionReport, ViewerId } from '@millrace/wire'
import type { ViewerGrant, ViewerScope, ViewerTokenSigner } from '@millrace/wire/node'

type Account = {
  /** Bytes that it was sent there for, in all. */
  promised: number
  /** Bytes that the edge says it had. */
  billed: number
  usedMs: number
}

/** Between being sent to an edge and asking there no more time passes, with a bad clock in between. */
const TOKEN_MS = 60_000
const KEPT_MS = 5 * 60_000

/** What each viewer of one edge was sent there for, and what the edge says it had. */
export class ViewerAccounts {
  readonly #scope: ViewerScope
  readonly #tokens: Pick<ViewerTokenSigner, 'sign'>
  readonly #now: () => number
  readonly #accounts = new Map<ViewerId, Account>()

  constructor(
    { sessionId, manifestId }: ViewerScope,
    deps: {
      readonly tokens: Pick<ViewerTokenSigner, 'sign'>
      /** Milliseconds since the Unix epoch. */
      readonly now: () => number
    },
  ) {
    this.#scope = { sessionId, manifestId }
    this.#tokens = deps.tokens
    this.#now = deps.now
  }

  get size(): number {
    return this.#accounts.size
  }

  /** A token for so many bytes more. */
  token(viewer: ViewerId, bytes: number): string {
    const now = this.#now()
    const account = this.#accounts.get(viewer) ?? { promised: 0, billed: 0, usedMs: now }
    this.#accounts.set(viewer, account)
    account.promised += bytes
    account.usedMs = now
    const grant: ViewerGrant = {
      viewer,
      expiration: Math.ceil((now + TOKEN_MS) / 1_000),
      maxBytes: account.promised,
    }
    return this.#tokens.sign(this.#scope, grant)
  }

  /** Takes a report; returns the bytes that it has more than the last one. Throws `edge_overbilled`, and then nothing of it counts. */
  take({ viewers }: Pick<DistributionReport, 'viewers'>): number {
    let more = 0
    const taken: (readonly [Account, number])[] = []
    for (const { viewer, bytes } of viewers) {
      const account = this.#accounts.get(viewer)
      if (!account) throw overbilled('names a viewer who was not sent there')
      if (bytes > account.promised)
        throw overbilled(`bills ${bytes} bytes for a viewer who could have had ${account.promised}`)
      if (bytes < account.billed) throw overbilled('takes back what it has billed')
      more += bytes - account.billed
      taken.push([account, bytes])
    }
    for (const [account, bytes] of taken) account.billed = bytes
    return more
  }

  /** Forgets viewers whose tokens ended a while ago. */
  sweep(): void {
    const limit = this.#now() - KEPT_MS
    for (const [viewer, { usedMs }] of this.#accounts) if (usedMs < limit) this.#accounts.delete(viewer)
  }
}

const overbilled = (what: string): MillraceError => new MillraceError('edge_overbilled', `the edge ${what}`)
