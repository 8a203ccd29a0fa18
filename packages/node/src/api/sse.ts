import type { ServerResponse } from 'node:http'
import { encodeView } from '@millrace/wire'
import type { EventHub } from '../events/event-hub.ts'

const KEEP_ALIVE_MS = 15_000

/**
 * Streams a hub to one reader as server-sent events: first `view` (all so far, folded), then every `node` event as it happens.
 * A reader that does not keep up is cut off and may connect again; it starts with a fresh view then.
 */
export async function streamEvents(hub: EventHub, response: ServerResponse, signal: AbortSignal): Promise<void> {
  const closed = new AbortController()
  response.on('close', () => closed.abort())
  response.writeHead(200, {
    'content-type': 'text/event-stream',
    'cache-control': 'no-store',
    connection: 'keep-alive',
    'x-accel-buffering': 'no',
  })
  const events = hub.stream({ signal: AbortSignal.any([signal, closed.signal]) })
  // The stream must listen before the view is taken, else an event between the two would be lost.
  const first = events.next()
  response.write(`event: view\ndata: ${encodeView(hub.view())}\n\n`)
  const keepAlive = setInterval(() => response.write(': still here\n\n'), KEEP_ALIVE_MS)
  try {
    for (let item = await first; !item.done; item = await events.next()) {
      const room = response.write(`event: node\ndata: ${JSON.stringify(item.value)}\n\n`)
      if (!room) await drained(response, closed.signal)
    }
  } catch {
    // The reader was too slow: closing tells it to connect again.
  } finally {
    clearInterval(keepAlive)
    response.end()
  }
}

function drained(response: ServerResponse, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      response.off('drain', done)
      signal.removeEventListener('abort', done)
      resolve()
    }
    response.on('drain', done)
    signal.addEventListener('abort', done)
  })
}
