import type { Rational } from '@millrace/base'

/**
 * Writes JSON in which a bigint is a number with all its digits, as go-livepeer writes big integers.
 * Fields that are undefined are left out.
 */
export function encodeGoJson(value: unknown): string {
  if (typeof value === 'bigint') return value.toString()
  if (Array.isArray(value)) return `[${value.map((item) => encodeGoJson(item ?? null)).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value ?? null)
  const fields = Object.entries(value).filter(([, field]) => field !== undefined)
  return `{${fields.map(([name, field]) => `${JSON.stringify(name)}:${encodeGoJson(field)}`).join(',')}}`
}

/**
 * Reads JSON in which numbers may be larger than a double can hold: whole numbers beyond 2^53 become bigints.
 * Throws SyntaxError.
 */
export function decodeGoJson(text: string): unknown {
  // Outside of strings only numbers have digits; a string is matched whole, so that nothing in it is touched.
  const marked = text.replace(/"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g, (token) =>
    /^-?\d+$/.test(token) && !Number.isSafeInteger(Number(token)) ? `{"${BIG}":"${token}"}` : token,
  )
  return JSON.parse(marked, (_, value) =>
    typeof value === 'object' && value !== null && typeof value[BIG] === 'string' ? BigInt(value[BIG]) : value,
  )
}

const BIG = 'millrace:big'

/** A fraction as Go writes one: "3/2", and "3" where it is whole. */
export const goRational = ({ num, den }: Rational): string => (den === 1n ? num.toString() : `${num}/${den}`)
