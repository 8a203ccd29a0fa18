import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { get } from 'node:http'
import { connect, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { freePort } from '@millrace/base/node'
import { makeTestClip } from '@millrace/media/testing'
import { manifestId } from '@millrace/wire'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { pushSegment } from './push-segment.ts'
import { startRole } from './role-process.fixture.ts'

const PROGRAM = fileURLToPath(new URL('../bin/millrace.js', import.meta.url))

let home: string
beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'millrace-scarce-'))
})
afterAll(() => rmSync(home, { recursive: true, force: true }))

const hasIpv6 = await new Promise<boolean>((resolve) => {
  const server = createServer().once('error', () => resolve(false))
  server.listen(0, '::1', () => server.close(() => resolve(true)))
})
if (!hasIpv6)
  console.log('NOT RUN: roles that reach each other by IPv6 only. To get it: a machine with IPv6 on its loopback')

it.runIf(hasIpv6)(
  'gateway, orchestrator and worker reach each other where there is nothing but IPv6',
  async () => {
    const at = async () => `[::1]:${await freePort()}`
    const [service, http] = [await at(), await at()]
    const own = async () => ['-cliAddr', await at(), '-dataDir', mkdtempSync(join(home, 'six-'))]
    const orchestrator = await startRole(home, [
      'orchestrator',
      '-serviceAddr',
      service,
      '-orchSecret',
      's',
      ...(await own()),
    ])
    const others = await Promise.all([
      startRole(home, ['worker', '-orchAddr', service, '-orchSecret', 's', ...(await own())]),
      startRole(home, ['gateway', '-orchAddr', service, '-httpAddr', http, '-rtmpAddr', await at(), ...(await own())]),
    ])
    await orchestrator.logged('a worker joined')
    const clip = await makeTestClip({ seconds: 2, width: 320, height: 180, fps: 10 })
    const { data, durationMs } = clip.segments[0]!
    const segment = { manifestId: manifestId('six'), seq: 0, data, durationMs, container: 'mpegts' } as const
    expect((await pushSegment(`http://${http}`, segment)).renditions).toHaveLength(2)
    await Promise.all([orchestrator, ...others].map((role) => role.stop()))
  },
  40_000,
)

it('a gateway that runs out of file descriptors lives on, and answers again once there are some', async () => {
  const [http, rtmp, cli] = [await freePort(), await freePort(), await freePort()]
  const args = ['gateway', '-orchAddr', '127.0.0.1:9', '-dataDir', join(home, 'few')]
  const at = ['-httpAddr', `127.0.0.1:${http}`, '-rtmpAddr', `127.0.0.1:${rtmp}`, '-cliAddr', `127.0.0.1:${cli}`]
  const child = spawn('sh', ['-c', 'ulimit -n 600; exec "$0" "$@"', process.execPath, PROGRAM, ...args, ...at], {
    env: { PATH: process.env.PATH, HOME: home },
  })
  let said = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk) => {
      said += chunk
    })
  // Each time by a connection of its own.
  const healthy = () =>
    new Promise<boolean>((resolve) => {
      const request = get(
        { port: http, host: '127.0.0.1', path: '/healthz', agent: false, timeout: 2_000 },
        (response) => {
          response.resume()
          resolve(response.statusCode === 200)
        },
      )
      request.once('timeout', () => request.destroy())
      request.once('error', () => resolve(false))
    })
  const until = async (wanted: boolean) => {
    for (let i = 0; i < 60 && (await healthy()) !== wanted; i++) await new Promise((done) => setTimeout(done, 250))
    expect(await healthy(), said).toBe(wanted)
  }
  await until(true)
  const sockets: Socket[] = []
  for (const port of [http, rtmp])
    for (let i = 0; i < 600; i++) sockets.push(connect({ port, host: '127.0.0.1' }).on('error', () => {}))
  await new Promise((done) => setTimeout(done, 500))
  // Nobody comes in any more, and that is all that happens.
  expect(await healthy()).toBe(false)
  expect(child.exitCode, said).toBeNull()
  for (const socket of sockets) socket.destroy()
  await until(true)
  child.kill('SIGTERM')
  const [code] = await once(child, 'close')
  expect(code).toBe(0)
}, 40_000)
