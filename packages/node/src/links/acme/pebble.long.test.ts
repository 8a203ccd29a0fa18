import { X509Certificate } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { silentLog } from '@millrace/base'
import { freePort } from '@millrace/base/node'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { AccountKey } from './account-key.ts'
import { AcmeClient } from './acme-client.ts'
import { CertificateKeeper } from './certificate-keeper.ts'
import { findPebble, HOW_TO_GET_PEBBLE, startPebble } from './pebble.fixture.ts'
import { lifeOf } from './renewal.ts'

const NAMES = ['live.example.org', 'www.example.org']
const program = findPebble()
const hint = `test against Pebble, the test server of Let's Encrypt (get it: ${HOW_TO_GET_PEBBLE}, then name it by PEBBLE_BIN)`
if (!program) console.log(`NOT RUN: ${hint}`)

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-acme-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

describe.skipIf(!program)('a certificate from Pebble', () => {
  const keep = async (directory: string, ca: string, port: number) => {
    const door = { host: '127.0.0.1', port, flag: '-acmeHttpAddr' }
    const keeper = new CertificateKeeper(
      { directory, ca, domains: NAMES, folder, pauseMs: 200, pollMs: 100, door, email: 'operator@example.org' },
      { log: silentLog },
    )
    await keeper.start()
    await keeper.settled
    return keeper
  }

  it('is ordered, proved and kept; its time of renewal is asked for', async () => {
    const port = await freePort()
    await using pebble = await startPebble(program as string, port)
    const keeper = await keep(pebble.directory, pebble.ca, port)
    try {
      expect(keeper.problem).toBeUndefined()
      const pem = await readFile(keeper.files.certFile, 'utf8')
      const certificate = new X509Certificate(pem)
      for (const name of NAMES) expect(certificate.checkHost(name)).toBe(name)
      expect(certificate.issuer).toContain('Pebble')
      expect(keeper.endsAt).toBe(Date.parse(certificate.validTo))
      const id = lifeOf(pem, NAMES, Date.now())?.id
      const client = new AcmeClient({ directory: pebble.directory, ca: pebble.ca }, AccountKey.make())
      const window = await client.renewalWindow(String(id))
      expect(window?.end.getTime()).toBeGreaterThan(Date.now())
    } finally {
      await keeper.stop()
    }
  })

  it('is refused with its own words where the name does not lead here', async () => {
    await using pebble = await startPebble(program as string, await freePort())
    const keeper = await keep(pebble.directory, pebble.ca, await freePort())
    try {
      expect(keeper.problem).toMatchObject({ code: 'acme_challenge_failed' })
      expect(keeper.problem?.message).toContain('refused')
    } finally {
      await keeper.stop()
    }
  })
})
