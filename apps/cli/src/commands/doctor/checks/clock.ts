import { getHead } from '@millrace/chain'
import { failed, type Outcome, ok, warning } from '../finding.ts'
import type { Subject } from '../subject.ts'

const SLACK_MS = 2_000
const WRONG_MS = 30_000
const OLD_MS = 60_000

const SYNC = 'keep the clock with NTP (`timedatectl set-ntp true`)'

/** The clock against the time of the newest block of the RPCs. */
export async function clock(subject: Subject): Promise<Outcome> {
  const { timestampMs } = await getHead(await subject.client())
  return judgeClock(Date.now() - timestampMs)
}

/** `aheadMs` is how much later the clock is than the newest block; blocks are never from the future. */
export function judgeClock(aheadMs: number): Outcome {
  const facts = { aheadOfBlockMs: aheadMs }
  const seconds = `${Math.abs(aheadMs / 1000).toFixed(1)} s`
  if (aheadMs < -WRONG_MS) return failed(`the clock is at least ${seconds} slow`, SYNC, { facts })
  if (aheadMs < -SLACK_MS) return warning(`the clock is at least ${seconds} slow`, SYNC, { facts })
  if (aheadMs > OLD_MS)
    return warning(`the newest block is ${seconds} old by this clock`, `the RPCs lag or the clock is fast: ${SYNC}`, {
      facts,
    })
  return ok(`agrees with the newest block, which is ${seconds} old`, { facts })
}
