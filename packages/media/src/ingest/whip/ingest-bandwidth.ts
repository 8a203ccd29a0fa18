/** The bit rate that a publisher is allowed at first, so that its picture is good from the beginning. */
const START_BPS = 2_500_000
const LEAST_BPS = 150_000
/** Loss that leaves the allowance as it is, and loss that lowers it. */
const CLEAN = 0.02
const BAD = 0.1

/**
 * How much a publisher may send, told to it every second (REMB): up while its packets arrive, down when they are lost.
 * It goes by loss alone: delay also grows when this machine is busy, and then a picture of 100 kb/s would help nobody.
 */
export class IngestBandwidth {
  readonly #maxBps: number
  #allowedBps: number
  #bytes = 0
  #packets = 0
  #lost = 0
  #sinceMs: number | undefined

  constructor(options: { readonly maxBps: number }) {
    this.#maxBps = options.maxBps
    this.#allowedBps = Math.min(START_BPS, options.maxBps)
  }

  packet(bytes: number): void {
    this.#bytes += bytes
    this.#packets++
  }

  lost(packets: number): void {
    this.#lost += packets
  }

  /** The allowance from now on, in bits per second; call it once a second. */
  next(nowMs: number): number {
    const elapsedMs = nowMs - (this.#sinceMs ?? nowMs)
    const rateBps = elapsedMs > 0 ? (this.#bytes * 8_000) / elapsedMs : 0
    const lost = this.#lost / (this.#packets + this.#lost || 1)
    if (lost > BAD) this.#allowedBps = Math.max(LEAST_BPS, Math.min(this.#allowedBps, rateBps) * (1 - lost / 2))
    else if (lost < CLEAN && rateBps > this.#allowedBps / 3)
      this.#allowedBps = Math.min(this.#maxBps, this.#allowedBps * 1.15)
    this.#sinceMs = nowMs
    this.#bytes = 0
    this.#packets = 0
    this.#lost = 0
    return Math.round(this.#allowedBps)
  }
}
