const STEP_MS = 1_000

/** A sum of bytes over the last seconds. */
export class RecentBytes {
  readonly #windowMs: number
  readonly #now: () => number
  readonly #steps: { readonly step: number; bytes: number }[] = []
  #sum = 0

  constructor(options: { readonly windowMs: number }, deps: { readonly now: () => number }) {
    this.#windowMs = options.windowMs
    this.#now = deps.now
  }

  add(bytes: number): void {
    const step = Math.floor(this.#now() / STEP_MS)
    const last = this.#steps.at(-1)
    if (last?.step === step) last.bytes += bytes
    else this.#steps.push({ step, bytes })
    this.#sum += bytes
  }

  get sum(): number {
    const from = Math.floor((this.#now() - this.#windowMs) / STEP_MS)
    while (this.#steps[0] && this.#steps[0].step <= from) this.#sum -= this.#steps.shift()?.bytes ?? 0
    return this.#sum
  }
}

export type CeilingOptions = {
  /** Of one stream with all its edges. */
  readonly maxBytesPerMinute: number
  readonly maxBytesPerStream: number
}

/** Bounds what one stream may cost, however many viewers it seems to have. */
export class ByteCeiling {
  readonly #options: CeilingOptions
  readonly #minute: RecentBytes
  #total = 0

  constructor(options: CeilingOptions, deps: { readonly now: () => number }) {
    this.#options = options
    this.#minute = new RecentBytes({ windowMs: 60_000 }, deps)
  }

  /** Whether viewers may be promised so much more. */
  allows(bytes: number): boolean {
    const { maxBytesPerMinute, maxBytesPerStream } = this.#options
    return this.#minute.sum + bytes <= maxBytesPerMinute && this.#total + bytes <= maxBytesPerStream
  }

  add(bytes: number): void {
    this.#minute.add(bytes)
    this.#total += bytes
  }
}
