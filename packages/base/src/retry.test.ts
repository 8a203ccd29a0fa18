import { describe, expect, it } from 'vitest'
import { ManualClock } from './clock.ts'
import { MillraceError } from './errors.ts'
import { withRetry, withTimeout } from './retry.ts'

const refused = new MillraceError('refused', 'refused')
const busy = new MillraceError('busy', 'busy', { retryable: true })

describe('work that is retried', () => {
  it('is done when it succeeds, with pauses that double up to the longest', async () => {
    const clock = new ManualClock()
    const tries: [number, number][] = []
    const done = withRetry(
      async (attempt) => {
        tries.push([attempt, clock.now()])
        if (attempt < 6) throw busy
        return 'done'
      },
      { attempts: 10, baseMs: 100, maxMs: 500, clock, random: () => 1 },
    )
    for (let i = 0; i <= 40; i++) await clock.advance(i === 0 ? 0 : 50)
    expect(await done).toBe('done')
    expect(tries).toEqual([
      [1, 0],
      [2, 100],
      [3, 300],
      [4, 700],
      [5, 1_200],
      [6, 1_700],
    ])
  })

  it('waits at least half of each pause, as chance will have it', async () => {
    const clock = new ManualClock()
    let tries = 0
    const done = withRetry(
      async () => {
        if (++tries === 1) throw busy
      },
      { attempts: 2, baseMs: 100, clock, random: () => 0 },
    )
    await clock.advance(0)
    await clock.advance(49)
    expect(tries).toBe(1)
    await clock.advance(1)
    await done
    expect(tries).toBe(2)
  })

  it('throws the last error when all attempts are used up', async () => {
    let tries = 0
    const work = async () => {
      throw new Error(`failure ${++tries}`)
    }
    await expect(withRetry(work, { attempts: 3, baseMs: 0 })).rejects.toThrow('failure 3')
  })

  it('is not tried again where that is no use', async () => {
    let tries = 0
    const work = async () => {
      tries++
      throw refused
    }
    await expect(withRetry(work, { attempts: 3, baseMs: 0 })).rejects.toBe(refused)
    expect(tries).toBe(1)
    await expect(withRetry(work, { attempts: 3, baseMs: 0, retryable: () => true })).rejects.toBe(refused)
    expect(tries).toBe(4)
  })

  it('ends with its signal: before, while it works and while it waits', async () => {
    const stopped = new Error('stopped')
    await expect(withRetry(async () => 1, { attempts: 2, signal: AbortSignal.abort(stopped) })).rejects.toBe(stopped)
    const whileWorking = new AbortController()
    const work = async () => {
      whileWorking.abort(stopped)
      throw busy
    }
    await expect(withRetry(work, { attempts: 5, signal: whileWorking.signal })).rejects.toBe(busy)
    const whileWaiting = new AbortController()
    const clock = new ManualClock()
    const waiting = withRetry(() => Promise.reject(busy), { attempts: 5, signal: whileWaiting.signal, clock })
    await clock.advance(0)
    whileWaiting.abort(stopped)
    await expect(waiting).rejects.toBe(stopped)
  })
})

describe('work with a limit of time', () => {
  it('gives its result or its error', async () => {
    expect(await withTimeout(async () => 5, { timeoutMs: 1_000, what: 'counting' })).toBe(5)
    await expect(withTimeout(() => Promise.reject(refused), { timeoutMs: 1_000, what: 'c' })).rejects.toBe(refused)
  })

  it('is given up with a sentence, and its signal aborts at the same moment', async () => {
    let reason: unknown
    const work = ({ signal }: { signal: AbortSignal }) =>
      new Promise<never>(() =>
        signal.addEventListener('abort', () => {
          reason = signal.reason
        }),
      )
    await expect(withTimeout(work, { timeoutMs: 10, what: 'counting' })).rejects.toMatchObject({
      code: 'timeout',
      message: 'counting took longer than 10 ms',
      retryable: true,
    })
    expect(reason).toMatchObject({ code: 'timeout' })
  })

  it('ends with the signal of its caller', async () => {
    const stopped = new Error('stopped')
    const stop = new AbortController()
    const working = withTimeout(() => new Promise(() => {}), { timeoutMs: 60_000, what: 'c', signal: stop.signal })
    stop.abort(stopped)
    await expect(working).rejects.toBe(stopped)
    await expect(withTimeout(async () => 1, { timeoutMs: 1, what: 'c', signal: stop.signal })).rejects.toBe(stopped)
  })
})

describe('a manual clock', () => {
  it('wakes sleepers in their order, and nobody too early', async () => {
    const clock = new ManualClock(1_000)
    const woken: string[] = []
    void clock.sleep(20).then(() => woken.push('later'))
    void clock.sleep(10).then(() => woken.push('sooner'))
    await clock.advance(9)
    expect(woken).toEqual([])
    await clock.advance(100)
    expect(woken).toEqual(['sooner', 'later'])
    expect(clock.now()).toBe(1_109)
  })
})
