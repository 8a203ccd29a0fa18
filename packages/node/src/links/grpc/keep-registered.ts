import { type Clock, errorText, type Log, MillraceError } from '@millrace/base'
import { PEER_ERROR } from '@millrace/wire'

/** An orchestrator that restarts should have its workers back within seconds; upstream's workers wait up to a minute. */
const LONGEST_PAUSE_MS = 5_000
/** A registration that lasted this long had succeeded. */
const SUCCESS_MS = 2_000

/**
 * Registers a worker again after every break, with growing pauses, until the signal aborts.
 * A wrong secret or a capacity of zero is final: then `onFatal` is told `worker_refused`.
 */
export async function keepRegistered(
  session: (signal: AbortSignal) => Promise<void>,
  options: { readonly signal: AbortSignal; readonly onFatal: (error: MillraceError) => void },
  deps: { readonly clock: Clock; readonly log: Log },
): Promise<void> {
  const { signal, onFatal } = options
  const { clock, log } = deps
  for (let pauseMs = 250; !signal.aborted; ) {
    const began = clock.elapsed()
    try {
      await session(signal)
    } catch (error) {
      if (signal.aborted) return
      const text = error instanceof MillraceError ? String(error.meta.peerText ?? '') : ''
      if (text.includes(PEER_ERROR.invalidSecret) || text.includes(PEER_ERROR.zeroCapacity))
        return onFatal(
          new MillraceError(
            'worker_refused',
            `the orchestrator refused this worker: ${text}; check --orch-secret and --max-sessions`,
          ),
        )
      log.warn('the orchestrator cannot be reached, trying again', { error: errorText(error), pauseMs })
    }
    if (clock.elapsed() - began > SUCCESS_MS) pauseMs = 250
    await clock.sleep(pauseMs, { signal }).catch(() => {})
    pauseMs = Math.min(LONGEST_PAUSE_MS, pauseMs * 2)
  }
}
