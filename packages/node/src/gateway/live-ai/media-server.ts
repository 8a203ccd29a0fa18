import { type Log, MillraceError } from '@millrace/base'
import { parseMultipart, requirePublicAddress } from '@millrace/base/node'
import { openFileSource, type Publication } from '@millrace/media'

/** What MediaMTX says of a stream that somebody publishes to it (ai spec 8.2). */
export type MediaServerCall = {
  readonly sourceId: string
  readonly sourceType: 'rtmp' | 'whip'
  readonly query: string
  /** Where the stream is; undefined for the caller itself. */
  readonly url: string | undefined
}

const SOURCE_TYPES: Readonly<Record<string, MediaServerCall['sourceType']>> = {
  rtmpconn: 'rtmp',
  webrtcsession: 'whip',
}
const MAX_TEXT = 100_000

/** Reads the form of a callback, as curl or a browser sends it; throws `bad_live_request`. */
export function readCall(contentType: string, body: Uint8Array): MediaServerCall {
  const fields = formFields(contentType, body)
  const need = (name: string): string => {
    const value = fields.get(name) ?? ''
    if (value === '') throw bad(`Missing ${name}`)
    return value
  }
  const sourceId = need('source_id')
  const sourceType = SOURCE_TYPES[need('source_type').toLowerCase()]
  if (!sourceType) throw bad('unknown media source: source_type is rtmpConn or webrtcSession')
  if (!/^[\w-]{1,100}$/.test(sourceId)) throw bad('source_id is not the id of a session')
  const url = fields.get('rtmp_url')
  if (url && (!/^(rtmp|rtsp|rtsps|srt):\/\//i.test(url) || !URL.canParse(url) || url.length > 2_000))
    throw bad('rtmp_url is an address that begins with rtmp://, rtsp:// or srt://')
  return { sourceId, sourceType, query: fields.get('query') ?? '', url: url || undefined }
}

/** Fetches the stream that a media server called about: from the caller, or from an address that a stranger may name. */
export async function openMediaServer(
  { url }: Pick<MediaServerCall, 'url'>,
  at: { readonly caller: string; readonly path: string; readonly allowPrivate: boolean },
  deps: { readonly log: Log },
): Promise<Publication> {
  const { caller, path, allowPrivate } = at
  const host = caller.includes(':') ? `[${caller}]` : caller
  const isElsewhere = url !== undefined && new URL(url).hostname !== host
  if (isElsewhere && !allowPrivate) await requirePublicAddress(url)
  return openFileSource({ path: url ?? `rtmp://${host}/${path}`, name: path, allowPrivate: true }, deps)
}

function formFields(contentType: string, body: Uint8Array): ReadonlyMap<string, string> {
  if (body.length > MAX_TEXT) throw bad('the form is too large')
  const boundary = /^multipart\/form-data\s*;.*?boundary=(?:"([^"]{1,200})"|([^;\s]{1,200}))/i.exec(contentType)
  if (!boundary) return new Map(new URLSearchParams(Buffer.from(body).toString('utf8')))
  try {
    return new Map(
      parseMultipart(body, (boundary[1] ?? boundary[2]) as string).map((part) => {
        const name = /(?:^|[;\s])name="([^"]{1,100})"/i.exec(part.headers['content-disposition'] ?? '')?.[1] ?? ''
        return [name, Buffer.from(part.body).toString('utf8')]
      }),
    )
  } catch (cause) {
    throw new MillraceError('bad_live_request', 'the form cannot be read', { cause })
  }
}

const bad = (why: string): MillraceError => new MillraceError('bad_live_request', why)
