import { describe, expect, it } from 'vitest'
import { AsyncQueue } from './async-queue.ts'

async function all<T>(queue: AsyncQueue<T>): Promise<T[]> {
  const items: T[] = []
  for await (const item of queue) items.push(item)
  return items
}

describe('a bounded queue', () => {
  it('gives its items in order, those that came before the reader and after', async () => {
    const queue = new AsyncQueue<number>({ capacity: 10 })
    queue.push(1)
    queue.push(2)
    const reading = all(queue)
    await Promise.resolve()
    queue.push(3)
    queue.close()
    expect(await reading).toEqual([1, 2, 3])
  })

  it('takes no more than it may, and then again', async () => {
    const queue = new AsyncQueue<number>({ capacity: 2 })
    queue.push(1)
    queue.push(2)
    expect(() => queue.push(3)).toThrow(expect.objectContaining({ code: 'queue_full', retryable: true }))
    expect(queue.size).toBe(2)
    await queue.next()
    queue.push(4)
    expect([await queue.next(), await queue.next()]).toEqual([2, 4])
  })

  it('lets several writers wait for room, and loses nothing of theirs', async () => {
    const queue = new AsyncQueue<number>({ capacity: 1 })
    const writing = Promise.all([1, 2, 3, 4, 5].map((item) => queue.pushWait(item)))
    const read: (number | undefined)[] = []
    for (let i = 0; i < 5; i++) {
      expect(queue.size).toBeLessThanOrEqual(1)
      read.push(await queue.next())
    }
    await writing
    expect(read).toEqual([1, 2, 3, 4, 5])
  })

  it('lets go of a writer that gives up, and of its item', async () => {
    const queue = new AsyncQueue<number>({ capacity: 1 })
    queue.push(1)
    const stop = new AbortController()
    const waiting = queue.pushWait(2, { signal: stop.signal })
    stop.abort(new Error('enough'))
    await expect(waiting).rejects.toThrow('enough')
    queue.close()
    expect(await all(queue)).toEqual([1])
  })

  it('lets go of a reader that gives up, and keeps the item for the next', async () => {
    const queue = new AsyncQueue<number>({ capacity: 1 })
    const stop = new AbortController()
    const waiting = queue.next({ signal: stop.signal })
    stop.abort(new Error('enough'))
    await expect(waiting).rejects.toThrow('enough')
    await expect(queue.next({ signal: stop.signal })).rejects.toThrow('enough')
    queue.push(7)
    expect(await queue.next()).toBe(7)
  })

  it('closed with an error throws it after the items that were there', async () => {
    const queue = new AsyncQueue<number>({ capacity: 5 })
    queue.push(1)
    queue.close(new Error('broken'))
    queue.close(new Error('too late'))
    queue.push(2)
    expect(await queue.next()).toBe(1)
    await expect(queue.next()).rejects.toThrow('broken')
    expect(queue.closed).toBe(true)
  })

  it('closed sets free who waits for items and who waits for room', async () => {
    const empty = new AsyncQueue<number>({ capacity: 1 })
    const reader = empty.next()
    empty.close()
    expect(await reader).toBeUndefined()
    const full = new AsyncQueue<number>({ capacity: 1 })
    full.push(1)
    const writer = full.pushWait(2)
    full.close()
    await writer
    expect(await all(full)).toEqual([1])
  })
})
