import { MillraceError } from '@millrace/base'
import type { Flag } from './flag.ts'
import { type FlagName, findFlag, unknownFlag } from './flag-table.ts'

/** Values as texts, by the names of the table. */
export type FlagTexts = ReadonlyMap<FlagName, string>

/**
 * Reads a command line as Go's flag package does: `-x` is `--x`, values follow after `=` or as the next word, switches take `=false`.
 * The last one of a name counts. Throws `unknown_flag` with the nearest name, or `bad_flag`.
 */
export function parseArgs(args: readonly string[]): FlagTexts {
  const texts = new Map<FlagName, string>()
  for (let i = 0; i < args.length; i++) {
    const word = args[i] as string
    const match = /^--?([A-Za-z][\w-]*)(?:=(.*))?$/s.exec(word)
    if (!match)
      throw new MillraceError('bad_flag', `${JSON.stringify(word.slice(0, 64))} is no flag: values follow their flags`)
    const [, name = '', own] = match
    const flag = findFlag(name)
    if (!flag) throw unknownFlag(name)
    if (own !== undefined) texts.set(flag.name, own)
    else if (flag.kind === 'switch') {
      texts.set(flag.name, 'true')
      refuseStrayValue(flag, args[i + 1])
    } else {
      const next = args[++i]
      if (next === undefined || isFlag(next))
        throw new MillraceError('bad_flag', `-${flag.name} needs a value: write -${flag.name}=VALUE`)
      texts.set(flag.name, next)
    }
  }
  return texts
}

/** `-reward false` switches it on and leaves a stray word, in Go as here: a trap worth a sentence of its own. */
function refuseStrayValue(flag: Flag, next: string | undefined): void {
  if (next !== undefined && /^(true|false|0|1)$/i.test(next))
    throw new MillraceError('bad_flag', `-${flag.name} is a switch: write -${flag.name}=${next.toLowerCase()}`)
}

/** A word that starts with a dash and a known name: a value such as "-1" is none. */
const isFlag = (word: string): boolean => {
  const name = /^--?([A-Za-z][\w-]*)/.exec(word)?.[1]
  return name !== undefined && findFlag(name) !== undefined
}
