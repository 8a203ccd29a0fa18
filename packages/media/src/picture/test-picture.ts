import { BLACK, Canvas, WHITE, type Yuv } from './canvas.ts'
import { drawClock } from './clock-strip.ts'

/** EBU bars at 75 %, as luma and chroma. */
const BARS: readonly Yuv[] = [
  [180, 128, 128],
  [168, 44, 136],
  [145, 147, 44],
  [133, 63, 52],
  [63, 193, 204],
  [51, 109, 212],
  [28, 212, 120],
  [16, 128, 128],
]

/** Draws the moving picture of the generated source: colour bars, a clock with milliseconds for people and one for machines, and a square that wanders. */
export class TestPicture {
  readonly canvas: Canvas
  readonly #background: Canvas

  constructor(width: number, height: number) {
    this.canvas = new Canvas(width, height)
    this.#background = new Canvas(width, height)
    const barWidth = width / BARS.length
    for (const [i, color] of BARS.entries()) this.#background.rect(i * barWidth, 0, barWidth + 2, height * 0.7, color)
    this.#background.rect(0, height * 0.7, width, height * 0.3, [40, 128, 128])
    const dot = Math.max(2, Math.round(width / 320) * 2)
    this.#background.text(dot * 4, height * 0.7 + dot * 3, 'MILLRACE', dot, WHITE[0])
  }

  /** The picture of this moment; the clock shows wall time, the counter the frame. Valid until the next call. */
  draw(frame: number, fps: number, wallMs: number): Canvas {
    const { canvas } = this
    const { width, height } = canvas
    canvas.copyFrom(this.#background)
    const dot = Math.max(2, Math.round(width / 220) * 2)
    const clock = new Date(wallMs).toISOString().slice(11, 23)
    const textWidth = clock.length * 6 * dot
    canvas.rect((width - textWidth) / 2 - dot * 2, height * 0.3 - dot * 2, textWidth + dot * 3, dot * 11, BLACK)
    canvas.text((width - textWidth) / 2, height * 0.3, clock, dot, WHITE[0])
    canvas.text(width * 0.62, height * 0.7 + dot * 2, String(frame % 1_000_000).padStart(6, '0'), dot, WHITE[0])
    drawClock(canvas, wallMs)
    // One way and back in eight seconds.
    const phase = (frame / fps / 4) % 2
    const along = phase < 1 ? phase : 2 - phase
    const side = Math.max(8, height / 10)
    canvas.rect(along * (width - side), height - side * 1.2, side, side, [200, 60, 150])
    return canvas
  }
}
