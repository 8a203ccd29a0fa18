import { createServer, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer, type Server as TlsServer } from 'node:tls'
import { errorText, type Log, type Part } from '@millrace/base'
import { listenError } from '../listen-error.ts'
import type { Publication } from '../publication.ts'
import type { PublishAnswer, PublishRequest } from '../publish-request.ts'
import { type ConnectionOptions, RtmpConnection } from './connection.ts'

export type RtmpServerOptions = {
  /** 0 takes any free port. */
  readonly port: number
  /** Default 127.0.0.1. */
  readonly host?: string
  readonly maxConnections?: number
  /** Time from connect to publish. */
  readonly handshakeTimeoutMs?: number
  /** Silence after which a publisher counts as gone. */
  readonly idleTimeoutMs?: number
  readonly maxMessageBytes?: number
  /** Speaks RTMPS: RTMP inside TLS. */
  readonly tls?: RtmpCertificate
}

/** PEM texts. */
export type RtmpCertificate = { readonly cert: string | Buffer; readonly key: string | Buffer }

export type RtmpServerDeps = {
  readonly log: Log
  /** Decides whether a publisher may come in; its name was not checked for anything but length. */
  onPublish(request: PublishRequest): PublishAnswer | Promise<PublishAnswer>
  /** Takes a publication that was accepted; its frames must be read. */
  onPublication(publication: Publication): void
}

/** Takes live streams from OBS, FFmpeg and other encoders over RTMP and enhanced RTMP, or RTMPS. */
export class RtmpServer implements Part {
  readonly name = 'rtmp'
  readonly #options: RtmpServerOptions
  readonly #connectionOptions: ConnectionOptions
  readonly #deps: RtmpServerDeps
  readonly #connections = new Set<RtmpConnection>()
  readonly #publishers = new Map<string, RtmpConnection>()
  #server: Server | TlsServer | undefined

  constructor(options: RtmpServerOptions, deps: RtmpServerDeps) {
    this.#options = options
    this.#deps = deps
    const maxMessageBytes = options.maxMessageBytes ?? 8 * 1024 * 1024
    this.#connectionOptions = {
      handshakeTimeoutMs: options.handshakeTimeoutMs ?? 10_000,
      idleTimeoutMs: options.idleTimeoutMs ?? 15_000,
      maxMessageBytes,
      maxPendingBytes: 2 * maxMessageBytes,
    }
  }

  /** Listens; throws `port_in_use`, which names the port. */
  async start(): Promise<void> {
    const host = this.#options.host ?? '127.0.0.1'
    const { tls } = this.#options
    const server = tls ? this.#createTls(tls) : createServer((socket) => this.#onSocket(socket))
    server.maxConnections = this.#options.maxConnections ?? 200
    await new Promise<void>((resolve, reject) => {
      server.once('error', (cause: NodeJS.ErrnoException) =>
        reject(listenError(cause, { host, port: this.#options.port, service: 'RTMP' })),
      )
      server.listen(this.#options.port, host, resolve)
    })
    server.on('error', (error) => this.#deps.log.warn('the RTMP server had an error', { error: errorText(error) }))
    this.#server = server
  }

  /** Uses another certificate for connections from now on; for a server of RTMPS. */
  setCertificate(certificate: RtmpCertificate): void {
    const server = this.#server
    if (server && 'setSecureContext' in server) server.setSecureContext(certificate)
  }

  #createTls(certificate: RtmpCertificate): TlsServer {
    const { handshakeTimeoutMs } = this.#connectionOptions
    const server = createTlsServer({ ...certificate, handshakeTimeout: handshakeTimeoutMs, minVersion: 'TLSv1.2' })
    server.on('secureConnection', (socket) => this.#onSocket(socket))
    // What speaks no TLS, or an old one, is cut off by Node; nobody else is harmed.
    server.on('tlsClientError', (error, socket) => {
      this.#deps.log.debug('a TLS handshake for RTMP failed', { error: errorText(error) })
      socket.destroy()
    })
    return server
  }

  async stop(): Promise<void> {
    const server = this.#server
    this.#server = undefined
    if (!server) return
    const closed = new Promise<void>((resolve) => server.close(() => resolve()))
    for (const connection of [...this.#connections]) connection.end({ reason: 'closed' })
    await closed
  }

  /** The port that it listens on. */
  get port(): number {
    const address = this.#server?.address()
    return address && typeof address === 'object' ? address.port : this.#options.port
  }

  /** Open connections, publishing or not. */
  get connections(): number {
    return this.#connections.size
  }

  #onSocket(socket: Socket): void {
    const connection = new RtmpConnection(socket, this.#connectionOptions, {
      log: this.#deps.log,
      onPublish: (request, from) => this.#admit(request, from),
      onPublication: (publication) => this.#deps.onPublication(publication),
      onClose: (gone) => {
        this.#connections.delete(gone)
        for (const [path, publisher] of this.#publishers) if (publisher === gone) this.#publishers.delete(path)
      },
    })
    this.#connections.add(connection)
  }

  async #admit(request: PublishRequest, connection: RtmpConnection): Promise<PublishAnswer> {
    const answer = await this.#deps.onPublish(request)
    if (!answer.accept) return answer
    if (!this.#connections.has(connection)) return { accept: false, reason: 'the connection is closed' }
    const path = `${request.app}/${request.name}`
    const older = this.#publishers.get(path)
    if (older && !answer.replace) return { accept: false, reason: 'a stream of this name is being published already' }
    older?.end({ reason: 'replaced' })
    this.#publishers.set(path, connection)
    return answer
  }
}
