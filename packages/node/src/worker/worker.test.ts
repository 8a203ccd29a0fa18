import { silentLog } from '@millrace/base'
import { openMediaEngine } from '@millrace/media'
import { makeTestClip } from '@millrace/media/testing'
import { DEFAULT_LADDER, manifestId, nodeId, sessionId } from '@millrace/wire'
import { expect, it } from 'vitest'
import { Worker } from './worker.ts'

it('a segment that is given up spoils nothing for the segments of its stream that wait behind it', async () => {
  const clip = await makeTestClip({ seconds: 3, segmentMs: 1_000, width: 320, height: 180, fps: 10, audio: false })
  const { engine } = await openMediaEngine({ engine: 'auto', preset: 'ultrafast' }, { log: silentLog })
  const worker = new Worker({ workerId: nodeId('w'), capacity: 2 }, { engine, log: silentLog, tell: () => {} })
  const transcode = (seq: number, signal?: AbortSignal) =>
    worker.transcode(
      {
        manifestId: manifestId('clip'),
        sessionId: sessionId('s'),
        seq,
        durationMs: 1_000,
        profiles: DEFAULT_LADDER.slice(3),
        container: 'mpegts',
        data: clip.segments[seq]!.data,
      },
      { signal },
    )
  const givenUp = new AbortController()
  const first = transcode(0, givenUp.signal).catch((error) => error)
  const second = transcode(1)
  const third = transcode(2)
  givenUp.abort(new Error('another one was quicker'))
  expect(await first).toBeInstanceOf(Error)
  for (const { renditions } of [await second, await third]) expect(renditions[0]!.pixels).toBe(10n * 426n * 240n)
  expect(worker.load).toBe(1)
  await worker.stop()
  await engine.close()
}, 30_000)
