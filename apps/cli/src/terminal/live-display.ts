import type { NetworkView } from '@millrace/wire'
import { renderTable } from './table.ts'

type Output = {
  readonly isTTY?: boolean
  readonly columns?: number
  readonly rows?: number
  write(text: string): unknown
}

const REPAINT_MS = 500
const PLAIN_MS = 10_000

/**
 * Shows the table: repainted in place on a terminal, every ten seconds as plain lines elsewhere.
 * The view is read when a frame is painted, so that all figures of a frame belong together.
 */
export class LiveDisplay {
  readonly #output: Output
  readonly #view: () => NetworkView
  readonly #header: readonly string[]
  readonly #began = Date.now()
  #timer: ReturnType<typeof setInterval> | undefined
  #painted = 0
  #notes: readonly string[] = []

  constructor(
    options: { readonly output: Output; readonly header: readonly string[] },
    deps: { readonly view: () => NetworkView },
  ) {
    this.#output = options.output
    this.#header = options.header
    this.#view = deps.view
  }

  start(): void {
    if (this.#output.isTTY) {
      this.#paint()
      this.#timer = setInterval(() => this.#paint(), REPAINT_MS)
    } else {
      this.#output.write(`${this.#header.join('\n')}\n`)
      this.#timer = setInterval(() => this.#print(), PLAIN_MS)
    }
  }

  /** Adds a line below the header that stays. */
  note(text: string): void {
    this.#notes = [...this.#notes, text]
    if (!this.#output.isTTY) this.#output.write(`${text}\n`)
  }

  /** Paints the last state once more and leaves it on the screen. */
  stop(): void {
    clearInterval(this.#timer)
    if (this.#output.isTTY) this.#paint()
    else this.#print()
  }

  #lines(header: readonly string[]): string[] {
    const width = this.#output.columns ?? 160
    return renderTable(this.#view(), { header, width, upMs: Date.now() - this.#began })
  }

  #paint(): void {
    const lines = this.#lines([...this.#header, ...this.#notes]).slice(0, (this.#output.rows ?? 50) - 1)
    const up = this.#painted > 0 ? `\x1b[${this.#painted}A` : ''
    this.#output.write(`${up}${lines.map((line) => `\x1b[2K${line}\n`).join('')}\x1b[J`)
    this.#painted = lines.length
  }

  #print(): void {
    this.#output.write(`${this.#lines([]).join('\n')}\n`)
  }
}
