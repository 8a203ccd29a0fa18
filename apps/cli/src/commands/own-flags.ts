import { MillraceError } from '@millrace/base'
import { foldName } from '../flags/flag.ts'

type Kind = 'switch' | 'text'

/**
 * Takes the flags that a command has beside those of a role out of a command line; `rest` is for `readFlags`. A switch is 'true' or 'false'.
 * Throws `bad_flag` for a text without a value.
 */
export function takeOwnFlags<Name extends string>(
  args: readonly string[],
  kinds: Readonly<Record<Name, Kind>>,
): { readonly own: Readonly<Partial<Record<Name, string>>>; readonly rest: readonly string[] } {
  const names = Object.keys(kinds) as Name[]
  const own: Partial<Record<Name, string>> = {}
  const rest: string[] = []
  for (let i = 0; i < args.length; i++) {
    const word = args[i]!
    const [, written, value] = /^--?([A-Za-z][\w-]*)(?:=(.*))?$/s.exec(word) ?? []
    const name = names.find((candidate) => written !== undefined && foldName(candidate) === foldName(written))
    if (name === undefined) {
      rest.push(word)
      continue
    }
    const found = value ?? (kinds[name] === 'switch' ? 'true' : args[++i])
    if (found === undefined) throw new MillraceError('bad_flag', `--${name} needs a value: write --${name}=VALUE`)
    if (kinds[name] === 'switch' && found !== 'true' && found !== 'false')
      throw new MillraceError('bad_flag', `--${name} is true or false, not ${found.slice(0, 40)}`)
    own[name] = found
  }
  return { own, rest }
}
