import { MillraceError } from '@millrace/base'
import { badFlag, type Flags } from '../flags/flags.ts'

/** The number of -maxSessions; `auto` needs workers that measure themselves, which is not there yet. */
export function sessions(flags: Flags): number {
  const text = flags.text('maxSessions')
  if (text === 'auto')
    throw new MillraceError('flag_not_served', '-maxSessions auto is not served yet: give a number of sessions')
  const value = /^\d{1,6}$/.test(text) ? Number(text) : 0
  if (value < 1) throw badFlag('maxSessions', 'a whole number from 1', text)
  return value
}
