import { createHash, randomBytes } from 'node:crypto'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { connect as connectTcp } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { decodeXorAddress, type Endpoint, encodeXorAddress } from '../webrtc/turn/stun-address.ts'
import {
  ATTRIBUTE,
  attributeOf,
  decodeStun,
  encodeStun,
  METHOD,
  type ReceivedStun,
  type StunAttribute,
  uint32,
} from '../webrtc/turn/stun-message.ts'
import type { TurnCredentials } from '../webrtc/turn/turn-credentials.ts'
import { decodeChannelData, encodeChannelData, isChannelData, TurnFrames } from '../webrtc/turn/turn-frame.ts'

type Wire = { send(bytes: Uint8Array): void; close(): void; readonly isStream: boolean }

/** A TURN client for tests, of one message at a time. */
export class TurnTestClient {
  readonly #wire: Wire
  readonly #waiting = new Map<string, (message: ReceivedStun) => void>()
  /** Data that arrived: from a peer, or on a channel. */
  readonly data: { readonly from: Endpoint | number; readonly data: string }[] = []
  closed = false
  credentials: TurnCredentials | undefined
  realm = ''
  nonce = ''

  private constructor(open: (take: (bytes: Uint8Array) => void, gone: () => void) => Wire) {
    this.#wire = open(
      (bytes) => this.#take(bytes),
      () => {
        this.closed = true
      },
    )
  }

  static async open(transport: 'udp' | 'tcp' | 'tls', port: number): Promise<TurnTestClient> {
    if (transport === 'udp') {
      const socket = createSocket('udp4')
      socket.bind(0, '127.0.0.1')
      await once(socket, 'listening')
      return new TurnTestClient((take) => {
        socket.on('message', take)
        return { send: (bytes) => socket.send(bytes, port, '127.0.0.1'), close: () => socket.close(), isStream: false }
      })
    }
    const socket =
      transport === 'tcp'
        ? connectTcp(port, '127.0.0.1')
        : connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false })
    await once(socket, transport === 'tcp' ? 'connect' : 'secureConnect')
    return new TurnTestClient((take, gone) => {
      const frames = new TurnFrames()
      socket.on('data', (bytes) => frames.push(bytes).forEach(take))
      socket.on('error', () => {})
      socket.on('close', gone)
      return { send: (bytes) => void socket.write(bytes), close: () => socket.destroy(), isStream: true }
    })
  }

  close(): void {
    this.#wire.close()
  }

  raw(bytes: Uint8Array): void {
    this.#wire.send(bytes)
  }

  /** Sends a request as it is, without credentials. */
  ask(method: number, attributes: readonly StunAttribute[] = [], key?: Uint8Array): Promise<ReceivedStun> {
    const transactionId = new Uint8Array(randomBytes(12))
    return this.repeat(encodeStun({ method, kind: 'request', transactionId, attributes }, { key }), transactionId)
  }

  repeat(bytes: Uint8Array, transactionId: Uint8Array): Promise<ReceivedStun> {
    this.#wire.send(bytes)
    const id = Buffer.from(transactionId).toString('hex')
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error('no answer')), 2_000)
      this.#waiting.set(id, (message) => {
        clearTimeout(timer)
        resolve(message)
      })
    })
  }

  /** The attributes and the key of a request that is signed as the server wants it. */
  signed(attributes: readonly StunAttribute[]): [readonly StunAttribute[], Uint8Array] {
    const { username = '', credential = '' } = this.credentials ?? {}
    const key = createHash('md5').update(`${username}:${this.realm}:${credential}`).digest()
    return [
      [
        ...attributes,
        { type: ATTRIBUTE.username, value: Buffer.from(username) },
        { type: ATTRIBUTE.realm, value: Buffer.from(this.realm) },
        { type: ATTRIBUTE.nonce, value: Buffer.from(this.nonce) },
      ],
      key,
    ]
  }

  /** Asks with credentials; learns realm and nonce from the first refusal. */
  async request(method: number, attributes: readonly StunAttribute[] = []): Promise<ReceivedStun> {
    const answer = await this.ask(method, ...this.signed(attributes))
    const code = errorOf(answer)
    const nonce = textOf(answer, ATTRIBUTE.nonce)
    if ((code !== 401 && code !== 438) || nonce === undefined || nonce === this.nonce) return answer
    this.nonce = nonce
    this.realm = textOf(answer, ATTRIBUTE.realm) ?? ''
    return this.ask(method, ...this.signed(attributes))
  }

  allocate(more: readonly StunAttribute[] = []): Promise<ReceivedStun> {
    return this.request(METHOD.allocate, [UDP_TRANSPORT, ...more])
  }

  permit(...addresses: readonly string[]): Promise<ReceivedStun> {
    const transactionId = new Uint8Array(randomBytes(12))
    return this.#withPeers(
      METHOD.createPermission,
      addresses.map((address) => ({ address, port: 0 })),
      [],
      transactionId,
    )
  }

  bind(channel: number, peer: Endpoint): Promise<ReceivedStun> {
    const number = { type: ATTRIBUTE.channelNumber, value: uint32(channel << 16) }
    return this.#withPeers(METHOD.channelBind, [peer], [number], new Uint8Array(randomBytes(12)))
  }

  send(peer: Endpoint, text: string): void {
    const transactionId = new Uint8Array(randomBytes(12))
    const attributes = [
      { type: ATTRIBUTE.xorPeerAddress, value: encodeXorAddress(peer, transactionId) },
      { type: ATTRIBUTE.data, value: Buffer.from(text) },
    ]
    this.#wire.send(encodeStun({ method: METHOD.send, kind: 'indication', transactionId, attributes }))
  }

  sendOn(channel: number, text: string): void {
    this.#wire.send(encodeChannelData({ channel, data: Buffer.from(text) }, { padded: this.#wire.isStream }))
  }

  /** Addresses are written with the number of their own message. */
  #withPeers(method: number, peers: readonly Endpoint[], more: readonly StunAttribute[], transactionId: Uint8Array) {
    const written = peers.map((peer) => ({
      type: ATTRIBUTE.xorPeerAddress,
      value: encodeXorAddress(peer, transactionId),
    }))
    const [attributes, key] = this.signed([...more, ...written])
    return this.repeat(encodeStun({ method, kind: 'request', transactionId, attributes }, { key }), transactionId)
  }

  #take(bytes: Uint8Array): void {
    if (isChannelData(bytes)) {
      const { channel, data } = decodeChannelData(bytes)
      this.data.push({ from: channel, data: Buffer.from(data).toString() })
      return
    }
    const message = decodeStun(bytes)
    if (message.method === METHOD.data) {
      const from = decodeXorAddress(attributeOf(message, ATTRIBUTE.xorPeerAddress)!, message.transactionId)
      this.data.push({ from, data: Buffer.from(attributeOf(message, ATTRIBUTE.data)!).toString() })
      return
    }
    const id = Buffer.from(message.transactionId).toString('hex')
    this.#waiting.get(id)?.(message)
    this.#waiting.delete(id)
  }
}

export const UDP_TRANSPORT: StunAttribute = { type: ATTRIBUTE.requestedTransport, value: uint32(17 << 24) }

/** The number of a refusal; undefined for a success. */
export function errorOf(message: ReceivedStun): number | undefined {
  const value = attributeOf(message, ATTRIBUTE.errorCode)
  return value && value[2]! * 100 + value[3]!
}

function textOf(message: ReceivedStun, type: number): string | undefined {
  const value = attributeOf(message, type)
  return value && Buffer.from(value).toString()
}

/** What a permission and a packet through an allocation come to; for tests that know no messages. */
export async function allocateFor(client: TurnTestClient, address: string): Promise<readonly (number | undefined)[]> {
  return [errorOf(await client.allocate()), errorOf(await client.permit(address))]
}
