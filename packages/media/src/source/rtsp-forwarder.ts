import { connect, createServer, type Server, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { MillraceError } from '@millrace/base'
import { addressesOf } from '@millrace/base/node'

/** FFmpeg would follow a camera that redirects it to anywhere: such an answer ends the connection. */
const REDIRECT = /RTSP\/1\.\d 3\d\d/

/**
 * A door of this machine through which FFmpeg reaches one RTSP server and nothing else: its address is looked up and checked
 * once, TLS is spoken here, redirects are refused. Media comes on the same connection.
 */
export class RtspForwarder {
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  /** Why the connection was ended, where it was ended here. */
  error: MillraceError | undefined

  private constructor(open: () => Socket) {
    this.#server = createServer((socket) => this.#join(socket, open()))
    this.#server.maxConnections = 4
  }

  /** Throws `private_address` or `unknown_host`; the address that FFmpeg is given has the credentials of the source's. */
  static async open(
    address: string,
    options: { readonly allowPrivate: boolean },
  ): Promise<{ readonly forwarder: RtspForwarder; readonly url: string }> {
    const target = new URL(address)
    const secure = target.protocol === 'rtsps:'
    const port = Number(target.port) || (secure ? 322 : 554)
    const host = target.hostname.replace(/^\[|\]$/g, '')
    const [first] = await addressesOf(host, options)
    const to = { host: first?.address ?? host, port }
    const forwarder = new RtspForwarder(() =>
      secure ? connectTls({ ...to, servername: /[a-z]/i.test(host) && !host.includes(':') ? host : '' }) : connect(to),
    )
    const own = await new Promise<number>((resolve, reject) => {
      forwarder.#server.once('error', reject)
      forwarder.#server.listen(0, '127.0.0.1', () => {
        const at = forwarder.#server.address()
        resolve(at && typeof at === 'object' ? at.port : 0)
      })
    })
    const credentials = target.username ? `${target.username}:${target.password}@` : ''
    return { forwarder, url: `rtsp://${credentials}127.0.0.1:${own}${target.pathname}${target.search}` }
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy()
    this.#server.close()
  }

  #join(client: Socket, upstream: Socket): void {
    let tail = ''
    for (const socket of [client, upstream]) {
      this.#sockets.add(socket)
      socket.on('close', () => {
        this.#sockets.delete(socket)
        client.destroy()
        upstream.destroy()
      })
    }
    client.on('error', () => upstream.destroy())
    upstream.on('error', (cause) => {
      this.error ??= new MillraceError('source_unreachable', 'the RTSP server cannot be reached', {
        cause,
        retryable: true,
      })
      client.destroy()
    })
    upstream.on('data', (data: Buffer) => {
      const text = tail + data.toString('latin1')
      if (REDIRECT.test(text)) {
        this.error = new MillraceError('source_redirected', 'the RTSP server redirects: name the address it leads to')
        upstream.destroy()
        return
      }
      tail = text.slice(-12)
      if (!client.write(data)) upstream.pause()
    })
    client.on('drain', () => upstream.resume())
    client.pipe(upstream)
  }
}
