import { type Clock, errorText, systemClock } from '@millrace/base'
import type { MovedContract } from '@millrace/chain'

/** Why a node is not well, in words for a person and a code for a script. */
export type HealthProblem = { readonly code: string; readonly message: string }

/** One thing that can be wrong; undefined while it is not. */
export type HealthCheck = () => HealthProblem | undefined

export type HealthReport = { readonly ok: boolean; readonly problems: readonly HealthProblem[] }

/**
 * Whether a node lives and whether it may be given work. It lives while its checks find nothing;
 * it is ready when it has started besides, and is not about to stop.
 */
export class Health {
  readonly #checks: readonly HealthCheck[]
  #phase: 'starting' | 'up' | 'draining' = 'starting'

  constructor(checks: readonly HealthCheck[]) {
    this.#checks = checks
  }

  started(): void {
    if (this.#phase === 'starting') this.#phase = 'up'
  }

  draining(): void {
    this.#phase = 'draining'
  }

  live(): HealthReport {
    const problems = this.#checks.flatMap((check) => check() ?? [])
    return { ok: problems.length === 0, problems }
  }

  ready(): HealthReport {
    const problems = [...this.live().problems]
    if (this.#phase === 'starting') problems.push({ code: 'starting', message: 'the node is starting' })
    if (this.#phase === 'draining')
      problems.push({ code: 'draining', message: 'the node is stopping and takes no more work' })
    return { ok: problems.length === 0, problems }
  }
}

/** Writes for real, but not more often than this: a probe must not wear out a disk. */
const WRITE_EVERY_MS = 5_000

/** Finds a store that cannot be written, such as one on a full disk. */
export function storeCheck(write: (text: string) => void, deps: { readonly clock?: Clock } = {}): HealthCheck {
  const clock = deps.clock ?? systemClock
  let checkedAt = Number.NEGATIVE_INFINITY
  let problem: HealthProblem | undefined
  return () => {
    if (clock.elapsed() - checkedAt < WRITE_EVERY_MS) return problem
    checkedAt = clock.elapsed()
    try {
      write(String(checkedAt))
      problem = undefined
    } catch (error) {
      problem = { code: 'store_not_writable', message: `the store cannot be written: ${errorText(error)}` }
    }
    return problem
  }
}

/** Finds contracts that the protocol has replaced; a node uses the new ones once it is started again. */
export const contractCheck =
  (watcher: { readonly moved: readonly MovedContract[] }): HealthCheck =>
  () => {
    if (watcher.moved.length === 0) return undefined
    const moved = watcher.moved.map(({ name, to }) => `${name} is at ${to ?? 'no address'} now`).join(', ')
    return { code: 'contract_moved', message: `${moved}: start this node again, it works with what was there before` }
  }
