import { X509Certificate } from 'node:crypto'
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createSecureContext } from 'node:tls'
import { expect, it } from 'vitest'
import { makeCertificate } from './tls.ts'

const DAY_MS = 24 * 3600_000

it.each([
  ['127.0.0.1', 'IP Address:127.0.0.1'],
  ['::1', 'IP Address:0:0:0:0:0:0:0:1'],
  ['[::1]', 'IP Address:0:0:0:0:0:0:0:1'],
  ['orchestrator.example', 'DNS:orchestrator.example'],
])('a certificate for %s names it', async (host, name) => {
  const { cert } = await makeCertificate(host)
  expect(new X509Certificate(cert).subjectAltName).toBe(name)
})

it('a certificate is for servers, signed by its own key, valid now and for a year', async () => {
  const { cert, key } = await makeCertificate('127.0.0.1')
  const facts = new X509Certificate(cert)
  expect(facts.verify(facts.publicKey)).toBe(true)
  expect(facts.publicKey.asymmetricKeyDetails).toMatchObject({ namedCurve: 'prime256v1' })
  // Server authentication, in the form of an object identifier.
  expect(facts.keyUsage).toEqual(['1.3.6.1.5.5.7.3.1'])
  expect(Date.parse(facts.validFrom)).toBeLessThan(Date.now())
  const days = (Date.parse(facts.validTo) - Date.now()) / DAY_MS
  expect(days).toBeGreaterThan(364)
  expect(days).toBeLessThan(366)
  expect(() => createSecureContext({ cert, key })).not.toThrow()
})

it('each has its own key and number', async () => {
  const [a, b] = [await makeCertificate('127.0.0.1'), await makeCertificate('127.0.0.1')]
  expect(a.key).not.toBe(b.key)
  expect(new X509Certificate(a.cert).serialNumber).not.toBe(new X509Certificate(b.cert).serialNumber)
  expect(() => createSecureContext({ cert: a.cert, key: b.key })).toThrow()
})

it('in a folder the key is for its owner only', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-tls-'))
  try {
    const { cert, key } = await makeCertificate('127.0.0.1', folder)
    expect(await readFile(join(folder, 'cert.pem'), 'utf8')).toBe(cert)
    expect(await readFile(join(folder, 'key.pem'), 'utf8')).toBe(key)
    expect((await stat(join(folder, 'key.pem'))).mode & 0o777).toBe(0o600)
    expect((await stat(join(folder, 'cert.pem'))).mode & 0o777).toBe(0o644)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})
