import { ManualClock } from '@millrace/base'
import { manifestId, type NodeEvent, nodeId } from '@millrace/wire'
import { expect, it } from 'vitest'
import { EventHub } from './event-hub.ts'

const warning = (message: string) => ({ type: 'warning', code: 'test', message }) as const
const messages = (events: readonly NodeEvent[]) => events.map((event) => (event as { message?: string }).message)

it('a teller adds version, node and time to what happens', () => {
  const hub = new EventHub({}, { clock: new ManualClock(1_234) })
  hub.teller(nodeId('n'))(warning('careful'))
  hub.teller(nodeId('n'))({ ...warning('traced'), traceparent: '00-t-01' })
  expect(hub.recent()).toEqual([
    { v: 1, nodeId: 'n', atMs: 1_234, ...warning('careful') },
    { v: 1, nodeId: 'n', atMs: 1_234, ...warning('traced'), traceparent: '00-t-01' },
  ])
})

it('a listener hears what comes after it, until it stops', () => {
  const hub = new EventHub()
  const tell = hub.teller(nodeId('n'))
  const heard: NodeEvent[] = []
  tell(warning('before'))
  const stop = hub.listen((event) => heard.push(event))
  tell(warning('a'))
  tell(warning('b'))
  stop()
  tell(warning('after'))
  expect(messages(heard)).toEqual(['a', 'b'])
})

it('the latest events are kept, no more than asked', () => {
  const hub = new EventHub({ keep: 3 })
  const tell = hub.teller(nodeId('n'))
  for (let i = 0; i < 20; i++) tell(warning(String(i)))
  expect(messages(hub.recent())).toEqual(['17', '18', '19'])
})

it('the view counts all events that were ever told, kept or not', () => {
  const hub = new EventHub({ keep: 1 })
  const tell = hub.teller(nodeId('n'))
  tell({ type: 'stream_started', manifestId: manifestId('m'), ingest: 'http', renditions: [] })
  for (let seq = 0; seq < 10; seq++)
    tell({ type: 'segment_received', manifestId: manifestId('m'), seq, durationMs: 2_000, bytes: 1 })
  expect(hub.view().totals.segmentsIn).toBe(10)
  expect(hub.view().streams.m?.durationInMs).toBe(20_000)
})

it('a stream gives all later events in order and ends with its signal', async () => {
  const hub = new EventHub()
  const tell = hub.teller(nodeId('n'))
  const stop = new AbortController()
  const stream = hub.stream({ signal: stop.signal })
  const first = stream.next()
  for (const text of ['a', 'b', 'c']) tell(warning(text))
  const read = [(await first).value, (await stream.next()).value, (await stream.next()).value] as NodeEvent[]
  expect(messages(read)).toEqual(['a', 'b', 'c'])
  stop.abort()
  expect(await stream.next()).toMatchObject({ done: true })
})

it('a reader that falls too far behind is cut off after what was kept for it', async () => {
  const hub = new EventHub()
  const tell = hub.teller(nodeId('n'))
  const stream = hub.stream({ signal: new AbortController().signal, capacity: 3 })
  const first = stream.next()
  for (let i = 0; i < 100; i++) tell(warning(String(i)))
  const read = [(await first).value]
  const reading = (async () => {
    for await (const event of stream) read.push(event)
  })()
  await expect(reading).rejects.toMatchObject({ code: 'queue_full' })
  expect(messages(read as NodeEvent[])).toEqual(['0', '1', '2'])
})

it('who wants to know at once that a reader is too slow is told when it happens, once', async () => {
  const hub = new EventHub()
  const tell = hub.teller(nodeId('n'))
  let cut = 0
  const stream = hub.stream({ signal: new AbortController().signal, capacity: 2, onCutOff: () => cut++ })
  void stream.next()
  for (const text of ['a', 'b']) tell(warning(text))
  expect(cut).toBe(0)
  for (const text of ['c', 'd']) tell(warning(text))
  expect(cut).toBe(1)
})

it('a stream whose signal is aborted already ends at once', async () => {
  const stream = new EventHub().stream({ signal: AbortSignal.abort() })
  expect(await stream.next()).toMatchObject({ done: true })
})
