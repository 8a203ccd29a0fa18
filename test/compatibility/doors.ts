import { mkdtempSync, rmSync } from 'node:fs'
import { request as plainRequest } from 'node:http'
import { connect } from 'node:http2'
import { request as secureRequest } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { silentLog } from '@millrace/base'
import { freePort } from '@millrace/base/node'
import { EventHub, type RunningNode, startNode } from '@millrace/node'
import { DEFAULT_LADDER, nodeId } from '@millrace/wire'
import { RedeemerServer } from '../../packages/node/src/links/grpc/redeemer-server.ts'

/** A node that is gateway, orchestrator for remote workers, and monitored, with a redeemer's port beside it; all without a chain. */
export type Doors = AsyncDisposable & {
  readonly gateway: number
  readonly orchestrator: number
  readonly redeemer: number
  readonly operator: number
}

export async function openDoors(): Promise<Doors> {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-doors-'))
  const host = '127.0.0.1'
  const [gateway, orchestrator, operator] = [await freePort(), await freePort(), await freePort()]
  const node: RunningNode = await startNode(
    {
      nodeId: nodeId('doors'),
      folder,
      network: { kind: 'offchain' },
      operator: { host, port: operator },
      monitor: {},
      gateway: { rtmp: undefined, http: { host, port: gateway }, ladder: DEFAULT_LADDER, orchestrators: [], ai: {} },
      orchestrator: {
        serviceUri: `https://${host}:${orchestrator}`,
        listen: { host, port: orchestrator },
        liveRunners: {},
        pricePerPixel: { num: 0n, den: 1n },
        maxSessions: 1,
        workerSecret: 'secret',
        callReward: false,
        initializeRounds: false,
      },
    },
    { hub: new EventHub(), log: silentLog },
  )
  const redeemer = new RedeemerServer({ host, port: 0, folder }, { redeemer: undefined as never, log: silentLog })
  await redeemer.start()
  return {
    gateway,
    orchestrator,
    redeemer: redeemer.port,
    operator,
    [Symbol.asyncDispose]: async () => {
      await redeemer.stop()
      await node.stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** The status of an answer to a request without a body. */
export function statusOf(port: number, line: string, options: { readonly secure: boolean }): Promise<number> {
  const [method, path] = line.split(' ')
  return new Promise((resolve, reject) => {
    const make = options.secure ? secureRequest : plainRequest
    make({ port, path, method, rejectUnauthorized: false, host: '127.0.0.1' }, (response) => {
      response.resume()
      resolve(response.statusCode ?? 0)
    })
      .once('error', reject)
      .end()
  })
}

/** False when a server says that it does not know the method (gRPC status 12). */
export function servesRpc(port: number, path: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const session = connect(`https://127.0.0.1:${port}`, { rejectUnauthorized: false })
    session.once('error', reject)
    const stream = session.request({
      ':method': 'POST',
      ':path': path,
      'content-type': 'application/grpc+proto',
      te: 'trailers',
    })
    const done = (headers: Readonly<Record<string, unknown>>) => {
      if (headers['grpc-status'] === undefined && headers[':status'] === 200) return
      resolve(
        headers[':status'] === undefined
          ? headers['grpc-status'] !== '12'
          : headers['grpc-status'] !== '12' && headers[':status'] === 200,
      )
      session.destroy()
    }
    stream.on('response', done)
    stream.on('trailers', done)
    stream.resume()
    stream.end(Buffer.alloc(5))
  })
}
