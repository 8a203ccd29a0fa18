import { MillraceError } from '@millrace/base'

/** `not_run`: another check failed without which this one can say nothing. */
export type Verdict = 'ok' | 'warning' | 'failed' | 'not_run'

/** What a check came to: what was found, and what to do where that is not as it should be. */
export type Outcome = {
  readonly verdict: Verdict
  readonly found: string
  readonly advice?: string
  /** The figures behind the sentence, for scripts. */
  readonly facts?: Readonly<Record<string, unknown>>
}

/** The outcome of a check with its name. */
export type Finding = Outcome & { readonly check: string; readonly elapsedMs: number }

/** One thing to look at. What it throws counts as failed. */
export type Check = {
  readonly name: string
  /** Default 10 s. */
  readonly timeoutMs?: number
  run(call: { readonly signal: AbortSignal }): Promise<Outcome>
}

type More = Pick<Outcome, 'facts'>

export const ok = (found: string, more: More = {}): Outcome => ({ verdict: 'ok', found, ...more })
export const warning = (found: string, advice: string, more: More = {}): Outcome => ({
  verdict: 'warning',
  found,
  advice,
  ...more,
})
export const failed = (found: string, advice: string, more: More = {}): Outcome => ({
  verdict: 'failed',
  found,
  advice,
  ...more,
})

/** The error by which a check says that it waits for another one. */
export const needs = (check: string): MillraceError =>
  new MillraceError('needs_another_check', `needs the check "${check}"`)
