import { compareRational, multiplyRational, type Rational, rational } from '@millrace/base'
import { type Balances, feeOf } from '@millrace/payments'
import {
  type Address,
  type DistributionReport,
  MAX_REPORTED_VIEWERS,
  type ManifestId,
  type SessionId,
  type TellEvent,
  type ViewerId,
} from '@millrace/wire'
import { type ViewerGrant, ViewerTokenVerifier } from '@millrace/wire/node'
import { wholeWei } from './whole-wei.ts'

export type EdgeSessionOptions = {
  readonly sender: Address
  readonly sessionId: SessionId
  readonly manifestId: ManifestId
  /** The gateway, as http or https with host and port. */
  readonly origin: string
  readonly viewerKey: Uint8Array
  /** Wei per byte, for as long as the session lasts; undefined where nothing is paid. */
  readonly price: Rational | undefined
}

export type EdgeSessionDeps = { readonly balances: Balances; readonly tell: TellEvent }

type Viewer = {
  /** Bytes in all, by the best of its tokens: they may arrive in any order. */
  allowed: number
  bytes: number
  reserved: number
  revision: number
  usedMs: number
}

/** Why a viewer gets nothing. */
export type ViewRefusal = 'viewer_budget_spent' | 'distribution_unpaid' | 'edge_busy'

const MAX_TOKENS = 20_000
const MAX_VIEWERS = 50_000
/** A viewer who took nothing for so long has no token that is still good. */
const VIEWER_IDLE_MS = 10 * 60_000

/** One stream of one gateway that is served here: who may have how much, what each had, and the money for it. */
export class EdgeSession {
  readonly sender: Address
  readonly sessionId: SessionId
  readonly manifestId: ManifestId
  readonly origin: string
  readonly viewerKey: Uint8Array
  readonly price: Rational | undefined
  /** When the gateway was heard of last, by the monotonic clock. */
  usedMs = performance.now()
  /** False until something was paid, where something is to be paid. */
  isPaid: boolean
  /** Of the last header that was taken. */
  seq = -1
  readonly #deps: EdgeSessionDeps
  readonly #stop = new AbortController()
  readonly #verifier: ViewerTokenVerifier
  readonly #tokens = new Map<string, ViewerGrant>()
  /** In the order in which they were served last. */
  readonly #viewers = new Map<ViewerId, Viewer>()
  #revision = 0
  #totalBytes = 0
  #reserved = 0
  #toldBytes = 0

  constructor(options: EdgeSessionOptions, deps: EdgeSessionDeps) {
    this.sender = options.sender
    this.sessionId = options.sessionId
    this.manifestId = options.manifestId
    this.origin = options.origin
    this.viewerKey = options.viewerKey
    this.price = options.price
    this.isPaid = options.price === undefined
    this.#deps = deps
    this.#verifier = new ViewerTokenVerifier(options, options.viewerKey)
  }

  /** Aborts when the session is over. */
  get signal(): AbortSignal {
    return this.#stop.signal
  }

  /** What a token grants; undefined for one that is not the gateway's. */
  grantOf(token: string): ViewerGrant | undefined {
    const known = this.#tokens.get(token)
    if (known) return known
    const grant = this.#verifier.verify(token)
    if (!grant) return undefined
    this.#tokens.set(token, grant)
    const oldest = this.#tokens.keys().next().value
    if (this.#tokens.size > MAX_TOKENS && oldest !== undefined) this.#tokens.delete(oldest)
    return grant
  }

  /** Whether anything could be served to the viewer at all; asked before anything is fetched for it. */
  refusal({ viewer: id, maxBytes }: ViewerGrant, bytes = 1): ViewRefusal | undefined {
    const { balances } = this.#deps
    const viewer = this.#viewers.get(id)
    if (!viewer && this.#viewers.size >= MAX_VIEWERS && !this.#forgetIdle()) return 'edge_busy'
    const allowed = Math.max(viewer?.allowed ?? 0, maxBytes)
    if ((viewer?.bytes ?? 0) + (viewer?.reserved ?? 0) + bytes > allowed) return 'viewer_budget_spent'
    if (!this.price) return undefined
    // What is on its way to others is spent already.
    const cost = feeOf(BigInt(this.#reserved + bytes), this.price)
    const balance = balances.balance(this.sender, this.sessionId) ?? rational(0n)
    return compareRational(balance, cost) < 0 ? 'distribution_unpaid' : undefined
  }

  /** Sets bytes aside for a viewer; the result is called with how many of them were sent. */
  reserve(grant: ViewerGrant, bytes: number): ViewRefusal | ((sent: number) => void) {
    const refused = this.refusal(grant, bytes)
    if (refused) return refused
    const viewer = this.#viewers.get(grant.viewer) ?? { allowed: 0, bytes: 0, reserved: 0, revision: 0, usedMs: 0 }
    this.#viewers.set(grant.viewer, viewer)
    viewer.allowed = Math.max(viewer.allowed, grant.maxBytes)
    viewer.reserved += bytes
    this.#reserved += bytes
    return (sent) => {
      viewer.reserved -= bytes
      this.#reserved -= bytes
      if (sent > 0) this.#served(grant.viewer, viewer, sent)
    }
  }

  #served(id: ViewerId, viewer: Viewer, bytes: number): void {
    viewer.bytes += bytes
    viewer.revision = ++this.#revision
    viewer.usedMs = performance.now()
    this.#viewers.delete(id)
    this.#viewers.set(id, viewer)
    this.#totalBytes += bytes
    if (this.price) this.#deps.balances.debit(this.sender, this.sessionId, feeOf(BigInt(bytes), this.price))
  }

  /** What was served since a revision of an earlier report. */
  report(since: number): Omit<DistributionReport, 'info'> {
    const viewers: { viewer: ViewerId; bytes: number }[] = []
    let revision = since
    for (const [viewer, { bytes, revision: at }] of this.#viewers) {
      if (at <= since) continue
      viewers.push({ viewer, bytes })
      revision = at
      if (viewers.length === MAX_REPORTED_VIEWERS) break
    }
    return { revision, totalBytes: this.#totalBytes, viewers }
  }

  /** Tells what was taken since it was told last. `pulledBytes` is what was fetched for it. */
  tell(pulledBytes: number): void {
    const bytes = this.#totalBytes - this.#toldBytes
    if (bytes === 0 && pulledBytes === 0) return
    const { manifestId, sender, sessionId, price = rational(0n) } = this
    const feeUntil = (count: number) => multiplyRational(rational(BigInt(count)), price)
    // From the sums, so that what is rounded away once is not rounded away each time.
    const feeWei = BigInt(wholeWei(feeUntil(this.#totalBytes))) - BigInt(wholeWei(feeUntil(this.#toldBytes)))
    this.#toldBytes = this.#totalBytes
    this.#deps.tell({
      type: 'distribution_debited',
      manifestId,
      sender,
      sessionId,
      bytes,
      feeWei: feeWei.toString(),
      balanceWei: wholeWei(this.#deps.balances.balance(sender, sessionId) ?? rational(0n)),
      pulledBytes,
    })
  }

  end(): void {
    this.#stop.abort(new Error('the session is over'))
  }

  /** Makes room; false where all viewers were there a moment ago. */
  #forgetIdle(): boolean {
    const limit = performance.now() - VIEWER_IDLE_MS
    for (const [id, { usedMs, reserved }] of this.#viewers) {
      if (usedMs >= limit) break
      if (reserved === 0) this.#viewers.delete(id)
    }
    return this.#viewers.size < MAX_VIEWERS
  }
}
