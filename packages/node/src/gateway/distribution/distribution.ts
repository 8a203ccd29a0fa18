import { randomBytes } from 'node:crypto'
import type { Clock, Log, Part } from '@millrace/base'
import type { CmafRequest, CmafResponse, HlsRequest, HlsResponse } from '@millrace/media'
import { isViewerId, type ManifestId, type ViewerId } from '@millrace/wire'
import type { AuditSample } from './edge-audit.ts'
import { type ChosenEdge, type EdgeChooser, explainEdgeChoice } from './edge-choice.ts'
import { EdgeLink, type EdgeLinkDeps } from './edge-link.ts'
import type { CeilingOptions } from './recent-bytes.ts'
import { ServedStream } from './served-stream.ts'
import { viewerMaster, viewerPlaylist } from './viewer-playlists.ts'

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

const CMAF = /^\/cmaf\/([^/?]+)\/(?:([^/?]+)\/)?(ll|fmp4|dvr)\.m3u8(?:\?(.*))?$/
const CMAF_FILE = /^\/cmaf\/([^/?]+)\/[^/?]+\/[^/?]+\.m4s\?(.*)$/
const STREAM = /^\/stream\/([^/?]+?)(?:\/([^/?]+))?\.m3u8(?:\?(.*))?$/
const STREAM_FILE = /^\/stream\/([^/?]+)\/[^/?]+\/\d+\.(?:ts|mp4)\?(.*)$/
const MAX_STREAMS = 1_000
const MAX_PLAYLISTS = 5_000
const TICK_MS = 1_000
const NOTHING = new Uint8Array(0)

/**
 * Has the viewers of this gateway served by orchestrators: playlists come from here, and whoever asks for a segment or part is sent to
 * an edge. The addresses in playlists stay this gateway's, so that nothing that a player knows ever leads to an edge that is gone.
 * A viewer is known by a number behind these addresses, which the multivariant playlist gives it.
 */
export class Distribution implements Part {
  readonly name = 'distribution'
  readonly #options: DistributionOptions
  readonly #deps: DistributionDeps
  readonly #streams = new Map<ManifestId, ServedStream>()
  readonly #playlists = new Map<string, { readonly text: string; readonly pieces: readonly string[] }>()
  /** Tells files apart that have one name: those of a stream that came back begin with 0.ts again. */
  readonly #runs = new WeakMap<Uint8Array, string>()
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

  /** The origin of CMAF as viewers see it. */
  cmaf(origin: Origin<CmafRequest, CmafResponse>): Origin<CmafRequest, CmafResponse> {
    return {
      get: (path, request = {}) => {
        const isGet = request.method === undefined || request.method === 'GET'
        const file = isGet ? CMAF_FILE.exec(path) : undefined
        if (file) return this.#cmafFile(origin, path, request, file[1] ?? '', viewerOf(file[2] ?? '').viewer)
        const playlist = isGet ? CMAF.exec(path) : undefined
        if (!playlist) return origin.get(path, request)
        const [, , rendition, , query = ''] = playlist
        const { viewer, rest } = viewerOf(query)
        const name = path.split('?')[0] ?? ''
        const found = origin.get(rest === '' ? name : `${name}?${rest}`, request)
        const key = rest.includes('_HLS_skip') ? `${name}+` : name
        const rewrite = (answer: CmafResponse): CmafResponse =>
          this.#playlistFor(answer, { key, isMaster: rendition === undefined, viewer })
        return found instanceof Promise ? found.then(rewrite) : rewrite(found)
      },
    }
  }

  /** The origin of MPEG-TS as viewers see it. */
  hls(origin: { get(path: string, request?: HlsRequest): HlsResponse }): {
    get(path: string, request?: HlsRequest): HlsResponse
  } {
    return {
      get: (path, request = {}) => {
        const isGet = request.method === undefined || request.method === 'GET'
        const name = path.split('?')[0] ?? ''
        const file = isGet ? STREAM_FILE.exec(path) : undefined
        if (file) {
          const { status, body } = origin.get(name)
          const at = status === 200 && `${name}?r=${this.#runOf(body)}`
          const address =
            at && this.#addressFor(file[1] ?? '', viewerOf(file[2] ?? '').viewer, { path: at, data: body })
          return address ? sentTo(address) : origin.get(name, request)
        }
        const playlist = isGet ? STREAM.exec(path) : undefined
        if (!playlist) return origin.get(path, request)
        const { viewer } = viewerOf(playlist[3] ?? '')
        return this.#playlistFor(origin.get(name, request), { key: name, isMaster: playlist[2] === undefined, viewer })
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

  /** A file that may still be in the making: who waits for it is sent away when it is there. */
  #cmafFile(
    origin: Origin<CmafRequest, CmafResponse>,
    path: string,
    request: CmafRequest,
    id: string,
    viewer: ViewerId | undefined,
  ): CmafResponse | Promise<CmafResponse> {
    const name = path.split('?')[0] ?? ''
    if (viewer === undefined) return origin.get(name, request)
    const { signal, onGone } = request
    const found = origin.get(name, { signal, onGone })
    const answer = ({ status, body }: CmafResponse): CmafResponse | Promise<CmafResponse> => {
      const isWhole = status === 200 && body instanceof Uint8Array
      const address = isWhole ? this.#addressFor(id, viewer, { path: name, data: body }) : undefined
      return address === undefined ? origin.get(name, request) : sentTo(address)
    }
    return found instanceof Promise ? found.then(answer) : answer(found)
  }

  #addressFor(id: string, viewer: ViewerId | undefined, file: AuditSample): string | undefined {
    return viewer === undefined ? undefined : this.#stream(id as ManifestId)?.addressFor(viewer, file)
  }

  #runOf(data: Uint8Array): string {
    const run = this.#runs.get(data) ?? randomBytes(4).toString('hex')
    this.#runs.set(data, run)
    return run
  }

  /** The playlist of a viewer, or the multivariant playlist that makes one; whatever else the origin says stays as it is. */
  #playlistFor<A extends CmafResponse | HlsResponse>(
    answer: A,
    {
      key,
      isMaster,
      viewer,
    }: { readonly key: string; readonly isMaster: boolean; readonly viewer: ViewerId | undefined },
  ): A {
    if (answer.status !== 200 || !(answer.body instanceof Uint8Array)) return answer
    if (!isMaster && viewer === undefined) return answer
    const text = 'text' in answer && answer.text ? answer.text : Buffer.from(answer.body).toString('utf8')
    if (isMaster)
      return withText(answer, viewerMaster(text, `?v=${randomBytes(8).toString('hex')}`), 'private, no-store')
    return withText(answer, this.#pieces(key, text).join(`?v=${viewer}`), 'private, max-age=1')
  }

  #pieces(key: string, text: string): readonly string[] {
    const known = this.#playlists.get(key)
    if (known?.text === text) return known.pieces
    const pieces = viewerPlaylist(text)
    this.#playlists.delete(key)
    this.#playlists.set(key, { text, pieces })
    const oldest = this.#playlists.keys().next().value
    if (this.#playlists.size > MAX_PLAYLISTS && oldest !== undefined) this.#playlists.delete(oldest)
    return pieces
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
function viewerOf(query: string): { readonly viewer: ViewerId | undefined; readonly rest: string } {
  const rest: string[] = []
  let viewer: ViewerId | undefined
  for (const pair of query.slice(0, 1_000).split('&')) {
    if (pair.startsWith('v=')) viewer = isViewerId(pair.slice(2)) ? pair.slice(2) : undefined
    else if (pair !== '') rest.push(pair)
  }
  return { viewer, rest: rest.join('&') }
}

function withText<A extends CmafResponse | HlsResponse>(answer: A, text: string, cacheControl: string): A {
  const body = new TextEncoder().encode(text)
  const headers = { ...answer.headers, 'Content-Length': String(body.length), 'Cache-Control': cacheControl }
  return { ...answer, headers, body, ...('text' in answer && { text }) }
}

const sentTo = (address: string): HlsResponse => ({
  status: 307,
  headers: {
    'Access-Control-Allow-Origin': '*',
    Location: address,
    // The next time it may be somewhere else.
    'Cache-Control': 'no-store',
    'Content-Length': '0',
  },
  body: NOTHING,
})
