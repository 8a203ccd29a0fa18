import type { IncomingMessage, ServerResponse } from 'node:http'
import { errorText, hasCode, MillraceError } from '@millrace/base'
import { type IceServer, MAX_SDP_BYTES, type WebRtcAnswer, type WebRtcServer } from '@millrace/media'
import { isManifestId, type ManifestId } from '@millrace/wire'
import { readBody } from '../links/http/read-body.ts'
import type { CameBy } from '../links/http/trusted-proxies.ts'
import { isForeignPage } from './foreign-page.ts'

const BODY_TIMEOUT_MS = 10_000
export const SDP = 'application/sdp'
const FRAGMENT = 'application/trickle-ice-sdpfrag'

/** A publisher by WebRTC that asks to be let in. */
export type WhipOffer = {
  readonly name: string
  /** From the path, or from `Authorization: Bearer`; empty when there is none. */
  readonly key: string
  readonly query: string
  readonly sdp: string
  readonly remoteAddress: string
}

/** A viewer by WebRTC. */
export type WhepOffer = {
  readonly manifestId: ManifestId
  /** The only rendition to show; undefined lets the gateway choose. */
  readonly rendition: string | undefined
  readonly sdp: string
  readonly remoteAddress: string
  /** Viewers that the stream may have, where that is not what all streams may have. */
  readonly maxViewers?: number | undefined
}

export type WebRtcDoorDeps = {
  readonly server: Pick<WebRtcServer, 'admit' | 'session' | 'end' | 'iceServers'>
  /** Who asked, and for what name. */
  readonly cameBy: CameBy
  /** False where publishers by HTTP are refused: see -httpIngest. */
  readonly takesPublishers: boolean
  /** True when a webhook judges keys: then pages of other sites that have one may publish. */
  readonly judgesKeys: boolean
  readonly publish: (offer: WhipOffer) => Promise<WebRtcAnswer>
  readonly play: (offer: WhepOffer) => Promise<WebRtcAnswer>
}

export const WEBRTC_PREFIX = '/webrtc/'

/**
 * POST /webrtc/whip/<name>[/<key>] publishes (WHIP, RFC 9725), POST /webrtc/whep/<manifestId>?rendition=<name> plays (WHEP);
 * either answers with a session at /webrtc/session/<id>, which DELETE ends.
 */
export async function handleWebRtc(
  request: IncomingMessage,
  response: ServerResponse,
  deps: WebRtcDoorDeps,
): Promise<void> {
  for (const [name, value] of Object.entries(CORS)) response.setHeader(name, value)
  try {
    const { pathname, searchParams, search } = new URL(request.url ?? '/', 'http://localhost')
    const [, door = '', name = '', key = ''] =
      /^\/webrtc\/(whip|whep|session)\/([^/]{1,256})(?:\/([^/]{1,256}))?$/.exec(pathname) ?? []
    if (request.method === 'OPTIONS') return options(response, deps)
    if (door === 'session' && key === '') return await session(request, response, name, deps)
    if (door === '') throw new WebRtcRefusal(404, 'expected /webrtc/whip/<stream> or /webrtc/whep/<stream>')
    if (request.method !== 'POST')
      throw new WebRtcRefusal(405, 'send an SDP offer with POST', { allow: 'POST, OPTIONS' })
    if (contentType(request) !== SDP)
      throw new WebRtcRefusal(415, `send an SDP offer as ${SDP}`, { 'accept-post': SDP })
    if (door === 'whip' && !deps.takesPublishers)
      throw new WebRtcRefusal(404, 'this gateway takes no streams by WebRTC: see -httpIngest')
    const remoteAddress = deps.cameBy.clientIp ?? ''
    const bearer = /^Bearer +(\S{1,256})$/i.exec(request.headers.authorization ?? '')?.[1]
    const givenKey = decoded(key) || bearer || ''
    // A page of another site could spend the gateway's money with the address of its visitor.
    if (door === 'whip' && isForeignPage(request, deps.cameBy) && !(deps.judgesKeys && givenKey !== ''))
      throw new WebRtcRefusal(403, 'pages of other sites may not publish here')
    deps.server.admit(remoteAddress)
    const body = await readBody(request, { maxBytes: MAX_SDP_BYTES, timeoutMs: BODY_TIMEOUT_MS })
    const sdp = Buffer.from(body).toString('utf8')
    const answer =
      door === 'whip'
        ? await deps.publish({ name: decoded(name), key: givenKey, query: search.slice(1), sdp, remoteAddress })
        : await deps.play({
            manifestId: watched(decoded(name)),
            rendition: searchParams.get('rendition') ?? undefined,
            sdp,
            remoteAddress,
          })
    // A client that is gone cannot end the session itself.
    if (response.destroyed) return void deps.server.end(answer.id)
    response.writeHead(201, {
      'content-type': SDP,
      location: `${WEBRTC_PREFIX}session/${answer.id}`,
      etag: answer.etag,
      ...linkHeader(deps.server.iceServers()),
    })
    response.end(answer.sdp)
  } catch (error) {
    refuse(request, response, error)
  }
}

function options(response: ServerResponse, deps: WebRtcDoorDeps): void {
  response.writeHead(204, { 'accept-post': SDP, 'accept-patch': FRAGMENT, ...linkHeader(deps.server.iceServers()) })
  response.end()
}

async function session(
  request: IncomingMessage,
  response: ServerResponse,
  id: string,
  { server }: WebRtcDoorDeps,
): Promise<void> {
  const known = server.session(id)
  if (!known) throw new WebRtcRefusal(404, 'there is no such session, or it is over')
  if (request.method === 'DELETE') {
    server.end(id)
    response.writeHead(200)
    response.end()
    return
  }
  if (request.method !== 'PATCH')
    throw new WebRtcRefusal(405, 'a session is ended with DELETE', { allow: 'PATCH, DELETE, OPTIONS' })
  if (contentType(request) !== FRAGMENT)
    throw new WebRtcRefusal(415, `candidates come as ${FRAGMENT}`, { 'accept-patch': FRAGMENT })
  const match = request.headers['if-match']
  if (match !== undefined && match !== '*' && match !== known.etag)
    throw new WebRtcRefusal(412, 'the session has another ETag')
  const body = await readBody(request, { maxBytes: MAX_SDP_BYTES, timeoutMs: BODY_TIMEOUT_MS })
  const ufrag = /^a=ice-ufrag:(\S+)/m.exec(Buffer.from(body).toString('utf8'))?.[1]
  // RFC 9725 section 4.3.3: a server without ICE restarts says so.
  if (match === '*' || (ufrag !== undefined && known.ufrag !== undefined && ufrag !== known.ufrag))
    throw new WebRtcRefusal(422, 'ICE restarts are not done here: begin a new session')
  // The client's candidates are not needed: it is found by the packets it sends.
  response.writeHead(204)
  response.end()
}

export const CORS = {
  'access-control-allow-origin': '*',
  'access-control-allow-methods': 'POST, PATCH, DELETE, OPTIONS',
  'access-control-allow-headers': 'Authorization, Content-Type, If-Match',
  'access-control-expose-headers': 'Location, ETag, Link, Accept-Patch, Retry-After',
  'access-control-max-age': '86400',
} as const

/** The servers as RFC 9725 section 4.6 has them; passwords go to clients, as they must. */
export function linkHeader(servers: readonly IceServer[]): { readonly link?: string } {
  if (servers.length === 0) return {}
  const quoted = (text: string) => `"${text.replace(/["\\\r\n]/g, '')}"`
  const link = servers
    .map(({ urls, username, credential }) => {
      const secret =
        username === undefined || credential === undefined
          ? ''
          : `; username=${quoted(username)}; credential=${quoted(credential)}; credential-type="password"`
      return `<${urls}>; rel="ice-server"${secret}`
    })
    .join(', ')
  return { link }
}

export const contentType = ({ headers }: IncomingMessage): string =>
  (headers['content-type'] ?? '').split(';')[0]!.trim().toLowerCase()

function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    throw new WebRtcRefusal(400, 'the path is not well-formed')
  }
}

function watched(name: string): ManifestId {
  if (isManifestId(name)) return name
  throw new WebRtcRefusal(404, 'there is no such stream')
}

/** An offer that is answered with this status and text. */
export class WebRtcRefusal extends MillraceError {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  constructor(status: number, text: string, headers: Readonly<Record<string, string>> = {}) {
    super('webrtc_refused', text, { meta: { status } })
    this.status = status
    this.headers = headers
  }
}

const STATUS: Readonly<Record<string, number>> = {
  bad_live_request: 400,
  bad_name: 400,
  bad_push_url: 400,
  bad_sdp: 400,
  body_truncated: 400,
  ai_key_refused: 401,
  ai_spend_limit: 402,
  stream_refused: 403,
  stream_not_live: 404,
  codec_not_offered: 406,
  rendition_has_b_frames: 406,
  body_timeout: 408,
  stream_exists: 409,
  body_too_large: 413,
  sdp_too_large: 413,
  ai_rate_limited: 429,
  too_many_offers: 429,
  control_not_sent: 500,
  no_webrtc: 501,
  ai_no_runner: 503,
  no_ice_port: 503,
  session_limit: 503,
  stopping: 503,
  stream_limit: 503,
  viewer_limit: 503,
}

/** Answers with the status and the text of what was thrown. */
export function refuse(request: IncomingMessage, response: ServerResponse, error: unknown): void {
  request.resume()
  if (response.headersSent || response.destroyed) return
  const code = Object.keys(STATUS).find((known) => hasCode(error, known))
  const status = error instanceof WebRtcRefusal ? error.status : (STATUS[code ?? ''] ?? 500)
  const retryAfter = error instanceof MillraceError && error.retryable ? String(error.meta.retryAfterS ?? 5) : undefined
  response.writeHead(status, {
    'content-type': 'text/plain; charset=utf-8',
    ...(error instanceof WebRtcRefusal && error.headers),
    ...(retryAfter !== undefined && { 'retry-after': retryAfter }),
  })
  response.end(
    `${status === 500 && !(error instanceof MillraceError) ? 'the offer cannot be answered' : errorText(error)}\n`,
  )
}
