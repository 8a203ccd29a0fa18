import { silentLog } from '@millrace/base'
import { manifestId, type NotifySegment, sessionId } from '@millrace/wire'
import { describe, expect, it } from 'vitest'
import type { TranscodeJob, WorkerLink } from '../ports.ts'
import { WorkerRegistry } from './worker-registry.ts'

function openRegistry() {
  const links: WorkerLink[] = []
  const registry = new WorkerRegistry(
    { secret: 'secret', serviceUri: () => 'https://127.0.0.1:8935', orchestratorId: 'o' },
    {
      join: (link) => {
        links.push(link)
        return () => links.splice(links.indexOf(link), 1)
      },
      log: silentLog,
    },
  )
  const stop = new AbortController()
  /** Registers a worker; its tasks come out of what is returned. */
  const join = (capacity: number) => {
    const tasks = registry.register({ secret: 'secret', capacity }, 'test', stop.signal)[Symbol.asyncIterator]()
    const first = tasks.next()
    first.catch(() => {})
    return { first, next: () => tasks.next() }
  }
  return { registry, links, join, stop: () => stop.abort() }
}

const job = (seq: number): TranscodeJob => ({
  manifestId: manifestId('film'),
  sessionId: sessionId('s'),
  seq,
  durationMs: 2_000,
  profiles: [],
  container: 'mpegts',
  data: new Uint8Array(10),
})
const taskIdOf = (result: IteratorResult<NotifySegment>): number => (result.value as { readonly taskId: number }).taskId
const answer = (pixels: bigint) => ({ renditions: [], decodedPixels: pixels })

describe('the registry of remote workers', () => {
  it.each([0, -1, -(2 ** 31)])('refuses a worker with a capacity of %i in the words of upstream', async (capacity) => {
    const { join, links } = openRegistry()
    await expect(join(capacity).first).rejects.toThrow('zero capacity')
    expect(links).toEqual([])
  })

  it('believes no capacity beyond what one machine can have', async () => {
    const { join, links, stop } = openRegistry()
    const { first } = join(2 ** 31)
    expect(links.map(({ capacity }) => capacity)).toEqual([10_000])
    stop()
    await first
  })

  it('drops a result for a task that nobody waits for, and gives each task its own', async () => {
    const { registry, join, links, stop } = openRegistry()
    const worker = join(5)
    const one = links[0]!.transcode(job(1))
    const two = links[0]!.transcode(job(2))
    const [first, second] = [taskIdOf(await worker.first), taskIdOf(await worker.next())]
    registry.result(first + second + 100, answer(1n))
    registry.result(second, answer(2n))
    registry.result(first, { error: 'it cannot be decoded' })
    // A second result for the same task comes too late to change anything.
    registry.result(first, answer(3n))
    expect((await two).decodedPixels).toBe(2n)
    await expect(one).rejects.toThrow('it cannot be decoded')
    stop()
  })
})
