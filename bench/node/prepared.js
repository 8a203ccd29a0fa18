// Segments with renditions that are made once, before anything is measured.
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { silentLog } from '@millrace/base'
import { demuxTs, muxTs, openMediaEngine, WholeSegments } from '@millrace/media'
import { makeTestClip } from '@millrace/media/testing'
import { presetProfiles } from '@millrace/wire'
import { padded } from '../padded.js'

/** What the gateway of the bench asks for. */
export const LADDER = 'P240p30fps16x9,P360p30fps16x9,P576p30fps16x9,P720p30fps16x9'.split(',')

/** A camera's 720p. */
const SOURCE_BITRATE = 5_000_000

/**
 * Draws segments of 2 s of 720p30, fills them up to 5 Mbit/s, and has their renditions transcoded and filled up to the
 * bit rates of the ladder; the echoing worker reads them from the folder. `share` makes all of them smaller.
 */
export async function prepareSegments(folder, count, share = 1) {
  const fps = 30
  const profiles = presetProfiles(LADDER)
  const clip = await makeTestClip({ seconds: 2 * count, width: 1280, height: 720, fps })
  const { engine } = await openMediaEngine({ spare: false }, { log: silentLog })
  const session = new WholeSegments(await engine.open({ profiles }))
  await mkdir(folder, { recursive: true })
  const sources = []
  for (const [seq, { data, durationMs }] of clip.segments.slice(0, count).entries()) {
    const { outcome, renditions } = await session.transcode({ seq, data, container: 'mpegts' })
    for (const [i, { bitrateBps }] of profiles.entries())
      await writeFile(join(folder, `${seq}-${i}.ts`), filled(renditions[i].data, (share * bitrateBps) / 8 / fps))
    const pixels = renditions.map((rendition) => rendition.pixels.toString())
    await writeFile(
      join(folder, `${seq}.json`),
      JSON.stringify({ decodedPixels: outcome.decodedPixels.toString(), pixels }),
    )
    sources.push({ data: filled(data, (share * SOURCE_BITRATE) / 8 / fps), durationMs })
  }
  await session.close()
  await engine.close()
  return sources
}

/** The segment with every picture brought to about so many bytes. */
function filled(data, bytesPerPicture) {
  const { frames } = demuxTs(data)
  return muxTs(frames.map((frame) => padded(frame, Math.max(16, Math.round(bytesPerPicture - frame.data.length)))))
}
