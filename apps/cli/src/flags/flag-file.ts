import { readFileSync, statSync } from 'node:fs'
import { errorText, MillraceError } from '@millrace/base'
import { diskError } from '@millrace/base/node'
import { parse as parseToml } from 'smol-toml'
import { type FlagName, findFlag, unknownFlag } from './flag-table.ts'
import type { FlagTexts } from './parse-args.ts'

const MAX_BYTES = 1 << 20

/**
 * Reads a file of flags: TOML, JSON, or go-livepeer's lines of a name and a value.
 * Tables only group (`[chain]`): names must be flags, in any spelling. Throws `bad_config` or `unknown_flag` with the file's name.
 */
export function readFlagFile(path: string): FlagTexts {
  const text = read(path)
  const texts = new Map<FlagName, string>()
  for (const [name, value] of entries(path, text)) {
    const flag = findFlag(name)
    if (!flag) throw unknownFlag(name, `${path} sets`)
    if (flag.name === 'config') throw new MillraceError('bad_config', `${path} names another file; flags stand in one`)
    texts.set(flag.name, value)
  }
  return texts
}

function read(path: string): string {
  try {
    if (statSync(path).size > MAX_BYTES) throw new MillraceError('bad_config', `${path} is over 1 MB: no file of flags`)
    return readFileSync(path, 'utf8')
  } catch (cause) {
    throw cause instanceof MillraceError ? cause : diskError(cause, path)
  }
}

function entries(path: string, text: string): readonly (readonly [string, string])[] {
  if (path.endsWith('.json') || text.trimStart().startsWith('{'))
    return flat(path, parsed(path, 'JSON', text, JSON.parse))
  if (path.endsWith('.toml') || looksLikeToml(text)) return flat(path, parsed(path, 'TOML', text, parseToml))
  return lines(text)
}

function parsed(path: string, format: string, text: string, parse: (text: string) => unknown): unknown {
  try {
    return parse(text)
  } catch (cause) {
    throw new MillraceError('bad_config', `${path} is not ${format}: ${errorText(cause).split('\n')[0]}`, { cause })
  }
}

/** The lines of the other format have no sign between name and value. */
const looksLikeToml = (text: string): boolean => /^\s*(\[[\w.-]+\]|[\w-]+\s*=)/m.test(text)

/** "name value"; empty lines and those that begin with # count for nothing. */
const lines = (text: string): readonly (readonly [string, string])[] =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const [, name = '', value = ''] = /^(\S+)\s*(.*)$/.exec(line) ?? []
      return [name.replace(/^-+/, ''), value === '' ? 'true' : value] as const
    })

function flat(path: string, value: unknown, inside = 0): readonly (readonly [string, string])[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new MillraceError('bad_config', `${path} must hold names with values`)
  return Object.entries(value).flatMap(([name, item]) => {
    if (Array.isArray(item)) return [[name, item.map((one) => scalar(path, name, one)).join(',')] as const]
    const group = typeof item === 'object' && item !== null && findFlag(name) === undefined && inside === 0
    if (group) return flat(path, item, 1)
    // Prices for gateways are JSON in their flag, and may be so in a file.
    if (typeof item === 'object' && item !== null) return [[name, JSON.stringify(item)] as const]
    return [[name, scalar(path, name, item)] as const]
  })
}

function scalar(path: string, name: string, value: unknown): string {
  if (typeof value === 'string' || typeof value === 'boolean' || typeof value === 'bigint') return String(value)
  if (typeof value === 'number' && Number.isSafeInteger(value)) return String(value)
  if (typeof value === 'number' && !Number.isInteger(value)) return String(value)
  throw new MillraceError(
    'bad_config',
    `${path}: ${name} must be a text, a number or true or false (large numbers in quotes)`,
  )
}
