import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { manifestId, type NodeEventBody, nodeId, type SessionId } from '@millrace/wire'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Parameters } from '../api/parameters.ts'
import { EventHub } from '../events/event-hub.ts'
import { NodeMetrics, type NodeMetricsOptions } from './node-metrics.ts'

const ORCHESTRATOR = `0x${'11'.repeat(20)}` as const
const OTHER = `0x${'22'.repeat(20)}` as const
const self = nodeId('gateway')
const stream = manifestId('film')

let hub: EventHub
let metrics: NodeMetrics
const open = (options: Partial<NodeMetricsOptions> = {}) => {
  hub = new EventHub()
  metrics = new NodeMetrics(
    {
      nodeIds: [self],
      nodeType: 'bctr',
      address: undefined,
      version: '1.2.3',
      maxStreams: 10,
      perStream: false,
      clientIp: false,
      ...options,
    },
    { hub },
  )
}
beforeEach(() => open())
afterEach(async () => metrics.stop())

const tell = (body: NodeEventBody, by = self) => hub.teller(by)(body)
const start = (id = stream) => tell({ type: 'stream_started', manifestId: id, ingest: 'http', renditions: ['240p0'] })
const receive = (seq: number) =>
  tell({ type: 'segment_received', manifestId: stream, seq, durationMs: 2_000, bytes: 1 })
const submit = (seq: number, orchestrator: `0x${string}`, attempt = 1) =>
  tell({
    type: 'segment_submitted',
    manifestId: stream,
    seq,
    orchestrator,
    sessionId: 's' as never,
    attempt,
    tickets: 3,
    expectedValueWei: '2500000000',
  })
const finish = (seq: number, delayMs: number) =>
  tell({
    type: 'segment_transcoded',
    manifestId: stream,
    seq,
    orchestrator: ORCHESTRATOR,
    sessionId: 's' as never,
    delayMs,
    pixels: '1',
    feeWei: '1',
    paid: true,
    renditions: [],
  })
const lose = (seq: number) =>
  tell({ type: 'segment_lost', manifestId: stream, seq, outcome: 'fallback', reason: 'all_failed' })

async function scrape(): Promise<string> {
  const parameters = new Parameters(new URLSearchParams(), new URLSearchParams())
  return String((await metrics.route({ path: '/metrics', parameters, signal: new AbortController().signal })).body)
}

/** The value of the series whose labels hold all of these texts. */
async function value(name: string, ...labels: readonly string[]): Promise<number | undefined> {
  const lines = (await scrape()).split('\n')
  const line = lines.find((one) => new RegExp(`^${name}[{ ]`).test(one) && labels.every((text) => one.includes(text)))
  return line === undefined ? undefined : Number(line.split(' ').at(-1))
}

it('events of other nodes of the same process do not count', async () => {
  start()
  tell({ type: 'stream_started', manifestId: manifestId('other'), ingest: 'http', renditions: [] }, nodeId('other'))
  expect(await value('livepeer_stream_created_total')).toBe(1)
})

it('the success rate is that of the last 30 segments of each stream', async () => {
  start()
  expect(await value('livepeer_success_rate')).toBe(1)
  for (let seq = 0; seq < 10; seq++) lose(seq)
  expect(await value('livepeer_success_rate')).toBe(0)
  for (let seq = 10; seq < 30; seq++) finish(seq, 1)
  expect(await value('livepeer_success_rate')).toBeCloseTo(20 / 30)
  for (let seq = 30; seq < 40; seq++) finish(seq, 1)
  expect(await value('livepeer_success_rate')).toBe(1)
})

it('tries and changes of orchestrator are counted apart', async () => {
  start()
  submit(0, ORCHESTRATOR)
  submit(1, ORCHESTRATOR)
  submit(1, OTHER, 2)
  submit(2, OTHER)
  expect(await value('livepeer_orchestrator_swaps')).toBe(1)
  expect(await value('livepeer_transcode_retried', 'try="2"')).toBe(1)
  expect(await value('livepeer_tickets_sent')).toBe(12)
  expect(await value('livepeer_ticket_value_sent')).toBe(10)
})

it('pushed segments are counted by how much faster than real time they were done', async () => {
  start()
  for (const [seq, delayMs] of [500, 800, 1_500, 3_000, 9_000].entries()) {
    receive(seq)
    finish(seq, delayMs)
  }
  for (const speed of ['3x', '2x', '1x', 'half', 'slow'])
    expect(await value(`livepeer_http_client_segment_transcoded_realtime_${speed}`), speed).toBe(1)
})

it('live AI streams are counted with the names of go-livepeer', async () => {
  start()
  const about = { manifestId: stream, modelId: 'noop' }
  const orchestrator = { ...about, orchestrator: ORCHESTRATOR, orchestratorUri: 'https://o.example:8935' }
  for (let i = 0; i < 2; i++) tell({ type: 'live_ai_opened', ...about })
  const piece = { seconds: 5, units: '200', feeWei: '50', tickets: 1, isFirst: false }
  tell({ type: 'live_ai_paid', ...orchestrator, ...piece })
  tell({ type: 'live_ai_shown', ...orchestrator, delayMs: 1_500 })
  tell({ type: 'live_ai_swapped', ...orchestrator, reason: 'it was slow' })
  tell({ type: 'live_ai_closed', ...about, reason: 'finished', swaps: 1 })
  expect(await value('livepeer_ai_live_attempt', 'model_name="noop"')).toBe(2)
  expect(await value('livepeer_ai_current_live_pipelines', 'model_name="noop"')).toBe(1)
  expect(await value('livepeer_live_ai_price_per_pixel', 'model_name="noop"')).toBe(0.25)
  expect(await value('livepeer_ai_first_segment_delay_ms_bucket', 'le="2000"')).toBe(1)
  expect(await value('millrace_live_ai_swaps_total')).toBe(1)
  expect(await value('millrace_live_ai_paid_seconds_total')).toBe(5)
})

it('transfers, terms that nobody gave and the webhook are measured in the units of go-livepeer', async () => {
  const uri = 'https://orchestrator.example:8935'
  tell({
    type: 'segment_transferred',
    manifestId: stream,
    seq: 0,
    orchestratorUri: uri,
    uploadMs: 1_500,
    downloadMs: 250,
  })
  tell({ type: 'discovery_failed', orchestratorUri: uri, code: 'peer_timeout' })
  tell({ type: 'auth_webhook_answered', elapsedMs: 300 })
  const failedBy = (code: string) =>
    tell({
      type: 'segment_attempt_failed',
      manifestId: stream,
      seq: 0,
      orchestrator: OTHER,
      orchestratorUri: uri,
      code,
      message: '',
    })
  failedBy('peer_timeout')
  failedBy('mismatched_segments')
  expect(await value('livepeer_upload_time_seconds_sum', uri)).toBe(1.5)
  expect(await value('livepeer_download_time_seconds_sum')).toBe(0.25)
  expect(await value('livepeer_auth_webhook_time_milliseconds_bucket', 'le="250"')).toBe(0)
  expect(await value('livepeer_auth_webhook_time_milliseconds_bucket', 'le="500"')).toBe(1)
  expect(await value('livepeer_discovery_errors_total', uri, 'error_code="peer_timeout"')).toBe(1)
  expect(await value('livepeer_segment_source_upload_failed_total', uri, 'error_code="Timeout"')).toBe(1)
  // An answer that is of no use was uploaded nevertheless.
  expect(await value('livepeer_segment_source_upload_failed_total', 'error_code="ParseResponse"')).toBeUndefined()
})

it('what publishers, payers, recorders and brokers missed is counted under the names of go-livepeer', async () => {
  start()
  receive(0)
  for (const when of ['waiting', 'answering', 'answering'] as const)
    tell({ type: 'publisher_gone', manifestId: stream, seq: 0, when })
  tell({ type: 'payment_failed', manifestId: stream, seq: 0, orchestrator: OTHER, code: 'insufficient_reserve' })
  tell({ type: 'message_dropped', broker: 'kafka', message: 'discovery_results' })
  tell({ type: 'message_dropped', broker: 'amqp', message: 'a.routing.key' })
  tell({ type: 'recording_saved', manifestId: stream, file: 'segment', elapsedMs: 700 })
  tell({ type: 'recording_saved', manifestId: stream, file: 'list', elapsedMs: 300 })
  tell({ type: 'recording_failed', manifestId: stream, file: 'list' })
  expect(await value('livepeer_http_client_timeout_1')).toBe(1)
  expect(await value('livepeer_http_client_timeout_2')).toBe(2)
  expect(await value('livepeer_payment_create_errors')).toBe(1)
  expect(await value('livepeer_kafka_event_send_errors', 'event_type="discovery_results"')).toBe(1)
  expect(await value('livepeer_kafka_event_send_errors', 'routing')).toBeUndefined()
  expect(await value('livepeer_recording_save_latency_sum')).toBe(1)
  expect(await value('livepeer_recording_saved_segments')).toBe(1)
  expect(await value('livepeer_recording_save_errors')).toBe(1)
})

it('a gateway is shown with its max float, the face value it was asked for, and how fast its work is done', async () => {
  const told = { type: 'ticket_params_told', sender: OTHER, faceValueWei: '5000000000', maxFloatWei: '70000000000' }
  tell(told as NodeEventBody)
  tell({
    ...{ type: 'work_done', manifestId: stream, seq: 0, sessionId: '1' as SessionId, worker: nodeId('worker') },
    ...{ elapsedMs: 500, durationMs: 2_000, pixels: '1000000' },
  })
  expect(await value('livepeer_gateway_ticket_face_value', OTHER)).toBe(5)
  expect(await value('livepeer_gateway_max_float', OTHER)).toBe(70)
  expect(await value('livepeer_transcode_score_sum')).toBe(4)
})

it('streams that are fast verified are counted until they end', async () => {
  const two = [manifestId('one'), manifestId('two')] as const
  for (const id of two)
    tell({ type: 'stream_started', manifestId: id, ingest: 'http', renditions: [], fastVerification: true })
  tell({ type: 'fast_verified', manifestId: two[0], seq: 0 })
  const of = (kind: string) => value(`livepeer_fast_verification_${kind}_current_sessions_total`)
  expect([await of('enabled'), await of('using')]).toEqual([2, 1])
  tell({ type: 'stream_ended', manifestId: two[0], reason: '' })
  expect([await of('enabled'), await of('using')]).toEqual([1, 0])
})

it("failures go by go-livepeer's names, never by the words of a peer", async () => {
  const fail = (code: string, message: string) =>
    tell({ type: 'segment_attempt_failed', manifestId: stream, seq: 0, orchestrator: ORCHESTRATOR, code, message })
  fail('transcode_failed', 'OrchestratorBusy')
  fail('peer_timeout', 'no answer')
  fail('whatever', 'evil="label"\n')
  lose(0)
  const name = 'livepeer_segment_transcode_failed_total'
  for (const code of ['OrchestratorBusy', 'Timeout', 'Unknown', 'MaxAttempts'])
    expect(await value(name, `error_code="${code}"`), code).toBe(1)
  tell({ type: 'segment_refused', manifestId: stream, seq: 0, code: 'x'.repeat(200) })
  tell({ type: 'segment_refused', manifestId: stream, seq: 0, code: 'Insufficient balance' })
  expect(await value('livepeer_payment_recv_errors', 'error_code="Unknown"')).toBe(1)
  expect(await value('livepeer_payment_recv_errors', 'error_code="Insufficientbalance"')).toBe(1)
})

describe('a label that costs a series for each value', () => {
  it('is there only where it was asked for', async () => {
    start()
    receive(0)
    expect(await scrape()).not.toContain('manifest_id')
    await metrics.stop()
    open({ perStream: true })
    start()
    receive(0)
    expect(await value('livepeer_segment_source_emerged_total', 'manifest_id="film"')).toBe(1)
  })

  it('does not pile up: a hundred streams after its end its series is gone', async () => {
    await metrics.stop()
    open({ perStream: true })
    start()
    receive(0)
    tell({ type: 'stream_ended', manifestId: stream, reason: '' })
    for (let i = 0; i < 100; i++) {
      start(manifestId(`stream-${i}`))
      tell({ type: 'stream_ended', manifestId: manifestId(`stream-${i}`), reason: '' })
    }
    await expect.poll(scrape).not.toContain('manifest_id="film"')
  })
})

describe('the dashboard', () => {
  const file = fileURLToPath(new URL('../../../../docs/operating/grafana.json', import.meta.url))
  const text = readFileSync(file, 'utf8')
  const panels = (JSON.parse(text) as { panels: { targets?: { expr: string }[] }[] }).panels
  const queries = panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr))
  const queried = [
    ...new Set(queries.flatMap((expr) => expr.match(/\b(?:livepeer|millrace|process|nodejs)_\w+/g) ?? [])),
  ]

  it('asks for metrics that exist, and asks for something in every query', () => {
    const names = new Set(metrics.names)
    const exists = (name: string) => names.has(name) || names.has(name.replace(/_(?:bucket|sum|count)$/, ''))
    expect(queried.length).toBeGreaterThan(25)
    expect(queried.filter((name) => !exists(name))).toEqual([])
    expect(queries.filter((expr) => !/(?:livepeer|millrace|process|nodejs)_/.test(expr))).toEqual([])
  })

  it('shows every metric of our own', () => {
    const own = metrics.names.filter((name) => name.startsWith('millrace_'))
    const quiet = ['millrace_segments_paid_total', 'millrace_rewards_lpt_total', 'millrace_rounds_initialized_total']
    expect(own.filter((name) => !queried.includes(name)).sort()).toEqual(quiet.sort())
  })
})

it('the page about metrics lists every metric: those that are measured and those that are not', () => {
  const page = readFileSync(new URL('../../../../docs/operating/metrics.md', import.meta.url), 'utf8')
  const [measured = '', missing = ''] = page.split('## Not measured')
  const named = (text: string) =>
    [...new Set([...text.matchAll(/`((?:livepeer|millrace)_\w+)`/g)].map((m) => m[1] as string))].sort()
  const own = metrics.names.filter((name) => /^(?:livepeer|millrace)_/.test(name))
  const upstream = readFileSync(new URL('./upstream-names.txt', import.meta.url), 'utf8')
    .trim()
    .split('\n')
  expect(named(measured)).toEqual(own.toSorted())
  expect(named(missing)).toEqual(upstream.filter((name) => !own.includes(name)).sort())
})

it('the names are those of go-livepeer, or begin with our own', () => {
  const upstream = readFileSync(new URL('./upstream-names.txt', import.meta.url), 'utf8')
    .trim()
    .split('\n')
  const ours = metrics.names.filter((name) => name.startsWith('livepeer_'))
  expect(ours.length).toBeGreaterThan(40)
  expect(ours.filter((name) => !upstream.includes(name))).toEqual([])
})

describe('AI jobs', () => {
  const job = { pipeline: 'upscale', modelId: 'm', units: '100' }

  it('that are bought count by model, with their price and time for a unit', async () => {
    const bought = { ...job, orchestrator: ORCHESTRATOR, orchestratorUri: 'https://o:1', tickets: 1, attempts: 1 }
    tell({ type: 'ai_job_bought', ...bought, feeWei: '500', tookMs: 2_000 })
    const text = await scrape()
    expect(text).toMatch(/livepeer_ai_models_requested\{pipeline="upscale",model_name="m"[^}]*\} 1/)
    expect(text).toMatch(/livepeer_ai_request_price\{[^}]*\} 5\b/)
    expect(text).toMatch(/livepeer_ai_request_latency_score\{[^}]*orchestrator_uri="https:\/\/o:1"[^}]*\} 0\.02\b/)
  })

  it('that fail count by code, whatever model a stranger names', async () => {
    tell({ type: 'ai_job_failed', pipeline: 'upscale', modelId: 'no-such-model', code: 'ai_no_runner' })
    const text = await scrape()
    expect(text).toMatch(/livepeer_ai_request_errors\{code="ai_no_runner",pipeline="upscale"[^}]*\} 1/)
    expect(text).not.toContain('no-such-model')
  })

  it('that are sold count with their units', async () => {
    tell({ type: 'ai_job_sold', ...job, sender: OTHER, feeWei: '1', tookMs: 1 })
    expect(await scrape()).toMatch(/millrace_ai_units_sold_total\{[^}]*\} 100\b/)
  })
})

describe('live AI streams that are sold', () => {
  const stream = { modelId: 'acme/noop', manifestId: manifestId('live-1'), sender: OTHER }

  it('count while they go on, with the seconds and fees that were paid, and by what ended them', async () => {
    tell({ type: 'live_ai_begun', ...stream })
    tell({
      type: 'live_ai_sold',
      ...stream,
      units: (1280 * 720 * 30 * 5).toString(),
      feeWei: '7000000000',
      balanceWei: '0',
    })
    expect(await scrape()).toMatch(
      /livepeer_ai_container_in_use\{pipeline="live-video-to-video",model_name="acme\/noop"[^}]*\} 1/,
    )
    tell({ type: 'live_ai_ended', ...stream, end: 'unpaid', reason: 'Insufficient balance', lastedMs: 5_000 })
    const text = await scrape()
    expect(text).toMatch(/livepeer_ai_container_in_use\{[^}]*\} 0/)
    expect(text).toMatch(/millrace_live_ai_seconds_sold_total\{[^}]*\} 5\b/)
    expect(text).toMatch(/millrace_live_ai_fees_gwei_total\{[^}]*\} 7\b/)
    expect(text).toMatch(/millrace_live_ai_streams_sold_total\{[^}]*end="unpaid"[^}]*\} 1/)
  })
})
