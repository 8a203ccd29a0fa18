import type { ServerResponse } from 'node:http'
import { encodeView, type NodeEvent } from '@millrace/wire'
import type { EventHub } from '../events/event-hub.ts'

const KEEP_ALIVE_MS = 15_000
const MAX_READERS = 200

/**
 * Streams a hub to one reader as server-sent events: first `view` (all so far, folded), then every `node` event as it happens.
 * With `replay` the latest events are sent instead of the view, for a reader that folds them itself.
 * A reader that does not keep up is cut off and may connect again; it starts with a fresh view then.
 */
export async function streamEvents(
  hub: EventHub,
  response: ServerResponse,
  options: { readonly signal: AbortSignal; readonly replay?: boolean },
): Promise<void> {
  if (hub.readers >= MAX_READERS) {
    response.writeHead(503, { 'content-type': 'text/plain', 'retry-after': '5' })
    response.end('too many readers of the events\n')
    return
  }
  const closed = new AbortController()
  response.on('close', () => closed.abort())
  response.writeHead(200, {
    'content-type': 'text/event-stream',
    'cache-control': 'no-store',
    connection: 'keep-alive',
    'x-accel-buffering': 'no',
  })
  const events = hub.stream({
    signal: AbortSignal.any([options.signal, closed.signal]),
    // A reader that stands still would keep what is written for it waiting for ever.
    onCutOff: () => response.destroy(),
  })
  // The stream must listen before the view is taken, else an event between the two would be lost.
  const first = events.next()
  if (options.replay) for (const event of hub.recent()) response.write(nodeMessage(event))
  else response.write(`event: view\ndata: ${encodeView(hub.view())}\n\n`)
  const keepAlive = setInterval(() => response.write(': still here\n\n'), KEEP_ALIVE_MS)
  try {
    for (let item = await first; !item.done && !closed.signal.aborted; item = await events.next()) {
      const room = response.write(nodeMessage(item.value))
      if (!room) await drained(response, closed.signal)
    }
  } catch {
    // The reader was too slow: closing tells it to connect again.
  } finally {
    clearInterval(keepAlive)
    await events.return(undefined)
    response.end()
  }
}

const nodeMessage = (event: NodeEvent): string => `event: node\ndata: ${JSON.stringify(event)}\n\n`

function drained(response: ServerResponse, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve()
    const done = () => {
      response.off('drain', done)
      signal.removeEventListener('abort', done)
      resolve()
    }
    response.on('drain', done)
    signal.addEventListener('abort', done)
  })
}
