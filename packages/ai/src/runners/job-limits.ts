import { hasCode, withTimeout } from '@millrace/base'
import { AiError } from '../ai-error.ts'
import { givenUp } from './server-client.ts'

/** go-livepeer waits as long for a worker's result. */
export const JOB_TIMEOUT_MS = 15 * 60_000
/** Ten pictures of four megapixels as base64, and some. */
export const MAX_ANSWER_BYTES = 256 * 1024 * 1024
export const HEALTH_TIMEOUT_MS = 5_000
export const MAX_STATUS_BYTES = 1024 * 1024

/** Runs a job for so long at most; throws `ai_timed_out` then, and what `givenUp` says when the caller's signal aborts. */
export async function withinJob<T>(
  limit: { readonly signal: AbortSignal; readonly timeoutMs: number; readonly what: string },
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const { signal, timeoutMs, what } = limit
  if (signal.aborted) throw givenUp(signal)
  try {
    return await withTimeout(({ signal: inner }) => work(inner), { timeoutMs, what, signal })
  } catch (error) {
    if (signal.aborted) throw givenUp(signal)
    if (!(error instanceof AiError) && hasCode(error, 'timeout'))
      throw new AiError('ai_timed_out', `${what} took longer than ${timeoutMs / 1_000} seconds`, { cause: error })
    throw error
  }
}
