import type { LogLevelControl } from './context.ts'

/** A log whose level can be changed while it is open. */
export type LeveledLog = { level: 'debug' | 'info' | 'warn' | 'error' | 'silent' }

/** go-livepeer's numbers, 0 to 6, for the levels of this program; what was set is told back as it was set. */
export function logLevelControl(log: LeveledLog): LogLevelControl {
  let set: { readonly number: number; readonly level: LeveledLog['level'] } | undefined
  return {
    get: () => (set?.level === log.level ? set.number : NUMBERS[log.level]),
    set: (number) => {
      set = { number, level: levelOf(number) }
      log.level = set.level
    },
  }
}

const NUMBERS = { silent: 0, error: 0, warn: 1, info: 3, debug: 6 } as const

/** 0 leaves errors alone, 1 warnings, 2 to 4 what an operator wants to know, 5 and 6 everything. */
function levelOf(number: number): LeveledLog['level'] {
  if (number <= 0) return 'error'
  if (number === 1) return 'warn'
  return number <= 4 ? 'info' : 'debug'
}
