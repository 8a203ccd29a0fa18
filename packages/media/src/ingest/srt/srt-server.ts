import { randomInt } from 'node:crypto'
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram'
import { errorText, type Log, type Part } from '@millrace/base'
import { listenError } from '../listen-error.ts'
import type { Publication } from '../publication.ts'
import type { PublishAnswer, PublishRequest } from '../publish-request.ts'
import { Cookies } from './cookies.ts'
import { SrtKeys } from './encryption.ts'
import { FEATURE, HANDSHAKE, type Handshake, REJECT, readHandshake, writeHandshake } from './handshake.ts'
import { CONTROL, readPacket, type SrtControlPacket, writeControl } from './packet.ts'
import { FLOW_WINDOW, SrtConnection } from './srt-connection.ts'
import { readStreamId } from './stream-id.ts'

export type SrtServerOptions = {
  /** UDP; 0 takes any free port. */
  readonly port: number
  /** Default 127.0.0.1. */
  readonly host?: string
  /** How long a lost packet is waited for; a publisher that asks for more gets it. Default 120. */
  readonly latencyMs?: number
  /** Publishers must encrypt with it, 10 to 79 letters; without it none may encrypt. */
  readonly passphrase?: string
  readonly maxConnections?: number
  /** Silence after which a publisher counts as gone. */
  readonly idleTimeoutMs?: number
}

export type SrtServerDeps = {
  readonly log: Log
  /** Decides whether a publisher may come in. */
  onPublish(request: PublishRequest): PublishAnswer | Promise<PublishAnswer>
  /** Takes a publication that was accepted; its frames must be read. */
  onPublication(publication: Publication): void
}

/** What we tell as our version of libsrt: the one whose handshake this is. */
const SRT_VERSION = 0x010500
const FEATURES =
  FEATURE.tsbpdSend |
  FEATURE.tsbpdReceive |
  FEATURE.crypt |
  FEATURE.dropTooLate |
  FEATURE.periodicNak |
  FEATURE.retransmitFlag
const MAX_LATENCY_MS = 8_000
const TICK_MS = 10
/** Callers that are being let in at this moment; each may cost a derivation of keys and a question to a webhook. */
const MAX_ADMITTING = 32
const RECEIVE_BUFFER_BYTES = 4 * 1024 * 1024

type From = Pick<RemoteInfo, 'address' | 'port'>
type Known = { readonly from: From; readonly connection: SrtConnection; readonly answer: Buffer; readonly path: string }

/**
 * Takes live streams by SRT (draft-sharabayko-srt-01, live mode): any number of publishers at one UDP port, told apart by their stream ids.
 */
export class SrtServer implements Part {
  readonly name = 'srt'
  readonly #options: SrtServerOptions
  readonly #deps: SrtServerDeps
  readonly #cookies = new Cookies()
  readonly #byId = new Map<number, Known>()
  /** By what callers are known before they have our number. */
  readonly #byCaller = new Map<string, Known>()
  readonly #admitting = new Set<string>()
  #socket: Socket | undefined
  #timer: ReturnType<typeof setInterval> | undefined

  constructor(options: SrtServerOptions, deps: SrtServerDeps) {
    this.#options = options
    this.#deps = deps
  }

  /** Listens; throws `port_in_use`, which names the port. */
  async start(): Promise<void> {
    const { host = '127.0.0.1', port } = this.#options
    const socket = createSocket({ type: host.includes(':') ? 'udp6' : 'udp4' })
    await new Promise<void>((resolve, reject) => {
      socket.once('error', (cause: NodeJS.ErrnoException) => reject(listenError(cause, { host, port, service: 'SRT' })))
      socket.bind(port, host, resolve)
    })
    socket.on('error', (error) => this.#deps.log.warn('the SRT server had an error', { error: errorText(error) }))
    try {
      socket.setRecvBufferSize(RECEIVE_BUFFER_BYTES)
    } catch (error) {
      this.#deps.log.debug('the system gives no larger buffer for SRT', { error: errorText(error) })
    }
    socket.on('message', (datagram, from) => this.#onDatagram(datagram, from))
    this.#socket = socket
  }

  async stop(): Promise<void> {
    const socket = this.#socket
    if (!socket) return
    for (const { connection } of [...this.#byId.values()]) connection.end({ reason: 'closed' })
    this.#socket = undefined
    // What was sent last must leave before the socket closes.
    await new Promise<void>((resolve) => setImmediate(() => socket.close(() => resolve())))
  }

  /** The port that it listens on. */
  get port(): number {
    return this.#socket?.address().port ?? this.#options.port
  }

  /** Publishers at this moment. */
  get connections(): number {
    return this.#byId.size
  }

  #onDatagram(datagram: Buffer, from: RemoteInfo): void {
    const packet = readPacket(datagram)
    if (!packet) return
    const nowMs = Date.now()
    if (packet.socketId === 0) {
      if (packet.kind === 'control' && packet.type === CONTROL.handshake) this.#onHandshake(packet, from)
      return
    }
    const known = this.#byId.get(packet.socketId)
    if (!known || known.from.address !== from.address || known.from.port !== from.port) return
    if (packet.kind === 'data') known.connection.data(packet, nowMs)
    // The caller did not hear our answer.
    else if (packet.type === CONTROL.handshake) this.#send(known.answer, from)
    else known.connection.control(packet, nowMs)
  }

  #onHandshake(packet: SrtControlPacket, from: From): void {
    const asked = readHandshake(packet.content)
    if (!asked) return
    if (asked.type === HANDSHAKE.induction) {
      const cookie = this.#cookies.of(from)
      this.#answer(asked, from, { type: HANDSHAKE.induction, socketId: asked.socketId, cookie })
    } else if (asked.type === HANDSHAKE.conclusion) this.#conclude(asked, from)
  }

  #conclude(asked: Handshake, from: From): void {
    // Without it, nobody has shown that the address is theirs.
    if (!this.#cookies.holds(asked.cookie, from)) return
    const caller = `${from.address}|${from.port}|${asked.socketId}`
    const known = this.#byCaller.get(caller)
    if (known) return this.#send(known.answer, from)
    if (this.#admitting.has(caller)) return
    const full = this.#byId.size >= (this.#options.maxConnections ?? 200) || this.#admitting.size >= MAX_ADMITTING
    if (full) return this.#refuse(asked, from, REJECT.backlog, 'there are too many publishers')
    this.#admitting.add(caller)
    this.#admit(asked, from, caller)
      .catch((error) => this.#refuse(asked, from, REJECT.resources, errorText(error)))
      .finally(() => this.#admitting.delete(caller))
  }

  async #admit(asked: Handshake, from: From, caller: string): Promise<void> {
    const { hs, km, streamId, congestion, filter, group } = asked.extensions
    if (asked.version < 5 || !hs)
      return this.#refuse(asked, from, REJECT.badVersion, 'only version 5 of the handshake is spoken')
    if (hs.features & FEATURE.stream) return this.#refuse(asked, from, REJECT.messageApi, 'only live mode is spoken')
    if (congestion !== undefined && congestion !== 'live')
      return this.#refuse(asked, from, REJECT.congestion, 'only live mode is spoken')
    if (filter) return this.#refuse(asked, from, REJECT.filter, 'packet filters are not spoken')
    if (group) return this.#refuse(asked, from, REJECT.group, 'groups of links are not spoken')
    const { passphrase } = this.#options
    if ((passphrase !== undefined) !== (km !== undefined))
      return this.#refuse(
        asked,
        from,
        REJECT.unsecured,
        passphrase ? 'a passphrase is needed' : 'no passphrase is set here',
      )
    const keys = passphrase === undefined ? undefined : new SrtKeys(passphrase)
    if (keys && km && !(await keys.take(km)))
      return this.#refuse(asked, from, REJECT.badSecret, 'the passphrase is wrong')
    const { mode, path } = readStreamId(streamId ?? '')
    if (mode !== 'publish')
      return this.#refuse(asked, from, REJECT.badMode, 'streams are taken here, and not given: use m=publish')
    const [plain = '', query = ''] = path.split(/\?(.*)/s)
    const name = plain.replace(/^\/*(live\/+)?/, '')
    const request = { kind: 'srt', app: 'live', name, query, remoteAddress: from.address } as const
    const answer = await this.#deps.onPublish(request)
    if (!this.#socket) return
    const older = [...this.#byId.values()].find((other) => other.path === request.name)
    if (answer.accept && older && !answer.replace)
      return this.#refuse(asked, from, REJECT.forbidden, 'a stream of this name is being published already')
    if (!answer.accept) return this.#refuse(asked, from, REJECT.forbidden, answer.reason)
    older?.connection.end({ reason: 'replaced' })
    this.#accept(asked, from, caller, { ...request, keys, sendDelayMs: hs.sendDelayMs })
  }

  #accept(
    asked: Handshake,
    from: From,
    caller: string,
    agreed: {
      readonly app: string
      readonly name: string
      readonly keys: SrtKeys | undefined
      readonly sendDelayMs: number
    },
  ): void {
    const latencyMs = Math.min(MAX_LATENCY_MS, Math.max(this.#options.latencyMs ?? 120, agreed.sendDelayMs))
    const ownId = this.#freshId()
    const { km } = asked.extensions
    const content = writeHandshake(
      {
        type: HANDSHAKE.conclusion,
        socketId: ownId,
        encryption: asked.encryption,
        firstSeq: asked.firstSeq,
        mtu: Math.min(1_500, asked.mtu),
        flowWindow: FLOW_WINDOW,
        extensions: {
          hs: { version: SRT_VERSION, features: FEATURES, receiveDelayMs: latencyMs, sendDelayMs: latencyMs },
          ...(km && { km }),
        },
      },
      { answers: true },
    )
    const answer = writeControl({ type: CONTROL.handshake, info: 0, timestampUs: 0, socketId: asked.socketId, content })
    const connection = new SrtConnection(
      {
        app: agreed.app,
        name: agreed.name,
        remoteAddress: from.address,
        ownId,
        peerId: asked.socketId,
        firstSeq: asked.firstSeq,
        latencyMs,
        idleTimeoutMs: this.#options.idleTimeoutMs ?? 10_000,
        keys: agreed.keys,
      },
      {
        log: this.#deps.log,
        send: (packet) => this.#send(packet, from),
        onEnd: () => this.#forget(ownId, caller),
      },
    )
    const known: Known = { from, connection, answer, path: agreed.name }
    this.#byId.set(ownId, known)
    this.#byCaller.set(caller, known)
    this.#timer ??= setInterval(() => {
      const nowMs = Date.now()
      for (const { connection: each } of [...this.#byId.values()]) each.tick(nowMs)
    }, TICK_MS)
    this.#send(answer, from)
    this.#deps.onPublication(connection.publication)
  }

  #forget(ownId: number, caller: string): void {
    this.#byId.delete(ownId)
    this.#byCaller.delete(caller)
    if (this.#byId.size > 0) return
    clearInterval(this.#timer)
    this.#timer = undefined
  }

  #refuse(asked: Handshake, from: From, reason: number, text: string): void {
    this.#deps.log.info('a publisher by SRT was refused', { remoteAddress: from.address, reason: text })
    this.#answer(asked, from, { type: reason, socketId: asked.socketId, cookie: asked.cookie })
  }

  #answer(asked: Handshake, from: From, handshake: Pick<Handshake, 'type' | 'socketId' | 'cookie'>): void {
    const content = writeHandshake({ ...handshake, firstSeq: asked.firstSeq, mtu: asked.mtu }, { answers: true })
    this.#send(
      writeControl({ type: CONTROL.handshake, info: 0, timestampUs: 0, socketId: asked.socketId, content }),
      from,
    )
  }

  #send(packet: Buffer, to: From): void {
    this.#socket?.send(packet, to.port, to.address, () => {})
  }

  #freshId(): number {
    for (;;) {
      const id = randomInt(1, 0x3fffffff)
      if (!this.#byId.has(id)) return id
    }
  }
}
