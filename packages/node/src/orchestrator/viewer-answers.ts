import { byteRange } from '@millrace/media'
import { type ManifestId, type SessionId, sessionId } from '@millrace/wire'
import { VIEWER_TOKEN_LENGTH } from '@millrace/wire/node'
import type { ViewerAnswer, ViewerRequest } from '../links/edge-service.ts'

/** What a viewer asks for. */
export type ViewerPath = {
  readonly sessionId: SessionId
  readonly token: string
  readonly manifestId: ManifestId
  /** At the gateway; a query behind it tells files of one name apart. */
  readonly file: string
  readonly name: string
}

const NAME = '[A-Za-z0-9_~-][A-Za-z0-9._~-]{0,127}'
/** Files of media only: what changes, playlists above all, is the gateway's to serve. */
const PATH = new RegExp(
  `^/edge/([0-9A-Za-z_-]{1,64})/([A-Za-z0-9_-]{${VIEWER_TOKEN_LENGTH}})(/(?:cmaf|stream)/(${NAME})/${NAME}/([0-9A-Za-z.-]{1,64}\\.(?:m4s|mp4|ts))(?:\\?r=[0-9a-f]{1,16})?)$`,
)
const TYPES: Readonly<Record<string, string>> = { m4s: 'video/mp4', mp4: 'video/mp4', ts: 'video/mp2t' }

const COMMON = {
  'access-control-allow-origin': '*',
  'access-control-allow-headers': 'Range, If-None-Match',
  'access-control-expose-headers': 'Content-Length, Content-Range, Date, ETag',
  'cross-origin-resource-policy': 'cross-origin',
  'x-content-type-options': 'nosniff',
}
const NOTHING = new Uint8Array(0)
const unpaid = (): void => {}

/** Reads the address of a viewer's request: /edge/<session>/<token>/cmaf/<stream>/<rendition>/<file>. */
export function viewerPath(target: string): ViewerPath | undefined {
  const match = PATH.exec(target)
  if (!match) return undefined
  const [, session = '', token = '', file = '', manifestId = '', name = ''] = match
  return { sessionId: sessionId(session), token, manifestId: manifestId as ManifestId, file, name }
}

/** Bytes that never change under their name, whole or in part. */
export function answerViewer(
  { name, file }: ViewerPath,
  data: Uint8Array,
  request: ViewerRequest,
): Omit<ViewerAnswer, 'sent'> {
  const etag = `"${file.split('/').slice(-2).join('/')}"`
  // The address holds a token of one viewer: nobody else's cache has a use for it.
  const kept = { ...COMMON, 'cache-control': 'private, max-age=31536000, immutable', etag }
  if (request.ifNoneMatch === etag) return { status: 304, headers: kept, body: NOTHING }
  const wanted = byteRange(request.range, data.length)
  if (wanted === 'unsatisfiable')
    return { status: 416, headers: { ...COMMON, 'content-range': `bytes */${data.length}` }, body: NOTHING }
  const body = wanted ? data.subarray(wanted.start, wanted.end + 1) : data
  return {
    status: wanted ? 206 : 200,
    headers: {
      ...kept,
      'content-type': TYPES[name.slice(name.lastIndexOf('.') + 1)] ?? 'application/octet-stream',
      'content-length': String(body.length),
      'accept-ranges': 'bytes',
      ...(wanted && { 'content-range': `bytes ${wanted.start}-${wanted.end}/${data.length}` }),
    },
    body: request.method === 'HEAD' ? NOTHING : body,
  }
}

/** A refusal whose text is its code. */
export const refuseViewer = (status: number, code: string): ViewerAnswer => ({
  status,
  headers: { ...COMMON, 'content-type': 'text/plain', 'cache-control': 'no-store' },
  body: new TextEncoder().encode(`${code}\n`),
  sent: unpaid,
})

export const preflightAnswer = (): ViewerAnswer => ({
  status: 204,
  headers: { ...COMMON, 'access-control-allow-methods': 'GET, HEAD, OPTIONS', 'access-control-max-age': '86400' },
  body: NOTHING,
  sent: unpaid,
})
