import { errorText, MillraceError } from '@millrace/base'
import { BLACK, Canvas } from '../picture/canvas.ts'
import { drawMark, markSequence, readMark } from '../picture/marks.ts'
import { type Av, loadAv } from '../process/av.ts'
import { becomeMediaChild } from '../process/in-child.ts'
import type { CodedFrame } from '../segment/segment.ts'
import { SourceAudioEncoder, SourceVideoEncoder, tone } from '../source/av-encoder.ts'
import { AvDecoder } from '../transcode/av-decoder.ts'
import { readInput } from '../transcode/input.ts'
import { makeFilm, makeLie } from './film.ts'
import { makeFile } from './media-file.ts'
import { publish } from './publish.ts'
import { sendFile } from './send-file.ts'
import type { ClipOptions, FromTesting, Inspection, ToTesting } from './testing-messages.ts'

const ORIGIN = 90_000

const send = becomeMediaChild<ToTesting>((message) => void run(message)) as (message: FromTesting) => void

async function run(message: ToTesting): Promise<void> {
  try {
    const av = await loadAv()
    if (message.type === 'clip') send({ type: 'clip', ...makeClip(av, message.options) })
    else if (message.type === 'film') send({ type: 'film', frames: makeFilm(av, message.options) })
    else if (message.type === 'lie') send({ type: 'lie', ...makeLie(av, message.request) })
    else if (message.type === 'publish') {
      await publish(av, message.url, makeClip(av, message.options).frames, message.realtime)
      send({ type: 'published' })
    } else if (message.type === 'make-file') {
      await makeFile(av, message.file)
      send({ type: 'made' })
    } else if (message.type === 'send-file') {
      await sendFile(av, message.file)
      send({ type: 'published' })
    } else send({ type: 'inspection', inspection: inspect(av, message.data, message.container) })
  } catch (error) {
    send({ type: 'failed', code: error instanceof MillraceError ? error.code : 'failed', message: errorText(error) })
  }
}

function makeClip(av: Av, options: ClipOptions): { frames: CodedFrame[]; marks: number[] } {
  const { width, height, fps, seconds } = options
  const canvas = new Canvas(width, height)
  const gopFrames = Math.max(1, Math.round((fps * options.gopMs) / 1_000))
  const bitrateBps = Math.max(400_000, Math.round(width * height * fps * 0.08))
  const video = new SourceVideoEncoder(av, { width, height, fps, bitrateBps, preset: 'superfast', gopFrames })
  const audio = options.audio ? new SourceAudioEncoder(av, { bitrateBps: 96_000, origin: ORIGIN }) : undefined
  const sequence = markSequence(options.seed)
  const frames: CodedFrame[] = []
  const marks: number[] = []
  const total = Math.round(seconds * fps)
  const side = Math.max(4, Math.round(height / 20))
  for (let frame = 0; frame < total; frame++) {
    if (options.pictures === 'black') canvas.rect(0, 0, width, height, BLACK)
    else if (options.pictures === 'numbers' ? frame % options.framesPerMark === 0 : frame === 0) {
      const mark = sequence.next().value as number
      marks.push(mark)
      canvas.rect(0, 0, width, height, [110, 120, 135])
      drawMark(canvas, mark)
    }
    // Something moves at the lower edge, so that no two pictures are the same.
    canvas.rect(0, height - side, width, side, BLACK)
    if (options.pictures === 'numbers')
      canvas.rect(((frame * 7) % total) * (width / total), height - side, side * 2, side, [210, 60, 170])
    const pts = ORIGIN + Math.round((frame * 90_000) / fps)
    frames.push(...video.encode(canvas.data, pts, frame % gopFrames === 0))
    while (audio && audio.seconds < (frame + 1) / fps) {
      const first = Math.round(audio.seconds * SourceAudioEncoder.rate)
      frames.push(...audio.encode(tone(first, SourceAudioEncoder.frameSamples)))
    }
  }
  frames.push(...video.encodeFrame(null), ...(audio?.encodeFrame(null) ?? []))
  video.close()
  audio?.close()
  return { frames: frames.sort((a, b) => a.dts - b.dts), marks }
}

function inspect(av: Av, data: Uint8Array, container: 'mpegts' | 'mp4'): Inspection {
  const input = readInput(av, data, container)
  const decoder = new AvDecoder(av, 1)
  const pts: number[] = []
  const marks: number[] = []
  let width = 0
  let height = 0
  for (const frame of decoder.decode(input)) {
    width ||= frame.width
    height ||= frame.height
    pts.push(Number(frame.bestEffortTimestamp))
    marks.push(readMark(frame.data![0]!, frame.linesize[0]!, frame.width, frame.height))
  }
  const decodeErrors = decoder.errors
  decoder.close()
  return {
    videoCodec: av.avGetCodecName(input.codecId as never) ?? undefined,
    width,
    height,
    frames: pts.length,
    pts: pts.sort((a, b) => a - b),
    keyPts: input.video.filter((frame) => frame.keyFrame).map((frame) => frame.pts),
    firstIsKey: input.video[0]?.keyFrame ?? false,
    audioFrames: input.audio.length,
    audioPts: input.audio.map((frame) => frame.pts),
    decodeErrors,
    marks,
  }
}
