import { setTimeout as sleep } from 'node:timers/promises'
import { type Pushed, push } from '../push.ts'

const PATIENCE_MS = 30_000

/** Pushes a segment again until a gateway has acknowledged it, or has said that nobody transcodes it. */
export class StubbornPusher {
  failures = 0

  /** The gateway is looked up for each attempt, because another one may have taken over. */
  async push(gatewayUrl: () => string, segment: Parameters<typeof push>[1]): Promise<Pushed> {
    for (const began = Date.now(); ; await sleep(200)) {
      const pushed = await push(gatewayUrl(), segment).catch((error: unknown) => error as Error)
      if (!(pushed instanceof Error) && (pushed.status === 200 || pushed.text === 'No sessions available'))
        return pushed
      this.failures++
      if (Date.now() - began < PATIENCE_MS) continue
      throw new Error(`segment ${segment.seq} was not taken for ${PATIENCE_MS} ms`, { cause: pushed })
    }
  }
}
