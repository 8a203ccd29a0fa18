import type { Perc6, Perc9, Perc27 } from '@millrace/base'

/** One of the protocol's three ways to write a percentage. All results are rounded down, as on chain. */
export type PercScale<Perc extends bigint> = {
  /** What stands for everything. */
  readonly whole: Perc
  /** The part that `n` is of `d`; `d` must be positive. */
  part(n: bigint, d: bigint): Perc
  /** A part of an amount. */
  of<Amount extends bigint>(amount: Amount, perc: Perc): Amount
  /** A part of an amount, given as a fraction. The fraction is rounded to this scale first, which can be seen in the result. */
  ofFraction<Amount extends bigint>(amount: Amount, n: bigint, d: bigint): Amount
  /** True from nothing to everything. */
  valid(perc: Perc): boolean
  /** For display: 1 is everything. */
  toNumber(perc: Perc): number
  /** From a number that a person typed: 1 is everything. Throws RangeError outside 0 to 1. */
  fromNumber(part: number): Perc
}

function percScale<Perc extends bigint>(digits: number): PercScale<Perc> {
  const whole = 10n ** BigInt(digits)
  const scale: PercScale<Perc> = {
    whole: whole as Perc,
    part: (n, d) => ((n * whole) / d) as Perc,
    of: (amount, perc) => (((amount as bigint) * perc) / whole) as typeof amount,
    ofFraction: (amount, n, d) => scale.of(amount, scale.part(n, d)),
    valid: (perc) => perc >= 0n && perc <= whole,
    // Fifteen digits are what a number holds.
    toNumber: (perc) => Number((BigInt(perc) * 10n ** 15n) / whole) / 1e15,
    fromNumber(part) {
      if (!(part >= 0 && part <= 1)) throw new RangeError(`a percentage lies between 0 and 1, got ${part}`)
      return ((BigInt(Math.round(part * 1e15)) * whole) / 10n ** 15n) as Perc
    },
  }
  return scale
}

/** Parts per million: reward cut, fee share, round lock. */
export const perc6: PercScale<Perc6> = percScale(6)
/** Parts per billion: inflation, bonding rate. */
export const perc9: PercScale<Perc9> = percScale(9)
/** Parts per 1e27: cumulative factors, the treasury's cut. */
export const perc27: PercScale<Perc27> = percScale(27)
