import { mkdtemp, rm } from 'node:fs/promises'
import { Agent, request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect } from 'node:tls'
import { silentLog } from '@millrace/base'
import { type IceServer, WebRtcServer } from '@millrace/media'
import { allocateFor, TurnTestClient } from '@millrace/media/testing'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { makeCertificate } from '../tls.ts'
import { listenTls } from './listen-tls.ts'
import type { Listening } from './listening.ts'

const HERE = '127.0.0.1'
let folder: string
let webrtc: WebRtcServer
let https: Listening

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-beside-'))
  await makeCertificate(HERE, folder)
  const turn = {
    listen: { host: HERE, port: 0 },
    name: HERE,
    relayAddress: HERE,
    from: HERE,
    limits: { perAddress: 1 },
  }
  webrtc = new WebRtcServer({ addresses: [HERE], turn }, { log: silentLog })
  await webrtc.start()
  const turnPort = Number(/:(\d+)\?/.exec(webrtc.iceServers()[0]!.urls)![1])
  const files = { certFile: join(folder, 'cert.pem'), keyFile: join(folder, 'key.pem') }
  https = await listenTls(
    async (incoming, response) => {
      let body = ''
      for await (const chunk of incoming) body += chunk
      response.end(`${incoming.method} ${incoming.url} ${body.length}`)
    },
    { host: HERE, port: 0, flag: '-httpAddr', ...files, turnPort },
    { log: silentLog },
  )
})
afterEach(async () => {
  await https.close()
  await webrtc.stop()
  await rm(folder, { recursive: true, force: true })
})

const credentials = ({ username = '', credential = '' }: IceServer) => ({ username, credential })

it('one port serves pages and TURN, and requests one after the other on a connection', async () => {
  const agent = new Agent({ keepAlive: true, maxSockets: 1, rejectUnauthorized: false })
  const ask = (method: string, path: string, body = '') =>
    new Promise<{ text: string; from: number | undefined }>((resolve, reject) => {
      request({ host: HERE, port: https.port, path, method, agent })
        .on('response', async (response) => {
          const from = response.socket.localPort
          let text = ''
          for await (const chunk of response) text += chunk
          resolve({ text, from })
        })
        .on('error', reject)
        .end(body)
    })
  const first = await ask('GET', '/page')
  const second = await ask('POST', '/offer', 'v=0'.repeat(40_000))
  expect([first.text, second.text]).toEqual(['GET /page 0', 'POST /offer 120000'])
  expect(second.from).toBe(first.from)
  agent.destroy()

  const client = await TurnTestClient.open('tls', https.port)
  client.credentials = credentials(webrtc.iceServers()[0]!)
  expect(await allocateFor(client, HERE)).toEqual([undefined, undefined])
  // It counts for the address that it came from, as others of that address do.
  const other = await TurnTestClient.open('tcp', Number(/:(\d+)\?/.exec(webrtc.iceServers()[0]!.urls)![1]))
  other.credentials = credentials(webrtc.iceServers()[0]!)
  expect((await allocateFor(other, HERE))[0]).toBe(486)
  // Whom the line in front names is another.
  const named = await TurnTestClient.open('tcp', Number(/:(\d+)\?/.exec(webrtc.iceServers()[0]!.urls)![1]))
  named.raw(Buffer.from('PROXY TCP4 198.51.100.7 127.0.0.1 4000 443\r\n'))
  named.credentials = credentials(webrtc.iceServers()[0]!)
  expect(await allocateFor(named, HERE)).toEqual([undefined, undefined])
  for (const one of [client, other, named]) one.close()
})

it('who hangs up without a word, or speaks of neither, does no harm', async () => {
  const open = (first: Buffer) =>
    new Promise<void>((resolve) => {
      const socket = connect({ host: HERE, port: https.port, rejectUnauthorized: false }, () => {
        if (first.length > 0) socket.write(first)
        else socket.destroy()
      })
      socket.on('error', () => {})
      socket.on('close', () => resolve())
      socket.resume()
    })
  await Promise.all([open(Buffer.alloc(0)), open(Buffer.from('no request\r\n\r\n')), open(Buffer.alloc(40, 0x80))])
  const client = await TurnTestClient.open('tls', https.port)
  client.credentials = credentials(webrtc.iceServers()[0]!)
  expect(await allocateFor(client, HERE)).toEqual([undefined, undefined])
  client.close()
})
