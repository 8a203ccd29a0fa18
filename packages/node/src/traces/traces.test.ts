import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { silentLog } from '@millrace/base'
import { freePort } from '@millrace/base/node'
import { makeTestClip } from '@millrace/media/testing'
import { DEFAULT_LADDER, manifestId, type NodeEventBody, nodeId } from '@millrace/wire'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type RunningNode, startNode } from '../compose.ts'
import type { NodeConfig } from '../config/node-config.ts'
import { EventHub } from '../events/event-hub.ts'
import { SegmentSpans } from './segment-spans.ts'
import { TraceExporter } from './trace-exporter.ts'

type OtlpSpan = {
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId?: string
  readonly name: string
  readonly startTimeUnixNano: string
  readonly endTimeUnixNano: string
  readonly status: { readonly code: number }
}
type OtlpBody = {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly { key: string; value: { stringValue: string } }[] }
    readonly scopeSpans: readonly { readonly spans: readonly OtlpSpan[] }[]
  }[]
}

let collector: Server
let otlpUrl: string
let received: (OtlpSpan & { readonly node: string })[]
let answer: number

/** Takes OTLP as a collector does. */
beforeEach(async () => {
  received = []
  answer = 200
  collector = createServer(async (request, response) => {
    let text = ''
    for await (const chunk of request) text += chunk
    response.writeHead(answer).end()
    if (answer !== 200 || request.url !== '/v1/traces') return
    for (const { resource, scopeSpans } of (JSON.parse(text) as OtlpBody).resourceSpans) {
      const node = resource.attributes.find(({ key }) => key === 'service.instance.id')!.value.stringValue
      received.push(...scopeSpans.flatMap(({ spans }) => spans.map((span) => ({ ...span, node }))))
    }
  })
  await new Promise<void>((resolve) => collector.listen(0, '127.0.0.1', resolve))
  otlpUrl = `http://127.0.0.1:${(collector.address() as AddressInfo).port}`
})
afterEach(async () => {
  collector.closeAllConnections()
  await new Promise((resolve) => collector.close(resolve))
})

it('a segment that went through three processes is one trace of five spans', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-traces-'))
  const listen = { host: '127.0.0.1', port: 0 }
  const port = await freePort()
  const uri = `https://127.0.0.1:${port}`
  const nodes: RunningNode[] = []
  // Each node has a hub of its own, as in a process of its own.
  const open = async (name: string, role: Partial<NodeConfig>) => {
    const common = { nodeId: nodeId(name), folder: join(folder, name), operator: listen, traces: { otlpUrl } }
    const config: NodeConfig = { ...common, network: { kind: 'offchain' }, ...role }
    const node = await startNode(config, { hub: new EventHub(), log: silentLog })
    nodes.push(node)
    return node
  }
  try {
    await open('o', {
      orchestrator: {
        serviceUri: uri,
        listen: { host: '127.0.0.1', port },
        pricePerPixel: { num: 0n, den: 1n },
        maxSessions: 2,
        workerSecret: 'secret',
        callReward: false,
        initializeRounds: false,
      },
    })
    const remote = { uri, secret: 'secret' }
    await open('w', { worker: { workerId: nodeId('w'), capacity: 2, engine: 'auto', orchestrator: remote } })
    const ladder = DEFAULT_LADDER.slice(0, 1)
    const gateway = await open('g', { gateway: { rtmp: undefined, http: listen, ladder, orchestrators: [uri] } })
    const clip = await makeTestClip({ seconds: 1, segmentMs: 1_000, width: 160, height: 90, fps: 10, audio: false })
    const push = () =>
      fetch(`${gateway.gateway!.httpUrl}/live/film/0.ts`, {
        method: 'PUT',
        headers: { 'content-duration': '1000', accept: 'multipart/mixed' },
        body: clip.segments[0]!.data as Uint8Array<ArrayBuffer>,
      })
    // The worker joins by itself, at some time.
    await expect.poll(async () => (await push()).status, { timeout: 10_000 }).toBe(200)
  } finally {
    for (const node of nodes.reverse()) await node.stop()
    await rm(folder, { recursive: true, force: true })
  }
  const last = received.findLast(({ name, status }) => name === 'gateway.deliver' && status.code === 0)!
  const trace = received.filter(({ traceId, status }) => traceId === last.traceId && status.code === 0)
  trace.sort((a, b) => Number(BigInt(a.startTimeUnixNano) - BigInt(b.startTimeUnixNano)))
  expect(trace.map(({ name, node }) => `${name} by ${node}`).sort()).toEqual([
    'gateway.deliver by g',
    'gateway.submit by g',
    'orchestrator.answer by o',
    'orchestrator.receive by o',
    'worker.transcode by w',
  ])
  const of = (name: string) => trace.find((span) => span.name === name)!
  const submit = of('gateway.submit')
  expect(submit.parentSpanId).toBeUndefined()
  for (const span of trace) if (span !== submit) expect(span.parentSpanId).toBe(submit.spanId)
  expect(BigInt(of('worker.transcode').startTimeUnixNano)).toBeGreaterThanOrEqual(
    BigInt(of('orchestrator.receive').endTimeUnixNano),
  )
  expect(BigInt(of('orchestrator.answer').startTimeUnixNano)).toBeGreaterThanOrEqual(
    BigInt(of('worker.transcode').endTimeUnixNano),
  )
  expect(BigInt(of('gateway.deliver').endTimeUnixNano)).toBeGreaterThanOrEqual(
    BigInt(of('orchestrator.answer').endTimeUnixNano),
  )
}, 30_000)

const traceparent = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`
const film = manifestId('film')
const ORCHESTRATOR = `0x${'1'.repeat(40)}` as const
const head = { manifestId: film, seq: 1, sessionId: 's' as never, traceparent }
const work: NodeEventBody = { type: 'work_done', ...head, worker: nodeId('w'), elapsedMs: 5, pixels: '1' }
const serve = (trace: string | undefined): NodeEventBody => ({
  ...{ type: 'segment_served', ...head, receivedAtMs: 1, dispatchedAtMs: 2, returnedAtMs: 3 },
  traceparent: trace,
})

describe('a collector', () => {
  it('that is away gets the spans when it is back', async () => {
    const hub = new EventHub()
    const options = { otlpUrl, nodeIds: [nodeId('w')], version: '1', everyMs: 20 }
    const exporter = new TraceExporter(options, { hub, log: silentLog })
    answer = 503
    await exporter.start()
    hub.teller(nodeId('w'))(work)
    hub.teller(nodeId('other'))(work)
    await new Promise((resolve) => setTimeout(resolve, 100))
    expect(received).toEqual([])
    answer = 200
    await expect.poll(() => received.length).toBe(1)
    await exporter.stop()
    expect(received).toHaveLength(1)
    expect(received[0]).toMatchObject({ traceId: 'a'.repeat(32), parentSpanId: 'b'.repeat(16), node: 'w' })
  })

  it('whose address is none is refused at the start', () => {
    const options = { otlpUrl: 'nowhere', nodeIds: [], version: '1' }
    expect(() => new TraceExporter(options, { hub: new EventHub(), log: silentLog })).toThrow(
      expect.objectContaining({ code: 'bad_config' }),
    )
  })
})

describe('spans', () => {
  /** The spans that events make, told one after the other. */
  function spansOf(...bodies: readonly NodeEventBody[]) {
    const hub = new EventHub()
    const spans = new SegmentSpans()
    const made: ReturnType<SegmentSpans['take']>[number][] = []
    hub.listen((event) => made.push(...spans.take(event)))
    for (const body of bodies) hub.teller(nodeId('n'))(body)
    return made
  }

  it.each([undefined, '', 'x', `00-${'g'.repeat(32)}-${'b'.repeat(16)}-01`, `${traceparent}-more`])(
    'are not made where the trace context is %s',
    (trace) => expect(spansOf(serve(trace))).toEqual([]),
  )

  it('of an attempt that failed say so, and the trace goes on with the next one', () => {
    const { sessionId: _, ...segment } = head
    const submit = (orchestrator: `0x${string}`, attempt: number): NodeEventBody => ({
      ...{ type: 'segment_submitted', ...head, orchestrator, attempt, tickets: 0, expectedValueWei: '0' },
    })
    const second = `0x${'2'.repeat(40)}` as const
    const made = spansOf(
      { type: 'segment_received', manifestId: film, seq: 1, durationMs: 1, bytes: 1 },
      submit(ORCHESTRATOR, 1),
      { type: 'segment_attempt_failed', ...segment, orchestrator: ORCHESTRATOR, code: 'peer_timeout', message: '' },
      submit(second, 2),
      {
        ...{ type: 'segment_transcoded', ...head, orchestrator: second, delayMs: 1, pixels: '1' },
        ...{ feeWei: '0', paid: true, renditions: [] },
      },
    )
    expect(made.map(({ name, error }) => [name, error])).toEqual([
      ['gateway.submit', undefined],
      ['gateway.deliver', 'peer_timeout'],
      ['gateway.deliver', undefined],
    ])
  })
})
