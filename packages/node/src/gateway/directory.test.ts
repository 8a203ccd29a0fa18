import { expect, it } from 'vitest'
import { chainDirectory, isServiceUri, listDirectory } from './directory.ts'

const known = (address: string, serviceUri: string, active = true) =>
  ({ address, serviceUri, active, stake: 7n }) as never

it('the chain directory holds active orchestrators with a usable address', async () => {
  const list = [known('0xa', 'https://a:8935'), known('0xb', 'https://b:8935', false), known('0xc', 'ftp://c')]
  const directory = chainDirectory({ orchestrators: { list: async () => list } })
  expect(await directory.find()).toEqual([{ address: '0xa', serviceUri: 'https://a:8935', stakeLpt: 7n }])
})

it('a list holds what the operator named, whoever that is', async () => {
  expect(await listDirectory(['https://a:1', 'https://b:2']).find()).toEqual([
    { serviceUri: 'https://a:1', address: undefined, stakeLpt: 0n, trusted: true },
    { serviceUri: 'https://b:2', address: undefined, stakeLpt: 0n, trusted: true },
  ])
})

it.each([
  'https://orchestrator.example:8935',
  'http://10.0.0.1',
  'https://[2001:db8::1]:8935',
  'HTTPS://Upper.Example',
])('a service URI is an address: %s', (uri) => expect(isServiceUri(uri)).toBe(true))

it.each([
  '',
  'orchestrator.example:8935',
  'file:///etc/passwd',
  'javascript:alert(1)',
  'ftp://a',
  'unix:/var/run/docker.sock',
  'https://user@a',
  'https://user:password@a',
  'https://:password@a',
  'https://',
  'https://a:99999',
  `https://a/${'x'.repeat(2_048)}`,
])('a service URI is not %s', (uri) => expect(isServiceUri(uri)).toBe(false))
