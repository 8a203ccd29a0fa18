/** What is needed of an RTP packet. */
export type RtpPiece = {
  readonly sequence: number
  readonly timestamp: number
  readonly marker: boolean
  readonly payload: Uint8Array
}

export type RtpOrderOptions = {
  /** How long a missing packet is waited for, in milliseconds. */
  readonly waitMs: number
  /** Packets that may wait for a missing one; more of them mean that it is lost. */
  readonly capacity?: number
}

export type RtpOrderDeps = {
  /** In order; `lost` packets were missing before this one. */
  onPacket(packet: RtpPiece, lost: number): void
  /** Asks the sender for packets again (RFC 4585 section 6.2.1). */
  onMissing?(sequences: readonly number[]): void
}

/** A step of the sequence numbers larger than this is a sender that began anew. */
const MAX_STEP = 1_000
/** A missing packet is asked for when it is noticed and, since an answer takes a round trip, every 40 ms after that. */
const ASK_AGAIN_MS = 40
const MAX_ASKED = 64

/**
 * Puts packets in the order of their sequence numbers (RFC 3550 section 5.1), asks for missing ones, and gives them up after a while.
 * Time is the caller's: `tick` must be called every 10 to 20 ms.
 */
export class RtpOrder {
  readonly #options: Required<RtpOrderOptions>
  readonly #deps: RtpOrderDeps
  readonly #held = new Map<number, RtpPiece>()
  readonly #asked = new Map<number, number>()
  #next: number | undefined
  #gapSinceMs: number | undefined
  #lost = 0

  constructor(options: RtpOrderOptions, deps: RtpOrderDeps) {
    this.#options = { capacity: 512, ...options }
    this.#deps = deps
  }

  /** Packets that never came. */
  get lost(): number {
    return this.#lost
  }

  push(packet: RtpPiece, nowMs: number): void {
    this.#next ??= packet.sequence
    const ahead = distance(this.#next, packet.sequence)
    if (Math.abs(ahead) > MAX_STEP) {
      this.#held.clear()
      this.#asked.clear()
      this.#gapSinceMs = undefined
      this.#next = packet.sequence
      this.#deliver(packet, 1)
      return
    }
    if (ahead < 0 || this.#held.has(packet.sequence)) return
    this.#asked.delete(packet.sequence)
    if (ahead > 0) {
      this.#held.set(packet.sequence, packet)
      this.#gapSinceMs ??= nowMs
      if (this.#held.size > this.#options.capacity) this.#skip(nowMs)
      else this.#ask(nowMs)
      return
    }
    this.#deliver(packet, 0)
    this.#release(nowMs)
  }

  tick(nowMs: number): void {
    if (this.#gapSinceMs === undefined) return
    if (nowMs - this.#gapSinceMs >= this.#options.waitMs) this.#skip(nowMs)
    else this.#ask(nowMs)
  }

  #deliver(packet: RtpPiece, lost: number): void {
    this.#next = (packet.sequence + 1) & 0xffff
    this.#lost += lost
    this.#deps.onPacket(packet, lost)
  }

  /** What follows without a gap. */
  #release(nowMs: number): void {
    for (;;) {
      const packet = this.#held.get(this.#next!)
      if (!packet) break
      this.#held.delete(packet.sequence)
      this.#deliver(packet, 0)
    }
    this.#gapSinceMs = this.#held.size > 0 ? nowMs : undefined
    if (this.#held.size === 0) this.#asked.clear()
  }

  /** Gives up what is missing before the first packet that waits. */
  #skip(nowMs: number): void {
    let nearest: RtpPiece | undefined
    let steps = Number.POSITIVE_INFINITY
    for (const packet of this.#held.values()) {
      const ahead = distance(this.#next!, packet.sequence)
      if (ahead < steps) [nearest, steps] = [packet, ahead]
    }
    if (!nearest) return
    this.#held.delete(nearest.sequence)
    for (const sequence of this.#asked.keys())
      if (distance(nearest.sequence, sequence) < 0) this.#asked.delete(sequence)
    this.#deliver(nearest, steps)
    this.#release(nowMs)
  }

  #ask(nowMs: number): void {
    if (!this.#deps.onMissing) return
    const newest = [...this.#held.keys()].reduce((a, b) => (distance(a, b) > 0 ? b : a))
    const missing: number[] = []
    for (let s = this.#next!; s !== newest && missing.length < MAX_ASKED; s = (s + 1) & 0xffff) {
      if (this.#held.has(s) || nowMs - (this.#asked.get(s) ?? Number.NEGATIVE_INFINITY) < ASK_AGAIN_MS) continue
      this.#asked.set(s, nowMs)
      missing.push(s)
    }
    if (missing.length > 0) this.#deps.onMissing(missing)
  }
}

/** How far `to` is ahead of `from` when both count modulo 2^16. */
export function distance(from: number, to: number): number {
  const ahead = (to - from) & 0xffff
  return ahead >= 0x8000 ? ahead - 0x10000 : ahead
}
