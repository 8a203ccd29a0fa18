import { createSocket, type RemoteInfo, type Socket } from 'node:dgram'

/** A UDP link to a server that loses datagrams when told so. */
export class LossyLink {
  /** Called for each datagram with its number; true loses it. */
  loses: (way: 'to' | 'from', index: number, datagram: Buffer) => boolean = () => false
  lost = 0
  readonly #front: Socket = createSocket('udp4')
  readonly #backs = new Map<string, Socket>()
  #index = 0

  /** Opens a port that leads to `port` of this machine. */
  static async open(port: number): Promise<LossyLink> {
    const link = new LossyLink()
    await new Promise<void>((resolve) => link.#front.bind(0, '127.0.0.1', resolve))
    link.#front.on('message', (datagram, from) => link.#pass(datagram, from, port))
    return link
  }

  get port(): number {
    return this.#front.address().port
  }

  async close(): Promise<void> {
    for (const socket of [this.#front, ...this.#backs.values()])
      await new Promise<void>((resolve) => socket.close(() => resolve()))
  }

  #pass(datagram: Buffer, from: RemoteInfo, port: number): void {
    const key = `${from.address}|${from.port}`
    let back = this.#backs.get(key)
    if (!back) {
      back = createSocket('udp4')
      back.on('message', (answer) => {
        if (this.#keeps('from', answer)) this.#front.send(answer, from.port, from.address)
      })
      this.#backs.set(key, back)
    }
    if (this.#keeps('to', datagram)) back.send(datagram, port, '127.0.0.1')
  }

  #keeps(way: 'to' | 'from', datagram: Buffer): boolean {
    if (!this.loses(way, this.#index++, datagram)) return true
    this.lost++
    return false
  }
}
