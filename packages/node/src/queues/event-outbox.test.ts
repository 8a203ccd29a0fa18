import { ManualClock, silentLog } from '@millrace/base'
import { afterEach, expect, it } from 'vitest'
import { type Broker, EventOutbox } from './event-outbox.ts'

let clock = new ManualClock(0)
let outbox: EventOutbox<number>
let sent: number[][] = []
let connections = 0
let send: (batch: readonly number[]) => Promise<void>
let connect: () => Promise<Broker<number>>

function open(options: { maxWaiting?: number; maxBatch?: number } = {}): void {
  clock = new ManualClock(0)
  sent = []
  connections = 0
  send = async (batch) => void sent.push([...batch])
  connect = async () => {
    connections++
    return { send: (batch) => send(batch), close: async () => {} }
  }
  outbox = new EventOutbox<number>(
    { name: 'test', everyMs: 100, maxBatch: 3, timeoutMs: 1_000, ...options },
    { connect: () => connect(), clock, log: silentLog },
  )
  void outbox.start()
}

afterEach(() => outbox.stop())

/** Lets time pass in steps, and what hangs on it happen. */
async function pass(ms: number): Promise<void> {
  for (let at = 0; at < ms; at += 50) {
    await clock.advance(50)
    await new Promise((resolve) => setImmediate(resolve))
  }
}

it('messages go out together and in order, over one connection that is opened with the first', async () => {
  open()
  await pass(500)
  expect(connections).toBe(0)
  for (const n of [1, 2]) outbox.tell(n)
  await pass(200)
  for (const n of [3, 4, 5, 6, 7]) outbox.tell(n)
  await pass(200)
  expect(sent).toEqual([
    [1, 2],
    [3, 4, 5],
    [6, 7],
  ])
  expect(connections).toBe(1)
})

it('a broker that is away is tried again later and later, and gets what waited', async () => {
  open()
  const online = connect
  connect = async () => {
    connections++
    throw new Error('connection refused')
  }
  outbox.tell(1)
  await pass(60_000)
  expect(connections).toBeGreaterThanOrEqual(5)
  expect(connections).toBeLessThanOrEqual(8)
  outbox.tell(2)
  connections = 0
  connect = online
  await pass(70_000)
  expect(sent.flat()).toEqual([1, 2])
  expect(connections).toBe(1)
})

it('a batch that was not taken is sent again over a new connection', async () => {
  open()
  const taking = send
  send = async () => {
    send = taking
    throw new Error('the channel is closed')
  }
  outbox.tell(1)
  await pass(3_000)
  expect(sent).toEqual([[1]])
  expect(connections).toBe(2)
})

it('a broker that does not answer is given up after its time', async () => {
  open()
  const taking = send
  send = () => new Promise(() => {})
  outbox.tell(1)
  await pass(500)
  send = taking
  await pass(3_000)
  expect(sent).toEqual([[1]])
  expect(connections).toBe(2)
})

it('while a broker is away the newest messages are kept and the oldest make room', async () => {
  open({ maxWaiting: 4, maxBatch: 10 })
  const online = connect
  connect = () => Promise.reject(new Error('connection refused'))
  for (let n = 1; n <= 10; n++) outbox.tell(n)
  await pass(2_000)
  connect = online
  await pass(10_000)
  expect(sent.flat()).toEqual([7, 8, 9, 10])
})

it('what still waits goes out when the node stops', async () => {
  open()
  outbox.tell(1)
  await outbox.stop()
  expect(sent).toEqual([[1]])
})
