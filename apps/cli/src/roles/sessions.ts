import { badFlag, type Flags } from '../flags/flags.ts'

/** The number of -maxSessions of an orchestrator or a worker, or `auto`. */
export function sessions(flags: Flags): number | 'auto' {
  const text = flags.text('maxSessions')
  return text === 'auto' ? text : numberOf(text, "a whole number from 1, or 'auto'")
}

/** The number of -maxSessions of a gateway: nothing can be measured for it, its orchestrators do the work. */
export const streams = (flags: Flags): number =>
  numberOf(flags.text('maxSessions'), 'a whole number from 1 for a gateway')

function numberOf(text: string, wanted: string): number {
  const value = /^\d{1,6}$/.test(text) ? Number(text) : 0
  if (value < 1) throw badFlag('maxSessions', wanted, text)
  return value
}
