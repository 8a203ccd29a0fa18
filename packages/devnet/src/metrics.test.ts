import { join } from 'node:path'
import { silentLog } from '@millrace/base'
import { getServiceUri, ticketBroker } from '@millrace/chain'
import { openKeystore } from '@millrace/chain/node'
import { makeTestClip, type TestClip } from '@millrace/media/testing'
import { EventHub, type NodeConfig, type RunningNode, startNode } from '@millrace/node'
import { DEVNET_PRICE_PER_PIXEL } from '@millrace/payments'
import { DEFAULT_LADDER, type NodeEvent, type NodeEventOf, type NodeEventType, nodeId } from '@millrace/wire'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openChain, openFolder, type TestChain } from './chain-fixture.ts'
import { type DevnetAccount, devnetKey } from './genesis/accounts.ts'
import { devnetAddress } from './genesis/addresses.ts'

const listen = { host: '127.0.0.1', port: 0 }
const SEGMENTS = 4

let chain: TestChain
let folder: Awaited<ReturnType<typeof openFolder>>
let orchestrator: RunningNode
let gateway: RunningNode
let clip: TestClip
const events: NodeEvent[] = []

/** A gateway, an orchestrator and its worker, with real video and real tickets; then what they say about it. */
beforeAll(async () => {
  chain = await openChain()
  folder = await openFolder()
  clip = await makeTestClip({ seconds: SEGMENTS, segmentMs: 1_000, width: 320, height: 180, fps: 10, audio: false })
  orchestrator = await openNode('orchestrator1', {
    monitor: {},
    orchestrator: {
      serviceUri: 'https://127.0.0.1:0',
      listen,
      pricePerPixel: DEVNET_PRICE_PER_PIXEL,
      maxSessions: 5,
      callReward: false,
      initializeRounds: false,
    },
    worker: { workerId: nodeId('worker'), capacity: 3, engine: 'auto' },
  })
  const uri = await getServiceUri(chain.client, devnetAddress('orchestrator1'))
  gateway = await openNode('gateway', {
    monitor: { perStream: true, clientIp: true },
    gateway: {
      rtmp: undefined,
      http: listen,
      ladder: DEFAULT_LADDER.slice(0, 1),
      orchestrators: [uri],
      maxStreams: 9,
    },
  })
  for (const { seq } of clip.segments) await push('film', seq)
}, 60_000)
afterAll(async () => {
  await gateway?.stop()
  await orchestrator?.stop()
  await chain?.[Symbol.asyncDispose]()
  await folder?.[Symbol.asyncDispose]()
})

async function push(stream: string, seq: number, status = 200): Promise<void> {
  const { data, durationMs } = clip.segments[seq]!
  const response = await fetch(`${gateway.gateway!.httpUrl}/live/${stream}/${seq}.ts`, {
    method: 'PUT',
    headers: { 'content-duration': String(durationMs), accept: 'multipart/mixed' },
    body: data as Uint8Array<ArrayBuffer>,
  })
  expect(response.status).toBe(status)
  await response.arrayBuffer()
}

async function openNode(account: DevnetAccount, role: Partial<NodeConfig>): Promise<RunningNode> {
  const own = join(folder.path, account)
  await openKeystore(join(own, 'keystore'), 'password', { create: devnetKey(account), n: 1024 })
  const hub = new EventHub()
  hub.listen((event) => events.push(event))
  const network: NodeConfig['network'] = {
    kind: 'chain',
    ethUrl: chain.chain.url,
    controller: chain.client.addresses.controller,
    chainId: 31337,
    pollMs: 50,
    payments: 'devnet',
  }
  const common = { nodeId: nodeId(account), folder: own, network, keystorePassword: 'password', operator: listen }
  return startNode({ ...common, ...role }, { hub, log: silentLog })
}

const told = <Type extends NodeEventType>(type: Type) =>
  events.filter((event): event is NodeEvent & NodeEventOf<Type> => event.type === type)

type Sample = { readonly name: string; readonly labels: Readonly<Record<string, string>>; readonly value: number }

async function scrape(node: RunningNode): Promise<readonly Sample[]> {
  const response = await fetch(`${node.operatorUrl}/metrics`)
  expect(response.headers.get('content-type')).toContain('text/plain')
  return [...(await response.text()).matchAll(/^([a-z_0-9A-Z]+)(?:\{(.*)\})? (\S+)$/gm)].map(
    ([, name, labels, value]) => ({
      name: name!,
      labels: Object.fromEntries([...(labels ?? '').matchAll(/(\w+)="([^"]*)"/g)].map((m) => [m[1], m[2]])),
      value: Number(value),
    }),
  )
}

/** The sum over all series of a metric; undefined for a metric that is not there. */
function total(samples: readonly Sample[], name: string): number | undefined {
  const own = samples.filter((sample) => sample.name === name)
  return own.length === 0 ? undefined : own.reduce((sum, { value }) => sum + value, 0)
}
const labelsOf = (samples: readonly Sample[], name: string) => samples.find((sample) => sample.name === name)?.labels

describe('the metrics of a gateway', () => {
  it('count its streams and segments, under the names of go-livepeer', async () => {
    const samples = await scrape(gateway)
    const counts = {
      livepeer_stream_created_total: 1,
      livepeer_stream_started_total: 1,
      livepeer_current_sessions_total: 1,
      livepeer_max_sessions_total: 9,
      livepeer_segment_source_emerged_total: SEGMENTS,
      livepeer_segment_source_appeared_total: SEGMENTS,
      livepeer_segment_source_uploaded_total: told('segment_submitted').length,
      livepeer_segment_transcoded_downloaded_total: SEGMENTS,
      livepeer_segment_transcoded_all_appeared_total: SEGMENTS,
      livepeer_source_segment_duration_seconds_count: SEGMENTS,
      livepeer_source_segment_duration_seconds_sum: SEGMENTS,
      livepeer_http_client_segment_transcoded_realtime_ratio_count: SEGMENTS,
      livepeer_success_rate: 1,
      livepeer_versions: 1,
      millrace_segments_paid_total: told('segment_transcoded').filter(({ paid }) => paid).length,
    }
    for (const [name, value] of Object.entries(counts))
      expect({ name, value: total(samples, name) }).toEqual({ name, value })
    const delayMs = told('segment_transcoded').reduce((sum, event) => sum + event.delayMs, 0)
    expect(total(samples, 'livepeer_transcode_overall_latency_seconds_sum')).toBeCloseTo(delayMs / 1_000, 6)
    const speeds = ['3x', '2x', '1x', 'half', 'slow'].map(
      (speed) => total(samples, `livepeer_http_client_segment_transcoded_realtime_${speed}`) ?? 0,
    )
    expect(speeds.reduce((sum, count) => sum + count)).toBe(SEGMENTS)
  })

  it('name node, orchestrator and, because they were asked to, the stream', async () => {
    const samples = await scrape(gateway)
    const address = devnetAddress('gateway')
    expect(labelsOf(samples, 'livepeer_segment_transcoded_all_appeared_total')).toMatchObject({
      node_type: 'bctr',
      node_id: expect.stringMatching(new RegExp(`^${address}-`)),
      profiles: DEFAULT_LADDER[0]!.name,
      orchestrator_uri: orchestratorUri(),
      orchestrator_address: devnetAddress('orchestrator1'),
      orchestrator_version: expect.stringContaining('millrace'),
      manifest_id: 'film',
    })
    expect(labelsOf(samples, 'livepeer_gateway_deposit')).toMatchObject({ sender: address })
    expect(labelsOf(samples, 'livepeer_stream_created_total')).not.toHaveProperty('manifest_id')
  })

  it('name the publisher, because they were asked to', async () => {
    const name = 'livepeer_http_client_segment_transcoded_realtime_ratio_count'
    expect(labelsOf(await scrape(gateway), name)).toMatchObject({ client_ip: '127.0.0.1' })
  })

  it('tell what the chain tells', async () => {
    const samples = await scrape(gateway)
    const { deposit, reserve } = await ticketBroker.getSenderInfo(chain.client, devnetAddress('gateway'))
    expect(total(samples, 'livepeer_gateway_deposit')).toBe(Number(deposit) / 1e9)
    expect(total(samples, 'livepeer_broadcaster_reserve')).toBe(Number(reserve.fundsRemaining) / 1e9)
  })
})

describe('the metrics of an orchestrator', () => {
  it('count the work and the tickets that the gateway counts too', async () => {
    const [bought, sold] = await Promise.all([scrape(gateway), scrape(orchestrator)])
    expect(total(sold, 'livepeer_tickets_recv')).toBe(total(bought, 'livepeer_tickets_sent'))
    expect(total(sold, 'livepeer_tickets_recv')).toBeGreaterThan(0)
    expect(total(sold, 'livepeer_ticket_value_recv')).toBeCloseTo(total(bought, 'livepeer_ticket_value_sent')!, 3)
    expect(total(sold, 'livepeer_winning_tickets_recv') ?? 0).toBe(told('ticket_won').length)
    expect(total(sold, 'livepeer_segment_transcoded_total')).toBe(SEGMENTS)
    expect(total(sold, 'livepeer_transcode_time_seconds_count')).toBe(SEGMENTS)
    const pixels = told('work_done').reduce((sum, event) => sum + Number(event.pixels), 0)
    expect(total(sold, 'livepeer_mil_pixels_processed')).toBeCloseTo(pixels / 1e6, 6)
    expect(total(sold, 'millrace_fees_gwei_total')).toBeCloseTo(total(bought, 'millrace_fees_gwei_total')!, 6)
  })

  it('tell load, prices and gas, and name no stream where nobody asked for it', async () => {
    await expect.poll(async () => total(await scrape(orchestrator), 'livepeer_current_sessions_total')).toBe(1)
    const samples = await scrape(orchestrator)
    expect(total(samples, 'livepeer_max_sessions_total')).toBe(5)
    expect(total(samples, 'livepeer_transcoders_number')).toBe(1)
    expect(total(samples, 'livepeer_transcoders_capacity')).toBe(3)
    const price = Number(DEVNET_PRICE_PER_PIXEL.num) / Number(DEVNET_PRICE_PER_PIXEL.den)
    expect(total(samples, 'livepeer_transcoding_price')).toBe(price)
    expect(total(samples, 'livepeer_min_gas_price')).toBe(1e-9)
    // These two are about one gateway each, whatever was asked for.
    const ofGateways = ['livepeer_gateway_max_float', 'livepeer_gateway_ticket_face_value']
    const named = samples.filter(({ labels }) => 'manifest_id' in labels || 'sender' in labels)
    expect(named.map(({ name }) => name).filter((name) => !ofGateways.includes(name))).toEqual([])
    expect(total(samples, 'livepeer_gateway_max_float')).toBeGreaterThan(0)
    expect(labelsOf(samples, 'livepeer_tickets_recv')).toMatchObject({ node_type: 'orch' })
  })

  it('follow what the operator changes', async () => {
    await fetch(`${orchestrator.operatorUrl}/setMaxSessions?maxSessions=8`)
    await fetch(
      `${orchestrator.operatorUrl}/setPriceForBroadcaster?pricePerUnit=9&pixelsPerUnit=2&broadcasterEthAddr=default`,
    )
    expect(total(await scrape(orchestrator), 'livepeer_transcoding_price')).toBe(4.5)
    await expect.poll(async () => total(await scrape(orchestrator), 'livepeer_max_sessions_total')).toBe(8)
  })
})

describe('a price that the operator changes', () => {
  const segment = (stream: string) => told('segment_transcoded').find(({ manifestId }) => manifestId === stream)

  it('is too high for a gateway that was told to pay less', async () => {
    await fetch(`${gateway.operatorUrl}/setBroadcastConfig?maxPricePerUnit=4&pixelsPerUnit=1`)
    await push('dear', 0, 503)
    expect(segment('dear')).toBeUndefined()
    expect(total(await scrape(gateway), 'millrace_segments_lost_total')).toBe(1)
  })

  it('is paid by one that was told to pay any', async () => {
    await fetch(`${gateway.operatorUrl}/setBroadcastConfig?maxPricePerUnit=0&pixelsPerUnit=1`)
    await push('any', 0)
    const { pixels, feeWei } = segment('any')!
    expect(BigInt(feeWei)).toBe((BigInt(pixels) * 9n + 1n) / 2n)
  })
})

it('a node that is not monitored has no metrics, and tells no publisher', async () => {
  const silent: NodeEvent[] = []
  const hub = new EventHub()
  hub.listen((event) => silent.push(event))
  const config: NodeConfig = {
    nodeId: nodeId('silent'),
    folder: join(folder.path, 'silent'),
    network: { kind: 'offchain' },
    operator: listen,
    gateway: { rtmp: undefined, http: listen, ladder: [], orchestrators: ['https://127.0.0.1:1'] },
  }
  const node = await startNode(config, { hub, log: silentLog })
  try {
    const { data, durationMs } = clip.segments[0]!
    await fetch(`${node.gateway!.httpUrl}/live/plain/0.ts`, {
      method: 'PUT',
      headers: { 'content-duration': String(durationMs) },
      body: data as Uint8Array<ArrayBuffer>,
    })
    const started = silent.find(({ type }) => type === 'stream_started')
    expect(started).toMatchObject({ manifestId: 'plain' })
    expect(started).not.toHaveProperty('clientIp')
    expect((await fetch(`${node.operatorUrl}/metrics`)).status).toBe(404)
  } finally {
    await node.stop()
  }
})

it('a stream that ended is counted', async () => {
  await fetch(`${gateway.gateway!.httpUrl}/live/film`, { method: 'DELETE' })
  const samples = await scrape(gateway)
  expect(total(samples, 'livepeer_stream_ended_total')).toBe(1)
  expect(total(samples, 'livepeer_current_sessions_total')).toBe(2)
})

const orchestratorUri = () => told('segment_transcoded')[0]!.orchestratorUri
