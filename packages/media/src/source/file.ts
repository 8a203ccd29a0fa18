import type { Log } from '@millrace/base'
import { MillraceError } from '@millrace/base'
import { openSource, type Source, sourceEngine } from './source.ts'

export type FileSourceOptions = {
  /** A file, or an http or https address. */
  readonly path: string
  /** Frames come at the speed of a clock (default), or as fast as they are read. */
  readonly realtime?: boolean
  /** Begins again at the end, on the same time line. */
  readonly loop?: boolean
  readonly name?: string
  /** Default auto: node-av when it loads, else the ffmpeg program. */
  readonly engine?: 'auto' | 'node-av' | 'ffmpeg'
  /** Default the one on PATH. */
  readonly ffmpegPath?: string
  readonly signal?: AbortSignal | undefined
}

/**
 * Any file that FFmpeg reads as a stream: H.264 and AAC are copied, everything else is encoded on the way in.
 * Throws `no_such_file`, `not_a_video`, `source_truncated`, `source_unreachable`, `bad_source_options` or `no_media_engine`;
 * a source that fails later ends its publication with the error.
 */
export async function openFileSource(options: FileSourceOptions, deps: { readonly log: Log }): Promise<Source> {
  const scheme = /^([a-z][a-z0-9+.-]+):/i.exec(options.path)?.[1]?.toLowerCase()
  const windowsDrive = scheme?.length === 1
  if (scheme && !windowsDrive && scheme !== 'http' && scheme !== 'https' && scheme !== 'file')
    throw new MillraceError(
      'bad_source_options',
      `${scheme} addresses are not read: name a file, or an http or https address`,
    )
  const path = scheme === 'file' ? decodeURIComponent(new URL(options.path).pathname) : options.path
  return openSource(
    { kind: 'file', name: options.name ?? path.split('/').at(-1) ?? path },
    {
      type: 'file',
      ...sourceEngine(options),
      options: { path, realtime: options.realtime ?? true, loop: options.loop ?? false },
    },
    options,
    deps,
  )
}
