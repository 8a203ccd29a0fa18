import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { get } from 'node:https'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { silentLog } from '@millrace/base'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { makeCertificate } from '../tls.ts'
import { listenTls } from './listen-tls.ts'
import type { Listening } from './listening.ts'

let folder: string
let listening: Listening | undefined
let warnings: unknown[]
const files = () => ({ certFile: join(folder, 'live', 'cert.pem'), keyFile: join(folder, 'live', 'key.pem') })

/** Puts a new certificate in place as certbot does: a folder of its own, and a link that is turned to it. */
async function renew(n: number): Promise<string> {
  const own = join(folder, `version-${n}`)
  await mkdir(own)
  const { cert } = await makeCertificate('gateway.example.org', own)
  await symlink(own, join(folder, 'next'))
  await rename(join(folder, 'next'), join(folder, 'live'))
  return new X509Certificate(cert).serialNumber
}

const open = async () => {
  const log = { ...silentLog, warn: (message: string) => void warnings.push(message) }
  const at = { host: '127.0.0.1', port: 0, flag: '-httpAddr', lookEveryMs: 20, ...files() }
  listening = await listenTls((request, response) => response.end(`path ${request.url}`), at, { log })
  return listening.port
}

/** Asks over a new connection; resolves with the certificate's serial number. */
const ask = (port: number) =>
  new Promise<string>((resolve, reject) => {
    get({ host: '127.0.0.1', port, path: '/x', rejectUnauthorized: false, agent: false }, (response) => {
      const { serialNumber } = (response.socket as import('node:tls').TLSSocket).getPeerCertificate()
      response.resume().on('end', () => resolve(serialNumber))
    }).on('error', reject)
  })

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-tls-'))
  warnings = []
})
afterEach(async () => {
  await listening?.close()
  listening = undefined
  await rm(folder, { recursive: true, force: true })
})

describe('a port with a certificate of its operator', () => {
  it('goes over to a renewed one without a restart', async () => {
    const first = await renew(1)
    const port = await open()
    expect(await ask(port)).toBe(first)
    const second = await renew(2)
    await expect.poll(() => ask(port)).toBe(second)
    expect(warnings).toEqual([])
  })

  it('keeps the one before while the new one cannot be used, and takes it once it can', async () => {
    const first = await renew(1)
    const port = await open()
    const { certFile, keyFile } = files()
    const next = await makeCertificate('gateway.example.org')
    await writeFile(certFile, next.cert)
    await expect.poll(() => warnings.length).toBeGreaterThan(0)
    expect(await ask(port)).toBe(first)
    await writeFile(keyFile, next.key)
    await expect.poll(() => ask(port)).toBe(new X509Certificate(next.cert).serialNumber)
  })

  it('does not open with files that are not there or do not belong together', async () => {
    await expect(open()).rejects.toMatchObject({
      code: 'bad_certificate',
      message: expect.stringContaining('cert.pem'),
    })
    await renew(1)
    await writeFile(files().keyFile, (await makeCertificate('other.example.org')).key)
    await expect(open()).rejects.toMatchObject({ code: 'bad_certificate' })
  })

  it('speaks nothing but TLS', async () => {
    await renew(1)
    const port = await open()
    await expect(fetch(`http://127.0.0.1:${port}/`)).rejects.toThrow()
    expect(await ask(port)).toMatch(/^[0-9A-F]+$/)
  })

  it('closes although somebody is connected and says nothing', async () => {
    await renew(1)
    const silent = connect(await open(), '127.0.0.1')
    await once(silent, 'connect')
    const gone = once(silent, 'close')
    await listening?.close()
    await gone
  })
})
