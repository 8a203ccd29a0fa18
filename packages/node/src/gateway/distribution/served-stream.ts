import { type Clock, errorText, type Log, MillraceError } from '@millrace/base'
import type { ManifestId, ViewerId } from '@millrace/wire'
import { type AuditSample, auditEdge } from './edge-audit.ts'
import type { ChosenEdge, EdgeChooser } from './edge-choice.ts'
import type { EdgeLink } from './edge-link.ts'
import type { PlaylistTemplate } from './playlist-template.ts'
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
  /** It cannot reach edges: it stays with the gateway. */
  stays: boolean
  /** The newest segment that it was told of, by playlist. */
  readonly newest: Map<string, number>
  seenMs: number
}

const MAX_VIEWERS = 20_000
const VIEWER_IDLE_MS = 30_000
const RETRY_MS = 5_000
const AUDIT_MS = 15_000
/** A player begins so many segments before the end of a live playlist, or later. */
const FIRST_SEGMENTS = 4
/** What a player may fetch between two looks at the playlist: retries, and what it changes its mind about. */
const AHEAD_S = 20
const AHEAD_BYTES = 1_000_000

/** One stream with its edges and its viewers: who is sent where, as long as it is paid for and within the ceilings. */
export class ServedStream {
  readonly #options: ServedStreamOptions
  readonly #deps: ServedStreamDeps
  readonly #viewers = new Map<ViewerId, Viewer>()
  readonly #links = new Set<EdgeLink>()
  readonly #audited = new Map<EdgeLink, number>()
  readonly #newest = new Map<string, number>()
  readonly #ceiling: ByteCeiling
  readonly #stop = new AbortController()
  #sample: (() => AuditSample | undefined) | undefined
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

  /** Nobody has asked for a playlist for a while. */
  get isIdle(): boolean {
    return this.#deps.clock.elapsed() - this.#seenMs > VIEWER_IDLE_MS
  }

  /**
   * Where a viewer of a playlist finds its files: the beginning of their addresses, or undefined for this gateway.
   * `once` is true for files whose names come back when the stream does, so that an edge must not keep them.
   */
  baseFor(
    id: ViewerId,
    playlist: { readonly key: string; readonly template: PlaylistTemplate; readonly once: boolean },
    sample: () => AuditSample | undefined,
  ): string | undefined {
    const { key, template, once } = playlist
    const now = this.#deps.clock.elapsed()
    this.#seenMs = now
    this.#sample = sample
    const last = template.segments.at(-1)?.number ?? 0
    const before = this.#newest.get(key)
    this.#newest.set(key, last)
    if (once && before !== undefined && last < before) this.#leaveAll('stream_restarted', 'the stream began anew')
    const viewer = this.#viewer(id, now)
    if (!viewer || viewer.stays) return undefined
    const edge = this.#edgeOf(id, viewer)
    if (!edge) {
      this.#openSoon()
      return undefined
    }
    if (edge.accounts.isStranded(id)) {
      viewer.stays = true
      this.#deps.log.info('a viewer does not reach its edge and is served from here', { edge: edge.viewerUrl })
      return undefined
    }
    const seen = viewer.newest.get(key)
    const isNew = seen === undefined || last < seen
    const told = isNew ? template.segments.slice(-FIRST_SEGMENTS) : template.segments.filter((s) => s.number > seen)
    const listed = told.reduce((sum, { bytes }) => sum + bytes, 0)
    if (!this.#ceiling.allows(listed)) return undefined
    if (!edge.covers(listed)) {
      // More is paid at once; until then the gateway serves.
      this.#ask(edge)
      return undefined
    }
    viewer.newest.set(key, last)
    this.#ceiling.add(listed)
    return edge.baseFor(id, { listed, ahead: AHEAD_BYTES + 1.25 * AHEAD_S * template.bytesPerSecond })
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
    const viewer: Viewer = { edge: undefined, stays: false, newest: new Map(), seenMs: now }
    this.#viewers.set(id, viewer)
    return viewer
  }

  /** A viewer keeps its edge, which has what it fetches next; new ones are spread. */
  #edgeOf(id: ViewerId, viewer: Viewer): EdgeLink | undefined {
    if (viewer.edge?.isOpen && this.#links.has(viewer.edge)) return viewer.edge
    const open = this.links.filter(({ isOpen }) => isOpen)
    viewer.edge = open[Number.parseInt(id.slice(-6), 16) % open.length]
    viewer.newest.clear()
    return viewer.edge
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
      const sample = this.#sample?.()
      if (sample) await auditEdge(link, sample, { allowPrivate, signal })
      this.#links.add(link)
      this.#audited.set(link, clock.elapsed())
    } catch (error) {
      if (chosen && !signal.aborted) chooser.failed(chosen.serviceUri, error)
      this.#retryMs = clock.elapsed() + (chosen ? 0 : RETRY_MS)
      log.info('an edge was not taken', { serviceUri: chosen?.serviceUri, error: errorText(error) })
      await link?.close(reasonOf(error))
    }
  }

  #ask(link: EdgeLink): void {
    link.ask({ signal: this.#stop.signal }).catch((error) => this.#failed(link, error))
  }

  #audit(link: EdgeLink, now: number): void {
    const sample = this.#sample?.()
    if (!sample) return
    this.#audited.set(link, now)
    const { allowPrivate } = this.#options
    auditEdge(link, sample, { allowPrivate, signal: this.#stop.signal }).catch((error) => this.#failed(link, error))
  }

  #failed(link: EdgeLink, error: unknown): void {
    if (this.#stop.signal.aborted || !this.#links.has(link)) return
    this.#deps.chooser.failed(link.serviceUri, error)
    this.#deps.log.warn('an edge is left', { edge: link.viewerUrl, error: errorText(error) })
    void this.#leave(link, reasonOf(error))
  }

  #leaveAll(code: string, message: string): void {
    for (const link of this.#links) void this.#leave(link, { code, message })
  }

  async #leave(link: EdgeLink, why: { readonly code: string; readonly message: string }): Promise<void> {
    this.#links.delete(link)
    this.#audited.delete(link)
    await link.close(why)
  }
}

const reasonOf = (error: unknown) => ({
  code: error instanceof MillraceError ? error.code : 'unknown',
  message: errorText(error),
})
