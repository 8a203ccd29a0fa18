import { createSocket, type Socket as UdpSocket } from 'node:dgram'
import { once } from 'node:events'
import { createServer, isIP, isIPv6, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer, type Server as TlsServer } from 'node:tls'
import { errorText, hasCode, type Log, MillraceError, type Part } from '@millrace/base'
import type { IceServer } from '../webrtc-options.ts'
import { decodeStun, MAX_STUN_BYTES } from './stun-message.ts'
import type { RelayPeers } from './turn-allocation.ts'
import { TurnAuth } from './turn-credentials.ts'
import { decodeChannelData, isChannelData, TurnFrames } from './turn-frame.ts'
import { type TurnClient, type TurnLimits, TurnRequests } from './turn-requests.ts'

const LIMITS: TurnLimits = {
  perName: 12,
  perAddress: 60,
  inAll: 1_000,
  bytesPerSecond: 2_500_000,
  lifetimeS: 600,
  maxLifetimeS: 3_600,
}
const NAME_LIFE_MS = 12 * 3600_000
const SWEEP_EVERY_MS = 1_000
/** Until a connection must have an allocation. */
const IDLE_MS = 15_000
const MAX_CONNECTIONS = 1_200
const CONNECTIONS_PER_ADDRESS = 60
/** A client that does not read loses packets, as over UDP; it does not make memory grow. */
const MAX_BACKLOG_BYTES = 512 * 1024
/** Answers a second that an address is given before it has an allocation. */
const STRANGER_ANSWERS = 100
const MAX_STRANGERS = 10_000

/** Version 1 of the PROXY protocol: who connected to the machine that hands a connection on. */
const PROXY_LINE = /^PROXY TCP[46] (\S{2,45}) \S{2,45} (\d{1,5}) \d{1,5}\r\n/
const MAX_PROXY_LINE = 107

export type TurnCertificate = { readonly cert: Buffer | string; readonly key: Buffer | string }

export type TurnServerOptions = {
  /** UDP and TCP. */
  readonly listen: { readonly host: string; readonly port: number }
  /** TLS; the certificate is for `name`. */
  readonly secure?: { readonly host: string; readonly port: number } | undefined
  /** A port of HTTPS for the same name, whose server hands TURN over TLS on to this one. */
  readonly besideHttps?: number | undefined
  /** The name or address that clients are told. */
  readonly name: string
  /** The address that relayed packets seem to come from; nobody else needs to reach it. */
  readonly relayAddress: string
  /** The local address that packets are relayed from. */
  readonly from: string
  readonly limits?: Partial<TurnLimits> | undefined
}

/**
 * A TURN server (RFC 8656, with STUN of RFC 8489) over UDP, TCP and TLS, for clients whose network lets nothing else through.
 * It relays to this gateway's own sessions only, so it is of no use to anybody who wants to reach others.
 */
export class TurnServer implements Part {
  readonly name = 'turn'
  readonly #options: TurnServerOptions
  readonly #log: Log
  readonly #auth: TurnAuth
  readonly #requests: TurnRequests
  readonly #sockets = new Map<string, Socket>()
  /** All connections, also those that have said nothing yet. */
  readonly #open = new Set<Socket>()
  readonly #strangers = new Map<string, number>()
  #udp: UdpSocket | undefined
  #tcp: Server | undefined
  #tls: TlsServer | undefined
  #sweep: ReturnType<typeof setInterval> | undefined

  constructor(options: TurnServerOptions, deps: { readonly log: Log; readonly peers: RelayPeers }) {
    this.#options = options
    this.#log = deps.log
    this.#auth = new TurnAuth({ realm: 'millrace', lifeMs: NAME_LIFE_MS })
    this.#requests = new TurnRequests(
      {
        auth: this.#auth,
        limits: { ...LIMITS, ...options.limits },
        from: options.from,
        relayAddress: options.relayAddress,
      },
      deps.peers,
    )
  }

  get port(): number {
    return portOf(this.#tcp) ?? this.#options.listen.port
  }

  /** Undefined until there is a certificate. */
  get securePort(): number | undefined {
    return portOf(this.#tls)
  }

  get allocations(): number {
    return this.#requests.allocations
  }

  /** What one client is told: every way in, with a name and a password of its own. */
  iceServers(): IceServer[] {
    const credentials = this.#auth.issue()
    const { name } = this.#options
    const host = isIPv6(name) ? `[${name}]` : name
    const urls = [`turn:${host}:${this.port}?transport=udp`, `turn:${host}:${this.port}?transport=tcp`]
    if (this.securePort !== undefined) urls.push(`turns:${host}:${this.securePort}?transport=tcp`)
    if (this.#options.besideHttps !== undefined) urls.push(`turns:${host}:${this.#options.besideHttps}?transport=tcp`)
    return urls.map((url) => ({ urls: url, ...credentials }))
  }

  /** UDP at the port of TCP. */
  async #bind(host: string): Promise<UdpSocket> {
    const udp = createSocket(isIPv6(host) ? 'udp6' : 'udp4')
    udp.bind({ address: host, port: this.port, exclusive: true })
    await once(udp, 'listening')
    return udp
  }

  /** Throws `port_in_use` or `cannot_listen`. */
  async start(): Promise<void> {
    const { host, port } = this.#options.listen
    // A port that the system chose for TCP may be another program's for UDP.
    let udp: UdpSocket
    for (let tries = port === 0 ? 5 : 1; ; tries--) {
      this.#tcp = createServer((socket) => this.#connected(socket, 'tcp'))
      await listen(this.#tcp, host, port)
      try {
        udp = await this.#bind(host)
        break
      } catch (cause) {
        if (tries === 1) throw cannotListen(cause, host, this.port)
        this.#tcp.close()
      }
    }
    this.#udp = udp
    udp.on('error', (error) => this.#log.debug('the TURN port failed', { error: errorText(error) }))
    udp.on('message', (bytes, { address, port: from }) => {
      const client: TurnClient = {
        address,
        port: from,
        key: `udp ${address} ${from}`,
        isStream: false,
        send: (answer) => void this.#udp?.send(answer, from, address),
      }
      void this.#take(client, bytes)
    })
    this.#sweep = setInterval(() => {
      this.#strangers.clear()
      for (const key of this.#requests.sweep(Date.now())) this.#sockets.get(key)?.destroy()
    }, SWEEP_EVERY_MS)
    this.#sweep.unref()
  }

  /** Opens the TLS port with the first certificate, and goes over to later ones. Throws as `start` does. */
  async setCertificate(pair: TurnCertificate): Promise<void> {
    const { secure } = this.#options
    if (!secure) return
    if (this.#tls) return this.#tls.setSecureContext(pair)
    this.#tls = createTlsServer({ ...pair, handshakeTimeout: IDLE_MS }, (socket) => this.#connected(socket, 'tls'))
    this.#tls.on('tlsClientError', (error) => this.#log.debug('a TLS handshake failed', { error: errorText(error) }))
    await listen(this.#tls, secure.host, secure.port)
  }

  async stop(): Promise<void> {
    clearInterval(this.#sweep)
    this.#requests.close()
    const closed = [this.#tcp, this.#tls].map(
      (server) => new Promise<void>((resolve) => (server?.listening ? server.close(() => resolve()) : resolve())),
    )
    for (const socket of this.#open) socket.destroy()
    this.#udp?.close()
    this.#udp = undefined
    await Promise.all(closed)
  }

  #connected(socket: Socket, transport: 'tcp' | 'tls'): void {
    const address = (socket.remoteAddress ?? '').replace(/^::ffff:/, '')
    const port = socket.remotePort ?? 0
    socket.on('error', () => socket.destroy())
    if (this.#open.size >= MAX_CONNECTIONS) return void socket.destroy()
    this.#open.add(socket)
    socket.once('close', () => this.#open.delete(socket))
    if (transport === 'tls' || !isLoopback(address)) return this.#serve(socket, { address, port, transport })
    // The port of HTTPS on this machine hands clients on, and says in a first line who they are.
    socket.once('data', (bytes) => {
      const [line = '', ip = '', from = ''] =
        PROXY_LINE.exec(bytes.subarray(0, MAX_PROXY_LINE).toString('latin1')) ?? []
      const rest = bytes.subarray(line.length)
      const client =
        line === '' ? { address, port, transport } : { address: ip, port: Number(from), transport: 'https' }
      this.#serve(socket, client, rest)
    })
    const idle = setTimeout(() => socket.destroy(), IDLE_MS)
    idle.unref()
    socket.once('data', () => clearTimeout(idle))
    socket.once('close', () => clearTimeout(idle))
  }

  #serve(
    socket: Socket,
    from: { readonly address: string; readonly port: number; readonly transport: string },
    first?: Uint8Array,
  ): void {
    const { address, port, transport } = from
    const key = `${transport} ${address} ${port}`
    const ofAddress = [...this.#sockets.keys()].filter((one) => one.startsWith(`${transport} ${address} `)).length
    if (isIP(address) === 0 || ofAddress >= CONNECTIONS_PER_ADDRESS) return void socket.destroy()
    this.#sockets.set(key, socket)
    socket.setNoDelay(true)
    const idle = setTimeout(() => this.#requests.has({ key }) || socket.destroy(), IDLE_MS)
    idle.unref()
    const client: TurnClient = {
      address,
      port,
      key,
      isStream: true,
      send: (bytes) => {
        if (socket.writable && socket.writableLength <= MAX_BACKLOG_BYTES) socket.write(bytes)
      },
    }
    const frames = new TurnFrames()
    const read = (bytes: Uint8Array) => {
      try {
        for (const frame of frames.push(bytes)) void this.#take(client, frame)
      } catch {
        socket.destroy()
      }
    }
    socket.on('data', read)
    socket.on('close', () => {
      clearTimeout(idle)
      this.#sockets.delete(key)
      this.#requests.end(key)
    })
    if (first && first.length > 0) read(first)
  }

  async #take(client: TurnClient, bytes: Uint8Array): Promise<void> {
    if (bytes.length === 0 || bytes.length > MAX_STUN_BYTES) return
    try {
      if (isChannelData(bytes)) {
        const { channel, data } = decodeChannelData(bytes)
        return this.#requests.channelData(client, channel, data)
      }
      const message = decodeStun(bytes)
      if (!this.#requests.has(client) && !this.#mayBeAnswered(client.address)) return
      const answer = await this.#requests.answer(client, message)
      if (answer) client.send(answer)
      // A client that left while its allocation was made keeps none.
      if (client.isStream && !this.#sockets.has(client.key)) this.#requests.end(client.key)
    } catch (error) {
      if (!hasCode(error, 'bad_stun'))
        this.#log.debug('a TURN message could not be answered', { error: errorText(error) })
    }
  }

  /** The address of a datagram may be false: nobody is sent many answers for it. */
  #mayBeAnswered(address: string): boolean {
    const count = this.#strangers.get(address) ?? 0
    if (count >= STRANGER_ANSWERS || (count === 0 && this.#strangers.size >= MAX_STRANGERS)) return false
    this.#strangers.set(address, count + 1)
    return true
  }
}

const isLoopback = (address: string): boolean => address === '::1' || address.startsWith('127.')

async function listen(server: Server, host: string, port: number): Promise<void> {
  try {
    server.listen(port, host)
    await once(server, 'listening')
  } catch (cause) {
    throw cannotListen(cause, host, port)
  }
}

function cannotListen(cause: unknown, host: string, port: number): MillraceError {
  if ((cause as NodeJS.ErrnoException).code === 'EADDRINUSE')
    return new MillraceError('port_in_use', `port ${port} is in use by another program`, { cause, meta: { port } })
  return new MillraceError('cannot_listen', `cannot listen on ${host}:${port}: ${errorText(cause)}`, { cause })
}

function portOf(server: Server | undefined): number | undefined {
  const address = server?.address()
  return address && typeof address === 'object' ? address.port : undefined
}
