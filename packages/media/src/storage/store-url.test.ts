import { expect, it } from 'vitest'
import { openObjectStore } from './open-store.ts'
import { parseStoreUrl } from './store-url.ts'

it.each([
  ['memory://', { kind: 'memory' }],
  ['/var/lib/millrace', { kind: 'folder', path: '/var/lib/millrace' }],
  ['recordings', { kind: 'folder', path: 'recordings' }],
  ['file:///var/lib/a%20b', { kind: 'folder', path: '/var/lib/a b' }],
  [
    's3://KEY:SE%2FCRET@eu-west-1/bucket/some/prefix',
    {
      ...{
        kind: 's3',
        bucket: 'bucket',
        bucketUrl: 'https://bucket.s3.eu-west-1.amazonaws.com',
        prefix: 'some/prefix/',
      },
      ...{ region: 'eu-west-1', accessKeyId: 'KEY', secret: 'SE/CRET' },
    },
  ],
  [
    's3+http://KEY:SECRET@127.0.0.1:9000/bucket?region=here',
    {
      ...{ kind: 's3', bucket: 'bucket', bucketUrl: 'http://127.0.0.1:9000/bucket', prefix: '' },
      ...{ region: 'here', accessKeyId: 'KEY', secret: 'SECRET' },
    },
  ],
  [
    'ipfs://KEY:SECRET@pinata.cloud',
    { kind: 'ipfs', pins: { kind: 'pinata', key: 'KEY', secret: 'SECRET', apiUrl: 'https://api.pinata.cloud' } },
  ],
  ['ipfs://', { kind: 'ipfs', pins: undefined }],
  [
    'ipfs+https://TOKEN@pins.example/psa/',
    { kind: 'ipfs', pins: { kind: 'service', url: 'https://pins.example/psa', token: 'TOKEN' } },
  ],
])('reads %s', (url, location) => {
  expect(parseStoreUrl(url)).toEqual(location)
})

it.each([
  '',
  's3://KEY:hidden@eu-west-1',
  's3://hidden@eu-west-1/bucket',
  's3+https://KEY:hid/den@host/bucket',
  's3+https://KEY:hidden@host/..',
  's3+https://KEY:hidden%zz@host/bucket',
  'ipfs://KEY:hidden@elsewhere.example',
  'ipfs+https://pins.example',
])('refuses %j without repeating it', (url) => {
  expect(() => parseStoreUrl(url)).toThrow(
    expect.objectContaining({ code: 'bad_store_url', message: expect.not.stringMatching(/hidden|hid\/den/) }),
  )
})

it.each(['gs://bucket?keyfile=x', 'w3s://hidden@x/y', 'ftp://x/y'])('says that %s is not there, and what is', (url) => {
  expect(() => openObjectStore(url)).toThrow(
    expect.objectContaining({ code: 'store_unsupported', message: expect.not.stringContaining('hidden') }),
  )
})
