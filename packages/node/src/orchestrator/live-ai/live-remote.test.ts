import { LIVE_CAPABILITY, LivePool, openLiveRunners, type RunnerEntry, RunnerPool } from '@millrace/ai'
import { type LiveRunnerStandIn, openLiveRunnerStandIn } from '@millrace/ai/testing'
import { silentLog } from '@millrace/base'
import { nodeId, sessionId } from '@millrace/wire'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { RemoteAiWorker, registrationOf } from '../../links/grpc/remote-ai-worker.ts'
import { AiWorker } from '../../worker/ai-worker.ts'
import { openOrchestrator, type TestOrchestrator } from '../orchestrator-fixture.ts'
import { type LiveBuyer, openLiveBuyer, TICKET_A_SECOND, textOf } from './live-buyer.fixture.ts'

const MODEL = 'acme/noop'
const SECRET = 'a secret of this orchestrator'

let o: TestOrchestrator
let container: LiveRunnerStandIn
let live: LivePool
let remote: RemoteAiWorker | undefined
let buyer: LiveBuyer

beforeEach(async () => {
  o = await openOrchestrator({ liveAi: { price: TICKET_A_SECOND, intervalMs: 300, secret: SECRET } })
  container = await openLiveRunnerStandIn({ modelId: MODEL, token: 'bearer' })
  buyer = openLiveBuyer(o)
})
afterEach(async () => {
  buyer.close()
  await remote?.stop()
  await o[Symbol.asyncDispose]()
  await live.stop()
  await container.close()
  remote = undefined
})

async function worker(more: Partial<RunnerEntry> = {}): Promise<AiWorker> {
  const entry: RunnerEntry = {
    ...{ pipeline: 'live-video-to-video', modelId: MODEL, adapter: 'ai-runner', warm: true },
    ...{ url: container.url, token: 'bearer', ...more },
  }
  live = new LivePool(openLiveRunners([entry], {}, { log: silentLog }), { healthMs: 100 }, { log: silentLog })
  await live.start()
  await live.loaded()
  return new AiWorker({ workerId: nodeId('worker') }, { pool: new RunnerPool([], {}, { log: silentLog }), live })
}

async function joins(): Promise<void> {
  const options = { orchestratorUri: o.serviceUri(), secret: SECRET, version: '0.9.1-test' }
  remote = new RemoteAiWorker(options, { worker: await worker(), log: silentLog, onFatal: () => {} })
  await remote.start()
  await vi.waitFor(() => expect(o.aiDispatcher.models()).toMatchObject([{ modelId: MODEL, capacity: 1 }]), 5_000)
}

const nothingIsLeft = () =>
  vi.waitFor(() => {
    expect([o.trickle.names, o.live!.streams]).toEqual([[], []])
    for (const { inUse } of [...o.aiDispatcher.models(), ...live.describe()]) expect(inUse).toBe(0)
  }, 5_000)
const ends = () => o.events.flatMap((event) => (event.type === 'live_ai_ended' ? [event] : []))
const segments = [1, 2, 3].map((n) => Buffer.from(`segment ${n}`))

describe('a remote worker with a container of ai-runner', () => {
  it('works on a live stream, and has room again when it ends', async () => {
    await joins()
    const info = await buyer.terms(MODEL)
    expect(info.capabilities?.constraints?.perCapability.get(LIVE_CAPABILITY)?.models.has(MODEL)).toBe(true)
    const stream = await buyer.stream(MODEL, { params: { prompt: 'a boat' } })
    expect(o.aiDispatcher.models()).toMatchObject([{ inUse: 1 }])
    expect(container.seen.at(-1)).toMatchObject({
      headers: { authorization: 'Bearer bearer' },
      fields: {
        ...{ subscribe_url: stream.publish_url, publish_url: stream.subscribe_url, model_id: MODEL },
        ...{ control_url: stream.control_url, events_url: stream.events_url, params: { prompt: 'a boat' } },
        manifest_id: stream.manifest_id,
      },
    })
    const control = buyer.publisher(stream.control_url)
    await control.write(Buffer.from('{"prompt": "a mill"}'))
    const output = buyer.read(stream.subscribe_url)
    const input = await buyer.publish(stream.publish_url, segments, 50)
    await vi.waitFor(() => expect(container.control).toEqual([{ prompt: 'a mill' }]))
    await input.close()
    expect((await output).map((bytes) => Buffer.from(bytes).toString())).toEqual(expect.arrayContaining(['segment 3']))
    await nothingIsLeft()
    expect(ends()).toMatchObject([{ end: 'input_ended' }])
  })

  it('that goes away ends its streams at once, so that gateways look for somebody else', async () => {
    await joins()
    const stream = await buyer.stream(MODEL)
    const output = buyer.read(stream.subscribe_url)
    await buyer.publish(stream.publish_url, segments, 10)
    await remote!.stop()
    await output
    expect(o.trickle.names).toEqual([])
    await vi.waitFor(() => expect(ends()).toMatchObject([{ end: 'runner_ended', reason: 'the AI worker went away' }]))
    await nothingIsLeft()
  })

  it('whose runner fails ends the stream', async () => {
    await joins()
    const stream = await buyer.stream(MODEL)
    await buyer.publish(stream.publish_url, segments.slice(1), 10)
    container.health = 'ERROR'
    await vi.waitFor(() => expect(ends()).toMatchObject([{ end: 'runner_ended' }]), 5_000)
    expect(o.trickle.names).toEqual([])
  })

  it('whose runner refuses a stream is answered with its words, and nothing is left', async () => {
    await joins()
    container.behaviour = 'fail'
    const answer = await buyer.begin(await buyer.paying(await buyer.terms(MODEL), 2), { model_id: MODEL })
    expect([answer.status, textOf(answer)]).toEqual([500, expect.stringContaining('CUDA out of memory')])
    await nothingIsLeft()
  })

  it('tells its live models where orchestrators that cannot ask it do not look', async () => {
    const { capabilities, liveCapabilities } = registrationOf(await worker(), { secret: '', version: '0.9.1' })
    expect([capabilities?.bits, [...(capabilities?.constraints?.perCapability ?? [])]]).toEqual([0n, []])
    expect(liveCapabilities?.constraints?.perCapability.get(LIVE_CAPABILITY)?.models.get(MODEL)).toMatchObject({
      ...{ warm: true, capacity: 1, runnerVersion: '0.14.1' },
    })
  })
})

describe('a container beside its orchestrator', () => {
  it('is given the host by which it reaches the channels', async () => {
    await o[Symbol.asyncDispose]()
    o = await openOrchestrator({
      liveAi: { price: TICKET_A_SECOND, intervalMs: 300, hostForRunner: 'trickle.internal:8935' },
    })
    buyer.close()
    buyer = openLiveBuyer(o)
    o.aiDispatcher.join(await worker())
    const stream = await buyer.stream(MODEL)
    const { hostname, port } = new URL(stream.publish_url)
    expect(hostname).toBe('127.0.0.1')
    expect(container.seen.at(-1)?.fields).toMatchObject({
      subscribe_url: stream.publish_url.replace(`${hostname}:${port}`, 'trickle.internal:8935'),
    })
    container.health = 'ERROR'
    await live.poll()
    await nothingIsLeft()
  })

  it('that does not answer keeps no place when the gateway goes away', async () => {
    o.aiDispatcher.join(await worker())
    container.behaviour = 'hang'
    const headers = await buyer.paying(await buyer.terms(MODEL), 2)
    const leaves = new AbortController()
    const asking = buyer.begin(headers, { model_id: MODEL }, leaves.signal)
    await vi.waitFor(() => expect(o.trickle.names).toHaveLength(4))
    expect(o.aiDispatcher.models()).toMatchObject([{ inUse: 1 }])
    leaves.abort()
    await expect(asking).rejects.toThrow()
    await nothingIsLeft()
    // What was paid waits for the next try.
    const account = sessionId(`${LIVE_CAPABILITY}_${MODEL}`)
    expect(o.balances.balance(o.gatewaySigner.address, account)?.num).toBeGreaterThan(0n)
    expect(ends()).toEqual([])
  })

  it('that says LOADING gets no streams', async () => {
    o.aiDispatcher.join(await worker())
    container.health = 'LOADING'
    await live.poll()
    const answer = await buyer.begin(await buyer.paying(await buyer.terms(MODEL), 2), { model_id: MODEL })
    expect(answer.status).toBe(503)
  })
})
