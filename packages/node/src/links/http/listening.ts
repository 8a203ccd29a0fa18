import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http'
import {
  createSecureServer,
  type Http2SecureServer,
  type Http2ServerRequest,
  type Http2ServerResponse,
} from 'node:http2'
import type { Server as HttpsServer } from 'node:https'
import type { Server as NetServer, Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { errorText, type Log, MillraceError } from '@millrace/base'
import type { Certificate } from '../tls.ts'

/** Where a server listens, and the flag that changes it. */
export type ListenAt = {
  readonly host: string
  readonly port: number
  readonly flag: string
  /** Takes connections that ask for another protocol, such as WebSocket; false for those that it does not want. */
  readonly onUpgrade?: Upgrade | undefined
}
export type Upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => boolean

/** A server that listens; `port` is the real one where 0 was asked for. */
export type Listening = { readonly port: number; close(): Promise<void> }

/**
 * Listens for plain HTTP; closing cuts the connections that are open. Throws `port_in_use` or `cannot_listen`.
 * A path that is none (such as `//`) is refused here, so that handlers may read it without care.
 */
export async function listenPlain(handle: RequestListener, at: ListenAt): Promise<Listening> {
  const server = createServer((request, response) => {
    if (isUrl(request.url)) return handle(request, response)
    refusePath(request, response)
  })
  takeUpgrades(server, at.onUpgrade)
  const cutAll = trackConnections(server)
  const port = await bind(server, at)
  return {
    port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        cutAll()
      }),
  }
}

/** Without a taker such requests are answered as any other, as if they had not asked. */
export function takeUpgrades(server: NetServer, take: Upgrade | undefined): void {
  if (!take) return
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    if (isUrl(request.url) && take(request, socket, head)) return
    socket.on('error', () => {})
    socket.end('HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\nconnection: close\r\n\r\n')
  })
}

/** Answers a request whose path is none. */
export function refusePath(
  request: IncomingMessage | Http2ServerRequest,
  response: ServerResponse | Http2ServerResponse,
): void {
  response.writeHead(400, { 'content-type': 'text/plain' })
  response.end('the path of the request cannot be read\n')
  request.resume()
}

export function isUrl(url: string | undefined): boolean {
  try {
    new URL(url ?? '/', 'http://localhost')
    return true
  } catch {
    return false
  }
}

/** A peer that is connected must have said who it is by then. */
export const HANDSHAKE_TIMEOUT_MS = 20_000
const MAX_HEADER_BYTES = 1 << 20
const IDLE_TIMEOUT_MS = 10 * 60_000

/**
 * Listens for gRPC, HTTP/2 and HTTP/1.1 on one TLS port (wire spec 1.1, trap 3).
 * Header limits are raised to 1 MB because payments of many tickets need it (trap 2). Paths that are none are refused as by `listenPlain`.
 */
export async function listenSecure(
  handle: (request: Http2ServerRequest, response: Http2ServerResponse) => void,
  at: ListenAt & { readonly certificate: Certificate },
  deps: { readonly log: Log },
): Promise<Listening> {
  const server: Http2SecureServer = createSecureServer(
    {
      ...at.certificate,
      allowHTTP1: true,
      settings: { maxHeaderListSize: MAX_HEADER_BYTES },
      maxSessionMemory: 64,
      handshakeTimeout: HANDSHAKE_TIMEOUT_MS,
    },
    (request, response) => (isUrl(request.url) ? handle(request, response) : refusePath(request, response)),
  )
  // The HTTP/1.1 side of this server reads its header limit from here, and how long a request may take: those for trickle channels
  // are open before there is anything to send, and every other door limits the time of its bodies itself.
  Object.assign(server, { maxHeaderSize: MAX_HEADER_BYTES, requestTimeout: 0 })
  server.setTimeout(IDLE_TIMEOUT_MS)
  const cutAll = trackConnections(server)
  server.on('secureConnection', (socket: Socket) => socket.on('error', () => socket.destroy()))
  takeUpgrades(server, at.onUpgrade)
  server.on('sessionError', (error) => deps.log.debug('a peer broke its connection', { error: errorText(error) }))
  const port = await bind(server, at)
  return {
    port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        cutAll()
      }),
  }
}

/** Follows the connections of a server, those without a TLS handshake among them, of which it would wait for the end; returns what cuts them all. */
export function trackConnections(server: NetServer): () => void {
  const sockets = new Set<Socket>()
  server.prependListener('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  return () => {
    for (const socket of sockets) socket.destroy()
  }
}

/** Binds, turning a busy port into a sentence that names it and the flag. */
export function bind(
  server: Server | HttpsServer | Http2SecureServer,
  { host, port, flag }: ListenAt,
): Promise<number> {
  return new Promise((resolve, reject) => {
    const onError = (cause: NodeJS.ErrnoException) =>
      reject(
        cause.code === 'EADDRINUSE'
          ? new MillraceError(
              'port_in_use',
              `port ${port} is in use by another program: free it or choose another with ${flag}`,
              { cause, meta: { port, flag } },
            )
          : new MillraceError('cannot_listen', `cannot listen on ${host}:${port}: ${cause.message}; check ${flag}`, {
              cause,
            }),
      )
    server.once('error', onError)
    server.listen(port, host, () => {
      server.off('error', onError)
      const address = server.address()
      resolve(address && typeof address === 'object' ? address.port : port)
    })
  })
}
