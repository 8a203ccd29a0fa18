import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { silentLog } from '@millrace/base'
import { freePort } from '@millrace/base/node'
import { EventHub, type RunningNode, startNode } from '@millrace/node'
import { nodeId } from '@millrace/wire'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { reachable } from './reachable.ts'

let home: string
let node: RunningNode
let uri: string
const signal = new AbortController().signal
const running = async () => true
const stopped = async () => false

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'millrace-doctor-reach-'))
  const port = await freePort()
  uri = `https://127.0.0.1:${port}`
  node = await startNode(
    {
      nodeId: nodeId('orchestrator'),
      folder: home,
      network: { kind: 'offchain' },
      operator: { host: '127.0.0.1', port: 0 },
      orchestrator: {
        ...{ serviceUri: uri, listen: { host: '127.0.0.1', port }, pricePerPixel: { num: 0n, den: 1n } },
        ...{ maxSessions: 1, callReward: false, initializeRounds: false, workerSecret: 'unused' },
      },
    },
    { hub: new EventHub(), log: silentLog },
  )
}, 30_000)
afterAll(async () => {
  await node?.stop()
  rmSync(home, { recursive: true, force: true })
})

const look = (service: Partial<Parameters<typeof reachable>[0]>) =>
  reachable({ uri, isPublic: false, running: stopped, ...service }, signal)

it('a real orchestrator answers, from here', async () => {
  expect(await look({})).toMatchObject({
    verdict: 'ok',
    found: expect.stringMatching(
      /answers Ping over TLS with h2 in \d+ ms \(from here, which says nothing of the internet\)/,
    ),
  })
})

it('another account than that of the key is not taken for it', async () => {
  expect(await look({ address: `0x${'11'.repeat(20)}` })).toMatchObject({
    verdict: 'failed',
    found: expect.stringContaining('another node than'),
  })
})

it('where nothing listens, that is a fault only while the node runs', async () => {
  const nowhere = `https://127.0.0.1:${await freePort()}`
  expect(await look({ uri: nowhere })).toMatchObject({
    verdict: 'warning',
    found: expect.stringContaining('does not run'),
  })
  expect(await look({ uri: nowhere, running })).toMatchObject({
    verdict: 'failed',
    advice: expect.stringContaining('firewall'),
  })
})

it('a private address is none for the internet', async () => {
  expect(await look({ uri: 'https://192.168.1.7:8935', isPublic: true })).toMatchObject({
    verdict: 'failed',
    found: expect.stringContaining('private address'),
  })
})

it('a name that nobody knows is told', async () => {
  expect(await look({ uri: 'https://nobody.invalid:8935' })).toMatchObject({
    verdict: 'failed',
    found: expect.stringContaining('nobody.invalid'),
  })
})

it('a server that speaks no TLS is told', async () => {
  const server: Server = createServer((socket) => {
    socket.on('error', () => {})
    socket.once('data', () => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  expect(await look({ uri: `https://127.0.0.1:${port}`, running })).toMatchObject({ verdict: 'failed' })
  await new Promise((resolve) => server.close(resolve))
})
