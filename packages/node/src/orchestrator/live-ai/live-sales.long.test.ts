import { existsSync, readdirSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  EmbeddedLiveRunner,
  LivePool,
  type LiveRunner,
  liveCatalogEntry,
  openLiveRunners,
  RunnerPool,
  subscribe,
} from '@millrace/ai'
import { openLiveRunnerStandIn } from '@millrace/ai/testing'
import { silentLog } from '@millrace/base'
import { TsDemuxer } from '@millrace/media/process'
import { makeTestClip } from '@millrace/media/testing'
import { nodeId } from '@millrace/wire'
import { afterEach, expect, it, vi } from 'vitest'
import { AiWorker } from '../../worker/ai-worker.ts'
import { openOrchestrator, type TestOrchestrator } from '../orchestrator-fixture.ts'
import { type LiveBuyer, openLiveBuyer, TICKET_A_SECOND } from './live-buyer.fixture.ts'

let o: TestOrchestrator
let buyer: LiveBuyer
let live: LivePool

afterEach(async () => {
  buyer.close()
  await o[Symbol.asyncDispose]()
  await live.stop()
})

async function open(entries: ConstructorParameters<typeof LivePool>[0]): Promise<void> {
  live = new LivePool(entries, {}, { log: silentLog })
  await live.start()
  await live.loaded()
  o = await openOrchestrator({ liveAi: { price: TICKET_A_SECOND, intervalMs: 300 } })
  const pool = new RunnerPool([], {}, { log: silentLog })
  o.aiDispatcher.join(new AiWorker({ workerId: nodeId('worker') }, { pool, live }))
  buyer = openLiveBuyer(o)
}

/** The effects, with the process of the stream that runs. */
class Watched extends EmbeddedLiveRunner {
  pid: () => number | undefined = () => undefined
  override async start(...given: Parameters<EmbeddedLiveRunner['start']>) {
    const session = await super.start(...given)
    this.pid = () => session.pid
    return session
  }
}

it('a paid stream goes on when its process is killed, and ends for everybody when none holds', async () => {
  const runner = new Watched(liveCatalogEntry('millrace/effects')!, { log: silentLog })
  await open([{ runner: runner satisfies LiveRunner, warm: true }])
  const clip = await makeTestClip({ seconds: 20, width: 320, height: 180, fps: 24, segmentMs: 1_000 })
  const stream = await buyer.stream(runner.modelId, { tickets: 60, params: { width: 128, height: 128 } })
  const pictures: { readonly at: number; readonly pts: number }[] = []
  const demuxer = new TsDemuxer({
    frame: ({ kind, pts }) => kind === 'video' && pictures.push({ at: performance.now(), pts }),
  })
  const reading = (async () => {
    for await (const { data } of subscribe({ url: stream.subscribe_url, anyCertificate: true, from: 0 }))
      try {
        for await (const chunk of data) demuxer.push(chunk)
      } catch {
        // The segment of the process that is killed may break off.
      }
  })()
  const publishing = buyer
    .publish(
      stream.publish_url,
      clip.segments.map(({ data }) => data),
      950,
    )
    .catch(() => {})
  await vi.waitFor(() => expect(pictures.length).toBeGreaterThan(20), 10_000)

  const killedAt = performance.now()
  const before = pictures.at(-1)!
  process.kill(runner.pid()!, 'SIGKILL')
  await vi.waitFor(() => expect(pictures.at(-1)!.pts).toBeGreaterThan(before.pts + 90_000), 10_000)
  const back = pictures.find(({ at, pts }) => at > killedAt + 50 && pts > before.pts)!
  expect(back.at - killedAt).toBeLessThan(5_000)
  const times = pictures.map(({ pts }) => pts)
  expect(times).toEqual([...times].sort((a, b) => a - b))
  expect(o.events.some(({ type }) => type === 'live_ai_sold')).toBe(true)

  let killed: number | undefined
  while (o.trickle.names.length > 0) {
    const pid = runner.pid()
    if (pid !== undefined && pid !== killed) {
      killed = pid
      process.kill(pid, 'SIGKILL')
    }
    await sleep(50)
  }
  await reading
  await publishing
  await vi.waitFor(() => expect(live.describe()).toMatchObject([{ inUse: 0 }]), 10_000)
  expect(o.live!.streams).toEqual([])
  expect(o.events).toContainEqual(expect.objectContaining({ type: 'live_ai_ended', end: 'runner_ended' }))
}, 60_000)

it('streams leave nothing behind, however they end', async () => {
  const modelId = 'acme/noop'
  const container = await openLiveRunnerStandIn({ modelId })
  const entry = {
    pipeline: 'live-video-to-video',
    modelId,
    adapter: 'ai-runner',
    warm: true,
    url: container.url,
  } as const
  await open(openLiveRunners([entry], {}, { log: silentLog }))
  const descriptors = () => (existsSync('/proc/self/fd') ? readdirSync('/proc/self/fd').length : 0)
  const once = async (end: number) => {
    const stream = await buyer.stream(modelId, { tickets: end === 2 ? 1 : 3 })
    const reading = buyer.read(stream.subscribe_url)
    const input = buyer.publisher(stream.publish_url)
    await input.write(Buffer.from('the first segment'))
    if (end === 0) await input.close()
    else if (end === 1) await buyer.publisher(stream.subscribe_url).close()
    else if (end === 3) await o.live!.stop()
    // It does not pay on.
    else
      for (;;) {
        const sent = await input.write(Buffer.from('one more')).then(
          () => true,
          () => false,
        )
        if (!sent) break
        await sleep(100)
      }
    await reading
    input.stop()
    await vi.waitFor(() => {
      expect([o.trickle.names, o.live!.streams, container.streams()]).toEqual([[], [], 0])
      for (const { inUse } of [...o.aiDispatcher.models(), ...live.describe()]) expect(inUse).toBe(0)
    }, 15_000)
  }
  for (const end of [0, 1, 2, 3]) await once(end)
  const [before, accounts] = [descriptors(), o.balances.size]
  for (const end of [0, 1, 3]) await once(end)
  await vi.waitFor(() => expect(descriptors()).toBeLessThanOrEqual(before + 2), 5_000)
  expect(o.balances.size).toBeLessThanOrEqual(accounts)
  await container.close()
}, 60_000)
