import type { Log } from '@millrace/base'
import { openSource, type Source, sourceEngine } from './source.ts'
import { sourceKind, sourceText } from './source-address.ts'

export type FileSourceOptions = {
  /** A file, or an http, https, srt, rtsp or rtsps address. */
  readonly path: string
  /** True where the address is the operator's own: its host may then be one of a private network. Default false. */
  readonly allowPrivate?: boolean
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
 * Any file or address that FFmpeg reads as a stream: H.264 and AAC are copied, everything else is encoded on the way in.
 * Throws `no_such_file`, `not_a_video`, `source_truncated`, `source_unreachable`, `bad_source_options` or `no_media_engine`;
 * a source that fails later ends its publication with the error.
 */
export async function openFileSource(options: FileSourceOptions, deps: { readonly log: Log }): Promise<Source> {
  const kind = sourceKind(options.path)
  const path = /^file:/i.test(options.path) ? decodeURIComponent(new URL(options.path).pathname) : options.path
  const named = kind === 'file' ? (path.split('/').at(-1) ?? path) : sourceText(path)
  return openSource(
    { kind: kind === 'http' ? 'pull' : kind, name: options.name ?? named },
    {
      type: 'file',
      ...sourceEngine(options),
      options: {
        path,
        allowPrivate: options.allowPrivate ?? false,
        realtime: options.realtime ?? true,
        loop: options.loop ?? false,
      },
    },
    {
      signal: options.signal,
      live: kind === 'srt' || kind === 'rtsp' || kind === 'rtmp',
      patient: kind === 'srt' && new URL(path).searchParams.get('mode') === 'listener',
    },
    deps,
  )
}
