import { byteRange } from '../byte-range.ts'
import type { CmafRequest, CmafResponse } from './types.ts'

const MIME = {
  m3u8: 'application/vnd.apple.mpegurl',
  mpd: 'application/dash+xml',
  m4s: 'video/mp4',
  audio: 'audio/mp4',
  vtt: 'text/vtt',
  text: 'text/plain',
} as const

const COMMON = {
  'Access-Control-Allow-Origin': '*',
  'Access-Control-Allow-Headers': 'Range, If-None-Match',
  'Access-Control-Expose-Headers': 'Content-Length, Content-Range, Date, ETag',
}
const NOTHING = new Uint8Array(0)
const FOR_EVER = 'public, max-age=31536000, immutable'

/** A playlist or manifest; it may be kept this many seconds. */
export function textAnswer(kind: 'm3u8' | 'mpd', text: string, maxAge: number): CmafResponse {
  const body = new TextEncoder().encode(text)
  return {
    status: 200,
    headers: {
      ...COMMON,
      'Content-Type': MIME[kind],
      'Content-Length': String(body.length),
      'Cache-Control': `public, max-age=${maxAge}`,
    },
    body,
    ...(body.length === text.length && { text }),
  }
}

/** Bytes that never change under their name. */
export function mediaAnswer(
  kind: 'm4s' | 'audio' | 'vtt',
  data: Uint8Array,
  name: string,
  request: CmafRequest,
): CmafResponse {
  const etag = `"${name}"`
  const kept = { ...COMMON, 'Cache-Control': FOR_EVER, ETag: etag }
  if (request.ifNoneMatch !== undefined && matches(request.ifNoneMatch, etag))
    return { status: 304, headers: kept, body: NOTHING }
  const wanted = byteRange(request.range, data.length)
  if (wanted === 'unsatisfiable')
    return { status: 416, headers: { ...COMMON, 'Content-Range': `bytes */${data.length}` }, body: NOTHING }
  const body = wanted ? data.subarray(wanted.start, wanted.end + 1) : data
  return {
    status: wanted ? 206 : 200,
    headers: {
      ...kept,
      'Content-Type': MIME[kind],
      'Content-Length': String(body.length),
      'Accept-Ranges': 'bytes',
      ...(wanted && { 'Content-Range': `bytes ${wanted.start}-${wanted.end}/${data.length}` }),
    },
    body,
  }
}

/** A segment whose end is still to come. */
export const openAnswer = (kind: 'm4s' | 'audio', body: AsyncIterable<Uint8Array>): CmafResponse => ({
  status: 200,
  headers: { ...COMMON, 'Content-Type': MIME[kind], 'Cache-Control': 'no-store' },
  body,
})

export function refusal(status: 400 | 404 | 503, why: string): CmafResponse {
  return {
    status,
    headers: {
      ...COMMON,
      'Content-Type': MIME.text,
      'Cache-Control': status === 404 ? 'public, max-age=1' : 'no-store',
      ...(status === 503 && { 'Retry-After': '1' }),
    },
    body: new TextEncoder().encode(`${why}\n`),
  }
}

/** The wall clock, by which DASH players find the live edge. */
export const clockAnswer = (): CmafResponse => ({
  status: 200,
  headers: { ...COMMON, 'Content-Type': MIME.text, 'Cache-Control': 'no-store' },
  body: new TextEncoder().encode(new Date().toISOString()),
})

export const notAllowed = (): CmafResponse => ({
  status: 405,
  headers: { ...COMMON, Allow: 'GET, HEAD, OPTIONS' },
  body: NOTHING,
})

export const preflight = (): CmafResponse => ({
  status: 200,
  headers: { ...COMMON, 'Access-Control-Allow-Methods': 'GET, HEAD, OPTIONS', 'Content-Length': '0' },
  body: NOTHING,
})

const matches = (header: string, etag: string): boolean =>
  header.trim() === '*' ||
  header
    .slice(0, 1_000)
    .split(',')
    .some((one) => one.trim().replace(/^W\//, '') === etag)
