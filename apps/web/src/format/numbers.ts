/** A whole number with commas between thousands. */
export const formatCount = (value: number | bigint): string => value.toString().replace(/\B(?=(\d{3})+$)/g, ',')

/** How much of a whole a part is, with one decimal; a dash while there is nothing to compare. */
export const formatShare = (part: number, whole: number): string =>
  whole > 0 ? `${((100 * part) / whole).toFixed(1)} %` : '–'

/** Milliseconds as seconds with one decimal. */
export const formatSeconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`

/** A count of bytes in the unit that reads best. */
export function formatBytes(bytes: number): string {
  if (bytes < 1_000) return `${bytes} B`
  if (bytes < 1_000_000) return `${(bytes / 1_000).toFixed(0)} kB`
  if (bytes < 1_000_000_000) return `${(bytes / 1_000_000).toFixed(1)} MB`
  return `${(bytes / 1_000_000_000).toFixed(2)} GB`
}

/** The first and last digits of an address or hash. */
export const shortHex = (hex: string): string => (hex.length > 12 ? `${hex.slice(0, 6)}…${hex.slice(-4)}` : hex)
