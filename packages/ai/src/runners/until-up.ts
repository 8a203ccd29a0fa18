import { type Clock, errorText } from '@millrace/base'
import { AiError } from '../ai-error.ts'
import type { RunnerState } from './runner.ts'
import { givenUp } from './server-client.ts'

const FIRST_POLL_MS = 50
/** As often as upstream asks a container that it has started. */
const POLL_MS = 500

/** Waits until a server says that it takes jobs; throws `ai_runner_failed` with what it said last when that takes too long. */
export async function untilUp(
  health: () => Promise<RunnerState>,
  options: { readonly what: string; readonly signal: AbortSignal; readonly timeoutMs: number; readonly clock: Clock },
): Promise<void> {
  const { what, signal, timeoutMs, clock } = options
  const until = clock.elapsed() + timeoutMs
  for (let pauseMs = FIRST_POLL_MS; ; pauseMs = Math.min(POLL_MS, pauseMs * 2)) {
    if (signal.aborted) throw givenUp(signal)
    let said: string
    try {
      const state = await health()
      if (state === 'OK' || state === 'IDLE') return
      said = `it says ${state}`
    } catch (error) {
      said = errorText(error)
    }
    if (clock.elapsed() >= until)
      throw new AiError('ai_runner_failed', `${what} is not up after ${Math.round(timeoutMs / 1_000)} s: ${said}`, {
        retryable: true,
      })
    await clock.sleep(pauseMs, { signal }).catch(() => {})
  }
}
