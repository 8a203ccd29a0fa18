import { fail, panic } from './failure.ts'

// Numbers on chain have 256 bits and no sign; what does not fit fails. Specification, section 1.1.

const limit = 1n << 256n

/** The largest number there is; it stands for "no end". */
export const forever = limit - 1n

export const add = (a: bigint, b: bigint): bigint => (a + b < limit ? a + b : fail(panic.overflow))
export const sub = (a: bigint, b: bigint): bigint => (a >= b ? a - b : fail(panic.overflow))
export const mul = (a: bigint, b: bigint): bigint => (a * b < limit ? a * b : fail(panic.overflow))
export const div = (a: bigint, b: bigint): bigint => (b > 0n ? a / b : fail(panic.division))

/** One of the three ways to write a percentage; they differ in what stands for everything. */
export type Scale = {
  readonly whole: bigint
  /** The part that n is of d. */
  part(n: bigint, d: bigint): bigint
  /** That part of an amount, given as a percentage. */
  of(amount: bigint, percentage: bigint): bigint
  /** That part of an amount, given as a fraction; the fraction is rounded before the product is. */
  ofFraction(amount: bigint, n: bigint, d: bigint): bigint
  valid(percentage: bigint): boolean
}

const scale = (whole: bigint): Scale => ({
  whole,
  part: (n, d) => div(mul(n, whole), d),
  of: (amount, percentage) => mul(amount, percentage) / whole,
  ofFraction: (amount, n, d) => mul(amount, div(mul(n, whole), d)) / whole,
  valid: (percentage) => percentage <= whole,
})

/** Reward cut, fee share, round lock. */
export const millionths = scale(10n ** 6n)
/** Inflation and bonding rate. */
export const billionths = scale(10n ** 9n)
/** Cumulative factors and the treasury's cut. */
export const precise = scale(10n ** 27n)
