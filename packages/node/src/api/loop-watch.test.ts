import { setTimeout as sleep } from 'node:timers/promises'
import { type Log, silentLog } from '@millrace/base'
import { expect, it } from 'vitest'
import { LoopWatch } from './loop-watch.ts'

it('a process that is blocked for two seconds tells so afterwards, once', async () => {
  const warnings: unknown[] = []
  const log: Log = { ...silentLog, warn: (message, fields) => void warnings.push([message, fields]) }
  const watch = new LoopWatch({ log })
  await watch.start()
  try {
    await sleep(50)
    expect(watch.stalls).toBe(0)
    const until = performance.now() + 2_700
    while (performance.now() < until);
    await sleep(600)
    expect(watch.stalls).toBe(1)
    expect(warnings).toEqual([[expect.stringContaining('stood still'), { lateMs: expect.any(Number) }]])
    const [[, { lateMs }]] = warnings as [[string, { lateMs: number }]]
    expect(lateMs).toBeGreaterThanOrEqual(2_000)
  } finally {
    await watch.stop()
  }
})
