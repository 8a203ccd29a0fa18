import type { IncomingMessage, ServerResponse } from 'node:http'
import type { TrickleChannel } from './channel.ts'
import { TRICKLE_HEADER } from './headers.ts'
import type { TrickleSegment } from './segment.ts'

/**
 * Takes the body of a POST into a segment while it comes. A publisher that is silent is told every `keepAliveMs` that the server is there,
 * by a provisional answer; one whose connection breaks may go on with another POST, so that the segment stays open.
 */
export function receiveSegment(
  request: IncomingMessage,
  response: ServerResponse,
  options: {
    readonly channel: TrickleChannel
    readonly segment: TrickleSegment
    readonly keepAliveMs: number
    readonly maxSegmentBytes: number
  },
): Promise<void> {
  const { channel, segment, keepAliveMs, maxSegmentBytes } = options
  return new Promise((resolve, reject) => {
    let isEmpty = true
    const keepAlive = setInterval(() => response.writeContinue(), keepAliveMs)
    const done = (finish: () => void) => {
      clearInterval(keepAlive)
      forget()
      request.off('data', onData).off('end', onEnd).off('close', onGone).off('error', onGone)
      finish()
    }
    const answer = (status: number, text = '') => {
      response.setHeader(TRICKLE_HEADER.seq, segment.seq)
      response.writeHead(status)
      response.end(text)
      resolve()
    }
    const endEmpty = () =>
      done(() => {
        // A publisher that drops a segment goes on with the next number.
        channel.begun(segment)
        if (channel.closed) response.setHeader(TRICKLE_HEADER.closed, 'terminated')
        response.setHeader('connection', 'close')
        answer(200)
        request.resume()
      })
    const onData = (chunk: Uint8Array) => {
      if (isEmpty) {
        isEmpty = false
        clearInterval(keepAlive)
        forget()
        channel.begun(segment)
      }
      if (segment.bytes + chunk.length <= maxSegmentBytes) return segment.write(chunk)
      done(() => {
        segment.close()
        response.setHeader('connection', 'close')
        answer(413, `a segment has ${maxSegmentBytes} bytes at most\n`)
        request.resume()
      })
    }
    const onEnd = () => {
      if (isEmpty) endEmpty()
      else done(() => answer(200))
      segment.close()
    }
    const onGone = () => done(() => reject(new Error('the publisher went away')))
    // A publisher that waits with nothing sent is let go when others end its segment; what comes to one that has ended is kept.
    const forget = segment.closed ? () => {} : segment.onClose(() => isEmpty && endEmpty())
    request.on('data', onData).on('end', onEnd).on('close', onGone).on('error', onGone)
  })
}
