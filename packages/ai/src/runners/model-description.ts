import { AiError } from '../ai-error.ts'
import type { RunnerKind } from './runner.ts'
import type { Kept, RunnerSlot, SlotState } from './runner-slot.ts'

/** What a pool can do of one model. */
export type ModelDescription = {
  readonly pipeline: string
  readonly modelId: string
  /** Whether a job would run at once: it is loaded. */
  readonly warm: boolean
  /** Jobs at once, of runners that work or can be loaded. */
  readonly capacity: number
  readonly inUse: number
  readonly version: string
  readonly kind: RunnerKind
  readonly state: SlotState
  /** Why it does not run; empty while it does. */
  readonly fault: string
}

type Slot = RunnerSlot<Kept>

/** The models of slots, in the order they were given; runners of one model count as one. */
export function describeModels(slots: readonly Slot[]): readonly ModelDescription[] {
  const groups = new Map<string, Slot[]>()
  for (const slot of slots) groups.set(keyOf(slot), [...(groups.get(keyOf(slot)) ?? []), slot])
  return [...groups.values()].map(describeSlots)
}

/** The slot of a model that is loaded and has least to do; throws `ai_no_capacity` when none is free. */
export function freest<S extends Slot>(slots: readonly S[], modelId: string): S {
  const free = slots.filter((slot) => slot.free)
  const [best] = free.sort((a, b) => rank(a) - rank(b) || a.inUse - b.inUse)
  if (best) return best
  const fault = slots.find((slot) => slot.fault && slot.state !== 'ready')?.fault
  const busy = `every runner of ${modelId} is ${fault ? 'away' : 'busy'}${fault ? `: ${fault}` : ''}`
  throw new AiError('ai_no_capacity', `insufficient capacity: ${busy}`, { retryable: true })
}

const keyOf = ({ runner }: Slot): string => `${runner.pipeline} ${runner.modelId}`

/** What is loaded comes before what must be loaded. */
const rank = ({ state }: Slot): number => (state === 'ready' ? 0 : state === 'loading' ? 1 : 2)

function describeSlots(slots: readonly Slot[]): ModelDescription {
  const best = [...slots].sort((a, b) => rank(a) - rank(b))[0] as Slot
  const working = slots.filter(({ state }) => state !== 'away' && state !== 'failed')
  return {
    pipeline: best.runner.pipeline,
    modelId: best.runner.modelId,
    warm: best.state === 'ready',
    capacity: working.reduce((sum, { options }) => sum + options.capacity, 0),
    inUse: slots.reduce((sum, { inUse }) => sum + inUse, 0),
    version: best.runner.version,
    kind: best.runner.kind,
    state: best.state,
    fault: best.state === 'ready' ? '' : best.fault,
  }
}
