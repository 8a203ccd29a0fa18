/** Time stamps of MPEG-TS count modulo 2^33 (ISO 13818-1 section 2.4.3.7). */
export const WRAP = 2 ** 33

/** A time as its 33 bits. */
export const wrap33 = (ticks: number): number => ((Math.round(ticks) % WRAP) + WRAP) % WRAP

/** The unwrapped time nearest to `near` whose 33 bits are these. */
export function unwrap33(ticks: number, near: number): number {
  return ticks + Math.round((near - ticks) / WRAP) * WRAP
}
