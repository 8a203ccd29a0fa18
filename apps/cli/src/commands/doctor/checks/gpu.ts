import { type Outcome, ok, warning } from '../finding.ts'
import { runProgram } from '../run-program.ts'

export type Gpu = { readonly name: string; readonly driver: string; readonly sessions: number | undefined }

const QUERY = ['--query-gpu=name,driver_version,encoder.stats.sessionCount', '--format=csv,noheader,nounits']
/** Drivers for consumer cards allow a few; more than this many nobody needs at the start. */
const MOST_TRIED = 16
const SESSION_TIMEOUT_MS = 6_000

/** NVIDIA GPUs and how many encoding sessions they open at once. No GPU is no fault: transcoding runs on the CPU. */
export async function gpu(wanted: number | 'auto', signal: AbortSignal): Promise<Outcome> {
  const answer = await runProgram('nvidia-smi', QUERY, { timeoutMs: 5_000, signal })
  if (!answer) return ok('no NVIDIA GPU: transcoding runs on the CPU')
  const gpus = answer.code === 0 ? parseGpus(answer.out) : []
  if (gpus.length === 0)
    return warning(
      `nvidia-smi finds no GPU: ${`${answer.out}${answer.err}`.trim().slice(0, 200)}`,
      'check the driver; in a container, that the GPU is passed in',
    )
  const most = wanted === 'auto' ? MOST_TRIED : Math.min(MOST_TRIED, Math.max(1, wanted))
  const sessions = await largestThatWorks(most, (count) => opensSessions(count, signal))
  const facts = { gpus, sessionsAtOnce: sessions, tried: most }
  const seen = `${gpus.map(({ name, driver }) => `${name} (driver ${driver})`).join(', ')}`
  if (sessions === 0)
    return warning(
      `${seen} opens no encoding session with ffmpeg`,
      'the card has no encoder, or ffmpeg is built without NVENC; Millrace transcodes on the CPU',
      { facts },
    )
  if (sessions < most)
    return warning(
      `${seen} opens ${sessions} encoding sessions at once, ${most} were tried`,
      'this is a limit of the driver ("Cannot allocate memory" elsewhere); Millrace transcodes on the CPU',
      { facts },
    )
  return ok(`${seen} opens ${sessions} encoding sessions at once; Millrace transcodes on the CPU`, { facts })
}

/** The lines of nvidia-smi. */
export function parseGpus(csv: string): readonly Gpu[] {
  return csv
    .split('\n')
    .map((line) => line.split(',').map((part) => part.trim()))
    .filter((parts) => parts.length === 3)
    .map(([name = '', driver = '', sessions = '']) => ({
      name,
      driver,
      sessions: /^\d+$/.test(sessions) ? Number(sessions) : undefined,
    }))
}

/** The largest number from 0 to `most` that works, where every smaller one works too. */
export async function largestThatWorks(most: number, works: (count: number) => Promise<boolean>): Promise<number> {
  if (await works(most)) return most
  let [good, bad] = [0, most]
  while (bad - good > 1) {
    const middle = (good + bad) >> 1
    if (await works(middle)) good = middle
    else bad = middle
  }
  return good
}

/** Encodes a few pictures in so many sessions of one process. */
async function opensSessions(count: number, signal: AbortSignal): Promise<boolean> {
  const outputs = Array.from({ length: count }, () => ['-map', '0:v', '-c:v', 'h264_nvenc', '-f', 'null', '-']).flat()
  const source = ['-f', 'lavfi', '-i', 'color=size=256x256:rate=25:duration=0.2']
  const args = ['-hide_banner', '-nostdin', '-loglevel', 'error', ...source, ...outputs]
  return (await runProgram('ffmpeg', args, { timeoutMs: SESSION_TIMEOUT_MS, signal }))?.code === 0
}
