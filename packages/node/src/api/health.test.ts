import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ManualClock } from '@millrace/base'
import type { BlockNews } from '@millrace/chain'
import { expect, it } from 'vitest'
import { KeyValueTable } from '../store/key-value.ts'
import { openNodeStore } from '../store/node-store.ts'
import { BlockWatch } from './block-watch.ts'
import { Health, storeCheck } from './health.ts'

it('a node is ready between its start and its end', () => {
  const health = new Health([])
  expect(health.ready()).toMatchObject({ ok: false, problems: [{ code: 'starting' }] })
  health.started()
  expect(health.ready()).toEqual({ ok: true, problems: [] })
  health.draining()
  health.started()
  expect(health.ready()).toMatchObject({ ok: false, problems: [{ code: 'draining' }] })
  expect(health.live().ok).toBe(true)
})

it('a store that cannot be written is found, and found well again', () => {
  const clock = new ManualClock(0)
  let full = false
  let writes = 0
  const check = storeCheck(
    () => {
      writes++
      if (full) throw new Error('database or disk is full')
    },
    { clock },
  )
  expect(check()).toBeUndefined()
  full = true
  expect(check()).toBeUndefined()
  expect(writes).toBe(1)
  clock.advance(5_000)
  expect(check()).toMatchObject({ code: 'store_not_writable', message: expect.stringContaining('disk is full') })
  full = false
  clock.advance(5_000)
  expect(check()).toBeUndefined()
})

it('a real store that refuses to be written is found', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-health-'))
  const db = openNodeStore(join(folder, 'store.sqlite'))
  try {
    const kv = new KeyValueTable(db)
    const clock = new ManualClock(0)
    const check = storeCheck((text) => kv.set('lastHealthProbe', text), { clock })
    expect(check()).toBeUndefined()
    db.exec('PRAGMA query_only = 1')
    clock.advance(5_000)
    expect(check()).toMatchObject({ code: 'store_not_writable', message: expect.stringContaining('readonly') })
  } finally {
    db.close()
    await rm(folder, { recursive: true, force: true })
  }
})

/** A chain that makes a block whenever it is told to. */
function openWatch(options: { readonly pollMs: number; readonly shortestMs?: number }) {
  const clock = new ManualClock(1_000_000)
  let tell: ((news: BlockNews) => void) | undefined
  const watch = new BlockWatch(options, {
    clock,
    feed: {
      onBlock: (listener) => {
        tell = listener
      },
    },
  })
  let number = 0n
  const block = () => {
    number++
    const head = { number, chainNumber: number, timestampMs: clock.now() }
    tell?.({ head, logs: [], reset: number === 1n } as unknown as BlockNews)
  }
  return { clock, watch, block }
}

it('a clock that is set back or forward makes no watch stall, and hides no stall', async () => {
  const { clock, watch, block } = openWatch({ pollMs: 1_000 })
  block()
  clock.skew(86_400_000)
  expect(watch.check()).toBeUndefined()
  clock.skew(-2 * 86_400_000)
  expect(watch.check()).toBeUndefined()
  await clock.advance(watch.limitMs + 1)
  expect(watch.check()).toMatchObject({ code: 'block_watch_stalled' })
})

it('a chain whose clock jumps by a day is found to stall nearly as soon as before', async () => {
  const { clock, watch, block } = openWatch({ pollMs: 1_000 })
  block()
  const { limitMs } = watch
  clock.skew(86_400_000)
  block()
  expect(watch.limitMs).toBeLessThan(2 * limitMs)
  clock.skew(-86_400_000)
  block()
  expect(watch.limitMs).toBeLessThan(2 * limitMs)
  await clock.advance(2 * limitMs)
  expect(watch.check()).toMatchObject({ code: 'block_watch_stalled' })
})

it('block watching that stalls is found, and found well with the next block', () => {
  const { clock, watch, block } = openWatch({ pollMs: 5_000 })
  block()
  clock.advance(watch.limitMs)
  expect(watch.check()).toBeUndefined()
  clock.advance(1)
  expect(watch.check()).toMatchObject({ code: 'block_watch_stalled', message: expect.stringContaining('is 1') })
  block()
  expect(watch.check()).toBeUndefined()
})

it('a chain with quick blocks is missed sooner, but a slow poll is given its time', () => {
  const quick = openWatch({ pollMs: 250 })
  expect(quick.watch.limitMs).toBe(120_000)
  for (let i = 0; i < 60; i++) {
    quick.block()
    quick.clock.advance(1_000)
  }
  expect(quick.watch.limitMs).toBe(15_000)
  expect(openWatch({ pollMs: 60_000 }).watch.limitMs).toBe(600_000)
})

it('a chain that never showed a block is told as such', () => {
  const { clock, watch } = openWatch({ pollMs: 1_000 })
  clock.advance(120_001)
  expect(watch.check()?.message).toContain('none was ever seen')
})
