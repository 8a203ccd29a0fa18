import { X509Certificate } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect } from 'node:tls'
import { silentLog } from '@millrace/base'
import { WebRtcServer } from '@millrace/media'
import { allocateFor, TurnTestClient } from '@millrace/media/testing'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { GatewayConfig } from '../config/node-config.ts'
import { makeCertificate } from '../links/tls.ts'
import { openTurn } from './turn-door.ts'
import { webRtcOptions } from './webrtc-options.ts'

const ANY = { host: '127.0.0.1', port: 0 }

let folder: string
let server: WebRtcServer
let leave: () => void

async function open(config: Pick<GatewayConfig, 'webrtc' | 'tls' | 'publicHost'>): Promise<void> {
  server = new WebRtcServer(webRtcOptions({ http: ANY, ...config }), { log: silentLog })
  leave = await openTurn(server, config, { log: silentLog })
}
const files = () => ({ certFile: join(folder, 'cert.pem'), keyFile: join(folder, 'key.pem') })
const portOf = (transport: string) =>
  Number(/:(\d+)\?/.exec(server.iceServers().find(({ urls }) => urls.startsWith(transport))!.urls)![1])

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-turn-'))
  leave = () => {}
})
afterEach(async () => {
  leave()
  await server.stop()
  await rm(folder, { recursive: true, force: true })
})

describe('the TURN ports of a gateway', () => {
  it('speak TLS with the certificate of the gateway, and relay to its own address only', async () => {
    const { cert } = await makeCertificate('live.example.org', folder)
    await open({ tls: files(), publicHost: 'live.example.org', webrtc: { turn: { listen: ANY, secure: ANY } } })
    const urls = server.iceServers().map((one) => one.urls.replace(/\d+/, 'N'))
    expect(urls).toEqual([
      'turn:live.example.org:N?transport=udp',
      'turn:live.example.org:N?transport=tcp',
      'turns:live.example.org:N?transport=tcp',
    ])
    const seen = await new Promise<string>((resolve, reject) => {
      const socket = connect({ port: portOf('turns'), host: '127.0.0.1', rejectUnauthorized: false }, () => {
        resolve(socket.getPeerCertificate().serialNumber)
        socket.destroy()
      }).on('error', reject)
    })
    expect(seen).toBe(new X509Certificate(cert).serialNumber)
    const client = await TurnTestClient.open('tls', portOf('turns'))
    const [{ username = '', credential = '' } = {}] = server.iceServers()
    client.credentials = { username, credential }
    expect(await allocateFor(client, '127.0.0.1')).toEqual([undefined, undefined])
    const other = await TurnTestClient.open('udp', portOf('turn:'))
    other.credentials = { username, credential }
    expect(await allocateFor(other, '192.168.0.1')).toEqual([undefined, 403])
    client.close()
    other.close()
  })

  it('need a certificate for TLS', async () => {
    await expect(open({ webrtc: { turn: { listen: ANY, secure: ANY } } })).rejects.toMatchObject({
      code: 'certificate_missing',
      message: expect.stringContaining('-acmeDomain'),
    })
  })

  it('name the flag that moves them when they are taken', async () => {
    await open({ webrtc: { turn: { listen: ANY } } })
    const taken = { host: '127.0.0.1', port: portOf('turn:') }
    const first = server
    await expect(open({ webrtc: { turn: { listen: taken } } })).rejects.toMatchObject({
      code: 'port_in_use',
      message: expect.stringContaining('-turnAddr'),
    })
    await first.stop()
  })
})
