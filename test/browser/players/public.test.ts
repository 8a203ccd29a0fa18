import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { request as plainRequest } from 'node:http'
import { request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect } from 'node:tls'
import { fileURLToPath } from 'node:url'
import { freePort } from '@millrace/base/node'
import { freePortOffset } from '@millrace/devnet'
import type { Browser, BrowserContext } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { AcmeServer } from '../../../packages/node/src/links/acme/acme-server.fixture.ts'
import { findChromium, openChromium, WEBRTC_FLAGS } from '../chromium.ts'
import { until } from '../fixture.ts'

const PROGRAM = fileURLToPath(new URL('../../../apps/cli/bin/millrace.js', import.meta.url))
const NAME = 'live.localhost'
const path = findChromium()
const hint = 'test of millrace up --public and --lan (needs Chromium: apt-get install chromium)'
if (!path) console.log(`NOT RUN: ${hint}`)
if (!path && process.env.CI) test(hint, () => expect.fail(`no Chromium was found: ${hint}`))

describe.skipIf(!path)('a network that is open to others', { timeout: 90_000 }, () => {
  let browser: Browser
  let context: BrowserContext
  let folder: string
  let child: ChildProcess | undefined
  let said: string

  beforeAll(async () => {
    browser = await openChromium(path as string, [...WEBRTC_FLAGS, `--host-resolver-rules=MAP ${NAME} 127.0.0.1`])
  })
  afterAll(() => browser?.close())
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'millrace-public-'))
    said = ''
  })
  afterEach(async () => {
    await context?.close()
    if (child?.exitCode === null) {
      const ended = new Promise((resolve) => child?.once('exit', resolve))
      child.kill('SIGINT')
      await ended
    }
    child = undefined
    await rm(folder, { recursive: true, force: true })
  })

  /** Starts `millrace up` and waits until it is up. */
  async function up(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<void> {
    const all = ['up', '--offchain', '--source', 'none', '--data-dir', folder, '--preset', 'ultrafast', ...args]
    const started = spawn(process.execPath, [PROGRAM, ...all], {
      env: { PATH: process.env.PATH, HOME: folder, ...env },
    })
    child = started
    for (const stream of [started.stdout, started.stderr])
      stream.on('data', (chunk: Buffer) => {
        said += chunk
      })
    await until('the network', 40_000, () => {
      if (started.exitCode !== null) throw new Error(said)
      return said.includes('camera  ')
    })
  }

  /** Publishes from the page of the camera and waits until the stream can be watched there. */
  async function publishFrom(url: string, options: { readonly relay?: boolean } = {}): Promise<void> {
    context = await browser.newContext({ ignoreHTTPSErrors: true, permissions: ['camera', 'microphone'] })
    const page = await context.newPage()
    if (options.relay)
      await page.addInitScript(() => {
        const Plain = RTCPeerConnection
        window.RTCPeerConnection = class extends Plain {
          constructor(configuration: RTCConfiguration = {}) {
            super({ ...configuration, iceTransportPolicy: 'relay' })
          }
        }
      })
    await page.goto(url)
    await page.getByRole('button', { name: 'Go live' }).click()
    await page.getByText('Live', { exact: true }).waitFor({ timeout: 20_000 })
    const playlist = new URL('/hls/camera.m3u8', url).href
    await until('the stream', 30_000, () =>
      page.evaluate(async (address) => (await fetch(address)).status === 200, playlist),
    )
  }

  test('gets a certificate, sends plain HTTP on, and takes a camera through TURN with the key only', async () => {
    const [offset, https, http, turn, turns] = [
      await freePortOffset(),
      await freePort(),
      await freePort(),
      await freePort(),
      await freePort(),
    ]
    await using authority = await AcmeServer.start({ challengePort: () => http })
    const root = join(folder, 'root.pem')
    await writeFile(root, authority.ca)
    const ports = {
      'https-port': https,
      'acme-http-port': http,
      'turn-port': turn,
      'turns-port': turns,
      'port-offset': offset,
    }
    await up(
      [
        '--public',
        NAME,
        '--acme-directory',
        authority.directory,
        ...Object.entries(ports).flatMap(([flag, port]) => [`--${flag}`, String(port)]),
      ],
      { NODE_EXTRA_CA_CERTS: root },
    )
    expect(said).toContain('renewed by itself')
    expect(said).toContain(`let in TCP ${http}, ${https}, ${turn}, ${turns} and UDP ${turn}, 50000-50200`)
    const [, camera = ''] = /(https:\/\/\S+\/camera#\S+)/.exec(said) ?? []
    const key = camera.split('#')[1]!
    expect(authority.orders.map(({ names }) => names)).toEqual([[NAME]])

    const trusted = { host: '127.0.0.1', servername: NAME, ca: authority.authority }
    const ask = (method: string, at: string, headers: Record<string, string> = {}) =>
      new Promise<{ status: number; link: string }>((resolve, reject) => {
        const outgoing = request({
          ...trusted,
          port: https,
          path: at,
          method,
          headers: { host: `${NAME}:${https}`, ...headers },
        })
        outgoing.on('response', (answer) => {
          answer.resume()
          resolve({ status: answer.statusCode!, link: String(answer.headers.link) })
        })
        outgoing.on('error', reject)
        outgoing.end(method === 'POST' ? 'v=0' : undefined)
      })
    // The doors take a new certificate within a moment.
    await until('the certificate', 10_000, () =>
      ask('GET', '/').then(
        ({ status }) => status === 200,
        () => false,
      ),
    )
    const sdp = { 'content-type': 'application/sdp' }
    expect((await ask('POST', '/webrtc/whip/cam', sdp)).status).toBe(401)
    expect((await ask('POST', '/webrtc/whip/cam', { ...sdp, authorization: `Bearer ${key}x` })).status).toBe(401)
    // It is let in, and is no offer.
    expect((await ask('POST', '/webrtc/whip/cam', { ...sdp, authorization: `Bearer ${key}` })).status).toBe(400)
    const { link } = await ask('OPTIONS', '/webrtc/whip/cam')
    for (const server of [
      `turn:${NAME}:${turn}?transport=udp`,
      `turn:${NAME}:${turn}?transport=tcp`,
      `turns:${NAME}:${turns}?transport=tcp`,
    ])
      expect(link).toContain(`<${server}>; rel="ice-server"`)
    const turnIsTrusted = () =>
      new Promise<boolean>((resolve) => {
        const socket = connect({ ...trusted, port: turns }, () => {
          resolve(socket.authorized)
          socket.destroy()
        }).on('error', () => resolve(false))
      })
    await until('the certificate of TURN', 10_000, turnIsTrusted)
    const location = await new Promise((resolve, reject) => {
      plainRequest({ host: '127.0.0.1', port: http, path: '/camera', headers: { host: NAME } })
        .on('response', (answer) => resolve(answer.resume().headers.location))
        .on('error', reject)
        .end()
    })
    expect(location).toBe(`https://${NAME}:${https}/camera`)

    await publishFrom(camera, { relay: true })
    expect(said).not.toContain('acme_')
  })

  test('serves the local network by HTTPS with a certificate of its own, for cameras', async () => {
    const [offset, https] = [await freePortOffset(), await freePort()]
    await up(['--lan', '--port-offset', String(offset), '--https-port', String(https)])
    expect(said).toMatch(new RegExp(`camera {4}https://[\\d.]+:${https}/camera`))
    await publishFrom(`https://127.0.0.1:${https}/camera`)
    const plain = await (await fetch(`http://127.0.0.1:${8080 + offset}/api/network`)).json()
    expect(plain).toMatchObject({ securePort: https, asksKey: false })
  })
})
