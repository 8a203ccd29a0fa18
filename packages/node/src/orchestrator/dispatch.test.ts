import { MillraceError, silentLog } from '@millrace/base'
import { DEFAULT_LADDER, manifestId, nodeId, type SessionId, sessionId } from '@millrace/wire'
import { expect, it } from 'vitest'
import type { TranscodedSegment, TranscodeJob, WorkerLink } from '../links/ports.ts'
import { Dispatcher } from './dispatch.ts'

const SIGNAL = { signal: new AbortController().signal }
const RESULT: TranscodedSegment = { renditions: [], decodedPixels: 0n }

const job = (session: string, seq = 0): TranscodeJob => ({
  manifestId: manifestId('m'),
  sessionId: sessionId(session),
  seq,
  durationMs: 2_000,
  profiles: [],
  container: 'mpegts',
  data: new Uint8Array(0),
})

/** A worker that finishes when it is told to. */
function openWorker(name: string, capacity = 10) {
  const jobs: TranscodeJob[] = []
  const ended: SessionId[] = []
  const waiting: { resolve(result: TranscodedSegment): void; reject(error: unknown): void }[] = []
  const link: WorkerLink = {
    workerId: nodeId(name),
    capacity,
    transcode: (one) => {
      jobs.push(one)
      return new Promise((resolve, reject) => waiting.push({ resolve, reject }))
    },
    endSession: async (session) => void ended.push(session),
  }
  return {
    link,
    jobs,
    ended,
    sessions: () => [...new Set(jobs.map((one) => String(one.sessionId)))],
    finish: () => {
      for (const { resolve } of waiting.splice(0)) resolve(RESULT)
    },
    fail: (error: unknown) => {
      for (const { reject } of waiting.splice(0)) reject(error)
    },
  }
}

const gone = () => new MillraceError('worker_gone', 'the worker went away', { retryable: true })

it('work goes to a worker that encodes its codecs, and to nobody where none does', async () => {
  const [plain, able] = [openWorker('plain'), openWorker('able', 1)]
  const dispatcher = new Dispatcher({ log: silentLog })
  dispatcher.join(plain.link)
  const leave = dispatcher.join({ ...able.link, codecs: ['h264', 'vp9', 'av1'] })
  expect([...dispatcher.codecs]).toEqual(['h264', 'vp9', 'av1'])
  const profiles = [{ ...DEFAULT_LADDER[3]!, codec: 'av1', format: 'mp4' } as const]
  const work = dispatcher.transcode({ ...job('s'), profiles }, SIGNAL)
  able.finish()
  await work
  expect([plain.jobs.length, able.jobs.length]).toEqual([0, 1])
  leave()
  expect([...dispatcher.codecs]).toEqual(['h264'])
  await expect(dispatcher.transcode({ ...job('s', 1), profiles }, SIGNAL)).rejects.toMatchObject({ code: 'no_workers' })
})

it('a session stays with its worker', async () => {
  const [a, b] = [openWorker('a'), openWorker('b')]
  const dispatcher = new Dispatcher({ log: silentLog })
  dispatcher.join(a.link)
  dispatcher.join(b.link)
  for (let seq = 0; seq < 6; seq++) {
    const work = dispatcher.transcode(job('s', seq), SIGNAL)
    a.finish()
    b.finish()
    await work
  }
  expect([a.jobs.length, b.jobs.length].sort()).toEqual([0, 6])
})

it('a new session goes to the worker with the most room for its size', async () => {
  const [small, large] = [openWorker('small', 2), openWorker('large', 4)]
  const dispatcher = new Dispatcher({ log: silentLog })
  dispatcher.join(small.link)
  dispatcher.join(large.link)
  expect(dispatcher.capacity).toBe(6)
  const work = ['1', '2', '3', '4', '5', '6'].map((session) => dispatcher.transcode(job(session), SIGNAL))
  expect([small.sessions().length, large.sessions().length]).toEqual([2, 4])
  await expect(dispatcher.transcode(job('7'), SIGNAL)).rejects.toMatchObject({
    code: 'no_workers',
    message: 'no transcoders available',
    retryable: true,
  })
  small.finish()
  large.finish()
  await Promise.all(work)
})

it('the fifth segment of a session that waits is refused as busy, and others are not', async () => {
  const worker = openWorker('w')
  const dispatcher = new Dispatcher({ log: silentLog })
  dispatcher.join(worker.link)
  const work = [0, 1, 2, 3].map((seq) => dispatcher.transcode(job('s', seq), SIGNAL))
  await expect(dispatcher.transcode(job('s', 4), SIGNAL)).rejects.toMatchObject({
    code: 'orchestrator_busy',
    message: 'OrchestratorBusy',
  })
  const other = dispatcher.transcode(job('other'), SIGNAL)
  worker.finish()
  await Promise.all([...work, other])
  const again = dispatcher.transcode(job('s', 5), SIGNAL)
  worker.finish()
  await again
})

it('a failed segment makes room for the next', async () => {
  const worker = openWorker('w')
  const dispatcher = new Dispatcher({ log: silentLog })
  dispatcher.join(worker.link)
  const work = [0, 1, 2, 3].map((seq) => dispatcher.transcode(job('s', seq), SIGNAL))
  worker.fail(new Error('No keyframes in input'))
  for (const one of work) await expect(one).rejects.toThrow('No keyframes in input')
  const next = dispatcher.transcode(job('s', 4), SIGNAL)
  worker.finish()
  expect(await next).toBe(RESULT)
})

it.each(['worker_gone', 'worker_full'])('a segment whose worker answers %s goes to the next one', async (code) => {
  const [a, b] = [openWorker('a'), openWorker('b')]
  const dispatcher = new Dispatcher({ log: silentLog })
  dispatcher.join(a.link)
  dispatcher.join(b.link)
  const work = dispatcher.transcode(job('s'), SIGNAL)
  const [first, second] = a.jobs.length === 1 ? [a, b] : [b, a]
  first.fail(new MillraceError(code, 'not here', { retryable: true }))
  await new Promise(setImmediate)
  expect(second.jobs).toEqual([job('s')])
  second.finish()
  expect(await work).toBe(RESULT)
  // The session stays with who took it.
  const next = dispatcher.transcode(job('s', 1), SIGNAL)
  second.finish()
  await next
  expect(first.jobs).toHaveLength(1)
})

it('a segment that the worker could not transcode is not tried on another', async () => {
  const [a, b] = [openWorker('a'), openWorker('b')]
  const dispatcher = new Dispatcher({ log: silentLog })
  dispatcher.join(a.link)
  dispatcher.join(b.link)
  const work = dispatcher.transcode(job('s'), SIGNAL)
  a.fail(new Error('bad media'))
  b.fail(new Error('bad media'))
  await expect(work).rejects.toThrow('bad media')
  expect(a.jobs.length + b.jobs.length).toBe(1)
})

it('when all workers have gone away the segment fails, and each was asked once', async () => {
  const [a, b] = [openWorker('a'), openWorker('b')]
  const dispatcher = new Dispatcher({ log: silentLog })
  dispatcher.join(a.link)
  dispatcher.join(b.link)
  const work = dispatcher.transcode(job('s'), SIGNAL)
  const outcome = expect(work).rejects.toMatchObject({ code: 'no_workers' })
  for (let i = 0; i < 2; i++) {
    a.fail(gone())
    b.fail(gone())
    await new Promise(setImmediate)
  }
  await outcome
  expect([a.jobs.length, b.jobs.length]).toEqual([1, 1])
})

it('without workers nothing is transcoded', async () => {
  const dispatcher = new Dispatcher({ log: silentLog })
  await expect(dispatcher.transcode(job('s'), SIGNAL)).rejects.toMatchObject({ code: 'no_workers' })
  const leave = dispatcher.join(openWorker('w').link)
  leave()
  await expect(dispatcher.transcode(job('s'), SIGNAL)).rejects.toMatchObject({ code: 'no_workers' })
})

it('a worker that came back under its name is not sent away by the end of its old connection', () => {
  const dispatcher = new Dispatcher({ log: silentLog })
  const leaveOld = dispatcher.join(openWorker('w').link)
  const back = openWorker('w')
  dispatcher.join(back.link)
  leaveOld()
  expect(dispatcher.workers).toEqual([back.link])
})

it('an ended session makes room at its worker, who is told', async () => {
  const worker = openWorker('w', 1)
  const dispatcher = new Dispatcher({ log: silentLog })
  dispatcher.join(worker.link)
  const first = dispatcher.transcode(job('s'), SIGNAL)
  worker.finish()
  await first
  await expect(dispatcher.transcode(job('other'), SIGNAL)).rejects.toMatchObject({ code: 'no_workers' })
  await dispatcher.endSession(sessionId('s'))
  expect(worker.ended).toEqual(['s'])
  const second = dispatcher.transcode(job('other'), SIGNAL)
  worker.finish()
  expect(await second).toBe(RESULT)
})
