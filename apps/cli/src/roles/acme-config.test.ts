import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { LETS_ENCRYPT, LETS_ENCRYPT_STAGING } from '@millrace/node'
import { expect, test } from 'vitest'
import { Flags } from '../flags/flags.ts'
import { acmeOf } from './acme-config.ts'
import { webRtcConfig } from './webrtc-config.ts'

const flags = (given: Readonly<Record<string, string>>) => new Flags(new Map(Object.entries(given)) as never)
const acme = (given: Readonly<Record<string, string>>) => acmeOf(flags(given)).acme

test('a name is enough for a certificate', () => {
  expect(acme({})).toBeUndefined()
  expect(acme({ acmeDomain: 'Live.Example.org, www.example.org' })).toEqual({
    domains: ['live.example.org', 'www.example.org'],
    directory: LETS_ENCRYPT,
    http: { host: '0.0.0.0', port: 80 },
  })
})

test('the authority, its account and the port of challenges can be named', () => {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-eab-'))
  try {
    const file = join(folder, 'eab')
    writeFileSync(file, 'kid-1:c2VjcmV0\n')
    const more = { acmeEab: file, acmeEmail: 'a@example.org', acmeHttpAddr: '127.0.0.1:8402' }
    expect(acme({ acmeDomain: 'a.example', acmeDirectory: 'letsencrypt-staging', ...more })).toMatchObject({
      directory: LETS_ENCRYPT_STAGING,
      externalAccount: { keyId: 'kid-1', key: 'c2VjcmV0' },
      email: 'a@example.org',
      http: { host: '127.0.0.1', port: 8402 },
    })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})

test('what is wrong is named by its flag, and no secret is repeated', () => {
  for (const [given, named] of [
    [{ acmeDomain: '*.example.org' }, 'acmeDomain'],
    [{ acmeDomain: 'https://example.org' }, 'acmeDomain'],
    [{ acmeDomain: '203.0.113.1' }, 'acmeDomain'],
    [{ acmeDomain: 'a.example', acmeDirectory: 'http://ca.example/directory' }, 'acmeDirectory'],
    [{ acmeDomain: 'a.example', acmeEmail: 'a, b' }, 'acmeEmail'],
    [{ acmeDomain: 'a.example', acmeEab: 'the secret' }, 'acmeEab'],
    [{ acmeDomain: 'a.example', httpCert: 'cert.pem' }, 'acmeDomain'],
    [{ acmeEmail: 'a@example.org' }, 'acmeDomain'],
  ] as const) {
    const read = () => acme(given)
    expect(read).toThrow(named)
    expect(read).not.toThrow('the secret')
  }
})

test('TURN over TLS stands beside that over UDP and TCP', () => {
  expect(webRtcConfig(flags({ turnAddr: ':3478', turnsAddr: '0.0.0.0' })).webrtc).toEqual({
    turn: { listen: { host: '0.0.0.0', port: 3478 }, secure: { host: '0.0.0.0', port: 5349 } },
  })
  expect(() => webRtcConfig(flags({ turnsAddr: ':5349' }))).toThrow('turnAddr')
})
