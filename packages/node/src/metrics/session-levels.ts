import type { Level, MetricFactory } from './metric-factory.ts'

/** Streams of a gateway, or sessions of an orchestrator: both are told under the same names. */
export type SessionLevels = { readonly current: Level; readonly max: Level }

export const sessionLevels = (make: MetricFactory): SessionLevels => ({
  current: make.level('livepeer_current_sessions_total', { help: 'Streams or sessions under way' }),
  max: make.level('livepeer_max_sessions_total', { help: 'Streams or sessions at most' }),
})
