import { formatDuration } from '../../terminal/table.ts'
import type { OperatorClient } from './operator-client.ts'
import { ORCHESTRATOR_PORT, type Outcome, operatorCommand } from './operator-command.ts'

type Workers = {
  readonly workers: readonly {
    readonly workerId: string
    readonly account: string
    readonly capacity: number
    readonly sessions: number
    readonly joinedAtMs: number
  }[]
  readonly accounts: readonly {
    readonly account: string
    readonly segments: number
    readonly failed: number
    readonly pixels: string
    readonly share: number
    readonly busyMs: number
    readonly lastAtMs: number
  }[]
}

/** `millrace workers`: who works for an orchestrator now, and what each has done. */
export const workers = operatorCommand({
  name: 'workers',
  description: "Tell who works for an orchestrator, and each worker's share of the work",
  port: ORCHESTRATOR_PORT,
  plan: async ({ client }) => ({ will: [], run: () => tellWorkers(client) }),
})

async function tellWorkers(client: OperatorClient): Promise<Outcome> {
  const facts = await client.json<Workers>('/workers')
  const now = Date.now()
  const there = facts.workers.map(
    ({ workerId, account, sessions, capacity, joinedAtMs }) =>
      `${workerId}${account === workerId ? '' : ` at ${account}`}: ${sessions} of ${capacity} sessions, there for ${formatDuration(now - joinedAtMs)}`,
  )
  const done = facts.accounts.map(
    ({ account, segments, pixels, share, failed, busyMs, lastAtMs }) =>
      `${account}: ${(100 * share).toFixed(1)} % of all pixels, ${BigInt(pixels).toLocaleString('en')} in ${segments} segments, ${formatDuration(busyMs)} of work, ${failed} failed, the last ${formatDuration(now - lastAtMs)} ago`,
  )
  return {
    lines: [
      ...(there.length > 0 ? there : ['no worker is there']),
      ...(done.length > 0 ? ['', 'Work so far, by address', ...done] : []),
    ],
    facts,
  }
}
