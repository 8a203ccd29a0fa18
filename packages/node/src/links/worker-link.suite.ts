import { compareSignatures, countPixels, decodeSignature, demuxTs, TsMuxer } from '@millrace/media'
import { makeTestClip, readMarks, type TestClip } from '@millrace/media/testing'
import { DEFAULT_LADDER, manifestId, sessionId } from '@millrace/wire'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { TranscodeJob, WorkerLink } from './ports.ts'

/** A link to a worker that really transcodes, and how to end it. */
export type OpenWorkerLink = { readonly link: WorkerLink; close(): Promise<void> }

const LADDER = DEFAULT_LADDER.slice(2)

/** The transport stream of one of the clip's segments, as a segmenter writes it. */
function pesPackets(clip: TestClip, seq: number): Uint8Array[] {
  const out: Uint8Array[] = []
  const muxer = new TsMuxer({ write: (bytes) => out.push(bytes) })
  for (const frame of demuxTs(clip.segments[seq]!.data).frames) muxer.frame(frame)
  muxer.flush()
  return out
}

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

  it('gives the video signature of each rendition when it is asked for', async () => {
    const { renditions } = await opened.link.transcode(job(0, { signatures: true }))
    const [large, small] = renditions.map(({ signature }) => decodeSignature(signature!))
    expect(large).toMatchObject({ width: LADDER[0]!.width, height: LADDER[0]!.height })
    expect(large!.frames).toHaveLength(60)
    expect(compareSignatures(large!, small!)).toBe('whole')
    expect((await opened.link.transcode(job(1))).renditions[0]!.signature).toBeUndefined()
  }, 30_000)

  it('transcodes segments of one session that are sent at once', async () => {
    const results = await Promise.all([opened.link.transcode(job(0)), opened.link.transcode(job(1))])
    const marks = await Promise.all(results.map(({ renditions }) => readMarks(renditions[0]!.data)))
    expect(marks[0]).not.toEqual(marks[1])
  }, 30_000)

  it('gives parts of a segment while it arrives, and the same joined at its end', async () => {
    const chunks = pesPackets(clip, 0)
    let sent = 0
    async function* arriving() {
      for (const bytes of chunks) {
        sent++
        yield bytes
        await new Promise((resolve) => setTimeout(resolve, 5))
      }
    }
    const { data: _, container: __, ...facts } = job(0)
    const bytes = LADDER.map((): Uint8Array[] => [])
    const sentAt: number[] = []
    const done = await opened.link.transcodeLive!(
      { ...facts, chunks: arriving() },
      {
        part: ({ rendition, init, bytes: part }) => {
          sentAt.push(sent)
          bytes[rendition]!.push(...(init ? [init] : []), part)
        },
      },
    )
    expect(sentAt[0]).toBeLessThan(chunks.length)
    expect(done.decodedPixels).toBe(640n * 360n * 60n)
    for (const [i, { data, pixels }] of done.renditions.entries()) {
      expect(Buffer.concat(bytes[i]!).equals(data)).toBe(true)
      expect(countPixels(data, 'mp4')).toMatchObject({ frames: 60, pixels })
    }
  }, 30_000)

  it('gives up a live segment whose source breaks off, and goes on with the next', async () => {
    async function* broken() {
      yield* pesPackets(clip, 0).slice(0, 20)
      throw new Error('the source broke off')
    }
    const { data: _, container: __, ...facts } = job(0)
    await expect(opened.link.transcodeLive!({ ...facts, chunks: broken() }, { part: () => {} })).rejects.toThrow()
    expect((await opened.link.transcode(job(1))).renditions).toHaveLength(LADDER.length)
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
