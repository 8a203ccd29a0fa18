import { ManualClock } from '@millrace/base'
import { ZERO_ADDRESS } from '@millrace/wire'
import { expect, it, vi } from 'vitest'
import type { DirectoryEntry } from './directory.ts'
import { OrchestratorBook } from './orchestrator-book.ts'

const entry = (name: string): DirectoryEntry => ({
  serviceUri: `https://${name}:8935`,
  address: undefined,
  stakeLpt: 0n,
})

function open(find: () => Promise<readonly DirectoryEntry[]>) {
  const clock = new ManualClock(1_000_000)
  const request = () => ({ address: ZERO_ADDRESS, signature: new Uint8Array(0), ignoreCapacityCheck: false })
  return { clock, book: new OrchestratorBook({ allowPrivate: true }, { directory: { find }, clock, request }) }
}

it('a directory that fails is answered with what was known before', async () => {
  let fails = false
  const { book, clock } = open(async () => {
    if (fails) throw new Error('429')
    return [entry('a')]
  })
  expect(await book.entries()).toEqual([entry('a')])
  fails = true
  await clock.advance(10_000)
  expect(await book.entries()).toEqual([entry('a')])
})

it('a directory that fails before anything is known says so', async () => {
  const { book } = open(async () => Promise.reject(new Error('429')))
  await expect(book.entries()).rejects.toThrow('429')
})

it('nobody waits for a directory that hangs when something is known', async () => {
  let hangs = false
  const find = vi.fn(async () => {
    if (hangs) await new Promise(() => {})
    return [entry('a')]
  })
  const { book, clock } = open(find)
  await book.entries()
  hangs = true
  await clock.advance(10_000)
  const entries = book.entries()
  await clock.advance(1_000)
  expect(await entries).toEqual([entry('a')])
  const again = book.entries()
  await clock.advance(1_000)
  expect(await again).toEqual([entry('a')])
  expect(find).toHaveBeenCalledTimes(2)
})

it('an orchestrator that left the directory is forgotten after a while, so that memory does not grow', async () => {
  let names = ['a', 'b']
  const { book, clock } = open(async () => names.map(entry))
  for (const one of await book.entries()) book.rpc(one)
  book.measured('https://a:8935', 0.5)
  book.measured('https://b:8935', 0.5)
  names = ['b']
  for (let i = 0; i < 11; i++) {
    await clock.advance(60_000)
    await book.entries()
  }
  expect(book.pace('https://a:8935')).toBeUndefined()
  expect(book.pace('https://b:8935')).toBeDefined()
  book.close()
})
