import { failed, type Outcome, ok, warning } from '../finding.ts'
import { runProgram } from '../run-program.ts'

/** Whether the ffmpeg program is there; it is needed only where -engine asks for it or node-av does not load. */
export async function ffmpeg(engine: 'auto' | 'node-av' | 'ffmpeg', signal: AbortSignal): Promise<Outcome> {
  const found = await runProgram('ffmpeg', ['-hide_banner', '-version'], { timeoutMs: 5_000, signal })
  const install = 'install it (Debian and Ubuntu: `apt-get install ffmpeg`, macOS: `brew install ffmpeg`)'
  if (!found)
    return engine === 'ffmpeg'
      ? failed('there is no ffmpeg on PATH, and -engine asks for it', install)
      : ok('there is no ffmpeg on PATH; it is needed only where node-av does not load')
  const version = /^ffmpeg version (\S+)/m.exec(found.out)?.[1]
  if (found.code !== 0 || version === undefined) return warning('the ffmpeg on PATH does not tell its version', install)
  return ok(`ffmpeg ${version.slice(0, 60)}`, { facts: { version } })
}
