import { type SeqRange, seqAfter, seqDistance } from './packet.ts'

export type ReceiveBufferOptions = {
  readonly firstSeq: number
  /** How long a gap is waited for. */
  readonly latencyMs: number
  /** Packets that may wait behind a gap. */
  readonly maxPackets: number
}

type Waiting = { readonly payload: Buffer; readonly arrivedMs: number }
type Missing = { askedMs: number }

/** How a connection went. */
export type ReceiveCounts = { received: number; repeated: number; recovered: number; lost: number }

/**
 * Puts packets in order. They are handed on as soon as all before them have come, without libsrt's fixed delay; only a gap is waited for,
 * and no longer than the latency that both sides agreed on (draft-sharabayko-srt-01 sections 4.5 to 4.8).
 */
export class ReceiveBuffer {
  readonly counts: ReceiveCounts = { received: 0, repeated: 0, recovered: 0, lost: 0 }
  readonly #options: ReceiveBufferOptions
  readonly #deliver: (payload: Buffer) => void
  readonly #waiting = new Map<number, Waiting>()
  readonly #missing = new Map<number, Missing>()
  #next: number
  /** One after the newest packet that was seen. */
  #end: number

  constructor(options: ReceiveBufferOptions, deliver: (payload: Buffer) => void) {
    this.#options = options
    this.#deliver = deliver
    this.#next = options.firstSeq
    this.#end = options.firstSeq
  }

  /** The first packet that has not come: all before it are acknowledged. */
  get next(): number {
    return this.#next
  }

  /** Packets that may still come before the buffer is full. */
  get room(): number {
    return this.#options.maxPackets - this.#waiting.size
  }

  /** Takes a packet; what comes back is missing since then and must be asked for at once. */
  push(seq: number, payload: Buffer, nowMs: number): SeqRange | undefined {
    const ahead = seqDistance(seq, this.#next)
    if (ahead < 0 || this.#waiting.has(seq)) {
      this.counts.repeated++
      return undefined
    }
    // No sender goes so far ahead of what was acknowledged; a stranger's number must not make us count to it.
    if (ahead >= this.#options.maxPackets) return undefined
    this.counts.received++
    if (this.#missing.delete(seq)) this.counts.recovered++
    const beyond = seqDistance(seq, this.#end)
    let gap: SeqRange | undefined
    if (beyond >= 0) {
      for (let skipped = this.#end; skipped !== seq; skipped = seqAfter(skipped))
        this.#missing.set(skipped, { askedMs: nowMs })
      if (beyond > 0) gap = { first: this.#end, last: seqAfter(seq, -1) }
      this.#end = seqAfter(seq)
    }
    if (ahead > 0) this.#waiting.set(seq, { payload, arrivedMs: nowMs })
    else {
      this.#next = seqAfter(seq)
      this.#deliver(payload)
      this.#run()
    }
    return gap
  }

  /** Gives up on what is missing for too long. */
  tick(nowMs: number): void {
    while (this.#waiting.size > 0) {
      const behind = this.#firstWaiting()
      const held = this.#waiting.get(behind)
      if (!held || nowMs - held.arrivedMs < this.#options.latencyMs) return
      this.#skipTo(behind)
    }
  }

  /** The sender says that it does not have these any more. */
  drop({ first, last }: SeqRange): void {
    const before = seqDistance(first, this.#next)
    const count = seqDistance(last, this.#next)
    if (before > 0 || count < 0 || count >= this.#options.maxPackets) return
    if (seqDistance(last, this.#end) >= 0) this.#end = seqAfter(last)
    this.#skipTo(seqAfter(last))
  }

  /** What is still missing and was last asked for `everyMs` ago; asks are noted. */
  overdue(nowMs: number, everyMs: number): SeqRange[] {
    const ranges: { first: number; last: number }[] = []
    for (const [seq, missing] of this.#missing) {
      if (nowMs - missing.askedMs < everyMs) continue
      missing.askedMs = nowMs
      const newest = ranges.at(-1)
      if (newest && seqAfter(newest.last) === seq) newest.last = seq
      else ranges.push({ first: seq, last: seq })
    }
    return ranges
  }

  #firstWaiting(): number {
    let seq = this.#next
    while (!this.#waiting.has(seq)) seq = seqAfter(seq)
    return seq
  }

  #skipTo(target: number): void {
    for (let seq = this.#next; seq !== target; seq = seqAfter(seq)) {
      const held = this.#waiting.get(seq)
      this.#waiting.delete(seq)
      this.#missing.delete(seq)
      if (held) this.#deliver(held.payload)
      else this.counts.lost++
    }
    this.#next = target
    this.#run()
  }

  #run(): void {
    for (;;) {
      const held = this.#waiting.get(this.#next)
      if (!held) return
      this.#waiting.delete(this.#next)
      this.#next = seqAfter(this.#next)
      this.#deliver(held.payload)
    }
  }
}
