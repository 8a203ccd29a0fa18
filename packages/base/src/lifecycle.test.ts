import { expect, it } from 'vitest'
import { Lifecycle, type Part } from './lifecycle.ts'
import { type Log, silentLog } from './log.ts'

/** Parts that note what happens to them. */
function openParts() {
  const notes: string[] = []
  const part = (name: string, fails: { start?: Error; stop?: Error } = {}): Part => ({
    name,
    start: async () => {
      notes.push(`start ${name}`)
      if (fails.start) throw fails.start
    },
    stop: async () => {
      notes.push(`stop ${name}`)
      if (fails.stop) throw fails.stop
    },
  })
  const warnings: unknown[] = []
  const log: Log = { ...silentLog, warn: (message, fields) => warnings.push([message, fields]) }
  return { notes, part, warnings, lifecycle: new Lifecycle({ log }) }
}

it('parts start in order and stop in reverse, once', async () => {
  const { notes, part, lifecycle } = openParts()
  await lifecycle.start([part('a'), part('b'), { name: 'neither' }, part('c')])
  await lifecycle.stop()
  await lifecycle.stop()
  expect(notes).toEqual(['start a', 'start b', 'start c', 'stop c', 'stop b', 'stop a'])
})

it('a part that does not start takes down those that run, and those after it never start', async () => {
  const { notes, part, lifecycle } = openParts()
  const failure = new Error('port in use')
  await expect(lifecycle.start([part('a'), part('b', { start: failure }), part('c')])).rejects.toBe(failure)
  expect(notes).toEqual(['start a', 'start b', 'stop b', 'stop a'])
  expect(lifecycle.signal.aborted).toBe(true)
})

it('a part that does not stop keeps no other from stopping', async () => {
  const { notes, part, lifecycle, warnings } = openParts()
  await lifecycle.start([part('a'), part('b', { stop: new Error('stuck') }), part('c')])
  await lifecycle.stop()
  expect(notes.slice(3)).toEqual(['stop c', 'stop b', 'stop a'])
  expect(warnings).toEqual([['a part failed to stop', { part: 'b', error: 'stuck' }]])
})

it('the signal that parts work under aborts before the first of them stops', async () => {
  const { lifecycle } = openParts()
  let under: AbortSignal | undefined
  let abortedAtStop: boolean | undefined
  await lifecycle.start([
    {
      name: 'a',
      start: async ({ signal }) => {
        under = signal
      },
      stop: async () => {
        abortedAtStop = under?.aborted
      },
    },
  ])
  expect(under?.aborted).toBe(false)
  await lifecycle.stop()
  expect(abortedAtStop).toBe(true)
})

it('`await using` stops what it started', async () => {
  const { notes, part, lifecycle } = openParts()
  {
    await using owned = lifecycle
    await owned.start([part('a')])
  }
  expect(notes).toEqual(['start a', 'stop a'])
})
