import type { NetworkReads } from '../../../ts/testing/network-state.ts'
import type { RecordedEvent, RecordedParameters, Revert, Step } from '../../../ts/testing/recording.ts'
import { handlerOf } from './calls.ts'
import { Failure } from './failure.ts'
import { views } from './views.ts'
import { type Account, createWorld } from './world.ts'

/** What a call does: logs if it goes through, a reason if not. */
export type Outcome = { events: RecordedEvent[]; revert?: undefined } | { events?: undefined; revert: Revert }

/** The whole protocol as a machine in memory that speaks the language of the recordings. */
export type Model = NetworkReads & {
  /** Runs a transaction; signatures are `{bytes, signer}`. */
  run(step: Pick<Step, 'contract' | 'function' | 'sender' | 'args' | 'value'>): Outcome
}

/** Opens the model of a new network; `holders` have LPT and everybody has the same ether. */
export function openModel(parameters: RecordedParameters, holders: readonly Account[], ether: bigint): Model {
  const world = createWorld(parameters, holders, ether)
  return {
    run({ contract, function: name, sender, args, value }) {
      const handler = handlerOf(contract, name)
      world.events.length = 0
      world.journal.commit()
      try {
        world.journal.attempt(() => handler(world, { sender, args, value: BigInt(value ?? 0) }))
        return { events: [...world.events] }
      } catch (error) {
        if (error instanceof Failure) return { revert: error.revert }
        throw error
      }
    },

    read: async (calls) =>
      calls.map(([contract, name, args]) => {
        const view = views[contract]?.[name]
        if (!view) throw new Error(`the model has no ${contract}.${name}`)
        try {
          return view(world, ...(args as string[]))
        } catch (error) {
          if (error instanceof Failure) return { revert: error.revert as never }
          throw error
        }
      }),

    ethOf: async (name) => String(world.ether.get(name)),
  }
}
