import { MillraceError } from '@millrace/base'
import { isCarriedByTs, type VideoProfile } from '@millrace/wire/profiles'
import type { Av } from '../process/av.ts'
import { AvLiveTranscoder } from '../transcode/av-live-transcoder.ts'
import { AvTranscoder } from '../transcode/av-transcoder.ts'
import type { RenditionPart } from '../transcode/engine.ts'
import type { ComparedMedia } from './compare.ts'

/** What was agreed on with the orchestrator; the same is made here to see how good it can be. */
export type SampleRequest = {
  readonly profile: VideoProfile
  /** x264 preset. */
  readonly preset: string
  /** Encoded picture by picture, as live segments are. */
  readonly live: boolean
}

/** Makes the rendition that an honest orchestrator would have made of this source. */
export async function encodeSample(av: Av, source: ComparedMedia, request: SampleRequest): Promise<ComparedMedia> {
  const { preset, live } = request
  const { codec } = request.profile
  const container = isCarriedByTs(codec) ? 'mpegts' : 'mp4'
  const profile: VideoProfile = { ...request.profile, format: container }
  const options = { profiles: [profile], preset, threads: 1 }
  // A live transcoder takes transport streams only.
  if (live && source.container === 'mpegts') {
    const parts: RenditionPart[] = []
    const transcoder = new AvLiveTranscoder(av, options, (part) => parts.push(part))
    try {
      transcoder.begin(0)
      transcoder.write(source.data)
      transcoder.end()
    } finally {
      transcoder.close()
    }
    const data = Buffer.concat(parts.flatMap((part) => (part.init ? [part.init, part.data] : [part.data])))
    return { data, container: 'mp4' }
  }
  const transcoder = new AvTranscoder(av, options)
  try {
    const { parts } = await transcoder.transcode({ seq: 0, ...source }, async () => {})
    if (!parts[0]) throw new MillraceError('no_video_frames', 'the sample holds no picture')
    return { data: parts[0].data, container }
  } finally {
    transcoder.close()
  }
}
