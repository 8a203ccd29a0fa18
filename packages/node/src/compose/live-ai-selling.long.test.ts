import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { LIVE_CAPABILITY, subscribe, TricklePublisher } from '@millrace/ai'
import { keccak256, silentLog, toHex } from '@millrace/base'
import { freePort } from '@millrace/base/node'
import { makeTestClip } from '@millrace/media/testing'
import { encodeSegmentHeader, HEADER, manifestId, type NodeEvent, nodeId, ZERO_ADDRESS } from '@millrace/wire'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type RunningNode, startNode } from '../compose.ts'
import type { AiWorkerConfig, NodeConfig } from '../config/node-config.ts'
import { EventHub } from '../events/event-hub.ts'
import { OrchestratorRpc } from '../links/grpc/orchestrator-client.ts'
import { SecureClient } from '../links/http/secure-fetch.ts'

const MODEL = 'millrace/passthrough'
const SECRET = 'between us'

let folder: string
let uri: string
let nodes: RunningNode[]
const events: NodeEvent[] = []
const http = new SecureClient()

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-live-'))
  uri = `https://127.0.0.1:${await freePort()}`
  nodes = []
  events.length = 0
})
afterEach(async () => {
  for (const node of nodes.reverse()) await node.stop()
  await rm(folder, { recursive: true, force: true })
})

async function node(name: string, roles: Pick<NodeConfig, 'orchestrator' | 'aiWorker'>): Promise<RunningNode> {
  const hub = new EventHub()
  hub.listen((event) => events.push(event))
  const config: NodeConfig = {
    ...{ nodeId: nodeId(name), folder: join(folder, name), network: { kind: 'offchain' } },
    ...{ operator: { host: '127.0.0.1', port: 0 }, ...roles },
  }
  const running = await startNode(config, { hub, log: silentLog })
  nodes.push(running)
  return running
}

const orchestrator = (): NonNullable<NodeConfig['orchestrator']> => ({
  ...{ serviceUri: uri, listen: { host: '127.0.0.1', port: Number(new URL(uri).port) }, workerSecret: SECRET },
  ...{ pricePerPixel: { num: 0n, den: 1n }, maxSessions: 5, callReward: false, initializeRounds: false },
})
const aiWorker = (more: Partial<AiWorkerConfig> = {}): AiWorkerConfig => ({
  workerId: nodeId('w'),
  models: [{ pipeline: 'live-video-to-video', modelId: MODEL, adapter: 'embedded', warm: true }],
  ...more,
})

/** A stream from its beginning to its end; what came out of it. */
async function throughIt(): Promise<Uint8Array[]> {
  const rpc = new OrchestratorRpc(uri)
  const request = { address: ZERO_ADDRESS, signature: new Uint8Array(0), ignoreCapacityCheck: true }
  const { authToken } = await vi.waitFor(async () => {
    const info = await rpc.getOrchestrator(request, { timeoutMs: 3_000 })
    const models = info.capabilities?.constraints?.perCapability.get(LIVE_CAPABILITY)?.models
    expect(models?.get(MODEL)?.capacity).toBe(1)
    return info
  }, 10_000)
  rpc.close()
  const header = encodeSegmentHeader({
    ...{ manifestId: manifestId('35'), seq: 0, profiles: [], durationMs: 0, storage: [], authToken: authToken! },
    ...{ calcPerceptualHash: false, forceSessionReinit: false, wantsCommitment: false },
    ...{ hash: toHex(keccak256(new Uint8Array(0))), signature: new Uint8Array(0) },
  })
  const answer = await http.fetch(`${uri}/live-video-to-video`, {
    headers: { [HEADER.segment]: header, 'content-type': 'application/json' },
    body: Buffer.from(JSON.stringify({ model_id: MODEL, params: { width: 128, height: 128 } })),
    ...{ headTimeoutMs: 10_000, timeoutMs: 10_000, maxBytes: 1 << 20 },
  })
  const text = Buffer.from(answer.body).toString()
  expect(answer.status, text).toBe(200)
  const urls = JSON.parse(text) as { publish_url: string; subscribe_url: string }
  const input = new TricklePublisher({ url: urls.publish_url, anyCertificate: true })
  const output = (async () => {
    const all: Uint8Array[] = []
    for await (const { data } of subscribe({ url: urls.subscribe_url, anyCertificate: true, from: 0 }))
      for await (const chunk of data) all.push(chunk)
    return all
  })()
  const clip = await makeTestClip({ seconds: 1, width: 320, height: 180, fps: 24, segmentMs: 1_000 })
  for (const { data } of clip.segments) await input.write(data)
  await input.close()
  return output
}

describe('an orchestrator that sells live video', () => {
  it.each(['of its own process', 'of another'])('has a worker %s do it, without a chain for nothing', async (where) => {
    if (where === 'of another') {
      await node('o', { orchestrator: orchestrator() })
      await node('w', { aiWorker: aiWorker({ orchestrator: { uri, secret: SECRET } }) })
    } else await node('o', { orchestrator: orchestrator(), aiWorker: aiWorker() })
    const out = Buffer.concat(await throughIt())
    expect(out.length).toBeGreaterThan(1_000)
    expect([out.length % 188, out[0]]).toEqual([0, 0x47])
    const ended = () => events.flatMap((event) => (event.type === 'live_ai_ended' ? [event] : []))
    await vi.waitFor(() => expect(ended()).toMatchObject([{ modelId: MODEL, end: 'input_ended' }]), 10_000)
  })
})
