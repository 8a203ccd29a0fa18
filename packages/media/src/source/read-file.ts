import { stat } from 'node:fs/promises'
import { MillraceError } from '@millrace/base'
import type { FormatContext } from 'node-av/lib'
import type { Av } from '../process/av.ts'
import type { CodedFrame } from '../segment/segment.ts'
import { AudioReader } from './audio-reader.ts'
import { type OpenInput, openInputs } from './open-input.ts'
import type { Pace } from './pace.ts'
import { sourceKind, sourceText } from './source-address.ts'
import type { FileOptions } from './source-messages.ts'
import { VideoReader } from './video-reader.ts'

export type FileReport = {
  started(durationMs: number | undefined, about: string): void
  frames(frames: readonly CodedFrame[]): void
}

/** Times of every source begin one second after zero. */
const ORIGIN = 90_000
/** Reads a file or address, copies H.264 and AAC and encodes everything else; throws a typed error with a clear sentence. */
export async function readFile(av: Av, options: FileOptions, pace: Pace, report: FileReport): Promise<void> {
  if (sourceKind(options.path) === 'file') await checkFile(options.path)
  let offset = 0
  let begun = false
  do {
    for await (const inputs of openInputs(av, options)) {
      const lanes: Lane[] = []
      try {
        lanes.push(...openLanes(av, inputs, options))
        const durations = inputs.map(({ format }) =>
          format.duration > 0n ? Number(format.duration) / 1_000 : undefined,
        )
        const durationMs = durations[0]
        if (!begun) report.started(durationMs, describe(lanes))
        begun = true
        const end = await copyAll(av, lanes, { offset, pace, report, inBatches: !options.realtime && !isLive(options) })
        const broken = inputs.map(({ error }) => error()).find((error) => error !== undefined)
        if (broken !== undefined) throw broken
        if (end.frames === 0) throw empty(options)
        if (durationMs !== undefined && (end.newest - offset - ORIGIN) / 90 < durationMs * 0.95 - 1_000)
          throw new MillraceError(
            'source_truncated',
            `${sourceText(options.path)} breaks off after ${Math.round((end.newest - offset) / 90_000)} of ${Math.round(durationMs / 1_000)} seconds: the file is not complete`,
          )
        offset = end.newest - ORIGIN
      } finally {
        for (const { video, audio } of lanes) {
          video?.close()
          audio?.close()
        }
        for (const input of inputs) await input.close()
      }
    }
    if (!begun) throw empty(options)
  } while (options.loop)
}

const empty = ({ path }: FileOptions) =>
  new MillraceError('not_a_video', `${sourceText(path)} holds no picture and no sound that can be read`)

/** Sources that come at the speed of their own clock. */
const isLive = ({ path }: FileOptions): boolean => sourceKind(path) === 'srt' || sourceKind(path) === 'rtsp'

/** Throws a clear sentence when there is nothing to read. */
export async function checkFile(path: string): Promise<void> {
  const facts = await stat(path).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'EACCES') throw new MillraceError('no_permission', `no permission to read ${path}`)
    throw new MillraceError('no_such_file', `there is no file ${path}: check the name`)
  })
  if (facts.isDirectory()) throw new MillraceError('not_a_video', `${path} is a folder: name a file in it`)
  if (facts.size === 0) throw new MillraceError('not_a_video', `${path} is empty`)
}

type Lane = {
  readonly format: FormatContext
  readonly video: VideoReader | undefined
  readonly audio: AudioReader | undefined
  /** Time of the newest packet, in seconds. */
  at: number
  over: boolean
}

/** The first picture and the first sound of all inputs; further ones are left out. */
function openLanes(av: Av, inputs: readonly OpenInput[], options: FileOptions): Lane[] {
  const { constants: c } = av
  let video: VideoReader | undefined
  let audio: AudioReader | undefined
  const lanes = inputs.map(({ format }) => {
    const picture =
      video === undefined
        ? format.streams.find(
            (s) =>
              s.codecpar.codecType === c.AVMEDIA_TYPE_VIDEO &&
              s.codecpar.width > 0 &&
              (s.disposition & c.AV_DISPOSITION_ATTACHED_PIC) === 0,
          )
        : undefined
    const sounds = format.streams.filter(
      (s) => audio === undefined && s.codecpar.codecType === c.AVMEDIA_TYPE_AUDIO && s.codecpar.sampleRate > 0,
    )
    const sound = sounds.find((s) => (s.disposition & c.AV_DISPOSITION_DEFAULT) !== 0) ?? sounds[0]
    const lane = {
      format,
      video: picture && new VideoReader(av, picture, { keepHevc: isLive(options) }),
      audio: sound && new AudioReader(av, sound),
      at: Number.NEGATIVE_INFINITY,
      over: false,
    }
    video ??= lane.video
    audio ??= lane.audio
    return lane
  })
  if (!video && !audio) throw empty(options)
  return lanes
}

async function copyAll(
  av: Av,
  lanes: readonly Lane[],
  to: { readonly offset: number; readonly pace: Pace; readonly report: FileReport; readonly inBatches: boolean },
): Promise<{ readonly frames: number; readonly newest: number }> {
  const packet = new av.Packet()
  packet.alloc()
  let shift: number | undefined
  let newest = to.offset + ORIGIN
  let count = 0
  let batch: CodedFrame[] = []
  const flush = async () => {
    if (batch.length === 0) return
    await to.pace.turn(batch[0]!.dts)
    to.report.frames(batch)
    batch = []
  }
  const take = async (frames: readonly CodedFrame[]) => {
    for (const frame of frames) {
      // The first decoding time is laid at the origin, so that sound and picture keep their distance.
      shift ??= ORIGIN - Math.min(frame.dts, frame.pts)
      const placed = { ...frame, pts: frame.pts + shift + to.offset, dts: frame.dts + shift + to.offset }
      count++
      newest = Math.max(newest, placed.pts + (frame.kind === 'video' ? 3_000 : 1_920))
      batch.push(placed)
      if (!to.inBatches || batch.length >= 32) await flush()
    }
  }
  try {
    for (;;) {
      // Where picture and sound come apart, the one that lies behind is read.
      const lane = lanes.reduce<Lane | undefined>((a, b) => (b.over || (a && a.at <= b.at) ? a : b), undefined)
      if (!lane) break
      const read = await lane.format.readFrame(packet)
      if (read < 0) {
        lane.over = true
        continue
      }
      const { video, audio } = lane
      const reader =
        packet.streamIndex === video?.index ? video : packet.streamIndex === audio?.index ? audio : undefined
      if (reader && packet.data) {
        const frames = reader.read(packet)
        lane.at = Math.max(lane.at, Number(packet.dts) / 90_000)
        await take(frames)
      }
      packet.unref()
    }
    for (const { video, audio } of lanes) await take([...(video?.drain() ?? []), ...(audio?.drain() ?? [])])
    await flush()
    return { frames: count, newest }
  } finally {
    packet.free()
  }
}

const describe = (lanes: readonly Lane[]): string => {
  const video = lanes.find((lane) => lane.video)?.video?.about ?? 'no picture'
  const audio = lanes.find((lane) => lane.audio)?.audio?.about ?? 'no sound'
  return `${video}, ${audio}`
}
