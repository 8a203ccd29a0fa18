import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'

/** A TCP proxy for tests that stands before a real peer and cuts it off: at once, after so many bytes, or for good. */
export class TcpProxy {
  readonly #target: () => number
  readonly #sockets = new Set<Socket>()
  #server: Server | undefined
  #cutAfter: { readonly direction: 'up' | 'down'; readonly bytes: number } | undefined
  #gone = false
  #silent = false
  /** How often a connection was cut. */
  cuts = 0

  constructor(target: () => number) {
    this.#target = target
  }

  get port(): number {
    const address = this.#server?.address() as AddressInfo | undefined
    return address?.port ?? 0
  }

  async start(): Promise<this> {
    const server = createServer((client) => this.#join(client))
    this.#server = server
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return this
  }

  /** Cuts all connections and refuses new ones, as a host that lost its power. */
  vanish(): void {
    this.#gone = true
    this.#cut()
  }

  /** Keeps all connections open and passes nothing on, as a network that swallows packets. */
  swallow(): void {
    this.#silent = true
  }

  /** Vanishes once a connection has carried so many further bytes to the peer (up) or from it (down). */
  vanishAfter(direction: 'up' | 'down', bytes: number): void {
    this.#cutAfter = { direction, bytes }
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    await new Promise<void>((resolve) => this.#server?.close(() => resolve()))
  }

  #cut(): void {
    this.cuts++
    for (const socket of this.#sockets) socket.resetAndDestroy()
  }

  #join(client: Socket): void {
    if (this.#gone) return void client.resetAndDestroy()
    const peer = connect(this.#target(), '127.0.0.1')
    this.#pass(client, peer, 'up')
    this.#pass(peer, client, 'down')
  }

  #pass(from: Socket, to: Socket, direction: 'up' | 'down'): void {
    this.#sockets.add(from)
    let carried = 0
    let counting: unknown
    from.on('data', (chunk: Buffer) => {
      if (this.#silent) return
      if (counting !== this.#cutAfter) carried = 0
      counting = this.#cutAfter
      carried += chunk.length
      const limit = this.#cutAfter
      if (limit?.direction === direction && carried > limit.bytes) return this.vanish()
      if (!to.write(chunk)) {
        from.pause()
        to.once('drain', () => from.resume())
      }
    })
    from.on('error', () => {})
    from.on('close', () => {
      this.#sockets.delete(from)
      to.destroy()
    })
  }
}
