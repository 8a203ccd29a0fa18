import type { IncomingMessage, ServerResponse } from 'node:http'
import type { CmafOrigin, HlsOrigin } from '@millrace/media'
import type { ManifestId } from '@millrace/wire'
import type { GatewayConfig } from '../config/node-config.ts'

import type { TrustedProxies } from '../links/http/trusted-proxies.ts'
import { cutSlowReader } from './admission.ts'
import type { AiDoor } from './ai/ai-door.ts'
import { answerCmaf } from './cmaf-answer.ts'
import { isForeignPage } from './foreign-page.ts'
import { handlePush, type PushDeps } from './http-ingest.ts'
import type { LiveAi } from './live-ai/live-ai.ts'
import type { StoredFiles } from './stored-files.ts'
import { handleWebRtc, WEBRTC_PREFIX, type WebRtcDoorDeps } from './webrtc-door.ts'

const CURRENT_PATH = '/stream/current.m3u8'

export type GatewayHttpDeps = {
  /** Streams as viewers see them. */
  readonly viewed: { readonly hls: Pick<HlsOrigin, 'get'>; readonly cmaf: Pick<CmafOrigin, 'get'> }
  readonly cmaf: Pick<CmafOrigin, 'owns'>
  readonly stored: Pick<StoredFiles, 'owns' | 'answer'>
  /** AI jobs, where they are taken. */
  readonly ai: Pick<AiDoor, 'owns' | 'answer'> | undefined
  /** Live streams through AI pipelines, where they are taken. */
  readonly liveAi: Pick<LiveAi, 'owns' | 'answer'> | undefined
  readonly proxies: Pick<TrustedProxies, 'cameBy'>
  readonly webrtc: Omit<WebRtcDoorDeps, 'cameBy' | 'takesPublishers'>
  readonly pushed: Omit<PushDeps, 'cameBy'>
  readonly ownUrl: () => string
  readonly latest: () => ManifestId | undefined
  /** Ends a stream for its publisher; false when there is none of that name. */
  readonly end: (id: ManifestId) => Promise<boolean>
}

/** Answers what comes to the HTTP port of a gateway: playlists and segments, pushed segments, WebRTC, recordings. */
export class GatewayHttp {
  readonly #config: Pick<GatewayConfig, 'httpIngest' | 'currentManifest'>
  readonly #deps: GatewayHttpDeps

  constructor(config: Pick<GatewayConfig, 'httpIngest' | 'currentManifest'>, deps: GatewayHttpDeps) {
    this.#config = config
    this.#deps = deps
  }

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { cmaf, viewed, stored, proxies, webrtc, ownUrl } = this.#deps
    if (cmaf.owns(request.url ?? '')) return answerCmaf(viewed.cmaf, request, response)
    const { pathname, search } = new URL(request.url ?? '/', 'http://localhost')
    if (stored.owns(pathname)) return stored.answer(request, response, ownUrl())
    const cameBy = proxies.cameBy(request)
    const takesPublishers = this.#config.httpIngest !== false
    if (pathname.startsWith(WEBRTC_PREFIX))
      return handleWebRtc(request, response, { ...webrtc, cameBy, takesPublishers })
    if (takesPublishers && this.#deps.liveAi?.owns(pathname)) return this.#deps.liveAi.answer(request, response, cameBy)
    const changes = request.method !== 'GET' && request.method !== 'HEAD'
    if (changes && isForeignPage(request, cameBy))
      return say(response, 403, 'pages of other sites may not publish here\n')
    if (pathname.startsWith('/live/')) return this.#publisher(request, response, pathname)
    if (this.#deps.ai?.owns(pathname)) return this.#deps.ai.answer(request, response, pathname)
    if (pathname === '/healthz') return say(response, 200, 'ok')
    this.#viewer(request, response, `${this.#playlistPath(pathname)}${search}`)
  }

  async #publisher(request: IncomingMessage, response: ServerResponse, pathname: string): Promise<void> {
    if (this.#config.httpIngest === false) {
      say(response, 404, 'this gateway takes no segments by HTTP: see -httpIngest\n')
      request.resume()
      return
    }
    const named = request.method === 'DELETE' && (/^\/live\/([^/]+)$/.exec(pathname)?.[1] as ManifestId | undefined)
    if (named) {
      response.writeHead((await this.#deps.end(named)) ? 204 : 404)
      response.end()
      return
    }
    return handlePush(request, response, { ...this.#deps.pushed, cameBy: this.#deps.proxies.cameBy(request) })
  }

  #viewer(request: IncomingMessage, response: ServerResponse, path: string): void {
    const { range } = request.headers
    cutSlowReader(response)
    const answer = this.#deps.viewed.hls.get(path, {
      ...(range && { range }),
      ...(request.method && { method: request.method }),
    })
    response.writeHead(answer.status, answer.headers)
    response.end(answer.body)
  }

  /** With -currentManifest the stream that began last has a second name. */
  #playlistPath(pathname: string): string {
    const isCurrent = this.#config.currentManifest && pathname.toLowerCase() === CURRENT_PATH
    const latest = this.#deps.latest()
    return isCurrent && latest !== undefined ? `/stream/${latest}.m3u8` : pathname
  }
}

function say(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'content-type': 'text/plain' })
  response.end(text)
}
