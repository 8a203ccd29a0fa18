import { errorText, MillraceError, TICKS_PER_MS } from '@millrace/base'
import { loadAv } from '../process/av.ts'
import { becomeMediaChild } from '../process/in-child.ts'
import { writeMp4Frames } from '../remux/write-mp4.ts'
import { exactFrames } from './exact-frames.ts'
import { cutFrames, joinedFrames } from './joined-frames.ts'
import { makeStills } from './stills.ts'
import type { FromVod, ToVod, VodJob } from './vod-messages.ts'

const reply = becomeMediaChild<ToVod>(({ job }) => {
  run(job).then(
    () => reply({ type: 'done' } satisfies FromVod),
    (error) => reply(failure(error)),
  )
})

async function run(job: VodJob): Promise<void> {
  if (job.kind === 'stills') return makeStills(await loadLibraries(), job)
  const frames = joinedFrames(job.segments)
  if (!job.range) return void (await writeMp4Frames(frames, job.out))
  const startMs = job.segments[0]?.startMs ?? 0
  const range = {
    fromTicks: (job.range.fromMs - startMs) * TICKS_PER_MS,
    toTicks: (job.range.toMs - startMs) * TICKS_PER_MS,
  }
  if (!job.exact) return void (await writeMp4Frames(cutFrames(frames, range), job.out))
  // Moments count from the first picture, which is known when it comes.
  let origin = 0
  const cut = cutFrames(frames, range, (pts) => {
    origin = pts
  })
  const moments = () => ({ fromTicks: origin + range.fromTicks, toTicks: origin + range.toTicks })
  await writeMp4Frames(exactFrames(await loadLibraries(), cut, moments), job.out)
}

async function loadLibraries() {
  try {
    return await loadAv()
  } catch (cause) {
    throw new MillraceError('no_media_engine', `pictures cannot be made on this machine: ${errorText(cause)}`, {
      cause,
    })
  }
}

const failure = (error: unknown): FromVod => ({
  type: 'failed',
  code: error instanceof MillraceError ? error.code : 'unknown',
  message: errorText(error),
})
