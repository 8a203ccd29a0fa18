import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect } from 'node:tls'
import { fileURLToPath } from 'node:url'
import { freePort } from '@millrace/base/node'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { AcmeServer } from '../../../packages/node/src/links/acme/acme-server.fixture.ts'
import { until } from '../fixture.ts'

const PROGRAM = fileURLToPath(new URL('../../../apps/cli/bin/millrace.js', import.meta.url))
const NAME = 'live.localhost'

let home: string
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'millrace-acme-role-'))
})
afterEach(() => rm(home, { recursive: true, force: true }))

it('a gateway gets its certificate by ACME and uses it at every port of TLS, and for nothing again after a restart', async () => {
  const [http, https, rtmp, rtmps, turn, turns, cli] = await Promise.all(Array.from({ length: 7 }, () => freePort()))
  await using authority = await AcmeServer.start({ challengePort: () => http! })
  const root = join(home, 'root.pem')
  await writeFile(root, authority.ca)
  const at = (port: number | undefined) => `127.0.0.1:${port}`
  const flags = {
    orchAddr: at(1),
    acmeDomain: NAME,
    acmeDirectory: authority.directory,
    acmeHttpAddr: at(http),
    httpAddr: at(https),
    rtmpAddr: at(rtmp),
    rtmpsAddr: at(rtmps),
    turnAddr: at(turn),
    turnsAddr: at(turns),
    cliAddr: at(cli),
  }
  const args = ['gateway', ...Object.entries(flags).flatMap(([flag, value]) => [`-${flag}`, value])]
  const trusted = (port: number | undefined) =>
    new Promise<boolean>((resolve) => {
      const to = { host: '127.0.0.1', port: port ?? 0, servername: NAME, ca: authority.authority }
      const socket = connect(to, () => {
        resolve(socket.authorized)
        socket.destroy()
      }).on('error', () => resolve(false))
    })
  for (let run = 1; run <= 2; run++) {
    const env = { PATH: process.env.PATH, HOME: home, NODE_EXTRA_CA_CERTS: root }
    const gateway = spawn(process.execPath, [PROGRAM, ...args], { cwd: home, env })
    let log = ''
    gateway.stderr.on('data', (chunk: Buffer) => {
      log += chunk
    })
    gateway.stdout.resume()
    const ended = once(gateway, 'close')
    try {
      await until('the gateway', 20_000, () => {
        if (gateway.exitCode !== null) throw new Error(log)
        return log.includes('node is up')
      })
      for (const port of [https, rtmps, turns]) await until('the certificate', 15_000, () => trusted(port))
    } finally {
      gateway.kill('SIGTERM')
      await ended
    }
  }
  expect(authority.orders.map(({ names }) => names)).toEqual([[NAME]])
  expect(authority.refused).toEqual([])
})
