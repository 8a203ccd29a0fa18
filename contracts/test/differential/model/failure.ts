import type { Revert } from '../../../ts/testing/recording.ts'

/** A call of the model that does not go through, with what the caller gets to see of the reason. */
export class Failure extends Error {
  readonly revert: Revert

  constructor(revert: Revert) {
    super(JSON.stringify(revert))
    this.name = 'Failure'
    this.revert = revert
  }
}

/** Fails with this text unless the condition holds. */
export function demand(condition: boolean, reason: string): asserts condition {
  if (!condition) throw new Failure({ kind: 'reason', reason })
}

/** Fails without any text unless the condition holds. */
export function demandSilently(condition: boolean): asserts condition {
  if (!condition) throw new Failure({ kind: 'empty' })
}

/** Fails with an error that has a name and arguments. */
export function failWith(error: string, ...args: (bigint | string)[]): never {
  throw new Failure({ kind: 'custom', error, args: args.map(String) })
}

/** What a broken promise of the protocol to itself, an overflow and a division by zero look like from outside. */
export const panic = {
  assert: '0x1',
  overflow: '0x11',
  division: '0x12',
} as const

/** Fails as the machine does when arithmetic has no result. */
export function fail(code: (typeof panic)[keyof typeof panic]): never {
  throw new Failure({ kind: 'panic', code })
}
