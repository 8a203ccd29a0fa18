import { createInterface } from 'node:readline/promises'
import type { Readable, Writable } from 'node:stream'
import { errorText, MillraceError } from '@millrace/base'

/** Where a person is asked, or nobody is. */
export type Terminal = { readonly input: Readable; readonly output: Writable; readonly interactive: boolean }

export const processTerminal = (): Terminal => ({
  input: process.stdin,
  // Answers to scripts go to standard output; questions do not belong there.
  output: process.stderr,
  interactive: process.stdin.isTTY === true && process.stderr.isTTY === true,
})

/** Asks for what a command line left out; a value that cannot be read is asked for again. */
export class Asker {
  readonly #terminal: Terminal

  constructor(terminal: Terminal) {
    this.#terminal = terminal
  }

  /**
   * The value that was given, read; else what a person answers.
   * Throws `missing_value` where there is nobody to ask, and what `read` throws for a value that was given.
   */
  async value<T>(
    given: string | undefined,
    question: { readonly name: string; readonly text: string; readonly usual?: string },
    read: (text: string) => T,
  ): Promise<T> {
    if (given !== undefined) return read(given)
    if (!this.#terminal.interactive) {
      if (question.usual !== undefined) return read(question.usual)
      throw new MillraceError('missing_value', `${question.name} is missing: ${question.text}`)
    }
    const hint = question.usual === undefined ? '' : ` [${question.usual}]`
    for (;;) {
      const answer = (await this.#line(`${question.text}${hint} `)) || question.usual || ''
      try {
        return read(answer)
      } catch (error) {
        this.#terminal.output.write(`${errorText(error)}\n`)
      }
    }
  }

  /** Shows what will happen and waits for a yes; where there is nobody to ask, the command line was the yes. */
  async confirm(lines: readonly string[]): Promise<void> {
    if (!this.#terminal.interactive) return
    for (const line of lines) this.#terminal.output.write(`${line}\n`)
    const answer = await this.#line('Go on? [y/N] ')
    if (!/^y(es)?$/i.test(answer)) throw new MillraceError('not_confirmed', 'nothing was done')
  }

  async #line(question: string): Promise<string> {
    const { input, output } = this.#terminal
    const lines = createInterface({ input, output })
    const ended = new Promise<never>((_, reject) =>
      lines.once('close', () => reject(new MillraceError('not_confirmed', 'nothing was done: the input ended'))),
    )
    ended.catch(() => {})
    try {
      return (await Promise.race([lines.question(question), ended])).trim()
    } finally {
      lines.close()
    }
  }
}
