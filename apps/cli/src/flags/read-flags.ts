import { MillraceError } from '@millrace/base'
import { foldName } from './flag.ts'
import { readFlagFile } from './flag-file.ts'
import { FLAGS, type FlagName } from './flag-table.ts'
import { Flags } from './flags.ts'
import { type FlagTexts, parseArgs } from './parse-args.ts'

export type Environment = Readonly<Record<string, string | undefined>>

/**
 * All flags of a process: file, overridden by the environment, overridden by the command line.
 * The file is that of `-config`. Throws `unknown_flag`, `bad_flag`, `bad_config` or a disk error.
 */
export function readFlags(args: readonly string[], environment: Environment): Flags {
  const given = parseArgs(args)
  const surrounding = readEnvironment(environment)
  const path = given.get('config') ?? surrounding.get('config')
  const file = path === undefined ? new Map<FlagName, string>() : readFlagFile(path)
  const flags = new Flags(new Map([...file, ...surrounding, ...given]))
  flags.check()
  return flags
}

/** Containers carry variables such as MILLRACE_VERSION, which ask for nothing. */
const COMMAND_LINE_ONLY: ReadonlySet<FlagName> = new Set(['version', 'help', 'printJoinToken'])

/** LP_ORCHADDR as go-livepeer has it, MILLRACE_ORCH_ADDR as we write it; other variables with these beginnings are not ours to judge. */
function readEnvironment(environment: Environment): FlagTexts {
  const texts = new Map<FlagName, string>()
  for (const prefix of ['LP_', 'MILLRACE_']) {
    const values = new Map(
      Object.entries(environment)
        .filter(([name]) => name.startsWith(prefix))
        .map(([name, value]) => [foldName(name.slice(prefix.length)), value]),
    )
    for (const flag of FLAGS.filter(({ name }) => !COMMAND_LINE_ONLY.has(name)))
      for (const name of [...(flag.aliases ?? []), flag.name]) {
        const value = values.get(foldName(name))
        if (value !== undefined) texts.set(flag.name, value)
      }
  }
  return texts
}

/** The error `flag_missing` for a flag without which the process cannot start. */
export const missing = (name: FlagName, why: string): MillraceError =>
  new MillraceError('flag_missing', `-${name} is missing: ${why}`)
