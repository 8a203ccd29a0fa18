import { concatBytes } from '@millrace/base'
import { baseTimeOf } from '../../cmaf/read-chunk.ts'
import type { CmafPieces } from './types.ts'

export type StoredPart = {
  readonly independent: boolean
  readonly durationMs: number
  /** Undefined for time that nothing came for. */
  data: Uint8Array | undefined
}

/** One segment of a rendition: filled part by part, or made of a whole one when it is asked for. */
export class StoredSegment {
  readonly seq: number
  readonly parts: StoredPart[] = []
  /** Known when complete; before that the sum of the parts. */
  durationMs = 0
  complete = false
  /** True when there is nothing to play. */
  gap = false
  /** Which initialisation segment of the rendition it needs. */
  init = 0
  bytes = 0
  /** True when it came part by part. */
  byParts = false
  /** Decoding time of the first sample, in ticks of the track. */
  baseTime: number | undefined
  #whole: Uint8Array | undefined
  #make: (() => CmafPieces) | undefined

  constructor(seq: number) {
    this.seq = seq
  }

  get independent(): boolean {
    return this.gap || (this.parts[0]?.independent ?? true)
  }

  /** Bytes of the whole segment, once it is complete. */
  get data(): Uint8Array | undefined {
    return this.#whole
  }

  get waitsToBeMade(): boolean {
    return this.#make !== undefined
  }

  add(part: StoredPart): void {
    if (this.parts.length === 0 && part.data) this.baseTime = baseTimeOf(part.data)
    this.parts.push(part)
    this.durationMs += part.durationMs
    this.bytes += part.data?.length ?? 0
  }

  /** No more parts come. The bytes are joined, and the parts become views of them. */
  close(durationMs: number | undefined): void {
    this.complete = true
    if (durationMs !== undefined) this.durationMs = durationMs
    if (this.parts.length === 0) {
      this.gap = true
      return
    }
    const whole = concatBytes(...this.parts.flatMap(({ data }) => data ?? []))
    let at = 0
    for (const part of this.parts) {
      if (!part.data) continue
      const end = at + part.data.length
      part.data = whole.subarray(at, end)
      at = end
    }
    this.#whole = whole
  }

  /** The segment came as a whole and its parts are made later. Parts that are here stay, and what lacks becomes a gap among them. */
  closeWhole(durationMs: number, bytes: number, make: () => CmafPieces, partMs: number): void {
    this.complete = true
    this.bytes += bytes
    for (let left = durationMs - this.durationMs; this.parts.length > 0 && left > 1; left -= partMs)
      this.parts.push({ independent: false, durationMs: Math.min(partMs, left), data: undefined })
    this.durationMs = durationMs
    this.#make = make
  }

  /** Makes what came as a whole; returns the initialisation segment, or undefined when nothing had to be made or it could not. */
  make(): Uint8Array | undefined {
    const make = this.#make
    if (!make) return undefined
    this.#make = undefined
    try {
      const { init, parts } = make()
      this.#whole = concatBytes(...parts.map(({ data }) => data))
      this.bytes = this.#whole.length
      this.baseTime ??= baseTimeOf(this.#whole)
      if (this.parts.length > 0) return init
      let at = 0
      for (const { independent, durationMs, data } of parts) {
        this.parts.push({ independent, durationMs, data: this.#whole.subarray(at, at + data.length) })
        at += data.length
      }
      const sum = parts.reduce((total, { durationMs }) => total + durationMs, 0)
      if (sum > 0) this.durationMs = sum
      return init
    } catch {
      // A rendition that cannot be read is as good as none.
      this.gap = true
      this.bytes = 0
      return undefined
    }
  }
}
