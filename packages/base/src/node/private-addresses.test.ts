import { describe, expect, it } from 'vitest'
import { isPrivateAddress, requirePublicAddress } from './private-addresses.ts'

it.each([
  '127.0.0.1',
  '10.1.2.3',
  '172.31.0.1',
  '192.168.1.1',
  '169.254.169.254',
  '100.64.0.1',
  '0.0.0.0',
  '::1',
  '::',
  'fe80::1',
  'fd00::1',
  '::ffff:127.0.0.1',
  '::ffff:7f00:1',
  '::ffff:a00:1',
  '64:ff9b::7f00:1',
  '2002:7f00:1::',
  '224.0.0.1',
  'ff02::1',
  'not an address',
])('%s is private', (ip) => expect(isPrivateAddress(ip)).toBe(true))

it.each(['8.8.8.8', '1.1.1.1', '172.32.0.1', '2606:4700::1111', '::ffff:8.8.8.8'])('%s is public', (ip) =>
  expect(isPrivateAddress(ip)).toBe(false),
)

describe('a URL of a stranger', () => {
  it.each([
    'https://127.0.0.1:8935',
    'https://[::1]:8935',
    'https://localhost:8935',
    'https://0x7f.1:8935',
    'https://2130706433/',
  ])('that leads to this machine is refused: %s', async (url) =>
    expect(requirePublicAddress(url)).rejects.toMatchObject({ code: 'private_address' }),
  )

  it('with a public address passes', async () =>
    expect(requirePublicAddress('https://8.8.8.8:8935')).resolves.toBeUndefined())
})
