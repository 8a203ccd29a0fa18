export const ROWS = 15
export const COLUMNS = 32

export type CaptionLine = {
  /** From the top, from 0. */
  readonly row: number
  readonly column: number
  readonly text: string
}

/** What stands on the screen: 15 rows of 32 characters, most of them empty (47 CFR 79.101). */
export class CaptionScreen {
  readonly #rows: (string | undefined)[][] = Array.from({ length: ROWS }, () => [])

  get lines(): readonly CaptionLine[] {
    return this.#rows.flatMap((cells, row) => {
      const column = cells.findIndex((cell) => cell !== undefined && cell !== ' ')
      if (column < 0) return []
      const text = Array.from(cells.slice(column), (cell) => cell ?? ' ')
      return [{ row, column, text: text.join('').trimEnd() }]
    })
  }

  put(row: number, column: number, character: string): void {
    const cells = this.#rows[row]
    if (cells) cells[Math.min(column, COLUMNS - 1)] = character
  }

  eraseFrom(row: number, column: number): void {
    this.#rows[row]?.splice(column)
  }

  clear(): void {
    for (const cells of this.#rows) cells.length = 0
  }

  /** Moves the rows up to `base` one up; those above `depth` rows are lost. */
  roll(base: number, depth: number): void {
    for (let row = 0; row <= base; row++)
      this.#rows[row] = row <= base - depth || row === base ? [] : (this.#rows[row + 1] ?? [])
  }

  /** Moves what stands in the rows that end at `from` to rows that end at `to`. */
  moveRows(from: number, to: number, depth: number): void {
    const moved = Array.from({ length: depth }, (_, i) => this.#rows[from - i] ?? [])
    this.clear()
    for (const [i, cells] of moved.entries()) if (to - i >= 0) this.#rows[to - i] = cells
  }
}
