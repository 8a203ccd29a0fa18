import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { TrickleChannel } from './channel.ts'
import { TRICKLE_HEADER } from './headers.ts'
import type { TrickleSegment } from './segment.ts'

/** Sends a segment from its beginning, as it comes; the head goes with the first bytes. A reader that stands still for `stallMs` is cut off. */
export async function sendSegment(
  request: IncomingMessage,
  response: ServerResponse,
  options: { readonly channel: TrickleChannel; readonly segment: TrickleSegment; readonly stallMs: number },
): Promise<void> {
  const { channel, segment, stallMs } = options
  const latest = channel.nextWrite
  const gone = new AbortController()
  response.on('close', () => gone.abort())
  if (request.destroyed && !response.writable) return
  response.setHeader(TRICKLE_HEADER.seq, segment.seq)
  let isEmpty = true
  for await (const chunk of segment.read({ signal: gone.signal })) {
    if (isEmpty) {
      isEmpty = false
      if (segment.seq !== latest) response.setHeader(TRICKLE_HEADER.latest, latest)
      response.writeHead(200, { 'content-type': channel.mimeType })
    }
    if (response.write(chunk)) continue
    const stalled = setTimeout(() => response.destroy(), stallMs)
    await once(response, 'drain', { signal: gone.signal }).catch(() => {})
    clearTimeout(stalled)
  }
  if (gone.signal.aborted) return
  if (isEmpty) {
    // Told at the end: a segment without bytes is one that was left out, or the end of the channel.
    response.setHeader(TRICKLE_HEADER.latest, channel.nextWrite)
    if (channel.closed) response.setHeader(TRICKLE_HEADER.closed, 'terminated')
    response.writeHead(200)
  }
  response.end()
}
