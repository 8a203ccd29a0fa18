import { X509Certificate } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises'
import { get as getPlain, type IncomingMessage } from 'node:http'
import { Agent, get } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TLSSocket } from 'node:tls'
import { type MillraceError, silentLog } from '@millrace/base'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { listenTls } from '../http/listen-tls.ts'
import { AcmeServer, type AcmeServerOptions } from './acme-server.fixture.ts'
import { CertificateKeeper, type CertificateKeeperOptions } from './certificate-keeper.ts'

const NAMES = ['live.example.org', 'www.example.org']

let folder: string
let keeper: CertificateKeeper | undefined
let warned: MillraceError[]

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-acme-'))
  warned = []
})
afterEach(async () => {
  await keeper?.stop()
  keeper = undefined
  await rm(folder, { recursive: true, force: true })
})

const serve = (options: Partial<AcmeServerOptions> = {}) =>
  AcmeServer.start({ challengePort: () => keeper?.doorPort ?? 1, ...options })

async function keep(server: AcmeServer, options: Partial<CertificateKeeperOptions> = {}): Promise<CertificateKeeper> {
  keeper = new CertificateKeeper(
    {
      directory: server.directory,
      ca: server.ca,
      domains: NAMES,
      folder,
      pauseMs: 50,
      pollMs: 20,
      door: { host: '127.0.0.1', port: 0, flag: '-acmeHttpAddr' },
      ...options,
    },
    { log: silentLog, warn: (error) => void warned.push(error) },
  )
  await keeper.start()
  return keeper
}

const current = async (of: CertificateKeeper) => new X509Certificate(await readFile(of.files.certFile))

describe('a certificate by ACME', () => {
  it('is ordered, proved over HTTP and kept for nobody else to read', async () => {
    await using server = await serve({ staleNonces: 2 })
    const kept = await keep(server, { email: 'operator@example.org' })
    // Doors can open at once.
    expect((await current(kept)).checkHost('live.example.org')).toBeDefined()
    await kept.settled
    expect(warned).toEqual([])
    const certificate = await current(kept)
    expect(certificate.verify(new X509Certificate(server.authority).publicKey)).toBe(true)
    for (const name of NAMES) expect(certificate.checkHost(name)).toBe(name)
    expect([...server.accounts.values()]).toMatchObject([{ contact: ['mailto:operator@example.org'] }])
    expect(server.refused).toEqual(['badNonce: stale nonce', 'badNonce: stale nonce'])
    const own = join(folder, (await readdir(folder))[0]!)
    expect((await stat(own)).mode & 0o777).toBe(0o700)
    const files = await readdir(own)
    expect(files.sort()).toEqual(['account.pem', 'certificate.pem'])
    for (const file of files) expect((await stat(join(own, file))).mode & 0o777).toBe(0o600)
  })

  it('is used again after a restart, with the account before, and not ordered anew', async () => {
    await using server = await serve()
    await (await keep(server)).settled
    const first = await current(keeper!)
    await keeper?.stop()
    await (await keep(server)).settled
    expect((await current(keeper!)).serialNumber).toBe(first.serialNumber)
    expect(server.orders).toHaveLength(1)
    await keeper?.stop()
    await (await keep(server, { domains: ['other.example.org'] })).settled
    expect((await current(keeper!)).checkHost('other.example.org')).toBeDefined()
    expect(server.accounts.size).toBe(1)
  })

  it('is renewed after two thirds of its life, and connections that are open stay', async () => {
    await using server = await serve({ lifeMs: 2_000 })
    const kept = await keep(server)
    await kept.settled
    const at = { host: '127.0.0.1', port: 0, flag: '-httpAddr', lookEveryMs: 20, ...kept.files }
    const listening = await listenTls((_request, response) => response.end('here'), at, { log: silentLog })
    const agent = new Agent({ keepAlive: true, maxSockets: 1, ca: server.authority })
    const ask = (by: Agent | false) =>
      new Promise<{ serial: string; port: number | undefined }>((resolve, reject) => {
        const to = { host: '127.0.0.1', port: listening.port, servername: 'live.example.org', ca: server.authority }
        get({ ...to, agent: by }, (response) => {
          const socket = response.socket as TLSSocket
          const serial = socket.getPeerCertificate().serialNumber
          const port = socket.localPort
          response.resume().on('end', () => resolve({ serial, port }))
        }).on('error', reject)
      })
    const first = await ask(agent)
    const orders = server.orders.length
    await expect.poll(async () => (await ask(false)).serial, { timeout: 8_000 }).not.toBe(first.serial)
    expect(server.orders.length).toBeGreaterThan(orders)
    expect((await ask(agent)).port).toBe(first.port)
    agent.destroy()
    await listening.close()
  })

  it('is renewed when its authority says so, which is told what it replaces', async () => {
    let asked: string | undefined
    await using server = await serve({
      renewalWindow: (id) => {
        asked ??= id
        const now = Date.now()
        return id === asked ? { start: now - 2_000, end: now - 1_000 } : { start: now + 10_000, end: now + 20_000 }
      },
    })
    await keep(server)
    await expect.poll(() => server.orders.filter(({ status }) => status === 'valid').length).toBe(2)
    expect(server.orders[0]?.replaces).toBeUndefined()
    expect(server.orders[1]?.replaces).toBe(asked)
    const serial = Buffer.from(asked!.split('.')[1]!, 'base64url')
    // RFC 9773: the integer as DER has it, with the zero before a high first bit.
    expect([...serial.subarray(0, 2)]).toEqual([0, 0xff])
  })

  it('says where a name leads that does not lead here, and tries again', async () => {
    await using server = await serve({ challengePort: () => 1 })
    const kept = await keep(server, { domains: ['live.invalid'] })
    await kept.settled
    expect(kept.problem).toMatchObject({ code: 'acme_challenge_failed', retryable: true })
    expect(kept.problem?.message).toMatch(/live\.invalid leads nowhere.*open port 80/)
    await expect.poll(() => server.orders.length).toBeGreaterThan(1)
    // A stand-in serves meanwhile.
    expect((await current(kept)).checkHost('live.invalid')).toBeDefined()
    expect(kept.endsAt).toBeUndefined()
  })

  it('waits as long as its authority asks', async () => {
    await using server = await serve()
    server.limited = { retryAfterS: 3_600 }
    const kept = await keep(server)
    await kept.settled
    expect(kept.problem).toMatchObject({ code: 'acme_rate_limited', meta: { retryAfterMs: 3_600_000 } })
    const asked = server.refused.length
    await new Promise((resolve) => setTimeout(resolve, 300))
    expect(server.refused.length).toBe(asked)
  })

  it('is bound to an account elsewhere where the authority wants one', async () => {
    const externalAccount = { keyId: 'kid-1', key: Buffer.from('a secret of the authority').toString('base64url') }
    await using server = await serve({ externalAccount })
    await (await keep(server)).settled
    expect(keeper?.problem).toMatchObject({ code: 'acme_refused', message: expect.stringContaining('-acmeEab') })
    await keeper?.stop()
    await (await keep(server, { externalAccount: { ...externalAccount, key: 'd3Jvbmc' } })).settled
    expect(keeper?.problem).toMatchObject({ code: 'acme_refused', message: expect.stringContaining('binding') })
    await keeper?.stop()
    await (await keep(server, { externalAccount })).settled
    expect(keeper?.problem).toBeUndefined()
    expect(server.accounts.size).toBe(1)
  })

  it('is not asked of a server that cannot be trusted or reached', async () => {
    await using server = await serve()
    await (await keep(server, { ca: undefined })).settled
    expect(keeper?.problem).toMatchObject({ code: 'acme_unreachable', message: expect.stringContaining('EXTRA_CA') })
  })
})

describe('the port of challenges', () => {
  it('sends everybody else to HTTPS, under names of its own only', async () => {
    await using server = await serve()
    const kept = await keep(server, { door: { host: '127.0.0.1', port: 0, securePort: 8443, flag: '-acmeHttpAddr' } })
    await kept.settled
    const ask = (path: string, host: string) =>
      new Promise<IncomingMessage>((resolve, reject) => {
        const at = { host: '127.0.0.1', port: kept.doorPort, path, headers: { host }, agent: false }
        getPlain(at, (response) => resolve(response.resume())).on('error', reject)
      })
    const to = async (path: string, host: string) => (await ask(path, host)).headers.location
    expect(await to('/a?b=c', 'www.example.org')).toBe('https://www.example.org:8443/a?b=c')
    expect(await to('/a', 'WWW.example.org:80')).toBe('https://www.example.org:8443/a')
    expect(await to('/a', 'elsewhere.example.com')).toBe('https://live.example.org:8443/a')
    const unknown = await ask('/.well-known/acme-challenge/unknown', 'www.example.org')
    expect(unknown.statusCode).toBe(404)
  })

  it('names itself and its flag when it cannot be opened', async () => {
    await using server = await serve()
    const { doorPort } = await keep(server)
    const second = new CertificateKeeper(
      {
        directory: server.directory,
        domains: NAMES,
        folder,
        door: { host: '127.0.0.1', port: doorPort, flag: '-acmeHttpAddr' },
      },
      { log: silentLog },
    )
    await expect(second.start()).rejects.toMatchObject({
      code: 'port_in_use',
      message: expect.stringContaining('-acmeHttpAddr'),
    })
  })
})
