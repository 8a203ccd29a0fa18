import type { Endpoint } from './turn/stun-address.ts'
import type { RelayPeers } from './turn/turn-allocation.ts'
import type { WebRtcOptions } from './webrtc-options.ts'

const CANDIDATE = /^a=candidate:\S+ \d+ udp \d+ (\S+) (\d{1,5}) typ host/gim

/** Where the sessions of this gateway listen, as their answers tell their clients. */
export class SessionEndpoints implements RelayPeers {
  readonly #options: Pick<WebRtcOptions, 'addresses' | 'publicAddress'>
  readonly #real = new Map<string, Endpoint>()
  readonly #ofSession = new Map<string, readonly string[]>()

  constructor(options: Pick<WebRtcOptions, 'addresses' | 'publicAddress'>) {
    this.#options = options
  }

  /** Notes what an answer tells. */
  add(id: string, answer: string): void {
    const { publicAddress } = this.#options
    const told = [...answer.matchAll(CANDIDATE)].map(([, address = '', port]) => ({ address, port: Number(port) }))
    const keys = told.map((endpoint) => {
      // What a router forwards arrives at an address of this machine, on the same port.
      const behind = told.find(({ address, port }) => port === endpoint.port && address !== publicAddress)
      this.#real.set(keyOf(endpoint), endpoint.address === publicAddress ? (behind ?? endpoint) : endpoint)
      return keyOf(endpoint)
    })
    this.#ofSession.set(id, keys)
  }

  remove(id: string): void {
    for (const key of this.#ofSession.get(id) ?? []) this.#real.delete(key)
    this.#ofSession.delete(id)
  }

  owns(address: string): boolean {
    return address === this.#options.publicAddress || this.#options.addresses.includes(address)
  }

  reach(endpoint: Endpoint): Endpoint | undefined {
    return this.#real.get(keyOf(endpoint))
  }
}

const keyOf = ({ address, port }: Endpoint): string => `${address} ${port}`
