/** Numbers that look random and are the same again for the same seed. */
export type Random = {
  /** A whole number below the limit. */
  below(limit: number): number
  chance(probability: number): boolean
  pick<Value>(values: readonly Value[]): Value
  /** A big number from 0 to the limit, both possible and likelier than others near them. */
  upTo(limit: bigint): bigint
  hex(bytes: number): `0x${string}`
}

/** Opens a generator (mulberry32). */
export function openRandom(seed: number): Random {
  let state = seed >>> 0
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return (mixed ^ (mixed >>> 14)) >>> 0
  }
  const below = (limit: number) => next() % limit
  const chance = (probability: number) => next() < probability * 2 ** 32
  return {
    below,
    chance,
    pick: (values) => values[below(values.length)]!,
    upTo(limit) {
      const kind = below(20)
      if (kind === 0) return 0n
      if (kind === 1) return limit
      if (kind === 2) return limit < 3n ? limit : BigInt(1 + below(3))
      return (limit * BigInt(next())) >> 32n
    },
    hex: (bytes) => `0x${Array.from({ length: bytes }, () => below(256).toString(16).padStart(2, '0')).join('')}`,
  }
}
