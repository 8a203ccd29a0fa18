import type { AddressInfo } from 'node:net'
import { connect, createServer, type Server, type Socket } from 'node:net'

export type LinkFaults = {
  /** Each way. */
  readonly delayMs?: number
  /** The part of chunks that come late, as after a lost packet; those behind wait for them. */
  readonly stallPart?: number
  readonly stallMs?: number
  readonly bytesPerSecond?: number
  /** Nothing arrives any more, and nobody is told. */
  readonly silent?: boolean
}

/** Waiting bytes of one direction above which its sender is held back. */
const HIGH_WATER_BYTES = 1_000_000

/** A TCP link to a port of this machine that delays, stalls, throttles, goes silent and cuts; it counts what it did. */
export class BadLink implements AsyncDisposable {
  faults: LinkFaults = {}
  /** Chunks that were delayed, stalled, throttled or swallowed, and connections that were cut. */
  harmed = 0
  chunks = 0
  readonly #server: Server
  readonly #sockets = new Set<Socket>()

  private constructor(targetPort: () => number) {
    this.#server = createServer({ allowHalfOpen: true }, (near) =>
      this.#join(near, connect({ host: '127.0.0.1', port: targetPort(), allowHalfOpen: true })),
    )
  }

  /** Opens a link; `targetPort` is asked for each connection. */
  static async open(targetPort: () => number): Promise<BadLink> {
    const link = new BadLink(targetPort)
    await new Promise<void>((resolve) => link.#server.listen(0, '127.0.0.1', resolve))
    return link
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  /** Cuts every connection at once, as a router that forgets them does; returns how many there were. */
  cut(): number {
    const open = this.#sockets.size / 2
    for (const socket of this.#sockets) socket.resetAndDestroy()
    this.#sockets.clear()
    this.harmed += open
    return open
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.cut()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  #join(near: Socket, far: Socket): void {
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      from.setNoDelay(true)
      this.#sockets.add(from)
      this.#carry(from, to)
      from.on('error', () => to.destroy())
      from.on('close', () => this.#sockets.delete(from))
    }
  }

  #carry(from: Socket, to: Socket): void {
    const waiting: { readonly dueMs: number; readonly bytes: number; readonly write: () => void }[] = []
    let lastDueMs = 0
    let waitingBytes = 0
    let timer: ReturnType<typeof setTimeout> | undefined
    const pump = () => {
      timer = undefined
      for (let first = waiting[0]; first && first.dueMs <= performance.now(); first = waiting[0]) {
        waiting.shift()
        waitingBytes -= first.bytes
        if (to.writable) first.write()
      }
      if (waitingBytes <= HIGH_WATER_BYTES) from.resume()
      if (waiting[0]) timer = setTimeout(pump, Math.max(1, waiting[0].dueMs - performance.now()))
    }
    const deliver = (bytes: number, write: () => void) => {
      const { delayMs = 0, stallPart = 0, stallMs = 400, bytesPerSecond, silent } = this.faults
      if (silent) {
        this.harmed++
        return
      }
      const stalled = Math.random() < stallPart ? stallMs : 0
      const sending = bytesPerSecond === undefined ? 0 : (bytes / bytesPerSecond) * 1000
      const now = performance.now()
      const dueMs = Math.max(lastDueMs, now + delayMs + stalled) + sending
      lastDueMs = dueMs
      if (dueMs > now) this.harmed++
      waiting.push({ dueMs, bytes, write })
      waitingBytes += bytes
      if (waitingBytes > HIGH_WATER_BYTES) from.pause()
      if (!timer) pump()
    }
    from.on('data', (chunk) => {
      this.chunks++
      deliver(chunk.length, () => void to.write(chunk))
    })
    // What is under way arrives before the end does.
    from.on('end', () => deliver(0, () => void to.end()))
    from.on('close', () => deliver(0, () => to.destroySoon()))
    to.on('close', () => clearTimeout(timer))
  }
}
