import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { MillraceError, silentLog } from '@millrace/base'
import { TurnTestClient } from '@millrace/media/testing'
import { decodeXorAddress, encodeXorAddress } from '../../../packages/media/src/webrtc/turn/stun-address.ts'
import {
  ATTRIBUTE,
  attributeOf,
  decodeStun,
  encodeStun,
  METHOD,
  uint32,
} from '../../../packages/media/src/webrtc/turn/stun-message.ts'
import { encodeChannelData, TurnFrames } from '../../../packages/media/src/webrtc/turn/turn-frame.ts'
import { TurnServer } from '../../../packages/media/src/webrtc/turn/turn-server.ts'
import { Broken, type Target } from '../target.ts'

const isOwn = (error: unknown): boolean => error instanceof MillraceError
const HERE = '127.0.0.1'
const transactionId = new Uint8Array(12).fill(5)
const key = Buffer.from('0123456789abcdef')
const peer = { type: ATTRIBUTE.xorPeerAddress, value: encodeXorAddress({ address: HERE, port: 9 }, transactionId) }
const names = [
  { type: ATTRIBUTE.username, value: Buffer.from('9999999999:abcdefghijkl') },
  { type: ATTRIBUTE.realm, value: Buffer.from('millrace') },
  { type: ATTRIBUTE.nonce, value: Buffer.from('zzzzzzzz-abcdefghijklmnop') },
]
const request = (method: number, attributes: Parameters<typeof encodeStun>[0]['attributes']) =>
  encodeStun(
    { method, kind: 'request', transactionId, attributes: [...attributes, ...names] },
    { key, fingerprint: true },
  )
const samples = (): Uint8Array[] => [
  encodeStun({ method: METHOD.binding, kind: 'request', transactionId, attributes: [] }, { fingerprint: true }),
  request(METHOD.allocate, [{ type: ATTRIBUTE.requestedTransport, value: uint32(17 << 24) }]),
  request(METHOD.refresh, [{ type: ATTRIBUTE.lifetime, value: uint32(600) }]),
  request(METHOD.createPermission, [peer]),
  request(METHOD.channelBind, [peer, { type: ATTRIBUTE.channelNumber, value: uint32(0x40010000) }]),
  encodeStun({
    method: METHOD.send,
    kind: 'indication',
    transactionId,
    attributes: [peer, { type: ATTRIBUTE.data, value: Buffer.from('data') }],
  }),
  encodeChannelData({ channel: 0x4001, data: Buffer.from('data') }, { padded: true }),
]

let server: TurnServer
let client: TurnTestClient

/** The server answers afterwards as before. */
async function answers(): Promise<void> {
  const answer = await client.ask(METHOD.binding).catch(() => undefined)
  if (answer === undefined) throw new Broken('it does not answer any more')
}

export const stunTargets: readonly Target[] = [
  {
    name: 'stun-message',
    samples,
    take: (input) => {
      const message = decodeStun(input)
      const again = decodeStun(encodeStun(message))
      if (JSON.stringify(again) !== JSON.stringify(message)) throw new Broken('a message does not come back')
      const address = attributeOf(message, ATTRIBUTE.xorPeerAddress)
      if (address) decodeXorAddress(address, message.transactionId)
    },
    isOwn,
  },
  {
    name: 'turn-stream',
    samples: () => [Buffer.concat(samples())],
    take: (input) => {
      const frames = new TurnFrames().push(input)
      if (frames.reduce((sum, one) => sum + one.length, 0) > input.length) throw new Broken('frames grew')
    },
    isOwn,
  },
  {
    name: 'turn-port',
    takesAll: true,
    samples,
    take: async (input) => {
      const socket = createSocket('udp4')
      try {
        socket.bind(0, HERE)
        await once(socket, 'listening')
        await new Promise<void>((resolve) => socket.send(input, server.port, HERE, () => resolve()))
        await answers()
      } finally {
        socket.close()
      }
    },
    isOwn,
    open: async () => {
      server = new TurnServer(
        { listen: { host: HERE, port: 0 }, name: HERE, relayAddress: HERE, from: HERE },
        { log: silentLog, peers: { owns: () => true, reach: () => undefined } },
      )
      await server.start()
      client = await TurnTestClient.open('tcp', server.port)
      // With an allocation its questions are not counted as a stranger's.
      const [{ username = '', credential = '' } = {}] = server.iceServers()
      client.credentials = { username, credential }
      await client.allocate()
      return async () => {
        client.close()
        await server.stop()
      }
    },
  },
]
