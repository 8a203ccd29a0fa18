import { MillraceError } from '@millrace/base'
import type { DistributionReport, ViewerId } from '@millrace/wire'
import type { ViewerTokenSigner } from '@millrace/wire/node'

type Account = {
  /** Bytes that the viewer was told of in all. */
  listed: number
  /** Bytes that its tokens allow in all. */
  budget: number
  /** Bytes that the edge says it had. */
  bytes: number
  token: string
  /** When its token ends, by the wall clock. */
  untilMs: number
  /** When it was sent to the edge first, by the wall clock. */
  readonly sinceMs: number
}

/** A token lasts so long, and is replaced in time. */
const TOKEN_MS = 120_000
const TOKEN_LEFT_MS = 45_000
const KEPT_MS = 5 * 60_000
/** A player that was sent to an edge and is there to stay has fetched something by then. */
const PATIENCE_MS = 8_000

/** What each viewer of one edge may have, and what the edge says it had. */
export class ViewerAccounts {
  readonly #tokens: Pick<ViewerTokenSigner, 'sign'>
  readonly #scope: Parameters<ViewerTokenSigner['sign']>[0]
  readonly #now: () => number
  readonly #accounts = new Map<ViewerId, Account>()

  constructor(
    scope: Parameters<ViewerTokenSigner['sign']>[0],
    deps: {
      readonly tokens: Pick<ViewerTokenSigner, 'sign'> /** Milliseconds since the Unix epoch. */
      readonly now: () => number
    },
  ) {
    this.#scope = { sessionId: scope.sessionId, manifestId: scope.manifestId }
    this.#tokens = deps.tokens
    this.#now = deps.now
  }

  get size(): number {
    return this.#accounts.size
  }

  /** A token for what the viewer is told of now, in bytes, and for what it may fetch before it asks again. */
  token(viewer: ViewerId, { listed, ahead }: { readonly listed: number; readonly ahead: number }): string {
    const now = this.#now()
    const account = this.#accounts.get(viewer) ?? {
      listed: 0,
      budget: 0,
      bytes: 0,
      token: '',
      untilMs: 0,
      sinceMs: now,
    }
    this.#accounts.set(viewer, account)
    account.listed += listed
    // A new token is a new address for the same file, so there is one as seldom as can be.
    if (account.untilMs - now < TOKEN_LEFT_MS || account.budget < account.listed + ahead / 2) {
      account.budget = Math.max(account.budget, Math.ceil(account.listed + ahead))
      account.untilMs = now + TOKEN_MS
      const expiration = Math.ceil(account.untilMs / 1_000)
      account.token = this.#tokens.sign(this.#scope, { viewer, expiration, maxBytes: account.budget })
    }
    return account.token
  }

  /** True for a viewer who fetched nothing though it had the time: something between it and the edge is in the way. */
  isStranded(viewer: ViewerId): boolean {
    const account = this.#accounts.get(viewer)
    return account !== undefined && account.bytes === 0 && this.#now() - account.sinceMs > PATIENCE_MS
  }

  /** Takes a report; returns the bytes that it has more than the last one. Throws `edge_overbilled`, and then nothing of it counts. */
  take({ viewers }: Pick<DistributionReport, 'viewers'>): number {
    let more = 0
    for (const { viewer, bytes } of viewers) {
      const account = this.#accounts.get(viewer)
      if (!account) throw overbilled('names a viewer who was not sent there')
      if (bytes > account.budget)
        throw overbilled(`bills ${bytes} bytes for a viewer who could have had ${account.budget}`)
      if (bytes < account.bytes) throw overbilled('takes back what it has billed')
      more += bytes - account.bytes
    }
    for (const { viewer, bytes } of viewers) (this.#accounts.get(viewer) as Account).bytes = bytes
    return more
  }

  /** Forgets viewers whose tokens ended a while ago. */
  sweep(): void {
    const limit = this.#now() - KEPT_MS
    for (const [viewer, { untilMs }] of this.#accounts) if (untilMs < limit) this.#accounts.delete(viewer)
  }
}

const overbilled = (what: string): MillraceError => new MillraceError('edge_overbilled', `the edge ${what}`)
