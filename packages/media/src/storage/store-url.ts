import { isAbsolute } from 'node:path'
import { fileURLToPath } from 'node:url'
import { MillraceError } from '@millrace/base'
import type { PinataOptions } from './ipfs/pinata.ts'
import type { PinningServiceOptions } from './ipfs/pinning-service.ts'
import { checkObjectKey } from './object-key.ts'
import type { S3StoreOptions } from './s3/s3-store.ts'

export type StoreLocation =
  | { readonly kind: 'memory' }
  | { readonly kind: 'folder'; readonly path: string }
  | ({ readonly kind: 's3' } & S3StoreOptions)
  | {
      readonly kind: 'ipfs'
      readonly pins:
        | ({ readonly kind: 'pinata' } & PinataOptions)
        | ({ readonly kind: 'service' } & PinningServiceOptions)
        | undefined
    }
  | { readonly kind: 'other'; readonly scheme: string }

const FORMS =
  's3://KEY:SECRET@REGION/BUCKET, s3+https://KEY:SECRET@HOST/BUCKET, ipfs://KEY:SECRET@pinata.cloud, memory:// or a folder'

/**
 * Reads the URL of a store (wire spec 6.5). Throws `bad_store_url`, whose text never holds the URL: it has secrets in it.
 * A bucket may be followed by a prefix; `?region=` names the region where the URL does not, us-east-1 when left out.
 */
export function parseStoreUrl(text: string): StoreLocation {
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(text)?.[1]?.toLowerCase()
  if (scheme === undefined) {
    if (text !== '' && (isAbsolute(text) || /^[\w.]/.test(text))) return { kind: 'folder', path: text }
    throw badUrl('it is neither a URL nor a path')
  }
  let url: URL
  try {
    url = new URL(text)
  } catch {
    throw badUrl('it cannot be read as a URL: characters such as / in keys are written with a percent sign')
  }
  switch (scheme) {
    case 'memory':
      return { kind: 'memory' }
    case 'file':
      return { kind: 'folder', path: fileURLToPath(url) }
    case 's3':
    case 's3+http':
    case 's3+https':
      return s3Location(scheme, url)
    case 'ipfs':
    case 'ipfs+http':
    case 'ipfs+https':
      return { kind: 'ipfs', pins: pinsOf(scheme, url) }
    default:
      return { kind: 'other', scheme }
  }
}

function s3Location(scheme: string, url: URL): StoreLocation {
  const [bucket = '', ...rest] = decoded(url.pathname)
    .replace(/^\/|\/$/g, '')
    .split('/')
  const accessKeyId = decoded(url.username)
  const secret = decoded(url.password)
  if (accessKeyId === '' || secret === '') throw badUrl('key and secret are missing')
  if (!/^[a-z0-9][a-z0-9._-]{1,62}$/i.test(bucket)) throw badUrl('the name of the bucket is missing, or cannot be one')
  const prefix = rest.length === 0 ? '' : `${checkObjectKey(rest.join('/'))}/`
  const named = url.searchParams.get('region') ?? 'us-east-1'
  const region = scheme === 's3' ? url.hostname : named
  if (!/^[a-z0-9-]{2,40}$/i.test(region)) throw badUrl('the region is missing, or cannot be one')
  const bucketUrl =
    scheme === 's3'
      ? `https://${bucket}.s3.${region}.amazonaws.com`
      : `${scheme === 's3+http' ? 'http' : 'https'}://${url.host}/${bucket}`
  return { kind: 's3', bucketUrl, bucket, prefix, region, accessKeyId, secret }
}

function pinsOf(scheme: string, url: URL): Extract<StoreLocation, { kind: 'ipfs' }>['pins'] {
  if (url.host === '') return undefined
  const [key, secret] = [decoded(url.username), decoded(url.password)]
  if (scheme === 'ipfs') {
    if (url.host !== 'pinata.cloud')
      throw badUrl('ipfs:// knows pinata.cloud; other pinning services are named ipfs+https://TOKEN@HOST')
    if (key === '' || secret === '') throw badUrl('key and secret are missing')
    return { kind: 'pinata', key, secret, apiUrl: 'https://api.pinata.cloud' }
  }
  if (key === '') throw badUrl('the token of the pinning service is missing')
  const root = `${scheme === 'ipfs+http' ? 'http' : 'https'}://${url.host}${url.pathname.replace(/\/$/, '')}`
  return { kind: 'service', url: root, token: key }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw badUrl('a percent sign is not followed by two hexadecimal digits')
  }
}

const badUrl = (why: string): MillraceError =>
  new MillraceError('bad_store_url', `the URL of an object store cannot be used: ${why}; expected ${FORMS}`)
