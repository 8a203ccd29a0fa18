import { stat } from 'node:fs/promises'
import { MillraceError } from '@millrace/base'
import type { FormatContext, Stream } from 'node-av/lib'
import { type Av, avError } from '../process/av.ts'
import type { CodedFrame } from '../segment/segment.ts'
import { AudioReader } from './audio-reader.ts'
import type { Pace } from './pace.ts'
import type { FileOptions } from './source-messages.ts'
import { VideoReader } from './video-reader.ts'

export type FileReport = {
  started(durationMs: number | undefined, about: string): void
  frames(frames: readonly CodedFrame[]): void
}

/** Times of every source begin one second after zero. */
const ORIGIN = 90_000
/** Containers of films; FFmpeg would otherwise take any text for a picture of letters, or follow a list of other files. */
export const FORMATS =
  'mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,mpegts,flv,live_flv,avi,mpeg,mpegvideo,asf,ogg,wav,mp3,aac,flac,h264,hevc,ivf,gif,mxf,nut,dv,rm,wtv,yuv4mpegpipe,obu,m4v,av1'

/** Reads a file or web address, copies H.264 and AAC and encodes everything else; throws a typed error with a clear sentence. */
export async function readFile(av: Av, options: FileOptions, pace: Pace, report: FileReport): Promise<void> {
  const remote = /^https?:\/\//i.test(options.path)
  if (!remote) await checkFile(options.path)
  let offset = 0
  for (let round = 0; ; round++) {
    const format = await open(av, options.path, remote)
    let video: VideoReader | undefined
    let audio: AudioReader | undefined
    try {
      const streams = pickStreams(av, format, options.path)
      const durationMs = format.duration > 0n ? Number(format.duration) / 1_000 : undefined
      video = streams.video && new VideoReader(av, streams.video)
      audio = streams.audio && new AudioReader(av, streams.audio)
      if (round === 0) report.started(durationMs, describe(video, audio))
      const end = await copyAll(av, format, { video, audio, offset, pace, report, realtime: options.realtime })
      if (end.frames === 0)
        throw new MillraceError('not_a_video', `${options.path} holds no picture and no sound that can be read`)
      if (durationMs !== undefined && (end.newest - offset - ORIGIN) / 90 < durationMs * 0.95 - 1_000)
        throw new MillraceError(
          'source_truncated',
          `${options.path} breaks off after ${Math.round((end.newest - offset) / 90_000)} of ${Math.round(durationMs / 1_000)} seconds: the file is not complete`,
        )
      if (!options.loop) return
      offset = end.newest - ORIGIN
    } finally {
      video?.close()
      audio?.close()
      format.closeInputSync()
    }
  }
}

/** Throws a clear sentence when there is nothing to read. */
export async function checkFile(path: string): Promise<void> {
  const facts = await stat(path).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'EACCES') throw new MillraceError('no_permission', `no permission to read ${path}`)
    throw new MillraceError('no_such_file', `there is no file ${path}: check the name`)
  })
  if (facts.isDirectory()) throw new MillraceError('not_a_video', `${path} is a folder: name a file in it`)
  if (facts.size === 0) throw new MillraceError('not_a_video', `${path} is empty`)
}

async function open(av: Av, path: string, remote: boolean): Promise<FormatContext> {
  const format = new av.FormatContext()
  format.allocContext()
  // A playlist must not open other files, and a web address no other protocol (CVE-2016-1897 and its kin).
  const settings = av.Dictionary.fromObject({
    format_whitelist: remote ? `${FORMATS},hls,dash` : FORMATS,
    protocol_whitelist: remote ? 'http,https,tcp,tls,crypto' : 'file',
    ...(remote ? { rw_timeout: '15000000', user_agent: 'Millrace' } : {}),
  })
  const opened = await format.openInput(remote ? path : `file:${path}`, null, settings)
  if (opened < 0) {
    format.freeContext()
    throw openError(path, remote, opened)
  }
  const found = await format.findStreamInfo(null)
  if (found < 0) {
    format.closeInputSync()
    throw openError(path, remote, found)
  }
  return format
}

function openError(path: string, remote: boolean, code: number): MillraceError {
  if (remote && code !== -1094995529)
    return new MillraceError('source_unreachable', `${path} cannot be read: ${avError(code)}`, { retryable: true })
  if (/\.(mp4|mov|m4v)$/i.test(path.split('?')[0]!))
    return new MillraceError(
      'source_truncated',
      `${path} has no table of contents: the file is cut off, or it is no MP4`,
    )
  return new MillraceError('not_a_video', `${path} is not a video that FFmpeg can read: ${avError(code)}`)
}

function pickStreams(
  av: Av,
  format: FormatContext,
  path: string,
): { video: Stream | undefined; audio: Stream | undefined } {
  const { constants: c } = av
  const streams = format.streams
  const video = streams.find(
    (s) =>
      s.codecpar.codecType === c.AVMEDIA_TYPE_VIDEO &&
      s.codecpar.width > 0 &&
      (s.disposition & c.AV_DISPOSITION_ATTACHED_PIC) === 0,
  )
  const audio = streams.find((s) => s.codecpar.codecType === c.AVMEDIA_TYPE_AUDIO && s.codecpar.sampleRate > 0)
  if (!video) throw new MillraceError('not_a_video', `${path} holds no picture${audio ? ', only sound' : ''}`)
  return { video, audio }
}

async function copyAll(
  av: Av,
  format: FormatContext,
  to: {
    readonly video: VideoReader | undefined
    readonly audio: AudioReader | undefined
    readonly offset: number
    readonly pace: Pace
    readonly report: FileReport
    readonly realtime: boolean
  },
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
      if (to.realtime || batch.length >= 32) await flush()
    }
  }
  try {
    for (;;) {
      const read = await format.readFrame(packet)
      if (read < 0) break
      const reader =
        packet.streamIndex === to.video?.index
          ? to.video
          : packet.streamIndex === to.audio?.index
            ? to.audio
            : undefined
      if (reader && packet.data) await take(reader.read(packet))
      packet.unref()
    }
    await take([...(to.video?.drain() ?? []), ...(to.audio?.drain() ?? [])])
    await flush()
    return { frames: count, newest }
  } finally {
    packet.free()
  }
}

const describe = (video: VideoReader | undefined, audio: AudioReader | undefined): string =>
  [video?.about, audio?.about ?? 'no sound'].filter((text) => text !== undefined).join(', ')
