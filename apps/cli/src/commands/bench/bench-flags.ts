import { MillraceError } from '@millrace/base'
import type { VideoProfile } from '@millrace/wire'
import { editDistance } from '../../flags/flag-table.ts'
import { ladderNamed } from '../../roles/ladder.ts'
import { takeOwnFlags } from '../own-flags.ts'

const FLAGS = {
  in: 'text',
  live: 'switch',
  concurrentSessions: 'text',
  segs: 'text',
  transcodingOptions: 'text',
  nvidia: 'text',
  outPrefix: 'text',
  engine: 'text',
  preset: 'text',
  help: 'switch',
  h: 'switch',
} as const

export const BENCH_HELP = `millrace bench [flags]

Transcodes a clip in several sessions at once and prints what each segment took, as livepeer_bench does: a line for each
segment on standard output, a summary on standard error. Up to a real-time duration ratio of 0.8 a machine keeps up.

  -in                  a media playlist (.m3u8) whose segments lie on this machine, or any video file
                       (default: a moving picture of 10 s, 1280x720 at 30)
  -concurrentSessions  sessions at once (default 1); auto: finds how many this machine can take, as -maxSessions auto does
  -live                segments come at the speed of a clock (default true)
  -segs                at most so many segments of the clip (default 0: all)
  -transcodingOptions  names of presets with commas between them, or a JSON file of profiles
                       (default P240p30fps16x9,P360p30fps16x9,P720p30fps16x9)
  -outPrefix           write the renditions to PREFIX_<profile>_<n>_<session>_<segment>.ts (default: they are thrown away)
  -engine, -preset     as for a worker: auto, node-av or ffmpeg (default auto); default veryfast
`

/** What `millrace bench` was asked for. */
export type BenchRequest = {
  readonly in: string | undefined
  readonly live: boolean
  readonly concurrentSessions: number | 'auto'
  /** 0 for all. */
  readonly segs: number
  readonly transcodingOptions: string
  readonly profiles: readonly VideoProfile[]
  readonly outPrefix: string | undefined
  readonly engine: 'auto' | 'node-av' | 'ffmpeg'
  readonly preset: string | undefined
}

/** Reads the flags of livepeer_bench, and ours; undefined when help is asked for. Throws `unknown_flag`, `bad_flag` or `flag_not_served`. */
export function readBenchFlags(args: readonly string[]): BenchRequest | undefined {
  const { own, rest } = takeOwnFlags(args, FLAGS)
  if (own.help === 'true' || own.h === 'true') return undefined
  if (rest[0] !== undefined) throw unknownFlag(rest[0])
  if (own.nvidia)
    throw new MillraceError(
      'flag_not_served',
      '-nvidia (transcode on these NVIDIA devices) is not served yet: Millrace transcodes on the CPU, leave it out',
    )
  const { concurrentSessions = '1', transcodingOptions = 'P240p30fps16x9,P360p30fps16x9,P720p30fps16x9' } = own
  return {
    in: own.in || undefined,
    live: own.live !== 'false',
    concurrentSessions: concurrentSessions === 'auto' ? 'auto' : count('concurrentSessions', concurrentSessions, 1),
    segs: count('segs', own.segs ?? '0', 0),
    transcodingOptions,
    profiles: ladderNamed(transcodingOptions),
    outPrefix: own.outPrefix || undefined,
    engine: engineNamed(own.engine ?? 'auto'),
    preset: own.preset,
  }
}

function count(name: keyof typeof FLAGS, text: string, least: number): number {
  const value = /^\d{1,4}$/.test(text) ? Number(text) : Number.NaN
  if (value >= least) return value
  throw badValue(name, `a whole number from ${least}`, text)
}

function engineNamed(text: string): BenchRequest['engine'] {
  if (text === 'auto' || text === 'node-av' || text === 'ffmpeg') return text
  throw badValue('engine', 'auto, node-av or ffmpeg', text)
}

const badValue = (name: keyof typeof FLAGS, wanted: string, text: string): MillraceError =>
  new MillraceError('bad_flag', `-${name} must be ${wanted}, not ${JSON.stringify(text.slice(0, 40))}`)

function unknownFlag(word: string): MillraceError {
  const name = /^--?([A-Za-z][\w-]*)/.exec(word)?.[1]
  if (name === undefined)
    return new MillraceError('bad_flag', `${JSON.stringify(word.slice(0, 80))} is no flag: name the clip with -in`)
  const [nearest] = Object.keys(FLAGS)
    .filter((known) => known.length > 1)
    .map((known) => ({ known, distance: editDistance(name.toLowerCase(), known.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance)
  const hint = nearest && nearest.distance <= 4 ? `; did you mean -${nearest.known}?` : '; see -help'
  return new MillraceError('unknown_flag', `there is no flag -${name.slice(0, 64)}${hint}`)
}
