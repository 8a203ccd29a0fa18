import type { AddressInfo } from 'node:net'
import { createServer, type Socket } from 'node:net'
import { inspectAccessUnit, splitAnnexB } from '../h264/nal.ts'
import type { CodedFrame } from '../segment/segment.ts'

export type RtspServer = { readonly url: string; readonly asked: readonly string[]; close(): void }

const SSRC = 0x11223344
const MAX_PAYLOAD = 1_200

/** An RTSP camera that sends the pictures of a clip over its one connection, at the speed of a clock. */
export async function serveRtsp(
  frames: readonly CodedFrame[],
  answer: (method: string) => string | undefined = () => undefined,
): Promise<RtspServer> {
  const video = frames.filter(({ kind }) => kind === 'video')
  const { sps, pps } = inspectAccessUnit(video[0]!.data, 'h264')
  const sets = [sps!, pps!].map((set) => Buffer.from(set).toString('base64')).join(',')
  const sdp = [
    'v=0',
    'o=- 0 0 IN IP4 127.0.0.1',
    's=camera',
    't=0 0',
    'm=video 0 RTP/AVP 96',
    'c=IN IP4 0.0.0.0',
    'a=rtpmap:96 H264/90000',
    `a=fmtp:96 packetization-mode=1;sprop-parameter-sets=${sets}`,
    'a=control:track1',
    '',
  ].join('\r\n')
  const asked: string[] = []
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => sockets.delete(socket))
    let text = ''
    socket.on('data', (data) => {
      text += data.toString('latin1')
      for (;;) {
        const end = text.indexOf('\r\n\r\n')
        if (end < 0) return
        const head = text.slice(0, end)
        text = text.slice(end + 4)
        const [, method = ''] = /([A-Z_]+) rtsp/.exec(head) ?? []
        const cseq = /CSeq: (\d+)/i.exec(head)?.[1] ?? '0'
        asked.push(method)
        const other = answer(method)
        if (other !== undefined) {
          socket.write(`${other}\r\nCSeq: ${cseq}\r\n\r\n`)
          continue
        }
        const extra =
          method === 'OPTIONS'
            ? 'Public: DESCRIBE, SETUP, PLAY, TEARDOWN\r\n'
            : method === 'SETUP'
              ? 'Transport: RTP/AVP/TCP;unicast;interleaved=0-1\r\nSession: 12345678\r\n'
              : 'Session: 12345678\r\n'
        const body = method === 'DESCRIBE' ? sdp : ''
        const length = body ? `Content-Type: application/sdp\r\nContent-Length: ${body.length}\r\n` : ''
        socket.write(`RTSP/1.0 200 OK\r\nCSeq: ${cseq}\r\n${extra}${length}\r\n${body}`)
        if (method === 'PLAY') void play(socket, video)
      }
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `rtsp://127.0.0.1:${(server.address() as AddressInfo).port}/camera`,
    asked,
    close: () => {
      for (const socket of sockets) socket.destroy()
      server.close()
    },
  }
}

async function play(socket: Socket, frames: readonly CodedFrame[]): Promise<void> {
  let seq = 0
  const send = (payload: Uint8Array, pts: number, marker: boolean) => {
    const head = Buffer.alloc(16)
    head.write('$', 0, 'latin1')
    head.writeUInt16BE(12 + payload.length, 2)
    head[4] = 0x80
    head[5] = 96 | (marker ? 0x80 : 0)
    head.writeUInt16BE(seq++ & 0xffff, 6)
    head.writeUInt32BE(pts >>> 0, 8)
    head.writeUInt32BE(SSRC, 12)
    socket.write(Buffer.concat([head, payload]))
  }
  const start = performance.now()
  for (const { data, pts, dts } of frames) {
    const wait = (dts - frames[0]!.dts) / 90 - (performance.now() - start)
    if (wait > 1) await new Promise((resolve) => setTimeout(resolve, wait))
    if (socket.destroyed) return
    const nals = [...splitAnnexB(data)]
    for (const [i, nal] of nals.entries()) {
      const isLast = i === nals.length - 1
      if (nal.length <= MAX_PAYLOAD) {
        send(nal, pts, isLast)
        continue
      }
      // RFC 6184 section 5.8: the head of the unit is told anew in each of its pieces.
      for (let at = 1; at < nal.length; at += MAX_PAYLOAD) {
        const piece = nal.subarray(at, at + MAX_PAYLOAD)
        const edges = (at === 1 ? 0x80 : 0) | (at + MAX_PAYLOAD >= nal.length ? 0x40 : 0)
        const isEnd = at + MAX_PAYLOAD >= nal.length
        send(Buffer.concat([Buffer.of((nal[0]! & 0x60) | 28, edges | (nal[0]! & 31)), piece]), pts, isLast && isEnd)
      }
    }
  }
  socket.end()
}
