import { makeTestClip, readMarks, type TestClip } from '@millrace/media/testing'
import { DEFAULT_LADDER, manifestId, sessionId } from '@millrace/wire'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { TranscodeJob, WorkerLink } from './ports.ts'

/** A link to a worker that really transcodes, and how to end it. */
export type OpenWorkerLink = { readonly link: WorkerLink; close(): Promise<void> }

const LADDER = DEFAULT_LADDER.slice(2)

/** The behaviour of every way in which an orchestrator reaches a worker; run it inside a `describe`. */
export function workerLinkSuite(open: () => Promise<OpenWorkerLink>): void {
  let clip: TestClip
  let opened: OpenWorkerLink
  const job = (seq: number, more: Partial<TranscodeJob> = {}): TranscodeJob => {
    const segment = clip.segments[seq]!
    return {
      manifestId: manifestId('clip'),
      sessionId: sessionId('session'),
      seq,
      durationMs: segment.durationMs,
      profiles: LADDER,
      container: 'mpegts',
      data: segment.data,
      ...more,
    }
  }

  beforeAll(async () => {
    clip = await makeTestClip({ seconds: 4, width: 640, height: 360, fps: 30, seed: 3 })
    opened = await open()
  }, 60_000)
  afterAll(async () => opened?.close())

  it('gives the renditions of a segment in the order of the profiles, with their pixels', async () => {
    const { renditions, decodedPixels } = await opened.link.transcode(job(0))
    expect(renditions).toHaveLength(LADDER.length)
    expect(decodedPixels).toBe(640n * 360n * 60n)
    for (const [i, { data, pixels }] of renditions.entries()) {
      expect(pixels).toBeGreaterThan(0n)
      expect((await readMarks(data)).length, LADDER[i]?.name).toBeGreaterThan(0)
    }
  }, 30_000)

  it('transcodes segments of one session that are sent at once', async () => {
    const results = await Promise.all([opened.link.transcode(job(0)), opened.link.transcode(job(1))])
    const marks = await Promise.all(results.map(({ renditions }) => readMarks(renditions[0]!.data)))
    expect(marks[0]).not.toEqual(marks[1])
  }, 30_000)

  it('rejects a segment that holds no video, and goes on with the next', async () => {
    const garbage = new Uint8Array(10_000).fill(0x55)
    await expect(opened.link.transcode(job(0, { data: garbage }))).rejects.toThrow()
    expect((await opened.link.transcode(job(1))).renditions).toHaveLength(LADDER.length)
  }, 30_000)

  it('gives up when it is told to', async () => {
    const signal = AbortSignal.abort(new Error('enough'))
    const code = await opened.link.transcode(job(0), { signal }).then(
      () => 'transcoded',
      () => 'rejected',
    )
    expect(code).toBe('rejected')
  })

  it('ends a session and takes it up again', async () => {
    await opened.link.endSession(sessionId('session'))
    expect((await opened.link.transcode(job(0))).renditions).toHaveLength(LADDER.length)
  }, 30_000)
}
