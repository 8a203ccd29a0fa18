/** What to do with one source frame: the times at which it is encoded, none when it is dropped. */
export class FramePacer {
  readonly #step: number
  #start: number | undefined
  #next = 0

  /** fps 0 keeps every frame at its own time. */
  constructor(fps: number, fpsDen = 1) {
    this.#step = fps > 0 ? (90_000 * fpsDen) / fps : 0
  }

  /**
   * A fixed rate lays a grid over the time line, drops frames that fall into a taken slot and repeats over gaps.
   * More than 25 frames out of one are never made: LPMS calls that "encoded frames runaway".
   */
  place(pts: number): number[] {
    if (this.#step === 0) return [pts]
    this.#start ??= pts
    // A quarter of a slot early still counts as in it: time stamps of RTMP are rounded to milliseconds.
    const slot = Math.floor((pts - this.#start) / this.#step + 0.25)
    if (slot < this.#next - 90 || slot > this.#next + 900) {
      this.#start = pts
      this.#next = 1
      return [pts]
    }
    const times: number[] = []
    for (let at = Math.max(this.#next, slot - 24); at <= slot; at++)
      times.push(Math.round(this.#start + at * this.#step))
    this.#next = Math.max(this.#next, slot + 1)
    return times
  }
}

/** Tells which frames of a segment must be key frames. */
export class KeyFramePacer {
  readonly #gopTicks: number
  #next: number | undefined

  /** gopMs as in `VideoProfile`: 0 leaves it to the encoder, -1 makes every frame a key frame. */
  constructor(gopMs: number) {
    this.#gopTicks = gopMs * 90
  }

  /** The first frame of a segment is always one (LPMS forces it), then one each gop by time stamp. */
  startSegment(): void {
    this.#next = undefined
  }

  force(pts: number): boolean {
    if (this.#gopTicks < 0) return true
    if (this.#next === undefined) {
      this.#next = pts + this.#gopTicks
      return true
    }
    if (this.#gopTicks === 0 || pts < this.#next) return false
    while (this.#next <= pts) this.#next += this.#gopTicks
    return true
  }
}
