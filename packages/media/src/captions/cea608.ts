import { basicCharacter, extendedCharacter, specialCharacter } from './caption-characters.ts'
import { type CaptionLine, CaptionScreen, COLUMNS, ROWS } from './caption-screen.ts'

/** What stands on the screen for a time, in 90 kHz ticks. */
export type CaptionCue = {
  readonly startTicks: number
  readonly endTicks: number
  readonly lines: readonly CaptionLine[]
}

/** Rows that preamble codes name, by the low bits of their first byte; the second of a pair by a bit of the second byte. */
const PAC_ROWS = [
  [11, 11],
  [1, 2],
  [3, 4],
  [12, 13],
  [14, 15],
  [5, 6],
  [7, 8],
  [9, 10],
] as const
const COMMAND = {
  resumeLoading: 0x20,
  backspace: 0x21,
  deleteToEnd: 0x24,
  rollUp2: 0x25,
  rollUp4: 0x27,
  resumeDirect: 0x29,
  textRestart: 0x2a,
  resumeText: 0x2b,
  eraseDisplayed: 0x2c,
  carriageReturn: 0x2d,
  eraseLoaded: 0x2e,
  endOfCaption: 0x2f,
} as const
/** Text that is written while it is seen is shown in steps of this length, not letter by letter. */
const STEP_TICKS = 27_000

type Mode = 'pop-on' | 'roll-up' | 'paint-on' | 'text'

/**
 * Reads channel CC1 of CEA-608 (47 CFR 79.101, CTA-608): pop-on, roll-up and paint-on captions. Colours, italics and underlining are left out.
 * Pairs are given in the order in which their pictures are shown.
 */
export class Cea608 {
  #displayed = new CaptionScreen()
  #loaded = new CaptionScreen()
  #mode: Mode | undefined
  #row = ROWS - 1
  #column = 0
  #depth = 2
  /** True while what comes is for CC1; its channel shares the field with CC2. */
  #isOurs = false
  #repeated: number | undefined
  #cues: CaptionCue[] = []
  #open: { readonly startTicks: number; readonly lines: readonly CaptionLine[] } | undefined
  #changed = false
  #steppedAt = 0

  /** Takes two bytes of field 1, without their parity. */
  push(ticks: number, [first, second]: readonly [number, number]): void {
    if (first >= 0x10 && first < 0x20) this.#control(ticks, first, second)
    else if (first !== 0 || second !== 0) {
      this.#repeated = undefined
      if (this.#isOurs) for (const code of [first, second]) if (code >= 0x20) this.#write(basicCharacter(code))
    }
    if (this.#changed && (this.#mode === 'pop-on' || ticks - this.#steppedAt >= STEP_TICKS)) this.#show(ticks)
  }

  /** What was shown since the last call; what still is goes on in the next one. */
  cut(ticks: number): readonly CaptionCue[] {
    if (this.#changed) this.#show(ticks)
    if (this.#open) {
      this.#close(ticks)
      this.#open = { startTicks: ticks, lines: this.#open.lines }
    }
    const cues = this.#cues
    this.#cues = []
    return cues
  }

  #control(ticks: number, first: number, second: number): void {
    // Codes are sent twice, so that one may be lost.
    const code = first * 256 + second
    if (this.#repeated === code) {
      this.#repeated = undefined
      return
    }
    this.#repeated = code
    this.#isOurs = (first & 0x08) === 0
    if (!this.#isOurs) return
    if (second >= 0x40) this.#place(first, second)
    else if (first === 0x11 && second >= 0x30) this.#write(specialCharacter(second))
    else if (first === 0x11 && second >= 0x20) this.#write(' ')
    else if ((first === 0x12 || first === 0x13) && second >= 0x20) {
      // It takes the place of a plain one that was sent for those who do not know it.
      this.#column = Math.max(0, this.#column - 1)
      this.#write(extendedCharacter(first === 0x12 ? 0 : 1, second))
    } else if (first === 0x17 && second > 0x20 && second < 0x24) this.#column += second - 0x20
    else if (first === 0x14) this.#command(ticks, second)
  }

  #command(ticks: number, code: number): void {
    if (code === COMMAND.resumeLoading) this.#mode = 'pop-on'
    else if (code === COMMAND.resumeDirect) this.#mode = 'paint-on'
    else if (code === COMMAND.textRestart || code === COMMAND.resumeText) this.#mode = 'text'
    else if (code >= COMMAND.rollUp2 && code <= COMMAND.rollUp4) this.#rollUp(ticks, code - COMMAND.rollUp2 + 2)
    else if (code === COMMAND.eraseDisplayed) {
      this.#displayed.clear()
      this.#show(ticks)
    } else if (code === COMMAND.eraseLoaded) this.#loaded.clear()
    else if (code === COMMAND.endOfCaption) {
      this.#mode = 'pop-on'
      const shown = this.#displayed
      this.#displayed = this.#loaded
      this.#loaded = shown
      this.#show(ticks)
    } else if (code === COMMAND.carriageReturn && this.#mode === 'roll-up') {
      this.#show(ticks)
      this.#displayed.roll(this.#row, this.#depth)
      this.#column = 0
      this.#changed = true
    } else if (code === COMMAND.backspace && this.#column > 0) {
      this.#column--
      this.#screen?.eraseFrom(this.#row, this.#column)
      this.#touched()
    } else if (code === COMMAND.deleteToEnd) {
      this.#screen?.eraseFrom(this.#row, this.#column)
      this.#touched()
    }
  }

  #rollUp(ticks: number, depth: number): void {
    if (this.#mode !== 'roll-up') {
      this.#displayed.clear()
      this.#loaded.clear()
      this.#show(ticks)
      this.#row = ROWS - 1
      this.#column = 0
    }
    this.#mode = 'roll-up'
    this.#depth = depth
  }

  /** A preamble address code: where the next letters stand. */
  #place(first: number, second: number): void {
    const row = PAC_ROWS[first & 0x07]![(second & 0x20) === 0 ? 0 : 1] - 1
    if (this.#mode === 'roll-up' && row !== this.#row) {
      this.#displayed.moveRows(this.#row, row, this.#depth)
      this.#touched()
    }
    this.#row = row
    this.#column = (second & 0x10) === 0 ? 0 : ((second & 0x0e) >> 1) * 4
  }

  #write(character: string): void {
    this.#screen?.put(this.#row, this.#column, character)
    this.#column = Math.min(COLUMNS, this.#column + 1)
    this.#touched()
  }

  /** What is written to now; undefined while what comes is no caption. */
  get #screen(): CaptionScreen | undefined {
    if (this.#mode === undefined || this.#mode === 'text') return undefined
    return this.#mode === 'pop-on' ? this.#loaded : this.#displayed
  }

  #touched(): void {
    if (this.#screen === this.#displayed) this.#changed = true
  }

  #show(ticks: number): void {
    this.#changed = false
    this.#steppedAt = ticks
    const { lines } = this.#displayed
    if (this.#open && sameLines(this.#open.lines, lines)) return
    this.#close(ticks)
    this.#open = lines.length > 0 ? { startTicks: ticks, lines } : undefined
  }

  #close(ticks: number): void {
    if (this.#open && ticks > this.#open.startTicks) this.#cues.push({ ...this.#open, endTicks: ticks })
  }
}

const sameLines = (a: readonly CaptionLine[], b: readonly CaptionLine[]): boolean =>
  a.length === b.length &&
  a.every((line, i) => line.text === b[i]?.text && line.row === b[i]?.row && line.column === b[i]?.column)
