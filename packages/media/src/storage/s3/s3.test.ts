import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openObjectStore } from '../open-store.ts'
import { readListXml } from './list-xml.ts'
import { grantForm, type UploadGrant } from './post-policy.ts'
import { openS3Server, type S3Server } from './s3-server.fixture.ts'
import type { S3Store } from './s3-store.ts'
import { presignedUrl, sha256Hex, signedHeaders } from './signature.ts'

/** The key and the moment of the examples in Amazon's documentation of Signature Version 4 for S3. */
const EXAMPLE = {
  accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
  secret: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
  region: 'us-east-1',
}
const date = new Date('2013-05-24T00:00:00Z')
const HOST = 'https://examplebucket.s3.amazonaws.com'
const signatureOf = (headers: Record<string, string>) => /Signature=(\w+)$/.exec(headers.authorization ?? '')?.[1]

describe('the signature of S3', () => {
  it('is that of the published example of a GET with a range', () => {
    const headers = signedHeaders(
      {
        method: 'GET',
        url: new URL(`${HOST}/test.txt`),
        headers: { range: 'bytes=0-9' },
        payloadHash: sha256Hex(''),
        date,
      },
      EXAMPLE,
    )
    expect(signatureOf(headers)).toBe('f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41')
  })

  it('is that of the published example of a PUT whose key has a sign to encode', () => {
    const headers = signedHeaders(
      {
        method: 'PUT',
        url: new URL(`${HOST}/test%24file.text`),
        headers: { date: 'Fri, 24 May 2013 00:00:00 GMT', 'x-amz-storage-class': 'REDUCED_REDUNDANCY' },
        payloadHash: sha256Hex('Welcome to Amazon S3.'),
        date,
      },
      EXAMPLE,
    )
    expect(signatureOf(headers)).toBe('98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd')
  })

  it.each([
    ['lifecycle=', 'fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543'],
    ['prefix=J&max-keys=2', '34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7'],
  ])('is that of the published example with the query %s', (query, signature) => {
    const url = new URL(`${HOST}/?${query}`)
    expect(signatureOf(signedHeaders({ method: 'GET', url, payloadHash: sha256Hex(''), date }, EXAMPLE))).toBe(
      signature,
    )
  })

  it('is that of the published example of a URL that is good for a day', () => {
    const url = presignedUrl({ method: 'GET', url: new URL(`${HOST}/test.txt`), expiresS: 86_400, date }, EXAMPLE)
    expect(new URL(url).searchParams.get('X-Amz-Signature')).toBe(
      'aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404',
    )
  })
})

describe('a page of a bucket', () => {
  it('may be written in entities or in percent signs', () => {
    const page = (key: string, more = '') =>
      `<ListBucketResult>${more}<Contents><Key>${key}</Key></Contents></ListBucketResult>`
    expect(readListXml(page('a&amp;b&#x3c;&#99;')).keys).toEqual(['a&b<c'])
    expect(readListXml(page('a%20b%2Bc', '<EncodingType>url</EncodingType>')).keys).toEqual(['a b+c'])
  })

  it('names the next one only where there is one', () => {
    const token = '<NextContinuationToken>x&amp;y</NextContinuationToken>'
    expect(readListXml(`<IsTruncated>true</IsTruncated>${token}`).next).toBe('x&y')
    expect(readListXml(`<IsTruncated>false</IsTruncated>${token}`).next).toBeUndefined()
  })
})

const SERVERS = [
  ['a server of this test', undefined],
  // A server that checks signatures: S3_TEST_URL=s3+http://KEY:SECRET@127.0.0.1:7070/bucket
  ...(process.env.S3_TEST_URL === undefined ? [] : ([['the server of S3_TEST_URL', process.env.S3_TEST_URL]] as const)),
] as const

describe.each(SERVERS)('a bucket at %s', (_, named) => {
  let server: S3Server | undefined
  let store: S3Store
  beforeAll(async () => {
    if (named === undefined) server = await openS3Server()
    store = openObjectStore(`${named ?? server?.storeUrl}/s3-test`) as S3Store
  })
  afterAll(async () => server?.close())

  const post = async (grant: UploadGrant, name: string, text: string) => {
    const { fields, url } = grantForm(grant, { name, data: new Uint8Array(0), contentType: 'video/mp2t' })
    const form = new FormData()
    for (const [field, value] of fields) form.append(field, value)
    form.append('file', new Blob([text]), 'file')
    const { status } = await fetch(grant.host, { method: 'POST', body: form })
    return { status, url }
  }

  it('is read by whoever has a signed address', async () => {
    await store.save('a b/(1).ts', Buffer.from('hello'))
    const answer = await fetch(store.signedUrl('a b/(1).ts', { expiresS: 60 }))
    expect([answer.status, await answer.text()]).toEqual([200, 'hello'])
  })

  it('takes what somebody puts who has a grant, and knows the address that he tells', async () => {
    const { status, url } = await post(store.grant('stream/session', { expiresS: 60 }), '360p/7.ts', 'rendition')
    expect(status).toBe(204)
    expect(store.keyOf(url)).toBe('stream/session/360p/7.ts')
    expect(Buffer.from((await store.read('stream/session/360p/7.ts'))!).toString()).toBe('rendition')
  })

  it('knows no address but its own', () => {
    expect(store.keyOf('https://elsewhere.example/bucket/s3-test/a')).toBeUndefined()
    expect(store.keyOf(`${store.url('a')}/../../b`)).toBeUndefined()
  })

  it.runIf(named !== undefined)('lists more objects than a page holds', async () => {
    const keys = Array.from({ length: 1_010 }, (_, i) => `page/${String(i).padStart(4, '0')}`)
    for (let at = 0; at < keys.length; at += 50)
      await Promise.all(keys.slice(at, at + 50).map((key) => store.save(key, new Uint8Array(1))))
    expect(await store.list('page/')).toEqual(keys)
  })

  it.runIf(named !== undefined)('refuses a grant that was changed, and one that is over', async () => {
    const good = store.grant('stream', { expiresS: 60 })
    expect((await post({ ...good, key: `${good.key}er` }, 'x.ts', 'x')).status).toBe(204)
    expect((await post({ ...good, key: 'elsewhere' }, 'x.ts', 'x')).status).toBe(403)
    expect((await post({ ...good, signature: good.signature.replace(/^./, 'g') }, 'x.ts', 'x')).status).toBe(403)
    const old = store.grant('stream', { expiresS: 60, date: new Date(Date.now() - 3_600_000) })
    expect((await post(old, 'x.ts', 'x')).status).toBeGreaterThanOrEqual(400)
  })

  it.runIf(named !== undefined)('refuses wrong keys with a sentence that does not tell them', async () => {
    const url = new URL(named as string)
    const wrong = openObjectStore((named as string).replace(url.password, 'another-secret'))
    await expect(wrong.save('a', new Uint8Array(1))).rejects.toMatchObject({
      code: 'store_refused',
      meta: { s3Code: 'SignatureDoesNotMatch' },
      message: expect.not.stringContaining('another-secret'),
    })
  })
})

it('a bucket that is not there is an error, not an empty one', async () => {
  const server = await openS3Server('there')
  const store = openObjectStore(server.storeUrl.replace(/there$/, 'not-there'))
  await expect(store.list('')).rejects.toMatchObject({ code: 'store_refused', meta: { s3Code: 'NoSuchBucket' } })
  await server.close()
})

it('a server that does not answer is given up after three attempts, and named without its keys', async () => {
  const server = await openS3Server()
  const { storeUrl } = server
  await server.close()
  const failed = openObjectStore(storeUrl).save('a', new Uint8Array(1))
  await expect(failed).rejects.toMatchObject({
    code: 'store_unreachable',
    retryable: true,
    message: expect.not.stringContaining('S3RVER'),
  })
})
