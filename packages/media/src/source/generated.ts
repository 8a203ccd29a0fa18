import type { Log } from '@millrace/base'
import { MillraceError } from '@millrace/base'
import { openSource, type Source, sourceEngine } from './source.ts'

export type GeneratedSourceOptions = {
  readonly width?: number
  readonly height?: number
  readonly fps?: number
  /** Frames come at the speed of a clock (default), or as fast as they are read. */
  readonly realtime?: boolean
  /** Ends after this time; without it the source goes on until it is closed. */
  readonly seconds?: number
  readonly bitrateBps?: number
  readonly name?: string
  /** Default auto: node-av when it loads, else the ffmpeg program. */
  readonly engine?: 'auto' | 'node-av' | 'ffmpeg'
  /** Default the one on PATH. */
  readonly ffmpegPath?: string
  readonly signal?: AbortSignal | undefined
}

/** A moving test picture with a clock and a tone, as H.264 and AAC; throws `bad_source_options` or `no_media_engine`. */
export async function openGeneratedSource(
  options: GeneratedSourceOptions,
  deps: { readonly log: Log },
): Promise<Source> {
  const { width = 1280, height = 720, fps = 30, realtime = true, seconds, bitrateBps = 2_500_000 } = options
  if (width % 2 || height % 2 || width < 160 || height < 90 || width > 4096 || height > 4096)
    throw new MillraceError(
      'bad_source_options',
      `a picture of ${width}x${height} is not possible: take even sides from 160x90 on`,
    )
  if (!(fps >= 1 && fps <= 120))
    throw new MillraceError('bad_source_options', `${fps} frames a second are not possible: take 1 to 120`)
  return openSource(
    { kind: 'generated', name: options.name ?? 'test' },
    { type: 'generate', ...sourceEngine(options), options: { width, height, fps, realtime, seconds, bitrateBps } },
    options,
    deps,
  )
}
