import { type Clock, systemClock } from './clock.ts'
import { MillraceError } from './errors.ts'

export type RetryOptions = {
  /** How often the work is tried at most. */
  readonly attempts: number
  /** The first pause; each further one doubles. Default 100 ms. */
  readonly baseMs?: number
  /** The longest pause. Default 5 s. */
  readonly maxMs?: number
  readonly signal?: AbortSignal | undefined
  readonly clock?: Clock
  /** Whether an error is worth another try; by default everything except a MillraceError that says it is not retryable. */
  readonly retryable?: (error: unknown) => boolean
  /** A random number in [0, 1) that spreads the pauses of many callers. */
  readonly random?: () => number
}

/** Runs the work until it succeeds, with growing, jittered pauses; throws the last error when the attempts are used up. */
export async function withRetry<T>(work: (attempt: number) => Promise<T>, options: RetryOptions): Promise<T> {
  const { attempts, baseMs = 100, maxMs = 5_000, signal, clock = systemClock, random = Math.random } = options
  const retryable = options.retryable ?? ((error) => !(error instanceof MillraceError) || error.retryable)
  for (let attempt = 1; ; attempt++) {
    signal?.throwIfAborted()
    try {
      return await work(attempt)
    } catch (error) {
      if (signal?.aborted) throw error
      if (attempt >= attempts || !retryable(error)) throw error
      const pause = Math.min(maxMs, baseMs * 2 ** (attempt - 1))
      await clock.sleep(pause * (0.5 + random() / 2), { signal })
    }
  }
}

/** Rejects with a MillraceError `timeout` when the work takes longer; the work's signal aborts at the same moment. */
export async function withTimeout<T>(
  work: (options: { signal: AbortSignal }) => Promise<T>,
  options: { readonly timeoutMs: number; readonly what: string; readonly signal?: AbortSignal | undefined },
): Promise<T> {
  const { timeoutMs, what, signal } = options
  signal?.throwIfAborted()
  const controller = new AbortController()
  const onAbort = () => controller.abort(signal?.reason)
  signal?.addEventListener('abort', onAbort, { once: true })
  let timer: ReturnType<typeof setTimeout> | undefined
  const expired = new Promise<never>((_, reject) => {
    controller.signal.addEventListener('abort', () => reject(controller.signal.reason), { once: true })
    timer = setTimeout(
      () =>
        controller.abort(new MillraceError('timeout', `${what} took longer than ${timeoutMs} ms`, { retryable: true })),
      timeoutMs,
    )
  })
  try {
    return await Promise.race([work({ signal: controller.signal }), expired])
  } finally {
    clearTimeout(timer)
    signal?.removeEventListener('abort', onAbort)
  }
}
