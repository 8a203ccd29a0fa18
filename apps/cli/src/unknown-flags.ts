import { MillraceError } from '@millrace/base'
import type { ArgsDef } from 'citty'
import { editDistance } from './flags/flag-table.ts'

/** Throws `unknown_flag` with the nearest known name when an argument is a flag that the command does not have. */
export function refuseUnknownFlags(rawArgs: readonly string[], args: ArgsDef): void {
  const known = Object.keys(args).flatMap((name) => [name, camel(name)])
  for (const raw of rawArgs) {
    if (raw === '--') return
    const name = /^--?([A-Za-z][\w-]*)(=.*)?$/.exec(raw)?.[1]
    if (!name || known.includes(name) || ['help', 'h', 'version', 'v'].includes(name)) continue
    const negated = name.replace(/^no-/, '')
    if (known.includes(negated)) continue
    const nearest = Object.keys(args)
      .map((candidate) => ({ candidate, distance: editDistance(name, candidate) }))
      .sort((a, b) => a.distance - b.distance)[0]
    const hint = nearest && nearest.distance <= 4 ? `; did you mean --${nearest.candidate}?` : '; see --help'
    throw new MillraceError('unknown_flag', `there is no flag --${name}${hint}`)
  }
}

const camel = (name: string): string => name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase())
