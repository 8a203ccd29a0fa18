import type { IncomingMessage, ServerResponse } from 'node:http'
import { errorText, hasCode, type Log, MillraceError } from '@millrace/base'
import { MAX_SDP_BYTES, type Publication } from '@millrace/media'
import { manifestId } from '@millrace/wire'
import { readBody } from '../../links/http/read-body.ts'
import type { CameBy } from '../../links/http/trusted-proxies.ts'
import { isForeignPage } from '../foreign-page.ts'
import { CORS, contentType, linkHeader, refuse, SDP, WEBRTC_PREFIX, WebRtcRefusal } from '../webrtc-door.ts'
import type { LiveAi } from './live-ai.ts'
import { checkLiveName, OUT, paramsOf, readWish } from './live-ai-request.ts'
import { openMediaServer, readCall } from './media-server.ts'

export type LiveAiDoorDeps = {
  readonly streams: Pick<
    LiveAi,
    'doors' | 'admit' | 'admitCaller' | 'begin' | 'join' | 'find' | 'ofOutput' | 'catalog' | 'privateOutputs' | 'judges'
  >
  readonly log: Log
}

type Call = {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly cameBy: CameBy
  readonly name: string
  readonly query: URLSearchParams
}

const PIPELINES_PATH = '/live/video-to-video/pipelines'
const BODY_TIMEOUT_MS = 10_000
const MAX_UPDATE_BYTES = 1_048_576
/** A viewer who comes while the first picture is being made waits for it. */
const PICTURE_WITHIN_MS = 10_000
const TRIES = 20
const AGAIN_AFTER_MS = 100
const EXPOSED = `${CORS['access-control-expose-headers']}, Livepeer-Playback-URL`

/** The paths below /live/video-to-video/ (ai spec 8.2). */
export class LiveAiDoor {
  readonly #maxViewers: number | undefined
  readonly #deps: LiveAiDoorDeps

  constructor(options: { readonly maxViewers: number | undefined }, deps: LiveAiDoorDeps) {
    this.#maxViewers = options.maxViewers
    this.#deps = deps
  }

  async answer(request: IncomingMessage, response: ServerResponse, cameBy: CameBy): Promise<void> {
    const { streams } = this.#deps
    for (const [name, value] of Object.entries(CORS)) response.setHeader(name, value)
    response.setHeader('access-control-allow-methods', 'GET, POST, PATCH, DELETE, OPTIONS')
    response.setHeader('access-control-expose-headers', EXPOSED)
    try {
      const { pathname, searchParams: query } = new URL(request.url ?? '/', 'http://localhost')
      if (pathname === PIPELINES_PATH) return await this.#pipelines(request, response)
      const [, prefix = '', raw = '', what = ''] =
        /^\/live\/video-to-video\/(?:([^/]{1,128})\/)?([^/]{1,256})\/(\w{1,20})$/.exec(pathname) ?? []
      const call = { request, response, cameBy, name: decoded(raw), query }
      if (request.method === 'OPTIONS') return this.#options(call)
      if (what === 'status') return this.#status(call)
      if (what === 'start' && request.method === 'POST') return await this.#start(call, decoded(prefix))
      if (prefix !== '' || (what !== 'whip' && what !== 'whep' && what !== 'update'))
        throw new WebRtcRefusal(404, 'expected whip, whep, update or status below /live/video-to-video/<stream>/')
      if (what === 'whep' && request.method === 'PATCH')
        throw new WebRtcRefusal(501, 'candidates are sent to the Location of the answer')
      if (request.method !== 'POST') throw new WebRtcRefusal(405, 'Method not allowed', { allow: 'POST, OPTIONS' })
      if (what === 'whep') return await this.#whep(call)
      // A page of another site could spend the gateway's money with the address of its visitor; where a service judges, it says who may.
      if (isForeignPage(request, cameBy) && !streams.judges)
        throw new WebRtcRefusal(403, 'pages of other sites may not publish here')
      return what === 'whip' ? await this.#whip(call) : await this.#update(call)
    } catch (error) {
      refuse(request, response, viewersBounded(error))
    }
  }

  async #pipelines({ method }: IncomingMessage, response: ServerResponse): Promise<void> {
    if (method !== 'GET') throw new WebRtcRefusal(405, 'Method not allowed', { allow: 'GET' })
    const pipelines = await this.#deps.streams.catalog()
    response.writeHead(200, { 'content-type': 'application/json', 'cache-control': 'no-store' })
    response.end(JSON.stringify({ pipelines }))
  }

  #options({ response }: Call): void {
    const servers = this.#deps.streams.doors.webrtc.iceServers()
    response.writeHead(204, { 'accept-post': SDP, ...linkHeader(servers) })
    response.end()
  }

  /** MediaMTX has a stream, and calls when it is ready; the answer goes to whoever reads its log. */
  async #start({ request, response, cameBy, name }: Call, prefix: string): Promise<void> {
    const { streams, log } = this.#deps
    if (isForeignPage(request, cameBy)) throw new WebRtcRefusal(403, 'pages of other sites may not publish here')
    const body = await readBody(request, { maxBytes: MAX_UPDATE_BYTES, timeoutMs: BODY_TIMEOUT_MS })
    const done = () => void response.writeHead(200).end()
    // What goes back into the media server is no source.
    if (name.endsWith(OUT)) return done()
    const sent = readCall(request.headers['content-type'] ?? '', body)
    const account = streams.admitCaller(request)
    const stream = await streams.begin(checkLiveName(name), { type: sent.sourceType, query: sent.query, account })
    const path = prefix === '' ? name : `${prefix}/${name}`
    const caller = (cameBy.clientIp ?? '127.0.0.1').replace(/^::ffff:/, '')
    const at = { caller, path, allowPrivate: streams.privateOutputs }
    openMediaServer(sent, at, { log }).then(
      (publication) => streams.join(stream, publication),
      (error) => {
        stream.status.failed(errorText(error))
        log.warn('a stream of a media server cannot be read', { stream: name, error: errorText(error) })
        void stream.stop(errorText(error))
      },
    )
    done()
  }

  async #whip(call: Call): Promise<void> {
    const { streams } = this.#deps
    const { webrtc } = streams.doors
    const name = checkLiveName(call.name)
    readWish(call.query)
    const account = streams.admit(call.request)
    const { sdp, remoteAddress } = await this.#offer(call)
    const stream = await streams.begin(name, { type: 'livepeer-whip', query: call.query.toString(), account })
    const { whepUrl } = stream.request
    try {
      const answer = await webrtc.publish(
        { app: 'live/video-to-video', name, sdp, remoteAddress },
        {
          onPublication: (publication: Publication) => streams.join(stream, publication),
          onEnd: () => void stream.stop('the publisher has disconnected'),
        },
      )
      this.#created(call, answer, { 'livepeer-playback-url': whepUrl })
    } catch (error) {
      void stream.stop(errorText(error))
      throw error
    }
  }

  async #whep(call: Call): Promise<void> {
    const { streams } = this.#deps
    const stream = streams.ofOutput(call.name)
    if (!stream) throw new WebRtcRefusal(404, 'there is no such stream')
    const { sdp, remoteAddress } = await this.#offer(call)
    if (!(await stream.hasPicture(PICTURE_WITHIN_MS)))
      throw new WebRtcRefusal(404, 'the stream has no picture yet: try again soon', { 'retry-after': '1' })
    const id = manifestId(stream.request.name + OUT)
    const offer = { manifestId: id, rendition: undefined, sdp, remoteAddress, maxViewers: this.#maxViewers }
    for (let left = TRIES; ; left--)
      try {
        return this.#created(call, await streams.doors.play(offer))
      } catch (error) {
        if (left === 0 || !hasCode(error, 'stream_not_live')) throw error
        // The first picture is on its way from one part of the gateway to the other.
        await new Promise((resolve) => setTimeout(resolve, AGAIN_AFTER_MS))
      }
  }

  async #offer({ request, cameBy }: Call): Promise<{ readonly sdp: string; readonly remoteAddress: string }> {
    if (contentType(request) !== SDP)
      throw new WebRtcRefusal(415, `send an SDP offer as ${SDP}`, { 'accept-post': SDP })
    const remoteAddress = cameBy.clientIp ?? ''
    this.#deps.streams.doors.webrtc.admit(remoteAddress)
    const body = await readBody(request, { maxBytes: MAX_SDP_BYTES, timeoutMs: BODY_TIMEOUT_MS })
    return { sdp: Buffer.from(body).toString('utf8'), remoteAddress }
  }

  #created(
    { response }: Call,
    answer: { readonly id: string; readonly etag: string; readonly sdp: string },
    headers: Readonly<Record<string, string>> = {},
  ): void {
    const { webrtc } = this.#deps.streams.doors
    // A client that is gone cannot end the session itself.
    if (response.destroyed) return void webrtc.end(answer.id)
    response.writeHead(201, {
      'content-type': SDP,
      location: `${WEBRTC_PREFIX}session/${answer.id}`,
      etag: answer.etag,
      ...linkHeader(webrtc.iceServers()),
      ...headers,
    })
    response.end(answer.sdp)
  }

  async #update({ request, response, name, query }: Call): Promise<void> {
    const stream = this.#deps.streams.find(name)
    if (!stream || stream.over) throw new WebRtcRefusal(404, 'Stream not found')
    const body = await readBody(request, { maxBytes: MAX_UPDATE_BYTES, timeoutMs: BODY_TIMEOUT_MS })
    paramsOf(Buffer.from(body).toString('utf8'))
    const account = this.#deps.streams.admit(request)
    if (stream.request.account?.name !== account?.name) throw new WebRtcRefusal(403, "this stream is another key's")
    const stage = query.get('stage') ?? '0'
    if (!/^\d{1,2}$/.test(stage)) throw new MillraceError('bad_live_request', 'stage is a number, counted from 0')
    await stream.update(body, Number(stage))
    response.writeHead(200)
    response.end()
  }

  #status({ request, response, name }: Call): void {
    if (request.method !== 'GET' && request.method !== 'HEAD')
      throw new WebRtcRefusal(405, 'Method not allowed', { allow: 'GET, OPTIONS' })
    const stream = this.#deps.streams.find(name)
    if (!stream) throw new WebRtcRefusal(404, 'Stream not found')
    response.writeHead(200, { 'content-type': 'application/json', 'cache-control': 'no-store' })
    response.end(request.method === 'HEAD' ? undefined : JSON.stringify(stream.status))
  }
}

const viewersBounded = (error: unknown): unknown =>
  hasCode(error, 'viewer_limit') && error instanceof MillraceError
    ? new WebRtcRefusal(429, 'Too many viewers', { 'retry-after': '5' })
    : error

function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    throw new WebRtcRefusal(400, 'the path is not well-formed')
  }
}
