import { existsSync, readFileSync } from 'node:fs'
import { errorText, MillraceError } from '@millrace/base'
import { diskError } from '@millrace/base/node'
import { parseJsonProfiles, presetProfiles, type VideoProfile } from '@millrace/wire'
import type { Flags } from '../flags/flags.ts'

/** The renditions of -transcodingOptions: names of presets, or a JSON file with a list of profiles, alone or as `profiles`. */
export function ladderOf(flags: Flags): readonly VideoProfile[] {
  const text = flags.text('transcodingOptions')
  try {
    const ladder = existsSync(text)
      ? parseJsonProfiles(profilesIn(text))
      : presetProfiles(flags.list('transcodingOptions'))
    if (ladder.length > 0) return ladder
  } catch (cause) {
    if (cause instanceof MillraceError && cause.code !== 'invalid_profile') throw cause
    throw new MillraceError('bad_flag', `-transcodingOptions: ${errorText(cause)}`, { cause })
  }
  throw new MillraceError('bad_flag', '-transcodingOptions names no rendition: a gateway needs one or more')
}

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
