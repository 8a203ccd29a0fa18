import { readFileSync } from 'node:fs'
import { errorText, MillraceError } from '@millrace/base'
import { diskError } from '@millrace/base/node'
import type { ArgsDef } from 'citty'

type Values = Record<string, unknown>

/**
 * The settings of a command: file, overridden by the environment, overridden by flags.
 * The file (`--config`) is JSON, or lines of a flag's name and its value; the environment is MILLRACE_ and the flag's name in capitals.
 */
export function settings<T extends Values>(
  given: T,
  args: ArgsDef,
  environment: Readonly<Record<string, string | undefined>>,
): T {
  const names = Object.keys(args).filter((name) => args[name]?.type !== 'positional')
  const file = typeof given.config === 'string' ? readFile(given.config, names) : {}
  const merged: Values = { ...given }
  for (const name of names) {
    if (given[name] !== undefined) continue
    const value = environment[`MILLRACE_${name.replaceAll('-', '_').toUpperCase()}`] ?? file[name]
    if (value !== undefined) merged[name] = args[name]?.type === 'boolean' ? isTrue(name, value) : String(value)
  }
  return merged as T
}

function readFile(path: string, names: readonly string[]): Values {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (cause) {
    throw diskError(cause, path)
  }
  const values = text.trimStart().startsWith('{') ? parseJson(path, text) : parseLines(text)
  for (const name of Object.keys(values))
    if (!names.includes(name))
      throw new MillraceError('unknown_flag', `${path} sets ${name}, which is no flag of this command; see --help`)
  return values
}

function parseJson(path: string, text: string): Values {
  try {
    return JSON.parse(text) as Values
  } catch (cause) {
    throw new MillraceError('bad_config', `${path} is not JSON: ${errorText(cause)}`, { cause })
  }
}

/** Lines of "name value"; empty lines and those that begin with # count for nothing. */
function parseLines(text: string): Values {
  const values: Values = {}
  for (const line of text.split('\n').map((l) => l.trim())) {
    if (line === '' || line.startsWith('#')) continue
    const [name = '', ...rest] = line.split(/\s+/)
    values[name] = rest.length === 0 ? 'true' : rest.join(' ')
  }
  return values
}

function isTrue(name: string, value: unknown): boolean {
  const text = String(value).toLowerCase()
  if (['true', '1', 'yes'].includes(text)) return true
  if (['false', '0', 'no', ''].includes(text)) return false
  throw new MillraceError('bad_flag', `${name} must be true or false, not ${text}`)
}
