/** The roles a process can have, in the words of the command line. */
export type Role = 'gateway' | 'orchestrator' | 'worker' | 'redeemer' | 'signer'

export const ROLES = ['gateway', 'orchestrator', 'worker', 'redeemer', 'signer'] as const satisfies readonly Role[]

/** How the value of a flag is read: durations as Go writes them (`1m30s`). */
export type FlagKind = 'text' | 'switch' | 'count' | 'number' | 'duration'

/**
 * `served`: it does what it says. `accepted`: it means nothing here and does no harm, so it is taken with a line in the log.
 * `not_yet`: refused with any value but its default, because going on without it would be something else than was asked for.
 */
export type Standing = 'served' | 'accepted' | 'not_yet'

/** One flag of the role commands. */
export type Flag<Name extends string = string> = {
  readonly name: Name
  readonly kind: FlagKind
  /** As one would write it; empty when the flag has no value of its own. */
  readonly standard: string
  /** What it does, in one line; for `accepted` flags, why nothing needs doing. */
  readonly help: string
  /** The roles that read it. */
  readonly roles: readonly Role[]
  readonly standing: Standing
  /** Other names that go-livepeer has for it. */
  readonly aliases?: readonly string[]
  /** True for flags that go-livepeer does not have. */
  readonly ours?: true
}

/** Spellings that count as the same: `-orchAddr`, `--orch-addr`, `LP_ORCHADDR`, `orch_addr`. */
export const foldName = (name: string): string => name.replace(/[-_]/g, '').toLowerCase()

/** A flag of go-livepeer that nothing here serves so far. */
export const notYet = <const Name extends string>(
  name: Name,
  kind: FlagKind,
  standard: string,
  help: string,
  roles: readonly Role[],
): Flag<Name> => ({ name, kind, standard, help, roles, standing: 'not_yet' })
