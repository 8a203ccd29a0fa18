/** A value that carries its unit in its type, so that two units cannot be swapped by mistake. */
export type Tagged<Base, Unit extends string> = Base & { readonly __unit?: Unit }

/** An amount of ether in wei. */
export type Wei = Tagged<bigint, 'wei'>
/** An amount of LPT in its smallest unit (1e-18 LPT). */
export type Lpt = Tagged<bigint, 'lpt'>
/** A number of pixels, the unit in which transcoding is sold. */
export type Pixels = Tagged<bigint, 'pixels'>
/** A duration or an instant in milliseconds. */
export type Millis = Tagged<number, 'ms'>
/** A protocol round number. */
export type Round = Tagged<bigint, 'round'>
/** A block number; on Arbitrum the L1 block number, because the protocol counts in L1 blocks. */
export type BlockNumber = Tagged<bigint, 'block'>
/** Parts per million: reward cut, fee share, round lock amount, slashing percentages. */
export type Perc6 = Tagged<bigint, 'perc6'>
/** Parts per billion: inflation and bonding rate of the Minter. */
export type Perc9 = Tagged<bigint, 'perc9'>
/** Parts per 1e27: cumulative factors and the treasury's reward cut. */
export type Perc27 = Tagged<bigint, 'perc27'>
/** Media time in ticks of 1/90000 second. */
export type Ticks90k = Tagged<number, 'ticks90k'>

/** Ticks of 90 kHz in one millisecond. */
export const TICKS_PER_MS = 90

/** Converts media time to whole milliseconds, as the wire carries it. */
export const ticksToMs = (ticks: Ticks90k): Millis => Math.round(ticks / TICKS_PER_MS)

/** A non-negative fraction of integers; prices and expected values are kept exact in this form. */
export type Rational = { readonly num: bigint; readonly den: bigint }

/** Reduces a fraction to lowest terms; the denominator must be positive. */
export function rational(num: bigint, den: bigint = 1n): Rational {
  if (den <= 0n) throw new RangeError(`rational: denominator must be positive, got ${den}`)
  const divisor = gcd(num < 0n ? -num : num, den)
  return divisor > 1n ? { num: num / divisor, den: den / divisor } : { num, den }
}

/** Compares two fractions exactly: negative when a < b, 0 when equal, positive when a > b. */
export function compareRational(a: Rational, b: Rational): number {
  const left = a.num * b.den
  const right = b.num * a.den
  return left < right ? -1 : left > right ? 1 : 0
}

/** Multiplies two fractions exactly. */
export const multiplyRational = (a: Rational, b: Rational): Rational => rational(a.num * b.num, a.den * b.den)

/** Adds two fractions exactly. */
export const addRational = (a: Rational, b: Rational): Rational =>
  rational(a.num * b.den + b.num * a.den, a.den * b.den)

/** Subtracts b from a exactly; the result may be negative. */
export const subtractRational = (a: Rational, b: Rational): Rational =>
  rational(a.num * b.den - b.num * a.den, a.den * b.den)

/** The largest integer not above the fraction. */
export function floorRational({ num, den }: Rational): bigint {
  const quotient = num / den
  return num < 0n && num % den !== 0n ? quotient - 1n : quotient
}

/** The smallest integer not below the fraction. */
export const ceilRational = (value: Rational): bigint => -floorRational({ num: -value.num, den: value.den })

function gcd(a: bigint, b: bigint): bigint {
  while (b > 0n) {
    const rest = a % b
    a = b
    b = rest
  }
  return a
}
