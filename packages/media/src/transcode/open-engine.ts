import { errorText, type Log, MillraceError } from '@millrace/base'
import type { MediaEngine } from './engine.ts'
import { ProcessEngine } from './process-engine.ts'

export type MediaEngineOptions = {
  /** auto takes node-av when it loads, else the ffmpeg program. */
  readonly engine?: 'auto' | 'node-av' | 'ffmpeg'
  /** x264 preset of sessions that name none; default veryfast. */
  readonly preset?: string
  /** The ffmpeg program; default the one on PATH. */
  readonly ffmpegPath?: string
  /** Threads of each decoder and encoder; default 1. */
  readonly threads?: number
  /** Segments after which a session's process is replaced; default 100. */
  readonly recycleAfter?: number
  /** Keeps one process ready for the next session; default true. */
  readonly spare?: boolean
}

/** Opens a media engine and says why this one; throws `no_media_engine` with what to install. */
export async function openMediaEngine(
  options: MediaEngineOptions,
  deps: { readonly log: Log },
): Promise<{ readonly engine: MediaEngine; readonly why: string }> {
  const { engine = 'auto', ...rest } = options
  const tried: string[] = []
  if (engine !== 'ffmpeg') {
    try {
      const opened = await ProcessEngine.load({ ...rest, name: 'node-av' }, deps)
      const { version, license } = opened.info
      return {
        engine: opened,
        why: `node-av with FFmpeg ${version} (${license}), as ${chosen(engine, 'it loads on this machine')}`,
      }
    } catch (error) {
      tried.push(`node-av: ${errorText(error)}`)
    }
  }
  if (engine !== 'node-av') {
    try {
      const opened = await ProcessEngine.load({ ...rest, name: 'ffmpeg' }, deps)
      const { version, license } = opened.info
      const reason = chosen(engine, 'node-av does not load on this machine')
      return { engine: opened, why: `the ffmpeg program ${version} (${license}), as ${reason}` }
    } catch (error) {
      tried.push(`ffmpeg: ${errorText(error)}`)
    }
  }
  throw new MillraceError(
    'no_media_engine',
    `video cannot be processed on this machine: run \`npm install\` without leaving out optional packages (it brings node-av), or install the ffmpeg program (Debian and Ubuntu: \`apt-get install ffmpeg\`, macOS: \`brew install ffmpeg\`). Tried ${tried.join('; ')}`,
  )
}

const chosen = (asked: string, reason: string): string => (asked === 'auto' ? reason : 'asked for')
