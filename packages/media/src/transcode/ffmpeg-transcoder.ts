import { spawn } from 'node:child_process'
import type { Readable } from 'node:stream'
import { MillraceError } from '@millrace/base'
import { isCarriedByTs, type VideoCodec } from '@millrace/wire/profiles'
import { inspectAccessUnit } from '../h264/nal.ts'
import { parseHevcSps, parseSps } from '../h264/sps.ts'
import { readMp4Frames } from '../remux/mp4-reader.ts'
import type { CodedFrame } from '../segment/segment.ts'
import { demuxTs } from '../ts/demuxer.ts'
import { muxTs, type TsCounters } from '../ts/muxer.ts'
import { renditionPart, sourceFps, type Transcoded, type TranscodeOptions } from './av-transcoder.ts'
import { frameCodec } from './coded-picture.ts'
import { ENCODERS } from './encoder-settings.ts'
import type { RenditionPart } from './engine.ts'
import { ffmpegArguments } from './ffmpeg-arguments.ts'
import { readIvf } from './read-ivf.ts'
import { type Size, scaledSize } from './scaled-size.ts'

/** The program gets times that begin here, far from zero and from the 33-bit wrap, whatever the source's are. */
const ORIGIN = 900_000
const MAX_OUTPUT = 512 * 1024 * 1024

/**
 * Transcodes with the ffmpeg program, one run a segment. It is given the pictures only, on a time line that is easy for it; our own
 * demuxer and muxer put its pictures back to the source's times and beside the source's sound, so that results equal the other engine's.
 */
export class FfmpegTranscoder {
  readonly #path: string
  readonly #options: TranscodeOptions
  readonly #counters: readonly TsCounters[]

  constructor(path: string, options: TranscodeOptions) {
    this.#path = path
    this.#options = options
    this.#counters = options.profiles.map(() => new Map())
  }

  async transcode(
    segment: { readonly seq: number; readonly data: Uint8Array; readonly container: 'mpegts' | 'mp4' },
    pause: () => Promise<void>,
  ): Promise<Transcoded> {
    const { video, audio } = readFrames(segment.data, segment.container)
    const source = pictureSize(video)
    const sizes = this.#options.profiles.map((profile) => scaledSize(profile, source, profile.codec))
    const earliest = video.reduce((least, frame) => Math.min(least, frame.pts), Number.POSITIVE_INFINITY)
    const shift = ORIGIN - earliest
    const input = muxTs(inOrder(video).map((frame) => ({ ...frame, pts: frame.pts + shift, dts: frame.dts + shift })))
    const args = ffmpegArguments({ ...this.#options, sizes, fps: sourceFps({ video }) })
    const { outputs, errors } = await this.#run(args, input, pause)
    const parts: RenditionPart[] = []
    for (const [index, bytes] of outputs.entries()) {
      const { format, codec } = this.#options.profiles[index]!
      const coded = isCarriedByTs(codec) ? demuxTs(bytes).frames : readIvf(bytes, frameCodec(codec))
      const pictures = coded
        .filter((frame) => frame.kind === 'video')
        .map((frame) => ({ ...frame, pts: frame.pts - shift, dts: frame.dts - shift }))
      const { width, height } = sizes[index]!
      if (pictures.length === 0) throw noPictures(audio.length, errors)
      parts.push(
        renditionPart({
          seq: segment.seq,
          index,
          width,
          height,
          format,
          video: pictures,
          audio,
          counters: this.#counters[index]!,
        }),
      )
    }
    // A rendition that keeps the source's frames tells how many pictures could be decoded.
    const kept = parts.filter((part) => this.#options.profiles[part.rendition]!.fps === 0)
    const decodedFrames = kept.length > 0 ? Math.max(...kept.map((part) => part.frames)) : video.length
    return {
      parts,
      decodedFrames,
      decodedPixels: BigInt(source.width) * BigInt(source.height) * BigInt(decodedFrames),
      decodeErrors: video.length - decodedFrames,
    }
  }

  close(): void {}

  async #run(
    args: readonly string[],
    input: Uint8Array,
    pause: () => Promise<void>,
  ): Promise<{ readonly outputs: Buffer[]; readonly errors: string }> {
    const count = this.#options.profiles.length
    // A group of its own: Ctrl-C in the terminal must not end it before the segment is done.
    const child = spawn(this.#path, args, {
      detached: true,
      // SVT-AV1 tells about each of its encoders otherwise.
      env: { ...process.env, SVT_LOG: '1' },
      stdio: ['pipe', 'ignore', 'pipe', ...Array.from({ length: count }, () => 'pipe' as const)],
    })
    let errors = ''
    child.stderr?.on('data', (text: Buffer) => {
      errors = (errors + text.toString()).slice(-2_000)
    })
    const exited = new Promise<number | null>((resolve, reject) => {
      child.once('error', (cause) =>
        reject(new MillraceError('engine_failed', `ffmpeg cannot be started: ${cause.message}`)),
      )
      child.once('exit', (code) => resolve(code))
    })
    exited.catch(() => {})
    const kill = () => void child.kill('SIGKILL')
    let gaveUp: unknown
    const watch = setInterval(() => {
      pause().catch((error) => {
        gaveUp = error
        kill()
      })
    }, 50)
    process.once('exit', kill)
    try {
      child.stdin?.on('error', () => {})
      child.stdin?.end(input)
      const outputs = await Promise.all(
        Array.from({ length: count }, (_, i) => collect(child.stdio[3 + i] as Readable, kill)),
      )
      const code = await exited
      if (gaveUp) throw gaveUp
      if (code !== 0 && outputs.some((bytes) => bytes.length === 0)) throw noPictures(0, errors)
      return { outputs, errors }
    } finally {
      clearInterval(watch)
      process.removeListener('exit', kill)
      kill()
    }
  }
}

/** Asks the program for its version; throws `no_media_engine` when it is not there or cannot encode H.264. */
export async function probeFfmpeg(path: string): Promise<{
  readonly version: string
  readonly configuration: string
  readonly codecs: readonly VideoCodec[]
}> {
  const text = await new Promise<string>((resolve, reject) => {
    const child = spawn(path, ['-hide_banner', '-encoders'], { stdio: ['ignore', 'pipe', 'ignore'] })
    const version = spawn(path, ['-version'], { stdio: ['ignore', 'pipe', 'ignore'] })
    let out = ''
    let left = 2
    const done = () => --left === 0 && resolve(out)
    for (const process of [child, version]) {
      process.stdout.on('data', (data: Buffer) => {
        out += data.toString()
      })
      process.once('error', reject)
      process.once('close', done)
    }
  }).catch((cause) => {
    throw new MillraceError('no_media_engine', `there is no ffmpeg program at ${path}`, { cause })
  })
  const version = /ffmpeg version (\S+)/.exec(text)?.[1]
  if (!version) throw new MillraceError('no_media_engine', `${path} is not the ffmpeg program`)
  if (!/\blibx264\b/.test(text)) throw new MillraceError('no_media_engine', `${path} was built without libx264`)
  const codecs = [...ENCODERS].flatMap(([codec, name]) =>
    new RegExp(`^ V\\S* ${name} `, 'm').test(text) ? [codec] : [],
  )
  return { version, configuration: /configuration: (.*)/.exec(text)?.[1] ?? '', codecs }
}

function readFrames(data: Uint8Array, container: 'mpegts' | 'mp4'): { video: CodedFrame[]; audio: CodedFrame[] } {
  if (data.length === 0) throw new MillraceError('unsupported_input', 'the segment is empty')
  const frames = container === 'mp4' ? readMp4Frames(data) : demuxTs(data).frames
  const video = frames.filter((frame) => frame.kind === 'video')
  const audio = frames.filter((frame) => frame.kind === 'audio')
  if (video.length === 0 && audio.length === 0)
    throw new MillraceError('unsupported_input', 'the segment cannot be read: no frame was found in it')
  if (video.length === 0) throw noPictures(audio.length, '')
  return { video, audio }
}

/** The size by the first parameter sets; without any no decoder can begin. */
function pictureSize(video: readonly CodedFrame[]): Size {
  for (const frame of video) {
    const codec = frame.codec === 'hevc' ? 'hevc' : 'h264'
    const { sps } = inspectAccessUnit(frame.data, codec)
    if (sps) return codec === 'hevc' ? parseHevcSps(sps) : parseSps(sps)
  }
  throw noPictures(0, 'no parameter sets')
}

/** Decoding times that rise strictly, as the program's own demuxer demands. */
function inOrder(video: readonly CodedFrame[]): CodedFrame[] {
  let last = Number.NEGATIVE_INFINITY
  return video.map((frame) => {
    const dts = Math.max(frame.dts, last + 1)
    last = dts
    return { ...frame, dts, pts: Math.max(frame.pts, dts) }
  })
}

async function collect(stream: Readable, tooMuch: () => void): Promise<Buffer> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    length += chunk.length
    if (length > MAX_OUTPUT) {
      tooMuch()
      throw new MillraceError('engine_failed', 'ffmpeg writes more than a segment can hold')
    }
    chunks.push(chunk)
  }
  return Buffer.concat(chunks, length)
}

const noPictures = (audioFrames: number, why: string) =>
  new MillraceError('no_video_frames', 'the segment holds no picture that can be decoded', {
    meta: { audioFrames, ffmpeg: why.trim().split('\n').at(-1) ?? '' },
  })
