import { errorText, hasCode, withTimeout } from '@millrace/base'
import type { Check, Finding, Outcome } from './finding.ts'

const TIMEOUT_MS = 10_000

/** Runs all checks side by side, each for a limited time; findings come in the order of the checks. Never throws. */
export const runChecks = (checks: readonly Check[]): Promise<readonly Finding[]> =>
  Promise.all(
    checks.map(async (check) => {
      const began = performance.now()
      const outcome = await outcomeOf(check)
      return { check: check.name, ...outcome, elapsedMs: Math.round(performance.now() - began) }
    }),
  )

async function outcomeOf({ name, timeoutMs = TIMEOUT_MS, run }: Check): Promise<Outcome> {
  try {
    return await withTimeout(run, { timeoutMs, what: `the check "${name}"` })
  } catch (error) {
    if (hasCode(error, 'needs_another_check')) return { verdict: 'not_run', found: errorText(error) }
    return { verdict: 'failed', found: errorText(error) }
  }
}
