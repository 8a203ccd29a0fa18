import { type Clock, errorText, hasCode, type Log, MillraceError } from '@millrace/base'
import type { ManifestId, ViewerId } from '@millrace/wire'
import { type AuditSample, auditEdge } from './edge-audit.ts'
import type { ChosenEdge, EdgeChooser } from './edge-choice.ts'
import type { EdgeLink } from './edge-link.ts'
import { ByteCeiling, type CeilingOptions } from './recent-bytes.ts'

export type ServedStreamOptions = CeilingOptions & {
  readonly manifestId: ManifestId
  /** Edges at once. */
  readonly edges: number
  readonly allowPrivate: boolean
}

export type ServedStreamDeps = {
  readonly chooser: Pick<EdgeChooser, 'choose' | 'failed'>
  readonly openLink: (edge: ChosenEdge) => EdgeLink
  readonly clock: Clock
  readonly log: Log
}

type Viewer = {
  edge: EdgeLink | undefined
  /** Until when it stays with the gateway, because an edge failed it. */
  staysUntilMs: number
  /** How often that was so in a row. */
  failures: number
  /** What it was sent away for lately, and when. */
  readonly sent: Map<string, number>
  seenMs: number
}

const MAX_VIEWERS = 20_000
const VIEWER_IDLE_MS = 30_000
const RETRY_MS = 5_000
/** Who cannot pay anybody tries again after so long. */
const UNPAID_MS = 30_000
const AUDIT_MS = 15_000
/** Who asks for the same file again so soon did not get it. */
const AGAIN_MS = 12_000
const MAX_SENT = 50
/** A viewer whose edge failed it is served from here for a while, each time for longer. */
const STAYS_MS = 5_000
const LONGEST_STAY_MS = 300_000
const FORGIVEN_MS = 60_000

/** One stream with its edges and its viewers: who is sent where, as long as it is paid for and within the ceilings. */
export class ServedStream {
  readonly #options: ServedStreamOptions
  readonly #deps: ServedStreamDeps
  readonly #viewers = new Map<ViewerId, Viewer>()
  readonly #links = new Set<EdgeLink>()
  readonly #audited = new Map<EdgeLink, number>()
  /** Those that did not answer the last question in time. */
  readonly #slow = new WeakSet<EdgeLink>()
  readonly #ceiling: ByteCeiling
  readonly #stop = new AbortController()
  #sample: AuditSample | undefined
  #opening: Promise<void> | undefined
  #retryMs = Number.NEGATIVE_INFINITY
  #seenMs: number

  constructor(options: ServedStreamOptions, deps: ServedStreamDeps) {
    this.#options = options
    this.#deps = deps
    this.#seenMs = deps.clock.elapsed()
    this.#ceiling = new ByteCeiling(options, { now: () => deps.clock.elapsed() })
  }

  get links(): readonly EdgeLink[] {
    return [...this.#links]
  }

  /** Nobody has asked for anything for a while. */
  get isIdle(): boolean {
    return this.#deps.clock.elapsed() - this.#seenMs > VIEWER_IDLE_MS
  }

  /** Where the viewer finds a file; undefined when this gateway is to serve it. */
  addressFor(id: ViewerId, file: AuditSample): string | undefined {
    const now = this.#deps.clock.elapsed()
    this.#seenMs = now
    this.#sample = file
    const viewer = this.#viewer(id, now)
    if (!viewer) return undefined
    const edge = this.#edgeOf(id, viewer)
    if (!edge) {
      this.#openSoon()
      return undefined
    }
    const before = viewer.sent.get(file.path)
    if (before !== undefined && now - before < AGAIN_MS) this.#stays(viewer, edge, now)
    if (now < viewer.staysUntilMs) return undefined
    const bytes = file.data.length
    if (!this.#ceiling.allows(bytes)) return undefined
    if (!edge.covers(bytes)) {
      // More is paid at once; until then the gateway serves.
      this.#ask(edge)
      return undefined
    }
    this.#ceiling.add(bytes)
    viewer.sent.delete(file.path)
    viewer.sent.set(file.path, now)
    const oldest = viewer.sent.keys().next().value
    if (viewer.sent.size > MAX_SENT && oldest !== undefined) viewer.sent.delete(oldest)
    return edge.addressOf(id, { path: file.path, bytes })
  }

  /** To be called once a second. */
  tick(): void {
    const now = this.#deps.clock.elapsed()
    for (const [id, { seenMs }] of this.#viewers) if (now - seenMs > VIEWER_IDLE_MS) this.#viewers.delete(id)
    for (const link of this.#links) {
      this.#ask(link)
      if (now - (this.#audited.get(link) ?? now) > AUDIT_MS) this.#audit(link, now)
    }
    if (this.#viewers.size > 0) this.#openSoon()
  }

  /** Settles with all edges. */
  async close(code: string, message: string): Promise<void> {
    this.#stop.abort(new Error(message))
    await this.#opening
    await Promise.all(this.links.map((link) => this.#leave(link, { code, message })))
  }

  #viewer(id: ViewerId, now: number): Viewer | undefined {
    const known = this.#viewers.get(id)
    if (known) {
      known.seenMs = now
      return known
    }
    if (this.#viewers.size >= MAX_VIEWERS) return undefined
    const viewer: Viewer = { edge: undefined, staysUntilMs: 0, failures: 0, sent: new Map(), seenMs: now }
    this.#viewers.set(id, viewer)
    return viewer
  }

  /** A viewer keeps its edge; new ones are spread. */
  #edgeOf(id: ViewerId, viewer: Viewer): EdgeLink | undefined {
    if (viewer.edge && this.#links.has(viewer.edge)) return viewer.edge
    const open = this.links
    viewer.edge = open[Number.parseInt(id.slice(-6), 16) % open.length]
    return viewer.edge
  }

  #stays(viewer: Viewer, edge: EdgeLink, now: number): void {
    if (now < viewer.staysUntilMs) return
    if (now - viewer.staysUntilMs > FORGIVEN_MS) viewer.failures = 0
    viewer.staysUntilMs = now + Math.min(LONGEST_STAY_MS, STAYS_MS * 4 ** viewer.failures)
    viewer.failures++
    this.#deps.log.debug('a viewer was not served by its edge', { edge: edge.viewerUrl, failures: viewer.failures })
    // It may be the edge: look at once.
    this.#ask(edge)
  }

  #openSoon(): void {
    const { clock } = this.#deps
    const isFull = this.#links.size >= this.#options.edges
    if (this.#opening || isFull || this.#stop.signal.aborted || clock.elapsed() < this.#retryMs) return
    this.#opening = this.#open().finally(() => {
      this.#opening = undefined
    })
  }

  /** Never rejects. An edge gets its first viewer when it has served this gateway. */
  async #open(): Promise<void> {
    const { chooser, openLink, clock, log } = this.#deps
    const { manifestId, allowPrivate } = this.#options
    const { signal } = this.#stop
    let chosen: ChosenEdge | undefined
    let link: EdgeLink | undefined
    try {
      chosen = await chooser.choose(manifestId, new Set(this.links.map(({ serviceUri }) => serviceUri)))
      signal.throwIfAborted()
      if (!chosen) {
        this.#retryMs = clock.elapsed() + RETRY_MS
        return
      }
      link = openLink(chosen)
      await link.open({ signal })
      if (this.#sample) await auditEdge(link, this.#sample, { allowPrivate, signal })
      this.#links.add(link)
      this.#audited.set(link, clock.elapsed())
    } catch (error) {
      const isOwn = cannotPay(error)
      if (chosen && !signal.aborted && !isOwn) chooser.failed(chosen.serviceUri, error)
      this.#retryMs = clock.elapsed() + (isOwn ? UNPAID_MS : chosen ? 0 : RETRY_MS)
      log.info('an edge was not taken', { serviceUri: chosen?.serviceUri, error: errorText(error) })
      await link?.close(reasonOf(error))
    }
  }

  #ask(link: EdgeLink): void {
    link.ask({ signal: this.#stop.signal }).then(
      () => this.#slow.delete(link),
      (error) => {
        // One late answer is no death; its viewers would notice sooner.
        if (!hasCode(error, 'peer_timeout') || this.#slow.has(link)) return this.#failed(link, error)
        this.#slow.add(link)
      },
    )
  }

  #audit(link: EdgeLink, now: number): void {
    if (!this.#sample) return
    this.#audited.set(link, now)
    const { allowPrivate } = this.#options
    const options = { allowPrivate, signal: this.#stop.signal }
    auditEdge(link, this.#sample, options).catch((error) => this.#failed(link, error))
  }

  #failed(link: EdgeLink, error: unknown): void {
    if (this.#stop.signal.aborted || !this.#links.has(link)) return
    if (cannotPay(error)) this.#retryMs = this.#deps.clock.elapsed() + UNPAID_MS
    else this.#deps.chooser.failed(link.serviceUri, error)
    this.#deps.log.warn('an edge is left', { edge: link.viewerUrl, error: errorText(error) })
    void this.#leave(link, reasonOf(error))
  }

  async #leave(link: EdgeLink, why: { readonly code: string; readonly message: string }): Promise<void> {
    this.#links.delete(link)
    this.#audited.delete(link)
    await link.close(why)
  }
}

/** What is wrong with this gateway's own account is no edge's fault. */
const cannotPay = (error: unknown): boolean =>
  ['no_sender_reserve', 'no_sender_deposit', 'sender_unlocking'].some((code) => hasCode(error, code))

const reasonOf = (error: unknown) => ({
  code: error instanceof MillraceError ? error.code : 'unknown',
  message: errorText(error),
})
