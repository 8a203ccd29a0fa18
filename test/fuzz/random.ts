/** Numbers that a seed repeats (mulberry32); not for secrets. */
export class Random {
  #state: number

  constructor(seed: number) {
    this.#state = seed >>> 0
  }

  /** A whole number from 0 to 2^32−1. */
  word(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0
    let t = this.#state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return (t ^ (t >>> 14)) >>> 0
  }

  /** A whole number from 0 to less than `below`. */
  int(below: number): number {
    return below <= 0 ? 0 : this.word() % below
  }

  pick<T>(list: readonly T[]): T {
    return list[this.int(list.length)] as T
  }

  bytes(length: number): Uint8Array {
    return Uint8Array.from({ length }, () => this.int(256))
  }
}

/** A seed for one part of a run, from the seed of the run and what names the part. */
export function seedOf(seed: number, ...parts: readonly (string | number)[]): number {
  let hash = seed >>> 0
  for (const char of parts.join('/')) hash = Math.imul(hash ^ (char.codePointAt(0) as number), 0x01000193) >>> 0
  return hash
}
