import { ManualClock, silentLog } from '@millrace/base'
import { beforeEach, expect, it } from 'vitest'
import { WorkerLedger } from './worker-ledger.ts'

let values: Map<string, string>
let clock: ManualClock
beforeEach(() => {
  values = new Map()
  clock = new ManualClock(5)
})
const kept = { get: (key: string) => values.get(key), set: (key: string, value: string) => void values.set(key, value) }
const open = () => new WorkerLedger({ kept, log: silentLog, clock })

it('counts the work of each worker and its share, and knows it after a restart', async () => {
  const ledger = open()
  ledger.done('10.0.0.1', { pixels: 1n << 60n, elapsedMs: 100.4 })
  ledger.done('10.0.0.2', { pixels: 3n << 60n, elapsedMs: 50 })
  ledger.done('10.0.0.1', { pixels: 0n, elapsedMs: -1 })
  ledger.failed('10.0.0.1')
  const accounts = [
    { account: '10.0.0.2', segments: 1, failed: 0, pixels: 3n << 60n, share: 0.75, busyMs: 50, lastAtMs: 5 },
    { account: '10.0.0.1', segments: 2, failed: 1, pixels: 1n << 60n, share: 0.25, busyMs: 100, lastAtMs: 5 },
  ]
  expect(ledger.accounts()).toEqual(accounts)
  expect(values.size).toBe(0)
  await ledger.stop()
  expect(open().accounts()).toEqual(accounts)
})

it('has no shares where no pixels were made', () => {
  const ledger = open()
  ledger.failed('10.0.0.1')
  expect(ledger.accounts()).toMatchObject([{ share: 0 }])
})

it('forgets whoever has not worked for the longest time, once there are a thousand', () => {
  const ledger = open()
  for (let i = 0; i < 1_000; i++) ledger.done(`worker ${i}`, { pixels: 1n, elapsedMs: 1 })
  ledger.done('worker 0', { pixels: 1n, elapsedMs: 1 })
  ledger.done('one more', { pixels: 1n, elapsedMs: 1 })
  const names = ledger.accounts().map(({ account }) => account)
  expect(names).toHaveLength(1_000)
  expect(names).toContain('worker 0')
  expect(names).not.toContain('worker 1')
})

it('begins anew where what was kept makes no sense, and goes on where nothing can be written', async () => {
  values.set('workerLedger', '[{"account":"a","pixels":"many"}]')
  const ledger = new WorkerLedger({
    kept: {
      get: kept.get,
      set: () => {
        throw new Error('disk full')
      },
    },
    log: silentLog,
    clock,
  })
  expect(ledger.accounts()).toEqual([])
  ledger.done('a', { pixels: 1n, elapsedMs: 1 })
  await ledger.stop()
  expect(ledger.accounts()).toHaveLength(1)
})
