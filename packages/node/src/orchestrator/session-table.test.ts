import { ManualClock } from '@millrace/base'
import { type SessionId, sessionId } from '@millrace/wire'
import { expect, it } from 'vitest'
import { SessionTable } from './session-table.ts'

const SENDER = '0x00000000000000000000000000000000000000aa'
const [A, B, C] = [sessionId('a'), sessionId('b'), sessionId('c')]

function openTable(capacity = 2) {
  const clock = new ManualClock()
  const ended: [SessionId, string][] = []
  const table = new SessionTable({ capacity }, { clock, onEnd: (id, sender) => ended.push([id, sender]) })
  return { clock, table, ended }
}

it('a table is full at its capacity, counting each session once', () => {
  const { table } = openTable()
  table.begin(A, SENDER)
  table.begin(A, SENDER)
  expect([table.size, table.full]).toEqual([1, false])
  table.begin(B, SENDER)
  expect([table.size, table.full]).toEqual([2, true])
})

it('a session without segments for 70 s makes room, and its end is told', async () => {
  const { table, clock, ended } = openTable()
  table.begin(A, SENDER)()
  table.begin(B, SENDER)()
  await clock.advance(69_999)
  table.begin(B, SENDER)()
  expect(table.full).toBe(true)
  await clock.advance(2)
  expect(table.full).toBe(false)
  expect(ended).toEqual([[A, SENDER]])
  expect([table.has(A), table.has(B)]).toEqual([false, true])
})

it('a session with a segment under way is not idle, however long that takes', async () => {
  const { table, clock, ended } = openTable()
  const done = table.begin(A, SENDER)
  await clock.advance(600_000)
  table.sweep()
  expect(table.has(A)).toBe(true)
  done()
  await clock.advance(69_000)
  table.sweep()
  expect(ended).toEqual([])
})

it('ending a segment twice ends it once', async () => {
  const { table, clock } = openTable()
  const first = table.begin(A, SENDER)
  table.begin(A, SENDER)
  first()
  first()
  await clock.advance(100_000)
  table.sweep()
  expect(table.has(A)).toBe(true)
})

it('an ended session is told once and gone', () => {
  const { table, ended } = openTable(1)
  table.begin(A, SENDER)
  table.end(A)
  table.end(A)
  table.end(C)
  expect(ended).toEqual([[A, SENDER]])
  expect(table.full).toBe(false)
})
