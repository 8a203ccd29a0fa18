import type { ListenAddress } from '@millrace/node'

const TIMEOUT_MS = 1_000

/** Whether a node answers on an operator's port. */
export async function isRunning({ host, port }: ListenAddress): Promise<boolean> {
  try {
    const signal = AbortSignal.timeout(TIMEOUT_MS)
    const response = await fetch(`http://${host}:${port}/healthz`, { signal, redirect: 'error' })
    await response.body?.cancel()
    // 503 is the answer of a node that is not well.
    return response.ok || response.status === 503
  } catch {
    return false
  }
}
