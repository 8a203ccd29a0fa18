import { hasCode, MillraceError, silentLog } from '@millrace/base'
import type { ProfileFormat, VideoCodec, VideoProfile } from '@millrace/wire'
import { inspectSegment, makeTestClip } from '../testing/index.ts'
import { CODEC_NAMES } from '../transcode/encoder-settings.ts'
import { openMediaEngine } from '../transcode/open-engine.ts'
import { WholeSegments } from '../transcode/transcode-segment.ts'
import { NOT_IN_CONTAINER, type Outcome, PLAYS } from './formats.ts'

const CODECS: readonly VideoCodec[] = ['h264', 'h265', 'vp9', 'av1']
const FORMATS: readonly ProfileFormat[] = ['mpegts', 'mp4']

/** Has a rendition made of each codec in each container and decodes it; outcomes by codec, in the order of the containers. */
export async function madeOutcomes(): Promise<ReadonlyMap<VideoCodec, readonly Outcome[]>> {
  const { segments } = await makeTestClip({ seconds: 1, width: 320, height: 180, fps: 25, segmentMs: 1_000 })
  const { engine } = await openMediaEngine({ engine: 'node-av', preset: 'ultrafast', spare: false }, { log: silentLog })
  const make = async (codec: VideoCodec, format: ProfileFormat): Promise<Outcome> => {
    const size = { width: 320, height: 180, bitrateBps: 300_000 }
    const profile: VideoProfile = { name: codec, ...size, fps: 0, gopMs: 1_000, codec, format }
    try {
      const session = new WholeSegments(await engine.open({ profiles: [profile] }))
      const made = await session.transcode({ seq: 0, data: segments[0]!.data, container: 'mpegts' })
      await session.close()
      const { frames, decodeErrors, audioPts } = await inspectSegment(made.renditions[0]!.data, format)
      return frames === 25 && decodeErrors === 0 && audioPts.length > 40 ? PLAYS : `${frames} of 25 pictures`
    } catch (error) {
      const isNamed = error instanceof MillraceError && error.message.includes(CODEC_NAMES[codec])
      if (isNamed && hasCode(error, 'unsupported_profile')) return NOT_IN_CONTAINER
      throw error
    }
  }
  try {
    const rows = CODECS.map(async (codec) => {
      const outcomes: Outcome[] = []
      for (const format of FORMATS) outcomes.push(await make(codec, format))
      return [codec, outcomes] as const
    })
    return new Map(await Promise.all(rows))
  } finally {
    await engine.close()
  }
}

const SIGNS: Readonly<Record<string, string>> = { [PLAYS]: 'plays', [NOT_IN_CONTAINER]: '–' }

/** What the page says of what is made. */
export function madeSection(outcomes: ReadonlyMap<VideoCodec, readonly Outcome[]>): string {
  const rows = [...outcomes].map(
    ([codec, row]) => `| ${CODEC_NAMES[codec]} | ${row.map((outcome) => SIGNS[outcome] ?? outcome).join(' | ')} |`,
  )
  return `## What comes out

Renditions as workers make them, with the engine node-av and with the ffmpeg program where it has the encoders: x264, x265, libvpx and SVT-AV1. The sound is the source's.

| \`encoder\` | MPEG-TS | MP4 |
|---|---|---|
${rows.join('\n')}

How to ask for them: [renditions](renditions.md).
`
}
