import type { Log } from '@millrace/base'
import type { ManifestId } from '@millrace/wire'
import type { Hasher } from '../segment/open-segment.ts'
import type { Segment } from '../segment/segment.ts'
import { segmentFrames } from '../segment/segmenter.ts'
import { openFileSource } from '../source/file.ts'

/** A file that is cut into segments; `durationMs` is its whole length, when its header tells it. */
export type CutFile = {
  readonly durationMs: number | undefined
  readonly about: string
  readonly segments: AsyncIterable<Segment>
  close(): Promise<void>
}

/** Cuts any file that FFmpeg reads, of the operator's own choice, into segments, as fast as they are taken; throws as `openFileSource`. */
export async function cutFile(
  path: string,
  options: { readonly manifestId: ManifestId; readonly targetMs?: number; readonly signal?: AbortSignal | undefined },
  deps: { readonly log: Log; readonly hashing: Hasher },
): Promise<CutFile> {
  const { manifestId, signal } = options
  const source = await openFileSource({ path, allowPrivate: true, realtime: false, name: manifestId, signal }, deps)
  const { targetMs } = options
  const segments = segmentFrames(
    source.frames,
    { manifestId, signal, capacity: 2, ...(targetMs === undefined ? {} : { targetMs }) },
    deps,
  )
  return { durationMs: source.durationMs, about: source.about, segments, close: () => source.close() }
}
