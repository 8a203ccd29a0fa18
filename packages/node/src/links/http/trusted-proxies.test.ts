import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import { describe, expect, it } from 'vitest'
import { TrustedProxies } from './trusted-proxies.ts'

const from = (remoteAddress: string, headers: IncomingHttpHeaders): IncomingMessage =>
  ({ socket: { remoteAddress }, headers: { host: '10.0.0.9:9935', ...headers } }) as unknown as IncomingMessage

const FORWARDED = {
  'x-forwarded-for': '203.0.113.7',
  'x-forwarded-proto': 'https',
  'x-forwarded-host': 'gateway.example.org',
}

describe('headers of proxies', () => {
  it('are believed from a proxy that is named, by address or network, of either family', () => {
    for (const [proxy, peer] of [
      ['10.0.0.1', '10.0.0.1'],
      ['10.0.0.0/8', '::ffff:10.1.2.3'],
      ['fd00::/8', 'fd00::5'],
    ] as const)
      expect(new TrustedProxies([proxy]).cameBy(from(peer, FORWARDED))).toEqual({
        clientIp: '203.0.113.7',
        host: 'gateway.example.org',
        askedUrl: 'https://gateway.example.org',
      })
  })

  it('are not looked at from anybody else', () => {
    const stranger = { clientIp: '198.51.100.2', host: '10.0.0.9:9935' }
    expect(new TrustedProxies(['10.0.0.0/8']).cameBy(from('198.51.100.2', FORWARDED))).toEqual(stranger)
    expect(new TrustedProxies([]).cameBy(from('198.51.100.2', FORWARDED))).toEqual(stranger)
  })

  it('name as the client whoever asked the first proxy that is not ours, whatever that one invented', () => {
    const proxies = new TrustedProxies(['10.0.0.0/8'])
    const chain = { 'x-forwarded-for': '1.2.3.4, 198.51.100.2, 10.0.0.7' }
    expect(proxies.cameBy(from('10.0.0.1', chain)).clientIp).toBe('198.51.100.2')
    expect(proxies.cameBy(from('10.0.0.1', { 'x-forwarded-for': '10.0.0.8' })).clientIp).toBe('10.0.0.8')
    expect(proxies.cameBy(from('10.0.0.1', { 'x-forwarded-for': 'unknown, <script>' })).clientIp).toBe('10.0.0.1')
    expect(proxies.cameBy(from('10.0.0.1', {})).clientIp).toBe('10.0.0.1')
  })

  it('with a host that is none, or another scheme, are passed over', () => {
    const odd = { ...FORWARDED, 'x-forwarded-host': 'evil.example/path?', 'x-forwarded-proto': 'javascript' }
    expect(new TrustedProxies(['10.0.0.1']).cameBy(from('10.0.0.1', odd))).toMatchObject({
      host: '10.0.0.9:9935',
      askedUrl: 'http://10.0.0.9:9935',
    })
  })

  it.each(['proxy.example', '10.0.0.0/33', '10.0.0.1/', '10.0.0.0/x', 'fd00::/129'])('of %s are a mistake', (text) => {
    expect(() => new TrustedProxies([text])).toThrow(expect.objectContaining({ code: 'bad_config' }))
  })
})
