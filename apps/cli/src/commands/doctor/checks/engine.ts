import { silentLog } from '@millrace/base'
import { generatedClip, type MediaEngineOptions, openMediaEngine, WholeSegments } from '@millrace/media'
import { DEFAULT_LADDER } from '@millrace/wire'
import { failed, type Outcome, ok, warning } from '../finding.ts'

const CLIP = { seconds: 4, width: 640, height: 360, fps: 30 }
/** Live video that is transcoded at its own speed leaves nothing for a bad moment. */
const COMFORTABLE = 1.5

/** Opens the media engine and transcodes a short picture with it, as a worker would: whether it works, and how fast. */
export async function engine(
  options: Pick<MediaEngineOptions, 'engine' | 'preset'>,
  signal: AbortSignal,
): Promise<Outcome> {
  const opened = await openMediaEngine({ ...options, spare: false }, { log: silentLog })
  try {
    const engineName = options.engine ?? 'auto'
    const clip = await generatedClip({ ...CLIP, engine: engineName, signal }, { log: silentLog })
    const [first, second] = await Promise.all([clip[0]!.read(), clip[1]!.read()])
    const profiles = DEFAULT_LADDER.slice(2)
    const session = new WholeSegments(await opened.engine.open({ profiles, signal }))
    try {
      // The first segment also starts the process and its threads.
      await session.transcode({ seq: 0, data: first, container: 'mpegts' }, { signal })
      const began = performance.now()
      const { renditions } = await session.transcode({ seq: 1, data: second, container: 'mpegts' }, { signal })
      const elapsedMs = performance.now() - began
      const names = profiles.map(({ name }) => name).join(' and ')
      return judgeSpeed(clip[1]!.durationMs / elapsedMs, {
        why: opened.why,
        what: `${CLIP.width}×${CLIP.height} to ${names}`,
        bytes: renditions.reduce((sum, { data: { length } }) => sum + length, 0),
      })
    } finally {
      await session.close()
    }
  } finally {
    await opened.engine.close()
  }
}

/** What it means that one session transcodes at so many times the speed of a clock. */
export function judgeSpeed(
  speed: number,
  details: { readonly why: string; readonly what: string; readonly bytes: number },
): Outcome {
  const facts = { timesRealTime: Number(speed.toFixed(2)), ...details }
  const seen = `${details.why}; one session transcodes ${details.what} at ${speed.toFixed(1)} times real time`
  if (speed < 1)
    return failed(seen, 'too slow for live video: take a faster -preset (ultrafast), or another machine', { facts })
  if (speed < COMFORTABLE)
    return warning(seen, 'one stream leaves hardly any room: lower -maxSessions to 1, or take a faster -preset', {
      facts,
    })
  return ok(seen, { facts })
}
