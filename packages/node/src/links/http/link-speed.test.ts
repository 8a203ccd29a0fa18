import { mkdtemp, rm } from 'node:fs/promises'
import { type AddressInfo, connect, createServer as createTcpServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { silentLog } from '@millrace/base'
import { freePort } from '@millrace/base/node'
import { HEADER, TRANSCODER_AUTHORIZATION } from '@millrace/wire'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { WorkerRegistry } from '../grpc/worker-registry.ts'
import type { OrchestratorService } from '../orchestrator-service.ts'
import { LINK_SPEED_PATH, measureLink } from './link-speed.ts'
import { OrchestratorServer } from './orchestrator-server.ts'
import { SecureClient } from './secure-fetch.ts'

const nobody = () => {
  throw new Error('this orchestrator has workers only')
}
const service: OrchestratorService = {
  ...{ getOrchestrator: nobody, endSession: nobody, ping: nobody, acceptSegment: nobody, acceptLiveSegment: nobody },
  storedObject: () => undefined,
}

let folder: string
let server: OrchestratorServer
const uri = () => `https://127.0.0.1:${server.port}`

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-link-speed-'))
  const workers = new WorkerRegistry(
    { secret: 'between us', serviceUri: uri, orchestratorId: 'test' },
    { join: () => () => {}, log: silentLog },
  )
  server = new OrchestratorServer(
    { host: '127.0.0.1', port: 0, certificateHost: '127.0.0.1', folder },
    { service, workers, log: silentLog },
  )
  await server.start()
})
afterAll(async () => {
  await server?.stop()
  await rm(folder, { recursive: true, force: true })
})

/** A link that lets so many bytes a second through, each way and over all connections together. */
async function openSlowLink(bytesPerSecond: number) {
  const sockets = new Set<Socket>()
  const carry = (from: Socket, to: Socket, way: { dueMs: number }) => {
    sockets.add(from)
    from.on('data', (chunk) => {
      from.pause()
      way.dueMs = Math.max(way.dueMs, performance.now()) + (1000 * chunk.length) / bytesPerSecond
      setTimeout(() => {
        to.write(chunk)
        from.resume()
      }, way.dueMs - performance.now())
    })
    from.on('close', () => to.destroy())
    from.on('error', () => to.destroy())
  }
  const [up, down] = [{ dueMs: 0 }, { dueMs: 0 }]
  const link = createTcpServer((near) => {
    const far = connect({ host: '127.0.0.1', port: server.port })
    carry(near, far, up)
    carry(far, near, down)
  })
  await new Promise<void>((resolve) => link.listen(0, '127.0.0.1', resolve))
  return {
    uri: `https://127.0.0.1:${(link.address() as AddressInfo).port}`,
    close: () => {
      for (const socket of sockets) socket.destroy()
      link.close()
    },
  }
}

it('a slow link is found to be as slow as it is', async () => {
  const link = await openSlowLink(1_000_000)
  try {
    const { upBps, downBps } = await measureLink({ uri: link.uri, secret: 'between us' })
    for (const bps of [upBps, downBps]) {
      expect(bps).toBeGreaterThan(5e6)
      expect(bps).toBeLessThan(8.5e6)
    }
  } finally {
    link.close()
  }
}, 20_000)

it('a link without limits is measured in a moment, with no more bytes than needed', async () => {
  const began = performance.now()
  const { upBps, downBps } = await measureLink({ uri: uri(), secret: 'between us' })
  expect(Math.min(upBps, downBps)).toBeGreaterThan(20e6)
  expect(performance.now() - began).toBeLessThan(10_000)
}, 20_000)

it('a worker with another secret, or of an orchestrator that knows nothing of this, measures nothing', async () => {
  await expect(measureLink({ uri: uri(), secret: 'a guess' })).rejects.toMatchObject({
    code: 'link_not_measured',
    message: 'the orchestrator answered 401',
  })
  const own = await mkdtemp(join(folder, 'other-'))
  const other = new OrchestratorServer(
    { host: '127.0.0.1', port: 0, certificateHost: '127.0.0.1', folder: own },
    { service, log: silentLog },
  )
  await other.start()
  await expect(measureLink({ uri: `https://127.0.0.1:${other.port}`, secret: 's' })).rejects.toMatchObject({
    message: 'the orchestrator answered 404',
  })
  await other.stop()
  await expect(measureLink({ uri: `https://127.0.0.1:${await freePort()}`, secret: 's' })).rejects.toMatchObject({
    code: 'link_not_measured',
  })
})

it.each([
  ['?bytes=99999999', 400],
  ['?bytes=-1', 400],
  ['?bytes=x', 400],
  ['?bytes=10', 200],
])('%s is answered with %i', async (query, wanted) => {
  const http = new SecureClient()
  const headers = { [HEADER.authorization]: TRANSCODER_AUTHORIZATION, [HEADER.credentials]: 'between us' }
  const limits = { headTimeoutMs: 5_000, timeoutMs: 5_000, maxBytes: 1 << 20 }
  const answer = await http.fetch(`${uri()}${LINK_SPEED_PATH}${query}`, { method: 'POST', headers, ...limits })
  expect({ status: answer.status, length: answer.body.length }).toEqual({
    status: wanted,
    length: wanted === 200 ? 10 : 0,
  })
  const tooMuch = new Uint8Array(5 << 20)
  const refused = http.fetch(`${uri()}${LINK_SPEED_PATH}`, { headers, body: tooMuch, ...limits })
  // The connection may be gone before the answer is read.
  expect(await refused.then(({ status }) => status).catch(() => 400)).toBe(400)
  http.close()
})
