import { encodeObjectKey } from '../object-key.ts'
import { amzDateOf, type S3Credentials, scopeOf, signPolicy } from './signature.ts'

/** What somebody needs to put objects below a prefix of a bucket: OSInfo of the wire. */
export type UploadGrant = {
  readonly host: string
  readonly key: string
  readonly policy: string
  readonly signature: string
  readonly credential: string
  readonly xAmzDate: string
}

const ALGORITHM = 'AWS4-HMAC-SHA256'

/** Makes a POST policy: who has it may put publicly readable objects whose keys begin with `key`. */
export function postGrant(
  to: {
    readonly bucketUrl: string
    readonly bucket: string
    readonly key: string
    readonly expiresS: number
    readonly date?: Date
  },
  credentials: S3Credentials,
): UploadGrant {
  const { bucketUrl, bucket, key, expiresS, date = new Date() } = to
  const xAmzDate = amzDateOf(date)
  const credential = `${credentials.accessKeyId}/${scopeOf(xAmzDate, credentials.region)}`
  const policy = Buffer.from(
    JSON.stringify({
      expiration: new Date(date.getTime() + expiresS * 1_000).toISOString(),
      conditions: [
        { bucket },
        { acl: 'public-read' },
        ['starts-with', '$Content-Type', ''],
        ['starts-with', '$key', key],
        { 'x-amz-algorithm': ALGORITHM },
        { 'x-amz-credential': credential },
        { 'x-amz-date': xAmzDate },
      ],
    }),
  ).toString('base64')
  return { host: bucketUrl, key, policy, signature: signPolicy(policy, xAmzDate, credentials), credential, xAmzDate }
}

/** The form with which an object is put by such a grant; the file is its last field, as S3 wants it (wire spec 3.6). */
export function grantForm(
  grant: UploadGrant,
  object: { readonly name: string; readonly data: Uint8Array; readonly contentType: string },
): { readonly fields: readonly (readonly [string, string])[]; readonly url: string } {
  const key = `${grant.key}/${object.name}`
  return {
    url: `${grant.host}/${encodeObjectKey(key)}`,
    fields: [
      ['acl', 'public-read'],
      ['Content-Type', object.contentType],
      ['key', key],
      ['policy', grant.policy],
      ['x-amz-algorithm', ALGORITHM],
      ['x-amz-credential', grant.credential],
      ['x-amz-date', grant.xAmzDate],
      ['x-amz-signature', grant.signature],
    ],
  }
}
