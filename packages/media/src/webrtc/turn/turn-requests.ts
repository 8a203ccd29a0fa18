import { decodeXorAddress, type Endpoint, encodeXorAddress } from './stun-address.ts'
import {
  ATTRIBUTE,
  attributeOf,
  encodeStun,
  METHOD,
  type ReceivedStun,
  type StunAttribute,
  uint32,
} from './stun-message.ts'
import { type RelayPeers, TurnAllocation } from './turn-allocation.ts'
import type { TurnAuth } from './turn-credentials.ts'
import { encodeChannelData, FIRST_CHANNEL, LAST_CHANNEL } from './turn-frame.ts'

const UDP = 17
const IPV4 = 1
const LONGEST_NAME = 509
const KNOWN = new Set<number>(Object.values(ATTRIBUTE))
/** Parts of the protocol that are left out: a client is told so, as RFC 8489, section 6.3.1, asks. */
const LEFT_OUT = new Set<number>([ATTRIBUTE.dontFragment, ATTRIBUTE.reservationToken])

export type TurnLimits = {
  /** Allocations of one session of a client, and of one address. */
  readonly perName: number
  readonly perAddress: number
  readonly inAll: number
  readonly bytesPerSecond: number
  /** How long an allocation lives without a word, in seconds, unless its client asks for less or more. */
  readonly lifetimeS: number
  readonly maxLifetimeS: number
}

/** Somebody who sends messages, by whatever transport. */
export type TurnClient = Endpoint & {
  /** Tells clients apart: transport, address and port. */
  readonly key: string
  /** TCP and TLS, where frames are padded. */
  readonly isStream: boolean
  send(bytes: Uint8Array): void
}

export type TurnRequestsOptions = {
  readonly auth: TurnAuth
  readonly limits: TurnLimits
  /** The local address that packets are relayed from, and what clients are told of it. */
  readonly from: string
  readonly relayAddress: string
}

type Owner = { readonly username: string; readonly address: string }
type Refused = { readonly code: number; readonly reason: string; readonly more?: readonly StunAttribute[] }

/** Answers what clients ask of a TURN server (RFC 8656) and keeps their allocations. */
export class TurnRequests {
  readonly #options: TurnRequestsOptions
  readonly #peers: RelayPeers
  readonly #allocations = new Map<string, Owner & { readonly allocation: TurnAllocation }>()
  /** Clients whose allocation is being made. */
  readonly #opening = new Map<string, Owner>()

  constructor(options: TurnRequestsOptions, peers: RelayPeers) {
    this.#options = options
    this.#peers = peers
  }

  get allocations(): number {
    return this.#allocations.size
  }

  has(client: Pick<TurnClient, 'key'>): boolean {
    return this.#allocations.has(client.key)
  }

  /** Data of a channel, which is neither signed nor answered. */
  channelData(client: TurnClient, channel: number, data: Uint8Array): void {
    this.#allocations.get(client.key)?.allocation.sendOn(channel, data, Date.now())
  }

  /** Answers a message; undefined where there is nothing to say. Throws `bad_stun` for an attribute that cannot be read. */
  async answer(client: TurnClient, message: ReceivedStun): Promise<Uint8Array | undefined> {
    const { method, kind, transactionId } = message
    if (kind === 'indication') {
      if (method === METHOD.send) this.#send(client, message)
      return undefined
    }
    if (kind !== 'request') return undefined
    if (method === METHOD.binding) {
      const mapped = { type: ATTRIBUTE.xorMappedAddress, value: encodeXorAddress(client, transactionId) }
      return encodeStun({ method, kind: 'success', transactionId, attributes: [mapped] }, { fingerprint: true })
    }
    const username = this.#signedBy(client, message)
    if (typeof username !== 'string') return refusal(message, username)
    const key = this.#options.auth.keyOf(username)
    const unknown = message.attributes.map(({ type }) => type).filter((type) => type < 0x8000 && !isTaken(type))
    const answered = unknown.length > 0 ? unknownAttributes(unknown) : await this.#act(client, message, username, key)
    if (answered instanceof Uint8Array) return answered
    if ('code' in answered) return refusal(message, answered, key)
    return encodeStun({ method, kind: 'success', transactionId, attributes: answered.attributes }, { key })
  }

  /** Ends what nobody has asked for lately; the result names those who lost it. */
  sweep(now: number): string[] {
    const over = [...this.#allocations].filter(([, { allocation }]) => allocation.expiresAt <= now).map(([key]) => key)
    for (const key of over) this.end(key)
    return over
  }

  end(key: string): void {
    this.#allocations.get(key)?.allocation.close()
    this.#allocations.delete(key)
  }

  close(): void {
    for (const key of [...this.#allocations.keys()]) this.end(key)
  }

  #act(client: TurnClient, message: ReceivedStun, username: string, key: Uint8Array): Promise<Answered> | Answered {
    if (message.method === METHOD.allocate) return this.#allocate(client, message, username, key)
    const allocation = this.#allocations.get(client.key)?.allocation
    if (!allocation) return { code: 437, reason: 'there is no allocation' }
    if (allocation.username !== username) return { code: 441, reason: 'the allocation is of another name' }
    if (message.method === METHOD.refresh) return this.#refresh(client, message, allocation)
    if (message.method === METHOD.createPermission) return this.#permit(message, allocation)
    if (message.method === METHOD.channelBind) return this.#bind(message, allocation)
    return { code: 400, reason: 'this method is not known' }
  }

  /** The name whose password signed the message, or why it is refused (RFC 8489, section 9.2.4). */
  #signedBy(client: TurnClient, message: ReceivedStun): string | Refused {
    const { auth } = this.#options
    const challenge = (code: number, reason: string): Refused => ({
      code,
      reason,
      more: [
        { type: ATTRIBUTE.realm, value: Buffer.from(auth.realm) },
        { type: ATTRIBUTE.nonce, value: Buffer.from(auth.nonce(client.address)) },
      ],
    })
    const username = textOf(message, ATTRIBUTE.username)
    const nonce = textOf(message, ATTRIBUTE.nonce)
    if (username === undefined || nonce === undefined || username.length > LONGEST_NAME)
      return challenge(401, 'give name and password')
    if (!auth.isFresh(nonce, client.address)) return challenge(438, 'the nonce is stale')
    if (textOf(message, ATTRIBUTE.realm) !== auth.realm || !message.isSignedWith(auth.keyOf(username)))
      return challenge(401, 'name or password is wrong')
    // A session that goes on may outlive its name; a new one may not begin with it.
    const isNew = message.method === METHOD.allocate && !this.#allocations.has(client.key)
    return isNew && !auth.isCurrent(username) ? challenge(401, 'the time of this name is over') : username
  }

  async #allocate(client: TurnClient, message: ReceivedStun, username: string, key: Uint8Array): Promise<Answered> {
    const { limits, from, relayAddress } = this.#options
    const transaction = Buffer.from(message.transactionId).toString('hex')
    const known = this.#allocations.get(client.key)?.allocation
    if (known?.made?.transaction === transaction) return known.made.answer
    if (known || this.#opening.has(client.key)) return { code: 437, reason: 'there is an allocation already' }
    const transport = attributeOf(message, ATTRIBUTE.requestedTransport)
    if (transport?.length !== 4) return { code: 400, reason: 'REQUESTED-TRANSPORT is missing' }
    if (transport[0] !== UDP) return { code: 442, reason: 'only UDP is relayed' }
    const family = attributeOf(message, ATTRIBUTE.requestedAddressFamily)
    if (family && family[0] !== IPV4) return { code: 440, reason: 'only IPv4 is relayed' }
    if (attributeOf(message, ATTRIBUTE.evenPort)) return { code: 508, reason: 'ports are not chosen here' }
    const all = [...this.#allocations.values(), ...this.#opening.values()]
    if (all.filter((one) => one.username === username).length >= limits.perName)
      return { code: 486, reason: 'this name has enough allocations' }
    if (all.filter((one) => one.address === client.address).length >= limits.perAddress)
      return { code: 486, reason: 'this address has enough allocations' }
    if (all.length >= limits.inAll) return { code: 508, reason: 'there are too many allocations' }
    const lifetimeS = Math.max(limits.lifetimeS, this.#lifetimeOf(message) ?? 0)
    this.#opening.set(client.key, { username, address: client.address })
    try {
      const allocation = await TurnAllocation.open(
        { username, bytesPerSecond: limits.bytesPerSecond, from, expiresAt: Date.now() + lifetimeS * 1_000 },
        this.#peers,
        (peer, channel, data) => client.send(delivered(client, peer, channel, data)),
      )
      const answer = encodeStun(
        {
          method: message.method,
          kind: 'success',
          transactionId: message.transactionId,
          attributes: [
            {
              type: ATTRIBUTE.xorRelayedAddress,
              value: encodeXorAddress({ address: relayAddress, port: allocation.port }, message.transactionId),
            },
            { type: ATTRIBUTE.lifetime, value: uint32(lifetimeS) },
            { type: ATTRIBUTE.xorMappedAddress, value: encodeXorAddress(client, message.transactionId) },
          ],
        },
        { key },
      )
      allocation.made = { transaction, answer }
      this.#allocations.set(client.key, { allocation, username, address: client.address })
      return answer
    } catch {
      return { code: 508, reason: 'there is no free port' }
    } finally {
      this.#opening.delete(client.key)
    }
  }

  #refresh(client: TurnClient, message: ReceivedStun, allocation: TurnAllocation): Answered {
    const wanted = this.#lifetimeOf(message) ?? this.#options.limits.lifetimeS
    const lifetimeS = wanted === 0 ? 0 : Math.max(this.#options.limits.lifetimeS, wanted)
    if (lifetimeS === 0) this.end(client.key)
    else allocation.expiresAt = Date.now() + lifetimeS * 1_000
    return { attributes: [{ type: ATTRIBUTE.lifetime, value: uint32(lifetimeS) }] }
  }

  #permit(message: ReceivedStun, allocation: TurnAllocation): Answered {
    const peers = message.attributes
      .filter(({ type }) => type === ATTRIBUTE.xorPeerAddress)
      .map(({ value }) => decodeXorAddress(value, message.transactionId))
    if (peers.length === 0) return { code: 400, reason: 'XOR-PEER-ADDRESS is missing' }
    if (!peers.every(({ address }) => this.#peers.owns(address))) return FORBIDDEN
    const now = Date.now()
    const all = peers.every(({ address }) => allocation.permit(address, now))
    return all ? { attributes: [] } : { code: 508, reason: 'there are too many permissions' }
  }

  #bind(message: ReceivedStun, allocation: TurnAllocation): Answered {
    const value = attributeOf(message, ATTRIBUTE.xorPeerAddress)
    const number = attributeOf(message, ATTRIBUTE.channelNumber)
    if (!value || number?.length !== 4) return { code: 400, reason: 'CHANNEL-NUMBER or XOR-PEER-ADDRESS is missing' }
    const channel = (number[0]! << 8) | number[1]!
    if (channel < FIRST_CHANNEL || channel > LAST_CHANNEL) return { code: 400, reason: 'there is no such channel' }
    const peer = decodeXorAddress(value, message.transactionId)
    if (!this.#peers.owns(peer.address)) return FORBIDDEN
    const bound = allocation.bind(channel, peer, Date.now())
    if (bound === 'taken') return { code: 400, reason: 'the channel or the peer is bound already' }
    return bound === 'full' ? { code: 508, reason: 'there are too many channels' } : { attributes: [] }
  }

  #send(client: TurnClient, message: ReceivedStun): void {
    const allocation = this.#allocations.get(client.key)?.allocation
    const value = attributeOf(message, ATTRIBUTE.xorPeerAddress)
    const data = attributeOf(message, ATTRIBUTE.data)
    if (allocation && value && data) allocation.send(decodeXorAddress(value, message.transactionId), data, Date.now())
  }

  #lifetimeOf(message: ReceivedStun): number | undefined {
    const value = attributeOf(message, ATTRIBUTE.lifetime)
    if (value?.length !== 4) return undefined
    return Math.min(this.#options.limits.maxLifetimeS, Buffer.from(value).readUInt32BE(0))
  }
}

type Answered = Refused | Uint8Array | { readonly attributes: readonly StunAttribute[] }

const FORBIDDEN: Refused = { code: 403, reason: 'packets are relayed to this gateway only' }

function delivered(client: TurnClient, peer: Endpoint, channel: number | undefined, data: Uint8Array): Uint8Array {
  if (channel !== undefined) return encodeChannelData({ channel, data }, { padded: client.isStream })
  const transactionId = crypto.getRandomValues(new Uint8Array(12))
  const attributes = [
    { type: ATTRIBUTE.xorPeerAddress, value: encodeXorAddress(peer, transactionId) },
    { type: ATTRIBUTE.data, value: data },
  ]
  return encodeStun({ method: METHOD.data, kind: 'indication', transactionId, attributes })
}

function refusal(
  { method, transactionId }: ReceivedStun,
  { code, reason, more = [] }: Refused,
  key?: Uint8Array,
): Uint8Array {
  const value = Buffer.concat([Buffer.of(0, 0, Math.floor(code / 100), code % 100), Buffer.from(reason)])
  const attributes = [{ type: ATTRIBUTE.errorCode, value }, ...more]
  return encodeStun({ method, kind: 'error', transactionId, attributes }, { key })
}

function unknownAttributes(types: readonly number[]): Refused {
  const value = Buffer.alloc(types.length * 2)
  for (const [i, type] of types.entries()) value.writeUInt16BE(type, i * 2)
  return { code: 420, reason: 'unknown attribute', more: [{ type: ATTRIBUTE.unknownAttributes, value }] }
}

const isTaken = (type: number): boolean => KNOWN.has(type) && !LEFT_OUT.has(type)

function textOf(message: ReceivedStun, type: number): string | undefined {
  const value = attributeOf(message, type)
  return value && Buffer.from(value).toString('utf8')
}
