import { existsSync, readFileSync } from 'node:fs'
import { errorText, MillraceError } from '@millrace/base'
import { diskError } from '@millrace/base/node'
import { parseJsonProfiles, presetProfiles, type VideoProfile } from '@millrace/wire'
import type { Flags } from '../flags/flags.ts'

/** The renditions of -transcodingOptions: names of presets, or a JSON file with a list of profiles, alone or as `profiles`. */
export const ladderOf = (flags: Flags): readonly VideoProfile[] => ladderNamed(flags.text('transcodingOptions'))

/** As `ladderOf`, of the flag's value. */
export function ladderNamed(text: string): readonly VideoProfile[] {
  try {
    const ladder = existsSync(text) ? parseJsonProfiles(profilesIn(text)) : presetProfiles(namesIn(text))
    if (ladder.length > 0) return ladder
  } catch (cause) {
    if (cause instanceof MillraceError && cause.code !== 'invalid_profile') throw cause
    throw new MillraceError('bad_flag', `-transcodingOptions: ${errorText(cause)}`, { cause })
  }
  throw new MillraceError('bad_flag', '-transcodingOptions names no rendition: one or more are needed')
}

const namesIn = (text: string): readonly string[] =>
  text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '')

function profilesIn(path: string): unknown {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (cause) {
    throw diskError(cause, path)
  }
  try {
    const json = JSON.parse(text) as { profiles?: unknown } | null
    return Array.isArray(json) ? json : json?.profiles
  } catch (cause) {
    throw new MillraceError('bad_config', `${path} is not JSON: ${errorText(cause)}`, { cause })
  }
}
