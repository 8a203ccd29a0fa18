import { createHash, createHmac } from 'node:crypto'
import { encodeUriStrictly } from '../object-key.ts'

/** Who signs, for which region. */
export type S3Credentials = { readonly accessKeyId: string; readonly secret: string; readonly region: string }

/** What stands for the hash of a body that is not hashed. */
export const UNSIGNED_PAYLOAD = 'UNSIGNED-PAYLOAD'

const ALGORITHM = 'AWS4-HMAC-SHA256'

export type RequestToSign = {
  readonly method: string
  readonly url: URL
  /** Further headers that are signed; `host` is added. */
  readonly headers?: Readonly<Record<string, string>>
  readonly payloadHash: string
  readonly date: Date
}

/** The headers of a request with its signature (AWS Signature Version 4 for S3, in the Authorization header). */
export function signedHeaders(request: RequestToSign, credentials: S3Credentials): Record<string, string> {
  const amzDate = amzDateOf(request.date)
  const headers: Record<string, string> = {
    ...request.headers,
    'x-amz-content-sha256': request.payloadHash,
    'x-amz-date': amzDate,
  }
  const { names, signature } = sign(
    { ...request, headers: { ...headers, host: request.url.host } },
    { amzDate, credentials },
  )
  const credential = `${credentials.accessKeyId}/${scopeOf(amzDate, credentials.region)}`
  return {
    ...headers,
    authorization: `${ALGORITHM} Credential=${credential},SignedHeaders=${names},Signature=${signature}`,
  }
}

/** An address that whoever has it may use for so long, 7 days at most. */
export function presignedUrl(
  request: { readonly method: string; readonly url: URL; readonly expiresS: number; readonly date: Date },
  credentials: S3Credentials,
): string {
  const amzDate = amzDateOf(request.date)
  const url = new URL(request.url)
  const query = {
    'X-Amz-Algorithm': ALGORITHM,
    'X-Amz-Credential': `${credentials.accessKeyId}/${scopeOf(amzDate, credentials.region)}`,
    'X-Amz-Date': amzDate,
    'X-Amz-Expires': String(request.expiresS),
    'X-Amz-SignedHeaders': 'host',
  }
  url.search = queryText([...url.searchParams, ...Object.entries(query)])
  const { signature } = sign(
    { ...request, url, payloadHash: UNSIGNED_PAYLOAD, headers: { host: url.host } },
    { amzDate, credentials },
  )
  return `${url.href}&X-Amz-Signature=${signature}`
}

/** The signature of a base64 policy, in hexadecimal. */
export const signPolicy = (policy: string, amzDate: string, credentials: S3Credentials): string =>
  hmac(signingKey(amzDate, credentials), policy).toString('hex')

/** `20130524T000000Z` */
export const amzDateOf = (date: Date): string => date.toISOString().replace(/[-:]|\.\d{3}/g, '')

/** `20130524/us-east-1/s3/aws4_request` */
export const scopeOf = (amzDate: string, region: string): string => `${amzDate.slice(0, 8)}/${region}/s3/aws4_request`

export const sha256Hex = (data: Uint8Array | string): string => createHash('sha256').update(data).digest('hex')

function sign(
  request: {
    readonly method: string
    readonly url: URL
    readonly headers: Readonly<Record<string, string>>
    readonly payloadHash: string
  },
  { amzDate, credentials }: { readonly amzDate: string; readonly credentials: S3Credentials },
): { readonly names: string; readonly signature: string } {
  const headers = Object.entries(request.headers)
    .map(([name, value]) => [name.toLowerCase(), value.trim().replace(/\s+/g, ' ')] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1))
  const names = headers.map(([name]) => name).join(';')
  const canonical = [
    request.method,
    // S3 signs the path as it is sent, other services encode it once more.
    request.url.pathname,
    queryText([...request.url.searchParams]),
    ...headers.map(([name, value]) => `${name}:${value}`),
    '',
    names,
    request.payloadHash,
  ].join('\n')
  const text = [ALGORITHM, amzDate, scopeOf(amzDate, credentials.region), sha256Hex(canonical)].join('\n')
  return { names, signature: hmac(signingKey(amzDate, credentials), text).toString('hex') }
}

/** A query as it is signed; sent in the same form, since a plus sign would be read in two ways. */
export const queryText = (query: readonly (readonly [string, string])[]): string =>
  query
    .map(([name, value]) => `${encodeUriStrictly(name)}=${encodeUriStrictly(value)}`)
    .sort()
    .join('&')

const signingKey = (amzDate: string, { secret, region }: S3Credentials): Buffer =>
  ['s3', 'aws4_request'].reduce(
    (key, part) => hmac(key, part),
    hmac(hmac(`AWS4${secret}`, amzDate.slice(0, 8)), region),
  )

const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest()
