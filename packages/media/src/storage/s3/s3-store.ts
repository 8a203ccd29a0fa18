import { MillraceError } from '@millrace/base'
import { askStore, type StoreAnswer, type StorePatience } from '../http-store.ts'
import { checkObjectKey, encodeObjectKey } from '../object-key.ts'
import type { ObjectCall, ObjectStore } from '../object-store.ts'
import { readErrorCode, readListXml } from './list-xml.ts'
import { postGrant, type UploadGrant } from './post-policy.ts'
import { presignedUrl, queryText, type S3Credentials, sha256Hex, signedHeaders, UNSIGNED_PAYLOAD } from './signature.ts'

/** Bodies above this are not hashed for the signature: that would hold up everything else in this process. */
const MAX_HASHED_BYTES = 64 * 1024

export type S3StoreOptions = S3Credentials & {
  /** Where the bucket is, for example https://bucket.s3.eu-west-1.amazonaws.com or http://127.0.0.1:9000/bucket. */
  readonly bucketUrl: string
  readonly bucket: string
  /** What stands before every key, with a slash at its end; empty for nothing. */
  readonly prefix: string
  readonly patience?: StorePatience
}

/** A bucket of Amazon S3 or of anything that speaks its protocol. Throws `store_refused`, with the code that S3 gave, and `store_unreachable`. */
export class S3Store implements ObjectStore {
  readonly about: string
  readonly #options: S3StoreOptions

  constructor(options: S3StoreOptions) {
    this.#options = options
    this.about = `${options.bucketUrl}/${options.prefix}`
  }

  async save(key: string, data: Uint8Array, options: ObjectCall & { readonly contentType?: string } = {}) {
    const url = this.url(key)
    const { contentType = 'application/octet-stream', signal } = options
    const answer = await this.#ask({ method: 'PUT', url, data, headers: { 'content-type': contentType }, signal })
    this.#check(answer, `${key} was not saved`)
    return url
  }

  async read(key: string, { signal }: ObjectCall = {}): Promise<Uint8Array | undefined> {
    const answer = await this.#ask({ method: 'GET', url: this.url(key), signal })
    if (answer.status === 404) return undefined
    this.#check(answer, `${key} was not read`)
    return answer.body
  }

  async remove(key: string, { signal }: ObjectCall = {}): Promise<void> {
    const answer = await this.#ask({ method: 'DELETE', url: this.url(key), signal })
    if (answer.status !== 404) this.#check(answer, `${key} was not removed`)
  }

  async list(prefix: string, { signal }: ObjectCall = {}): Promise<string[]> {
    const { prefix: own, bucketUrl } = this.#options
    const keys: string[] = []
    for (let next: string | undefined = ''; next !== undefined; ) {
      const query: [string, string][] = [
        ['list-type', '2'],
        ['prefix', `${own}${prefix}`],
      ]
      if (next !== '') query.push(['continuation-token', next])
      const answer = await this.#ask({ method: 'GET', url: `${bucketUrl}?${queryText(query)}`, signal })
      this.#check(answer, 'the bucket was not listed')
      const page = readListXml(Buffer.from(answer.body).toString('utf8'))
      for (const key of page.keys) keys.push(key.slice(own.length))
      next = page.next
    }
    return keys.sort()
  }

  /** Where an object is, for those who may read the bucket. */
  url(key: string): string {
    return `${this.#options.bucketUrl}/${encodeObjectKey(`${this.#options.prefix}${checkObjectKey(key)}`)}`
  }

  /** An address by which anybody who has it reads an object for so long. */
  signedUrl(key: string, options: { readonly expiresS: number; readonly date?: Date }): string {
    const { expiresS, date = new Date() } = options
    return presignedUrl({ method: 'GET', url: new URL(this.url(key)), expiresS, date }, this.#options)
  }

  /** The key of an address below this store; undefined for any other. */
  keyOf(url: string): string | undefined {
    const root = `${this.#options.bucketUrl}/${encodeObjectKey(this.#options.prefix)}`
    if (!url.startsWith(root)) return undefined
    try {
      return checkObjectKey(decodeURIComponent(url.slice(root.length).split('?')[0] ?? ''))
    } catch {
      return undefined
    }
  }

  /** Lets somebody without the keys put objects below a prefix, for so long (wire spec 3.6). */
  grant(prefix: string, options: { readonly expiresS: number; readonly date?: Date }): UploadGrant {
    const { bucketUrl, bucket, prefix: own } = this.#options
    const key = `${own}${checkObjectKey(prefix)}`
    return postGrant({ bucketUrl, bucket, key, ...options }, this.#options)
  }

  #ask(request: {
    readonly method: 'GET' | 'PUT' | 'DELETE'
    readonly url: string
    readonly data?: Uint8Array
    readonly headers?: Readonly<Record<string, string>>
    readonly signal?: AbortSignal | undefined
  }): Promise<StoreAnswer> {
    const { method, url, data, headers, signal } = request
    const payloadHash = data && data.length > MAX_HASHED_BYTES ? UNSIGNED_PAYLOAD : sha256Hex(data ?? new Uint8Array(0))
    return askStore(
      () => ({
        method,
        url,
        headers: signedHeaders(
          { method, url: new URL(url), ...(headers && { headers }), payloadHash, date: new Date() },
          this.#options,
        ),
        ...(data && { body: data }),
        signal,
      }),
      this.#options.patience,
    )
  }

  #check({ status, body }: StoreAnswer, what: string): void {
    if (status >= 200 && status < 300) return
    const code = readErrorCode(Buffer.from(body.subarray(0, 4_000)).toString('utf8')) ?? 'no code'
    throw new MillraceError(
      'store_refused',
      `${what}: ${new URL(this.#options.bucketUrl).host} answered ${status} (${code}): check bucket, keys and region`,
      { meta: { status, s3Code: code } },
    )
  }
}

export const isS3Store = (store: ObjectStore): store is S3Store => store instanceof S3Store
