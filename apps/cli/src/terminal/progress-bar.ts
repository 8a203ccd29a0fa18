type Output = { readonly isTTY?: boolean; write(text: string): unknown }

const WIDTH = 30

/** Shows how far a long work is: a bar repainted in place on a terminal, a line every tenth elsewhere. */
export class ProgressBar {
  readonly #output: Output
  #tenths = -1

  constructor(output: Output) {
    this.#output = output
  }

  /** `done` is a share from 0 to 1. */
  show(done: number, text: string): void {
    const share = Math.min(1, Math.max(0, done))
    if (this.#output.isTTY) {
      const filled = Math.round(share * WIDTH)
      const bar = '█'.repeat(filled) + '░'.repeat(WIDTH - filled)
      this.#output.write(`\r\x1b[2K${bar} ${Math.floor(share * 100)} %  ${text}`)
      return
    }
    const tenths = Math.floor(share * 10)
    if (tenths === this.#tenths) return
    this.#tenths = tenths
    this.#output.write(`${tenths * 10} %  ${text}\n`)
  }

  end(): void {
    if (this.#output.isTTY) this.#output.write('\n')
  }
}
