import type { Clock } from '@millrace/base'

/** go-livepeer's default of -discoveryTimeout. */
export const DISCOVERY_TIMEOUT_MS = 500
/** Nobody is waited for any longer. */
const LONGEST_MS = 6_000

/**
 * Waits for orchestrators that were asked for their terms (wire spec 2.4): until all have answered, or until the time-out if anybody has by then;
 * while nobody has, the time doubles up to six seconds in all.
 */
export async function waitForTerms(
  asked: readonly Promise<unknown>[],
  options: { readonly timeoutMs: number; readonly anybody: () => boolean; readonly signal: AbortSignal },
  deps: { readonly clock: Clock },
): Promise<void> {
  const over = new AbortController()
  const signal = AbortSignal.any([options.signal, over.signal])
  const all = Promise.allSettled(asked).then(() => over.abort())
  let waited = 0
  try {
    for (let tick = options.timeoutMs; waited < LONGEST_MS; tick *= 2) {
      const until = Math.min(tick, LONGEST_MS)
      await Promise.race([all, deps.clock.sleep(until - waited, { signal }).catch(() => {})])
      if (signal.aborted || options.anybody()) return
      waited = until
    }
  } finally {
    over.abort()
  }
}
