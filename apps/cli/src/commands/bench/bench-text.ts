import type { Measured } from '@millrace/media'

/** The columns of livepeer_bench. */
export const CSV_HEADER = 'timestamp,session,segment,seg_dur,transcode_time'

/** One segment in these columns; times are in seconds, the timestamp is that of this machine's zone. */
export const csvLine = ({ at, session, segment, durationMs, elapsedMs }: Omit<Measured, 'renditions'>): string =>
  [timestamp(at), session, segment, digits(durationMs / 1000), digits(elapsedMs / 1000)].join(',')

function timestamp(at: Date): string {
  const two = (value: number) => String(value).padStart(2, '0')
  const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`
  const fraction = `.${String(at.getMilliseconds()).padStart(3, '0')}`.replace(/\.?0+$/, '')
  return `${day} ${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}${fraction}`
}

/** Four digits that count, without zeros behind them. */
export const digits = (value: number): string => String(Number(value.toPrecision(4)))

/** Rows of two columns in a frame. */
export function frame(rows: readonly (readonly [string, string])[]): string {
  const widths = [0, 1].map((column) => Math.max(...rows.map((row) => row[column]!.length)))
  const edge = `*${widths.map((width) => '-'.repeat(width + 2)).join('*')}*`
  const lines = rows.map((row) => `|${row.map((text, column) => ` ${text.padEnd(widths[column]!)} `).join('|')}|`)
  return `${[edge, ...lines, edge].join('\n')}\n`
}

/** Adds up the segments of a run. */
export class Totals {
  #segments = 0
  #inTime = 0
  #sourceMs = 0
  #elapsedMs = 0

  add({ durationMs, elapsedMs }: Pick<Measured, 'durationMs' | 'elapsedMs'>): void {
    this.#segments++
    if (elapsedMs <= durationMs) this.#inTime++
    this.#sourceMs += durationMs
    this.#elapsedMs += elapsedMs
  }

  /** The summary, with the names that livepeer_bench gives its figures. */
  rows(sessions: number): readonly (readonly [string, string])[] {
    return [
      ['Concurrent Sessions', String(sessions)],
      ['Total Segs Transcoded', String(this.#segments)],
      ['Real-Time Segs Transcoded', String(this.#inTime)],
      ['* Real-Time Segs Ratio *', digits(this.#inTime / this.#segments)],
      ['Total Source Duration', `${digits(this.#sourceMs / 1000)}s`],
      ['Total Transcoding Duration', `${digits(this.#elapsedMs / 1000)}s`],
      ['* Real-Time Duration Ratio *', digits(this.#elapsedMs / this.#sourceMs)],
    ]
  }
}
