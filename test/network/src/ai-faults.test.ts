import { openAiRunnerStandIn, type StandIn } from '@millrace/ai/testing'
import type { NodeEventOf } from '@millrace/wire'
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest'
import { startTestNetwork } from './network-fixture.ts'

const MODEL = 'painter'
const PIXELS = 128 * 128

let running: Awaited<ReturnType<typeof startTestNetwork>>
let runner: StandIn
let url: string
const events: NodeEventOf<'ai_job_sold' | 'ai_job_bought' | 'payment_received'>[] = []

beforeAll(async () => {
  runner = await openAiRunnerStandIn({ pipeline: 'text-to-image', modelId: MODEL })
  running = await startTestNetwork('one process', {
    aiModels: [
      { pipeline: 'text-to-image', modelId: MODEL, adapter: 'ai-runner', url: runner.url, warm: true, capacity: 1 },
    ],
    gateway: { ai: { retryTimeoutMs: 300, jobTimeoutMs: 3_000 } },
  })
  url = `http://127.0.0.1:${running.network.options.ports.gatewayHttp}/text-to-image`
  running.network.hub.listen((event) => {
    if (event.type === 'ai_job_sold' || event.type === 'ai_job_bought' || event.type === 'payment_received')
      events.push(event)
  })
  await vi.waitFor(async () => expect((await ask()).status).toBe(200), { timeout: 20_000, interval: 200 })
}, 60_000)
afterAll(async () => {
  await running?.[Symbol.asyncDispose]()
  await runner?.close()
})
afterEach(() => {
  runner.behaviour = 'well'
})

const ask = (signal?: AbortSignal): Promise<Response> =>
  fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ prompt: 'a boat', width: 128, height: 128, model_id: MODEL }),
    ...(signal && { signal }),
  })

const sold = () => events.filter(({ type }) => type === 'ai_job_sold').length
const ticketsReceived = () =>
  events.reduce((sum, event) => (event.type === 'payment_received' ? sum + event.tickets : sum), 0)

it.each([
  ['whose runner breaks off', 'crash', 500],
  ['whose runner answers nonsense', 'nonsense', 500],
  ['whose runner says that the model failed', 'fail', 500],
  ['whose runner never answers', 'hang', 504],
] as const)(
  'a job %s is answered with a readable error, and its payment pays for later jobs',
  async (_, behaviour, status) => {
    runner.behaviour = behaviour
    const before = sold()
    const failed = await ask()
    const body = (await failed.json()) as { error: { message: string } }
    expect(failed.status, JSON.stringify(body)).toBe(status)
    expect(body.error.message.length).toBeGreaterThan(10)
    expect(sold()).toBe(before)
    runner.behaviour = 'well'
    // Whoever was paid for the failure has the credit still; each of the two orchestrators may be one of them.
    await vi.waitFor(async () => expect((await ask()).status).toBe(200), { timeout: 20_000, interval: 500 })
  },
)

it('what was received is what was sold, but for credit that waits: one job and a ticket with each orchestrator at most', async () => {
  const fees = events.reduce((sum, event) => (event.type === 'ai_job_sold' ? sum + BigInt(event.feeWei) : sum), 0n)
  const job = events.find((event) => event.type === 'ai_job_sold')
  const paid = events.find((event) => event.type === 'payment_received')
  const ticketEv = BigInt(paid!.creditWei) / BigInt(paid!.tickets)
  const received = ticketEv * BigInt(ticketsReceived())
  expect(BigInt(job!.units)).toBe(BigInt(PIXELS))
  expect(received).toBeGreaterThanOrEqual(fees)
  expect(received - fees).toBeLessThanOrEqual(2n * (BigInt(job!.feeWei) + ticketEv))
})

it('a job that its client gives up is given up by the runner, and costs nothing', async () => {
  runner.behaviour = 'hang'
  const before = sold()
  const seen = runner.seen.length
  const gone = new AbortController()
  const asked = ask(gone.signal)
  await vi.waitFor(() => expect(runner.seen.length).toBeGreaterThan(seen), 5_000)
  gone.abort()
  await expect(asked).rejects.toThrow()
  await vi.waitFor(() => expect(runner.connections()).toBe(0), 5_000)
  expect(sold()).toBe(before)
})

it('when everybody is busy the answer says so and when to come back', async () => {
  runner.behaviour = 'hang'
  const waiting = [ask(), ask()]
  await vi.waitFor(() => expect(runner.connections()).toBeGreaterThanOrEqual(2), 5_000)
  const refused = await ask()
  expect(refused.status).toBe(503)
  expect(refused.headers.get('retry-after')).toBe('5')
  expect(((await refused.json()) as { error: { message: string } }).error.message).toContain('busy')
  await Promise.all(waiting)
}, 30_000)
