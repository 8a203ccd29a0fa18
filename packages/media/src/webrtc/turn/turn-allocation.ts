import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { ByteBudget } from './byte-budget.ts'
import type { Endpoint } from './stun-address.ts'

const PERMISSION_MS = 5 * 60_000
const CHANNEL_MS = 10 * 60_000
const MAX_PERMISSIONS = 20
const MAX_CHANNELS = 20

/** Whom packets may be relayed to: this gateway's own WebRTC sessions and nobody else. */
export type RelayPeers = {
  /** True for addresses that clients are told as this gateway's. */
  owns(address: string): boolean
  /** Where a session that clients know as this endpoint really listens; undefined when none does. */
  reach(endpoint: Endpoint): Endpoint | undefined
}

export type AllocationOptions = {
  readonly username: string
  readonly bytesPerSecond: number
  /** The local address that packets are relayed from. */
  readonly from: string
  readonly expiresAt: number
}

/** What a client is handed: data on a channel where it has bound one, else from a peer. */
export type Deliver = (peer: Endpoint, channel: number | undefined, data: Uint8Array) => void

/** One client's place on this server (RFC 8656, section 2.2): a socket of its own, and what may pass through it. */
export class TurnAllocation {
  readonly username: string
  /** The transaction that made it, with the answer, for a client whose answer was lost. */
  made: { readonly transaction: string; readonly answer: Uint8Array } | undefined
  expiresAt: number
  readonly #socket: Socket
  readonly #peers: RelayPeers
  readonly #permissions = new Map<string, number>()
  readonly #channels = new Map<number, { readonly peer: Endpoint; until: number }>()
  /** What the client calls a peer, by where it really is. */
  readonly #names = new Map<string, Endpoint>()
  readonly #up: ByteBudget
  readonly #down: ByteBudget
  #closed = false

  private constructor(socket: Socket, options: AllocationOptions, peers: RelayPeers, deliver: Deliver) {
    this.username = options.username
    this.expiresAt = options.expiresAt
    this.#socket = socket
    this.#peers = peers
    this.#up = new ByteBudget(options.bytesPerSecond, Date.now())
    this.#down = new ByteBudget(options.bytesPerSecond, Date.now())
    socket.on('error', () => {})
    socket.on('message', (data, { address, port }) => {
      const now = Date.now()
      // Whoever the client has not called first is not let through.
      const peer = this.#names.get(keyOf({ address, port }))
      if (peer === undefined || !this.#permits(peer.address, now) || !this.#down.take(data.length, now)) return
      deliver(peer, this.#channelOf(peer, now), data)
    })
  }

  static async open(options: AllocationOptions, peers: RelayPeers, deliver: Deliver): Promise<TurnAllocation> {
    const socket = createSocket('udp4')
    try {
      socket.bind({ address: options.from, port: 0, exclusive: true })
      await once(socket, 'listening')
    } catch (error) {
      socket.close()
      throw error
    }
    return new TurnAllocation(socket, options, peers, deliver)
  }

  get port(): number {
    return this.#socket.address().port
  }

  /** False when there are too many already. The address must be one of the gateway's. */
  permit(address: string, now: number): boolean {
    if (!this.#permissions.has(address) && this.#permissions.size >= MAX_PERMISSIONS) return false
    this.#permissions.set(address, now + PERMISSION_MS)
    return true
  }

  /** Binds a channel, which is a permission as well; `taken` when it or the peer is bound otherwise. */
  bind(channel: number, peer: Endpoint, now: number): 'bound' | 'taken' | 'full' {
    for (const [number, { until }] of this.#channels) if (until <= now) this.#channels.delete(number)
    const known = this.#channels.get(channel)
    const other = this.#channelOf(peer, now)
    if (known ? keyOf(known.peer) !== keyOf(peer) : other !== undefined) return 'taken'
    if (!known && this.#channels.size >= MAX_CHANNELS) return 'full'
    if (!this.permit(peer.address, now)) return 'full'
    this.#channels.set(channel, { peer, until: now + CHANNEL_MS })
    return 'bound'
  }

  /** Relays a packet that came on a channel; one that is not bound takes nothing. */
  sendOn(channel: number, data: Uint8Array, now: number): void {
    const bound = this.#channels.get(channel)
    if (bound && bound.until > now) this.send(bound.peer, data, now)
  }

  /** Relays a packet to a session of this gateway; what may not pass, or would be too much, is lost as packets are. */
  send(peer: Endpoint, data: Uint8Array, now: number): void {
    if (this.#closed || !this.#permits(peer.address, now)) return
    const real = this.#peers.reach(peer)
    if (real === undefined || !this.#up.take(data.length, now)) return
    this.#names.set(keyOf(real), peer)
    this.#socket.send(data, real.port, real.address)
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#socket.close()
  }

  #permits(address: string, now: number): boolean {
    return (this.#permissions.get(address) ?? 0) > now
  }

  #channelOf(peer: Endpoint, now: number): number | undefined {
    for (const [channel, bound] of this.#channels)
      if (bound.until > now && keyOf(bound.peer) === keyOf(peer)) return channel
    return undefined
  }
}

const keyOf = ({ address, port }: Endpoint): string => `${address} ${port}`
