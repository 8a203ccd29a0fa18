import { randomBytes } from 'node:crypto'
import type { Clock, Log, Part } from '@millrace/base'
import type { CmafRequest, CmafResponse, HlsRequest, HlsResponse } from '@millrace/media'
import { isViewerId, type ManifestId } from '@millrace/wire'
import type { AuditSample } from './edge-audit.ts'
import { type ChosenEdge, type EdgeChooser, explainEdgeChoice } from './edge-choice.ts'
import { EdgeLink, type EdgeLinkDeps } from './edge-link.ts'
import { fillTemplate, type PlaylistTemplate, playlistTemplate, withQuery } from './playlist-template.ts'
import type { CeilingOptions } from './recent-bytes.ts'
import { ServedStream } from './served-stream.ts'

export type DistributionOptions = CeilingOptions & {
  /** Edges of a stream at once. */
  readonly edges: number
  readonly allowPrivate: boolean
  /** Where edges pull from: this gateway, as they reach it. */
  readonly origin: () => string
}

export type DistributionDeps = EdgeLinkDeps & {
  readonly chooser: EdgeChooser
  readonly clock: Clock
  readonly log: Log
}

/** How one edge of a stream stands; amounts are decimal strings of wei. */
export type EdgeStatus = {
  readonly orchestrator: string
  readonly serviceUri: string
  readonly viewerUrl: string
  readonly sessionId: string
  readonly pricePerByte: string
  readonly viewers: number
  readonly bytes: number
  readonly feeWei: string
  readonly paidWei: string
}

type Origin<Request, Response> = { get(path: string, request?: Request): Response | Promise<Response> }
type Answer = {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: unknown
  readonly text?: string
}

const CMAF = /^\/cmaf\/([^/?]+)\/(?:([^/?]+)\/)?(ll|fmp4)\.m3u8(?:\?(.*))?$/
const STREAM = /^\/stream\/([^/?]+?)(?:\/([^/?]+))?\.m3u8(?:\?(.*))?$/
const MAX_STREAMS = 1_000
const MAX_TEMPLATES = 5_000
const TICK_MS = 1_000

/**
 * Has the viewers of this gateway served by orchestrators: playlists come from here, and what they list from the edges. A viewer is
 * known by a number in the addresses of its playlists, which the multivariant playlist gives it.
 */
export class Distribution implements Part {
  readonly name = 'distribution'
  readonly #options: DistributionOptions
  readonly #deps: DistributionDeps
  readonly #streams = new Map<ManifestId, ServedStream>()
  readonly #templates = new Map<string, { readonly template: PlaylistTemplate; readonly sizes: Map<string, number> }>()
  #timer: ReturnType<typeof setInterval> | undefined

  constructor(options: DistributionOptions, deps: DistributionDeps) {
    this.#options = options
    this.#deps = deps
  }

  async start(): Promise<void> {
    this.#timer = setInterval(() => this.#tick(), TICK_MS)
    this.#timer.unref()
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer)
    await Promise.all([...this.#streams.values()].map((s) => s.close('stopping', 'the gateway is stopping')))
    this.#streams.clear()
  }

  /** The origin of CMAF with the playlists that viewers of edges need. */
  cmaf(origin: Origin<CmafRequest, CmafResponse>): Origin<CmafRequest, CmafResponse> {
    return {
      get: (path, request = {}) => {
        const asked = request.method === undefined || request.method === 'GET' ? CMAF.exec(path) : undefined
        if (!asked) return origin.get(path, request)
        const [, id = '', rendition, form = '', query = ''] = asked
        const { viewer, rest } = viewerOf(query)
        const folder = rendition === undefined ? undefined : `/cmaf/${id}/${rendition}/`
        const own = `${folder ?? `/cmaf/${id}/`}${form}.m3u8${rest === '' ? '' : `?${rest}`}`
        const isDelta = rest.includes('_HLS_skip')
        const rewrite = (answer: CmafResponse): CmafResponse =>
          this.#rewritten(origin, answer, {
            id,
            folder,
            key: `${own.split('?')[0]}${isDelta ? '+' : ''}`,
            viewer,
            once: false,
          })
        const found = origin.get(own, request)
        return found instanceof Promise ? found.then(rewrite) : rewrite(found)
      },
    }
  }

  /** The same for the origin of MPEG-TS. */
  hls(origin: { get(path: string, request?: HlsRequest): HlsResponse }): {
    get(path: string, request?: HlsRequest): HlsResponse
  } {
    return {
      get: (path, request = {}) => {
        const asked = request.method === undefined || request.method === 'GET' ? STREAM.exec(path) : undefined
        if (!asked) return origin.get(path, request)
        const [, id = '', rendition, query = ''] = asked
        const key = path.split('?')[0] ?? path
        const folder = rendition === undefined ? undefined : `/stream/${id}/`
        const { viewer } = viewerOf(query)
        return this.#rewritten(origin, origin.get(key, request), { id, folder, key, viewer, once: true })
      },
    }
  }

  /** Which edges serve a stream; undefined for one whose viewers were sent to none. */
  status(id: string): readonly EdgeStatus[] | undefined {
    return this.#streams.get(id as ManifestId)?.links.map((link) => ({
      orchestrator: link.orchestrator,
      serviceUri: link.serviceUri,
      viewerUrl: link.viewerUrl,
      sessionId: link.sessionId,
      pricePerByte: `${link.pricePerByte.num}/${link.pricePerByte.den}`,
      viewers: link.accounts.size,
      bytes: link.billedBytes,
      feeWei: link.feeWei.toString(),
      paidWei: link.paidWei.toString(),
    }))
  }

  /** Who serves a stream, and how that was chosen; undefined for one whose viewers were sent to nobody. */
  explain(id: string): { readonly serving: readonly EdgeStatus[]; readonly choices: readonly unknown[] } | undefined {
    const choices = this.#deps.chooser.choices(id as ManifestId)
    const serving = this.status(id)
    return serving || choices.length > 0
      ? { serving: serving ?? [], choices: choices.map(explainEdgeChoice) }
      : undefined
  }

  /** What GET /distribution of the operator's port answers. */
  summary(): { readonly streams: readonly { readonly manifestId: string; readonly edges: readonly EdgeStatus[] }[] } {
    return {
      streams: [...this.#streams.keys()].map((manifestId) => ({ manifestId, edges: this.status(manifestId) ?? [] })),
    }
  }

  /** The media playlist of a viewer, or the multivariant playlist that makes one; whatever else the origin says stays as it is. */
  #rewritten<A extends Answer>(
    origin: Origin<{ method: string }, Answer>,
    answer: A,
    asked: {
      readonly id: string
      /** Of the playlist's files; undefined for a multivariant playlist. */
      readonly folder: string | undefined
      readonly key: string
      readonly viewer: string | undefined
      readonly once: boolean
    },
  ): A {
    if (answer.status !== 200 || !(answer.body instanceof Uint8Array)) return answer
    const text = answer.text ?? Buffer.from(answer.body).toString('utf8')
    const { id, folder, key, viewer, once } = asked
    if (folder === undefined) {
      const query = `?v=${randomBytes(8).toString('hex')}`
      return withText(answer, withQuery(text, query), 'private, no-store')
    }
    const stream = viewer === undefined ? undefined : this.#stream(id as ManifestId)
    if (viewer === undefined || !stream) return answer
    const template = this.#template(origin, key, folder, text)
    const sample = () => sampleOf(origin, folder, template)
    const base = stream.baseFor(viewer, { key, template, once }, sample)
    const query = `?v=${viewer}`
    return withText(
      answer,
      fillTemplate(template, base === undefined ? '' : `${base}${folder}`, query),
      'private, max-age=1',
    )
  }

  #template(origin: Origin<{ method: string }, Answer>, key: string, folder: string, text: string): PlaylistTemplate {
    const known = this.#templates.get(key)
    if (known?.template.text === text) return known.template
    const before = known?.sizes
    const sizes = new Map<string, number>()
    const template = playlistTemplate(text, (uri) => {
      const size = before?.get(uri) ?? sizeOf(origin, `${folder}${uri}`)
      sizes.set(uri, size)
      return size
    })
    this.#templates.delete(key)
    this.#templates.set(key, { template, sizes })
    const oldest = this.#templates.keys().next().value
    if (this.#templates.size > MAX_TEMPLATES && oldest !== undefined) this.#templates.delete(oldest)
    return template
  }

  #stream(manifestId: ManifestId): ServedStream | undefined {
    const known = this.#streams.get(manifestId)
    if (known || this.#timer === undefined || this.#streams.size >= MAX_STREAMS) return known
    const stream = new ServedStream(
      { ...this.#options, manifestId },
      {
        ...this.#deps,
        openLink: (edge) => this.#openLink(manifestId, edge),
        log: this.#deps.log.child({ manifestId }),
      },
    )
    this.#streams.set(manifestId, stream)
    return stream
  }

  #openLink(manifestId: ManifestId, { serviceUri, info }: ChosenEdge): EdgeLink {
    return new EdgeLink({ manifestId, serviceUri, info, origin: this.#options.origin() }, this.#deps)
  }

  #tick(): void {
    for (const [id, stream] of this.#streams) {
      if (!stream.isIdle) {
        stream.tick()
        continue
      }
      this.#streams.delete(id)
      void stream.close('no_viewers', 'nobody has watched for a while')
    }
  }
}

/** The viewer that a query names, and what else is in it. */
function viewerOf(query: string): { readonly viewer: string | undefined; readonly rest: string } {
  const rest: string[] = []
  let viewer: string | undefined
  for (const pair of query.slice(0, 1_000).split('&')) {
    if (pair.startsWith('v=')) viewer = isViewerId(pair.slice(2)) ? pair.slice(2) : undefined
    else if (pair !== '') rest.push(pair)
  }
  return { viewer, rest: rest.join('&') }
}

function withText<A extends Answer>(answer: A, text: string, cacheControl: string): A {
  const body = new TextEncoder().encode(text)
  const { text: _, ...rest } = answer
  const headers = { ...answer.headers, 'Content-Length': String(body.length), 'Cache-Control': cacheControl }
  return { ...rest, headers, body } as unknown as A
}

function sizeOf(origin: Origin<{ method: string }, Answer>, path: string): number {
  const answer = origin.get(path, { method: 'HEAD' })
  return answer instanceof Promise ? 0 : Number(answer.headers['Content-Length'] ?? 0)
}

/** The newest whole segment of a playlist. */
function sampleOf(
  origin: Origin<{ method: string }, Answer>,
  folder: string,
  template: PlaylistTemplate,
): AuditSample | undefined {
  const uri = template.text
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#') && !line.startsWith('/') && !line.includes(':'))
    .at(-1)
  if (uri === undefined) return undefined
  const path = `${folder}${uri}`
  const answer = origin.get(path, { method: 'GET' })
  if (answer instanceof Promise || answer.status !== 200 || !(answer.body instanceof Uint8Array)) return undefined
  return { path, data: answer.body }
}
