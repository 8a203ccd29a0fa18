import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type MillraceError, silentLog } from '@millrace/base'
import { openMediaEngine } from '@millrace/media'
import { nodeId } from '@millrace/wire'
import { describe, expect, it } from 'vitest'
import { Worker } from '../worker/worker.ts'
import { RemoteWorker } from './grpc/remote-worker.ts'
import { WorkerRegistry } from './grpc/worker-registry.ts'
import { OrchestratorServer } from './http/orchestrator-server.ts'
import type { OrchestratorService } from './orchestrator-service.ts'
import type { WorkerLink } from './ports.ts'
import { workerLinkSuite } from './worker-link.suite.ts'

async function openWorker() {
  const { engine } = await openMediaEngine({ preset: 'ultrafast' }, { log: silentLog })
  const worker = new Worker({ workerId: nodeId('worker'), capacity: 2 }, { engine, log: silentLog, tell: () => {} })
  return {
    worker,
    close: async () => {
      await worker.stop()
      await engine.close()
    },
  }
}

const nobody = () => {
  throw new Error('this orchestrator has workers only')
}
const service: OrchestratorService = {
  getOrchestrator: nobody,
  endSession: nobody,
  ping: nobody,
  acceptSegment: nobody,
  acceptLiveSegment: nobody,
  storedObject: () => undefined,
}

/** An orchestrator's port that workers can join. */
async function openRegistry() {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-registry-'))
  const links: WorkerLink[] = []
  const registry = new WorkerRegistry(
    { secret: 'secret', serviceUri: () => `https://127.0.0.1:${server.port}`, orchestratorId: 'test' },
    {
      join: (link) => {
        links.push(link)
        return () => links.splice(links.indexOf(link), 1)
      },
      log: silentLog,
    },
  )
  const server = new OrchestratorServer(
    { host: '127.0.0.1', port: 0, certificateHost: '127.0.0.1', folder },
    { service, workers: registry, log: silentLog },
  )
  await server.start()
  return {
    links,
    uri: `https://127.0.0.1:${server.port}`,
    close: async () => {
      await server.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

async function until(condition: () => boolean): Promise<void> {
  for (let i = 0; i < 200 && !condition(); i++) await new Promise((resolve) => setTimeout(resolve, 25))
  expect(condition()).toBe(true)
}

describe('worker link: in process', () =>
  workerLinkSuite(async () => {
    const { worker, close } = await openWorker()
    return { link: worker, close }
  }))

describe('worker link: over gRPC and HTTP', () =>
  workerLinkSuite(async () => {
    const registry = await openRegistry()
    const { worker, close } = await openWorker()
    const remote = new RemoteWorker(
      { orchestratorUri: registry.uri, secret: 'secret', version: 'test' },
      { worker, log: silentLog, onFatal: nobody },
    )
    await remote.start()
    await until(() => registry.links.length === 1)
    return {
      link: registry.links[0]!,
      close: async () => {
        await remote.stop()
        await close()
        await registry.close()
      },
    }
  }))

describe('a remote worker', () => {
  const fake: WorkerLink = {
    workerId: nodeId('w'),
    capacity: 1,
    transcode: () => new Promise(() => {}),
    endSession: async () => {},
  }

  it('with the wrong secret is refused for good', async () => {
    const registry = await openRegistry()
    const failed = new Promise<MillraceError>((resolve) => {
      const remote = new RemoteWorker(
        { orchestratorUri: registry.uri, secret: 'wrong', version: 'test' },
        { worker: fake, log: silentLog, onFatal: resolve },
      )
      void remote.start()
    })
    expect((await failed).code).toBe('worker_refused')
    expect(registry.links).toEqual([])
    await registry.close()
  })

  it('that goes away fails its segments at once, so that another worker gets them', async () => {
    const registry = await openRegistry()
    const remote = new RemoteWorker(
      { orchestratorUri: registry.uri, secret: 'secret', version: 'test' },
      { worker: fake, log: silentLog, onFatal: nobody },
    )
    await remote.start()
    await until(() => registry.links.length === 1)
    const working = registry.links[0]!.transcode({
      manifestId: 'm' as never,
      sessionId: 's' as never,
      seq: 0,
      durationMs: 2_000,
      profiles: [],
      container: 'mpegts',
      data: new Uint8Array(100),
    })
    const outcome = expect(working).rejects.toMatchObject({ code: 'worker_gone' })
    await remote.stop()
    await outcome
    await until(() => registry.links.length === 0)
    await registry.close()
  })

  it('that is to stop delivers what it holds, and refuses what is new so that another worker gets it', async () => {
    const registry = await openRegistry()
    let finish = () => {}
    const finished = new Promise<void>((resolve) => {
      finish = resolve
    })
    const started: number[] = []
    const slow: WorkerLink = {
      ...fake,
      transcode: async ({ seq }) => {
        started.push(seq)
        await finished
        return { renditions: [], decodedPixels: 7n }
      },
    }
    const remote = new RemoteWorker(
      { orchestratorUri: registry.uri, secret: 'secret', version: 'test' },
      { worker: slow, log: silentLog, onFatal: nobody },
    )
    await remote.start()
    await until(() => registry.links.length === 1)
    const job = (seq: number) => ({
      manifestId: 'm' as never,
      sessionId: 's' as never,
      seq,
      durationMs: 2_000,
      profiles: [],
      container: 'mpegts' as const,
      data: new Uint8Array(100),
    })
    const held = registry.links[0]!.transcode(job(0))
    await until(() => started.length === 1)
    const drained = remote.drain()
    await expect(registry.links[0]!.transcode(job(1))).rejects.toMatchObject({ code: 'worker_gone' })
    finish()
    expect(await held).toMatchObject({ decodedPixels: 7n })
    await drained
    await remote.stop()
    expect(started).toEqual([0])
    await registry.close()
  })

  it('has room again for its orchestrator after a break, which has forgotten its sessions', async () => {
    const registry = await openRegistry()
    const ended: string[] = []
    const remote = new RemoteWorker(
      { orchestratorUri: registry.uri, secret: 'secret', version: 'test' },
      {
        worker: {
          ...fake,
          transcode: async () => ({ renditions: [], decodedPixels: 7n }),
          endSession: async (sessionId) => void ended.push(sessionId),
        },
        log: silentLog,
        onFatal: nobody,
      },
    )
    await remote.start()
    await until(() => registry.links.length === 1)
    const work = (sessionId: string) =>
      registry.links[0]!.transcode({
        manifestId: 'm' as never,
        sessionId: sessionId as never,
        seq: 0,
        durationMs: 2_000,
        profiles: [],
        container: 'mpegts',
        data: new Uint8Array(100),
      })
    for (const sessionId of ['a', 'b', 'c']) await work(sessionId)
    await registry.links[0]!.endSession('b' as never)
    await until(() => ended.length === 1)
    await registry.close()
    await until(() => ended.length === 3)
    expect(ended).toEqual(['b', 'a', 'c'])
    await remote.stop()
  })

  it('comes back when its orchestrator does', async () => {
    const first = await openRegistry()
    const remote = new RemoteWorker(
      { orchestratorUri: first.uri, secret: 'secret', version: 'test' },
      { worker: fake, log: silentLog, onFatal: nobody },
    )
    await remote.start()
    await until(() => first.links.length === 1)
    // Cutting the connection is what a restarting orchestrator looks like from here.
    first.links.length = 0
    await first.close()
    await remote.stop()
  })
})
