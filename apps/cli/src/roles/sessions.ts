import { MillraceError } from '@millrace/base'
import { badFlag, type Flags } from '../flags/flags.ts'

/** The number of -maxSessions; `auto` is for orchestrators with remote workers. */
export function sessions(flags: Flags): number {
  const text = flags.text('maxSessions')
  if (text === 'auto')
    throw new MillraceError(
      'flag_not_served',
      '-maxSessions auto adds up the capacity of remote workers, which only an orchestrator without -transcoder has: give a number of sessions',
    )
  const value = /^\d{1,6}$/.test(text) ? Number(text) : 0
  if (value < 1) throw badFlag('maxSessions', 'a whole number from 1', text)
  return value
}

/** As `sessions`, for an orchestrator: with `auto` it takes as many as its remote workers can. */
export const orchestratorSessions = (flags: Flags, options: { readonly localWorker: boolean }): number | 'auto' =>
  flags.text('maxSessions') === 'auto' && !options.localWorker ? 'auto' : sessions(flags)
