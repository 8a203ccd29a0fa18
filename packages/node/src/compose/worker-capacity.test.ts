import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { keccak256, silentLog, toHex } from '@millrace/base'
import { freePort } from '@millrace/base/node'
import {
  CONTENT_TYPE,
  DEFAULT_LADDER,
  decodeTranscodeResult,
  encodeSegmentHeader,
  HEADER,
  jobCapabilities,
  manifestId,
  nodeId,
  type OrchestratorInfo,
  PEER_ERROR,
  ZERO_ADDRESS,
} from '@millrace/wire'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type RunningNode, startNode } from '../compose.ts'
import type { NodeConfig } from '../config/node-config.ts'
import { EventHub } from '../events/event-hub.ts'
import { OrchestratorRpc } from '../links/grpc/orchestrator-client.ts'
import { RemoteWorker } from '../links/grpc/remote-worker.ts'
import { SecureClient } from '../links/http/secure-fetch.ts'
import type { WorkerLink } from '../links/ports.ts'

const SERVICE_MS = 300
const WORKERS = 3
const PIXELS = 1_000n
const BODY = new Uint8Array(Buffer.from('a source segment whose hash stands in its header'))

let folder: string
let config: NodeConfig
let node: RunningNode
let uri: string
let workers: { readonly part: RemoteWorker; jobs: number; most: number }[]
let together = 0
let mostTogether = 0
const http = new SecureClient()
let rpc: OrchestratorRpc

/** A remote worker with room for one session, which takes the same time for every segment. */
function openWorker(i: number) {
  let running = 0
  const link: WorkerLink = {
    workerId: nodeId(`w${i}`),
    capacity: 1,
    transcode: async (job) => {
      worker.jobs++
      worker.most = Math.max(worker.most, ++running)
      mostTogether = Math.max(mostTogether, ++together)
      await new Promise((resolve) => setTimeout(resolve, SERVICE_MS))
      running--
      together--
      const data = Buffer.from(`a rendition of segment ${job.seq}, padded to be long enough`)
      return { decodedPixels: 1n, renditions: job.profiles.map(() => ({ data, pixels: PIXELS })) }
    },
    endSession: async () => {},
  }
  const options = { orchestratorUri: uri, secret: 'between us', version: '0.9.1-test' }
  const onFatal = (error: unknown) => {
    throw error
  }
  const worker = { part: new RemoteWorker(options, { worker: link, log: silentLog, onFatal }), jobs: 0, most: 0 }
  return worker
}

const start = () => startNode(config, { hub: new EventHub(), log: silentLog })
const facts = async <T>(path: string): Promise<T> => (await (await fetch(`${node.operatorUrl}${path}`)).json()) as T
type Workers = {
  readonly workers: readonly { readonly address: string; readonly sessions: number; readonly capacity: number }[]
  readonly accounts: readonly { readonly account: string; readonly segments: number; readonly pixels: string }[]
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-capped-'))
  const port = await freePort()
  uri = `https://127.0.0.1:${port}`
  config = {
    ...{ nodeId: nodeId('o'), folder, network: { kind: 'offchain' }, operator: { host: '127.0.0.1', port: 0 } },
    orchestrator: {
      ...{ serviceUri: uri, listen: { host: '127.0.0.1', port }, pricePerPixel: { num: 0n, den: 1n } },
      ...{ maxSessions: 'auto', workerSecret: 'between us', callReward: false, initializeRounds: false },
    },
  }
  node = await start()
  rpc = new OrchestratorRpc(uri)
  workers = Array.from({ length: WORKERS }, (_, i) => openWorker(i))
})
afterAll(async () => {
  rpc?.close()
  http.close()
  await Promise.all((workers ?? []).map(({ part }) => part.stop()))
  await node?.stop()
  await rm(folder, { recursive: true, force: true })
})

const terms = () =>
  rpc.getOrchestrator(
    { address: ZERO_ADDRESS, signature: new Uint8Array(0), ignoreCapacityCheck: false },
    { timeoutMs: 3_000 },
  )

async function send({ authToken }: OrchestratorInfo, seq: number): Promise<{ status: number; text: string }> {
  const profiles = DEFAULT_LADDER.slice(2)
  const header = encodeSegmentHeader({
    ...{ manifestId: manifestId(authToken!.sessionId), seq, profiles, durationMs: 2_000, storage: [] },
    ...{ capabilities: jobCapabilities({ profiles, storage: 'direct' }), authToken: authToken! },
    ...{ calcPerceptualHash: false, forceSessionReinit: false, wantsCommitment: false },
    ...{ hash: toHex(keccak256(BODY)), signature: new Uint8Array(0) },
  })
  const { status, body } = await http.fetch(`${uri}/segment`, {
    headers: { 'Content-Type': CONTENT_TYPE.segment, [HEADER.segment]: header },
    ...{ body: BODY, headTimeoutMs: 5_000, timeoutMs: 5_000, maxBytes: 1 << 20 },
  })
  if (status !== 200) return { status, text: Buffer.from(body).toString('utf8').trim() }
  const { result } = decodeTranscodeResult(body)
  return { status, text: 'error' in result ? result.error : `${result.data.segments.length} renditions` }
}

it('workers with one session each take exactly as many sessions, and one more is told OrchestratorCapped', async () => {
  // One who is asked before anybody joined has nobody to give the work to.
  await expect(terms()).rejects.toMatchObject({ meta: { peerText: expect.stringContaining('OrchestratorCapped') } })
  for (const { part } of workers) await part.start()
  await expect
    .poll(() => facts<{ maxSessions: number }>('/debug'), { timeout: 5_000 })
    .toMatchObject({ maxSessions: WORKERS })
  const [fourth, ...three] = await Promise.all(Array.from({ length: WORKERS + 1 }, terms))
  const first = await Promise.all(three.map((info) => send(info, 0)))
  expect(first).toEqual(three.map(() => ({ status: 200, text: '2 renditions' })))
  // Side by side, each with a worker of its own.
  expect(mostTogether).toBe(WORKERS)
  expect(workers.map(({ jobs, most }) => [jobs, most])).toEqual(workers.map(() => [1, 1]))

  expect(await send(fourth!, 0)).toEqual({ status: 403, text: PEER_ERROR.orchestratorCapped })
  await expect(terms()).rejects.toMatchObject({
    meta: { peerText: `Invalid orchestrator request: ${PEER_ERROR.orchestratorCapped}` },
  })
  // Those that are there go on, each with its worker.
  expect(await Promise.all(three.map((info) => send(info, 1)))).toEqual(first)
  expect(workers.map(({ jobs, most }) => [jobs, most])).toEqual(workers.map(() => [2, 1]))

  await rpc.endSession(three[0]!.authToken!, { timeoutMs: 3_000 })
  expect(await send(fourth!, 0)).toEqual({ status: 200, text: '2 renditions' })
  expect(await send(three[0]!, 2)).toEqual({ status: 403, text: PEER_ERROR.orchestratorCapped })
})

it('the ledger says who has done what, also after a restart', async () => {
  const { workers: present, accounts } = await facts<Workers>('/workers')
  expect(present.map(({ address, sessions, capacity }) => [address, sessions, capacity])).toEqual(
    workers.map(() => ['127.0.0.1', 1, 1]),
  )
  const done = { account: '127.0.0.1', segments: 7, failed: 0, pixels: String(7n * 2n * PIXELS), share: 1 }
  expect(accounts).toMatchObject([done])
  await node.stop()
  node = await start()
  expect((await facts<Workers>('/workers')).accounts).toMatchObject([done])
})

it('an orchestrator that transcodes itself takes as many sessions as its own worker', async () => {
  await using own = await startNode(
    {
      ...config,
      folder: await mkdtemp(join(folder, 'own-')),
      orchestrator: { ...config.orchestrator!, listen: { host: '127.0.0.1', port: 0 } },
      worker: { workerId: nodeId('w'), capacity: 2, engine: 'auto' },
    },
    { hub: new EventHub(), log: silentLog },
  )
  const answer = await fetch(`${own.operatorUrl}/debug`)
  expect(await answer.json()).toMatchObject({ maxSessions: 2, workers: [{ workerId: 'w', account: 'w', capacity: 2 }] })
})
