import { createServer, type Server, type ServerResponse } from 'node:http'
import { connect } from 'node:net'
import { decodeView, manifestId, nodeId } from '@millrace/wire'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { EventHub } from '../events/event-hub.ts'
import { streamEvents } from './sse.ts'

const ID = manifestId('m')

let hub: EventHub
let server: Server
let port: number
let stopping: AbortController
/** Resolves when the server's side of the latest connection is over. */
let finished: Promise<void>
let answered: (response: ServerResponse) => void
let replay: boolean

beforeEach(async () => {
  hub = new EventHub()
  stopping = new AbortController()
  answered = () => {}
  replay = false
  server = createServer((_, response) => {
    finished = streamEvents(hub, response, { signal: stopping.signal, replay })
    answered(response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  port = (server.address() as { port: number }).port
})

afterEach(async () => {
  stopping.abort()
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
})

const received = (seq: number, bytes = 1) =>
  hub.teller(nodeId('g'))({ type: 'segment_received', manifestId: ID, seq, durationMs: 2_000, bytes })

/** Reads server-sent events until told enough. */
async function* read(): AsyncGenerator<{ event: string; data: string }> {
  const response = await fetch(`http://127.0.0.1:${port}/`)
  expect(response.headers.get('content-type')).toBe('text/event-stream')
  let text = ''
  for await (const chunk of response.body!) {
    text += Buffer.from(chunk).toString('utf8')
    const blocks = text.split('\n\n')
    text = blocks.pop()!
    for (const block of blocks) {
      const [, event, data] = /^event: (\w+)\ndata: (.*)$/.exec(block) ?? []
      if (event && data) yield { event, data }
    }
  }
}

it('the view comes first, then every event after it, and none between is lost', async () => {
  hub.teller(nodeId('g'))({ type: 'stream_started', manifestId: ID, ingest: 'http', renditions: [] })
  received(0)
  // These happen in the same turn in which the view is taken.
  answered = () => {
    received(1)
    received(2)
  }
  const reading = read()
  const first = (await reading.next()).value!
  expect(first.event).toBe('view')
  expect(decodeView(first.data).totals.segmentsIn).toBe(1)
  received(3)
  const seqs = []
  while (seqs.length < 3) seqs.push((JSON.parse((await reading.next()).value!.data) as { seq: number }).seq)
  expect(seqs).toEqual([1, 2, 3])
  await reading.return(undefined)
  await finished
})

it('with replay the latest events come instead of the view', async () => {
  replay = true
  received(7)
  received(8)
  const reading = read()
  const events = [(await reading.next()).value!, (await reading.next()).value!]
  expect(events.map(({ event, data }) => [event, (JSON.parse(data) as { seq: number }).seq])).toEqual([
    ['node', 7],
    ['node', 8],
  ])
  await reading.return(undefined)
})

it('the stream ends when the server stops', async () => {
  const reading = read()
  await reading.next()
  stopping.abort()
  expect((await reading.next()).done).toBe(true)
  await finished
})

/** Connects a reader that never reads, and lets the server write until its socket takes no more. */
async function stalledReader() {
  const socket = connect(port, '127.0.0.1')
  socket.on('error', () => {})
  const response = await new Promise<ServerResponse>((resolve) => {
    answered = resolve
    socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')
  })
  socket.pause()
  while (!response.writableNeedDrain) {
    hub.teller(nodeId('g'))({ type: 'warning', code: 'big', message: 'x'.repeat(100_000) })
    await new Promise(setImmediate)
  }
  return { socket, response }
}

it('a reader that goes away while events wait for it leaves nothing behind', async () => {
  const { socket } = await stalledReader()
  for (let seq = 0; seq < 50; seq++) received(seq)
  socket.destroy()
  await finished
})

it('a reader that stands still is cut off once the bound is reached', async () => {
  const { socket, response } = await stalledReader()
  for (let seq = 0; seq < 4_900; seq++) received(seq)
  expect(response.destroyed).toBe(false)
  for (let seq = 0; seq < 200; seq++) received(seq)
  expect(response.destroyed).toBe(true)
  await finished
  socket.destroy()
})
