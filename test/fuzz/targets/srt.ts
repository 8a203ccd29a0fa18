import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { silentLog } from '@millrace/base'
import { SrtServer } from '@millrace/media'
import { HANDSHAKE, readHandshake, writeHandshake } from '../../../packages/media/src/ingest/srt/handshake.ts'
import { CONTROL, readPacket, writeControl, writeLossList } from '../../../packages/media/src/ingest/srt/packet.ts'
import { Broken, type Target } from '../target.ts'

const WAIT_MS = 5_000
/** Our number as a caller. */
const CALLER = 7

let server: SrtServer
let socket: Socket
let heard: (datagram: Buffer) => void = () => {}
let cookie = 0
let connection = 0

const control = (type: number, content: Buffer, more: { readonly info?: number; readonly subtype?: number } = {}) =>
  writeControl({ type, info: 0, timestampUs: 0, socketId: 0, content, ...more })
const shake = (handshake: Parameters<typeof writeHandshake>[0]) =>
  control(CONTROL.handshake, writeHandshake(handshake, { answers: false }))

const induction = shake({ type: HANDSHAKE.induction, socketId: CALLER, version: 4, extensionField: 2 })
const conclusion = (firstSeq: number) =>
  shake({
    type: HANDSHAKE.conclusion,
    socketId: CALLER,
    firstSeq,
    cookie,
    extensions: {
      hs: { version: 0x010500, features: 0xbf, receiveDelayMs: 20, sendDelayMs: 20 },
      streamId: 'publish:fuzz',
    },
  })

/** Sends datagrams, and resolves with the next answer that is a handshake. */
async function shaken(...datagrams: readonly Buffer[]): Promise<Buffer> {
  const answer = new Promise<Buffer>((resolve, reject) => {
    const late = () => reject(new Broken(`the door did not answer within ${WAIT_MS} ms`))
    const timer = setTimeout(late, WAIT_MS)
    heard = (datagram) => {
      const packet = readPacket(datagram)
      if (packet?.kind !== 'control' || packet.type !== CONTROL.handshake) return
      clearTimeout(timer)
      resolve(packet.content)
    }
  })
  for (const datagram of datagrams) socket.send(datagram, server.port, '127.0.0.1', () => {})
  return answer
}

function data(seq: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(16)
  head.writeUInt32BE(seq, 0)
  head.writeUInt32BE(0xc0000001, 4)
  return Buffer.concat([head, payload])
}

const word = (value: number): Buffer => {
  const out = Buffer.alloc(4)
  out.writeUInt32BE(value)
  return out
}

export const srtTarget: Target = {
  name: 'srt',
  takesAll: true,
  open: async () => {
    server = new SrtServer(
      { port: 0 },
      {
        log: silentLog,
        onPublish: () => ({ accept: true, replace: true }),
        onPublication: ({ frames }) => void drain(frames),
      },
    )
    await server.start()
    socket = createSocket('udp4')
    socket.on('message', (datagram) => heard(datagram))
    socket.bind(0, '127.0.0.1')
    await once(socket, 'listening')
    return async () => {
      await new Promise<void>((resolve) => socket.close(() => resolve()))
      await server.stop()
    }
  },
  samples: () => [
    conclusion(1),
    data(1, Buffer.alloc(188, 0x47)),
    data(3, Buffer.alloc(376, 0x47)),
    control(CONTROL.ackAck, Buffer.alloc(4), { info: 1 }),
    control(CONTROL.nak, writeLossList([{ first: 1, last: 9 }])),
    control(CONTROL.dropRequest, Buffer.concat([word(1), word(2)])),
    control(CONTROL.user, Buffer.alloc(64, 0x12), { subtype: 3 }),
    control(CONTROL.shutdown, Buffer.alloc(4)),
  ],
  words: ['\x80\0\0\0', '\xff\xff\xff\xff', '\0\x05\0\x04', '\0\0\0\0\0\0\0\x07'],
  take: async (input) => {
    const first = readHandshake(await shaken(induction))
    cookie = first?.cookie ?? 0
    const accepted = readHandshake(await shaken(conclusion(1)))
    connection = accepted?.socketId ?? 0
    const stray = Buffer.from(input)
    const known = Buffer.from(input)
    // To the connection that is open, and, with a cookie that holds, as another handshake.
    if (known.length >= 16) known.writeUInt32BE(connection, 12)
    if (stray.length >= 48) stray.writeUInt32BE(cookie, 44)
    const leave = writeControl({
      type: CONTROL.shutdown,
      info: 0,
      timestampUs: 0,
      socketId: connection,
      content: Buffer.alloc(4),
    })
    await shaken(stray, known, leave, induction)
  },
  isOwn: () => false,
}

async function drain(frames: AsyncIterable<unknown>): Promise<void> {
  try {
    for await (const _ of frames);
  } catch {
    // Its end says what was wrong.
  }
}
