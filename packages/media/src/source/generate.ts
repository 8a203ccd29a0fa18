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
  const audio = new SourceAudioEncoder(av, { bitrateBps: 96_000, origin: ORIGIN })
  const startedAt = Date.now()
  try {
    const total = options.seconds === undefined ? Number.POSITIVE_INFINITY : Math.round(options.seconds * options.fps)
    for (let frame = 0; frame < total; frame++) {
      const pts = ORIGIN + Math.round((frame * 90_000) / options.fps)
      await pace.turn(pts)
      const canvas = picture.draw(frame, options.fps, startedAt + (frame * 1_000) / options.fps)
      const out: CodedFrame[] = video.encode(canvas.data, pts, frame % gopFrames === 0)
      while (audio.seconds < (frame + 1) / options.fps) {
        const first = Math.round(audio.seconds * SourceAudioEncoder.rate)
        out.push(...audio.encode(tone(first, SourceAudioEncoder.frameSamples)))
      }
      send(out)
    }
    send([...video.encodeFrame(null), ...audio.encodeFrame(null)])
  } finally {
    video.close()
    audio.close()
  }
}
