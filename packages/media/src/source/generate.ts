import { TestPicture } from '../picture/test-picture.ts'
import type { Av } from '../process/av.ts'
import type { CodedFrame } from '../segment/segment.ts'
import { SourceAudioEncoder, SourceVideoEncoder, tone } from './av-encoder.ts'
import type { Pace } from './pace.ts'
import type { GeneratedOptions } from './source-messages.ts'

/** Times begin one second after zero, so that no decoding time can fall below it. */
const ORIGIN = 90_000

/** Makes the test stream: the cheapest encoding there is, because it runs beside the work that it is to test. */
export async function generate(
  av: Av,
  options: GeneratedOptions,
  pace: Pace,
  send: (frames: readonly CodedFrame[]) => void,
): Promise<void> {
  const picture = new TestPicture(options.width, options.height)
  const gopFrames = Math.round(options.fps * 2)
  const video = new SourceVideoEncoder(av, { ...options, preset: 'ultrafast', gopFrames })
  const sound = new RepeatedTone(av)
  const startedAt = Date.now()
  try {
    const total = options.seconds === undefined ? Number.POSITIVE_INFINITY : Math.round(options.seconds * options.fps)
    for (let frame = 0; frame < total; frame++) {
      const pts = ORIGIN + Math.round((frame * 90_000) / options.fps)
      await pace.turn(pts)
      const canvas = picture.draw(
        frame,
        options.fps,
        options.realtime ? Date.now() : startedAt + (frame * 1_000) / options.fps,
      )
      const out: CodedFrame[] = video.encode(canvas.data, pts, frame % gopFrames === 0)
      while (sound.seconds < (frame + 1) / options.fps) out.push(...sound.next())
      send(out)
    }
    send(video.encodeFrame(null))
  } finally {
    video.close()
    sound.close()
  }
}

/** Eight seconds are 375 frames of 1024 samples at 48 kHz exactly, and the tone repeats each second. */
const PERIOD = 375
/** The encoder's first frames, before it has settled, are not repeated. */
const SETTLED = 16
const FRAME_TICKS = 1_920

/** Encodes eight seconds of the tone and repeats the coded frames from then on, which costs nothing. */
class RepeatedTone {
  readonly #encoder: SourceAudioEncoder
  readonly #frames: CodedFrame[] = []
  #count = 0

  constructor(av: Av) {
    this.#encoder = new SourceAudioEncoder(av, { bitrateBps: 96_000, origin: ORIGIN })
  }

  /** How much sound was given out. */
  get seconds(): number {
    return this.#frames.length < SETTLED + PERIOD
      ? this.#encoder.seconds
      : (this.#count * SourceAudioEncoder.frameSamples) / SourceAudioEncoder.rate
  }

  next(): CodedFrame[] {
    if (this.#frames.length < SETTLED + PERIOD) {
      const first = Math.round(this.#encoder.seconds * SourceAudioEncoder.rate)
      const made = this.#encoder.encode(tone(first, SourceAudioEncoder.frameSamples))
      this.#frames.push(...made)
      this.#count += made.length
      return made
    }
    const pts = this.#frames[0]!.pts + this.#count * FRAME_TICKS
    const same = this.#frames[SETTLED + ((this.#count - SETTLED) % PERIOD)]!
    this.#count++
    return [{ ...same, pts, dts: pts }]
  }

  close(): void {
    this.#encoder.close()
  }
}
