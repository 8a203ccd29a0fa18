import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Readable, Writable } from 'node:stream'
import { MillraceError } from '@millrace/base'
import { TestPicture } from '../picture/test-picture.ts'
import type { CodedFrame } from '../segment/segment.ts'
import { TsDemuxer } from '../ts/demuxer.ts'
import { FORMATS } from './open-input.ts'
import type { Pace } from './pace.ts'
import { checkFile, type FileReport } from './read-file.ts'
import { sourceKind } from './source-address.ts'
import type { FileOptions, GeneratedOptions } from './source-messages.ts'

// The sources without node-av: the ffmpeg program reads or encodes, and its transport stream is read back.

/** Makes the test stream by piping our own pictures through the ffmpeg program. */
export async function generateWithFfmpeg(
  path: string,
  options: GeneratedOptions,
  pace: Pace,
  send: (frames: readonly CodedFrame[]) => void,
): Promise<void> {
  const { width, height, fps } = options
  const gop = String(Math.round(fps * 2))
  const rate = String(options.bitrateBps)
  const args = ['-f', 'rawvideo', '-pix_fmt', 'yuv420p', '-s', `${width}x${height}`, '-r', String(fps), '-i', 'pipe:0']
  args.push('-f', 'lavfi', '-i', 'sine=frequency=440:beep_factor=2:sample_rate=48000', '-map', '0:v', '-map', '1:a')
  args.push(
    '-c:v',
    'libx264',
    '-preset',
    'ultrafast',
    '-tune',
    'zerolatency',
    '-profile:v',
    'baseline',
    '-threads',
    '1',
  )
  args.push('-g', gop, '-keyint_min', gop, '-sc_threshold', '0', '-b:v', rate, '-maxrate', rate, '-bufsize', rate)
  args.push('-c:a', 'aac', '-ac', '2', '-b:a', '96k', '-shortest', ...OUTPUT)
  const child = start(path, args)
  const reading = readFrames(child.stdout!, async (frames) => send(frames))
  reading.catch(() => {})
  const picture = new TestPicture(width, height)
  const startedAt = Date.now()
  const total = options.seconds === undefined ? Number.POSITIVE_INFINITY : Math.round(options.seconds * fps)
  const stdin = child.stdin as Writable
  stdin.on('error', () => {})
  try {
    for (let frame = 0; frame < total && child.exitCode === null; frame++) {
      await pace.turn(Math.round((frame * 90_000) / fps))
      const { data } = picture.draw(frame, fps, options.realtime ? Date.now() : startedAt + (frame * 1_000) / fps)
      // The pipe keeps the buffer until it is written, and the next picture is drawn into the same canvas.
      if (!stdin.write(Buffer.from(data))) await Promise.race([once(stdin, 'drain'), child.ended])
    }
    stdin.end()
    await reading
  } finally {
    child.kill('SIGKILL')
  }
}

/** Reads a file with the ffmpeg program; throws as `readFile`. */
export async function readFileWithFfmpeg(
  path: string,
  options: FileOptions,
  pace: Pace,
  report: FileReport,
): Promise<void> {
  if (sourceKind(options.path) !== 'file')
    throw new MillraceError(
      'no_media_engine',
      'sources over the network need node-av: run `npm install node-av` in the project; the ffmpeg program is given files only',
    )
  await checkFile(options.path)
  const input = ['-protocol_whitelist', 'file', '-format_whitelist', FORMATS, '-i', `file:${options.path}`]
  const facts = await probe(path, input)
  if (!facts.video) {
    if (/\.(mp4|mov|m4v)$/i.test(options.path) && /moov|invalid data/i.test(facts.text))
      throw new MillraceError(
        'source_truncated',
        `${options.path} has no table of contents: the file is cut off, or it is no MP4`,
      )
    throw new MillraceError('not_a_video', `${options.path} is not a video that FFmpeg can read: ${facts.text}`)
  }
  report.started(facts.durationMs, `${facts.video}, ${facts.audio ?? 'no sound'}`)
  const video =
    facts.video === 'h264'
      ? ['-c:v', 'copy']
      : [
          '-c:v',
          'libx264',
          '-preset',
          'veryfast',
          '-bf',
          '0',
          '-pix_fmt',
          'yuv420p',
          '-force_key_frames',
          'expr:gte(t,n_forced*2)',
        ]
  const audio = facts.audio === 'aac' ? ['-c:a', 'copy'] : ['-c:a', 'aac', '-ac', '2', '-ar', '48000']
  const loop = options.loop ? ['-stream_loop', '-1'] : []
  const child = start(path, [...loop, ...input, '-map', '0:v:0', '-map', '0:a:0?', ...video, ...audio, ...OUTPUT])
  let newest = 0
  let first: number | undefined
  try {
    await readFrames(child.stdout!, async (frames) => {
      for (const frame of frames) {
        first ??= frame.dts
        newest = Math.max(newest, frame.pts - first)
        await pace.turn(frame.dts)
        report.frames([frame])
      }
    })
    await child.ended
    const seconds = Math.round(newest / 90_000)
    if (facts.durationMs !== undefined && newest / 90 < facts.durationMs * 0.95 - 1_000)
      throw new MillraceError(
        'source_truncated',
        `${options.path} breaks off after ${seconds} of ${Math.round(facts.durationMs / 1_000)} seconds: the file is not complete`,
      )
  } finally {
    child.kill('SIGKILL')
  }
}

const OUTPUT = ['-muxdelay', '0', '-muxpreload', '0', '-flush_packets', '1', '-f', 'mpegts', 'pipe:1']

type Running = ChildProcess & { readonly ended: Promise<void> }

function start(path: string, args: readonly string[]): Running {
  // A group of its own, so that Ctrl-C in the terminal does not end it before its reader.
  const child = spawn(path, ['-hide_banner', '-v', 'error', ...args], {
    detached: true,
    stdio: ['pipe', 'pipe', 'ignore'],
  })
  process.once('exit', () => child.kill('SIGKILL'))
  const ended = new Promise<void>((resolve) => {
    child.once('error', () => resolve())
    child.once('exit', () => resolve())
  })
  return Object.assign(child, { ended })
}

/** Hands on the frames of a transport stream; the pipe fills up while they are being taken, which holds the program back. */
async function readFrames(stream: Readable, take: (frames: CodedFrame[]) => Promise<void>): Promise<void> {
  let frames: CodedFrame[] = []
  const demuxer = new TsDemuxer({ frame: (frame) => frames.push(frame) })
  const pass = async () => {
    const ready = frames
    frames = []
    if (ready.length > 0) await take(ready)
  }
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    demuxer.push(chunk)
    await pass()
  }
  demuxer.end()
  await pass()
}

type Facts = {
  readonly video: string | undefined
  readonly audio: string | undefined
  readonly durationMs: number | undefined
  /** The last thing the program said. */
  readonly text: string
}

async function probe(path: string, input: readonly string[]): Promise<Facts> {
  const child = spawn(path, ['-hide_banner', '-nostdin', ...input], { stdio: ['ignore', 'ignore', 'pipe'] })
  let text = ''
  child.stderr.on('data', (data: Buffer) => {
    text = (text + data.toString()).slice(0, 20_000)
  })
  await new Promise<void>((resolve) => {
    child.once('error', () => resolve())
    child.once('close', () => resolve())
  })
  const clock = /Duration: (\d+):(\d+):(\d+\.\d+)/.exec(text)
  const lines = text.trim().split('\n')
  return {
    video: /Stream #.*Video: (?!.*attached pic)(\w+)/.exec(text)?.[1],
    audio: /Stream #.*Audio: (\w+)/.exec(text)?.[1],
    durationMs: clock
      ? Math.round((Number(clock[1]) * 3_600 + Number(clock[2]) * 60 + Number(clock[3])) * 1_000)
      : undefined,
    text:
      lines
        .filter((line) => !line.startsWith('At least one output'))
        .at(-1)
        ?.trim() ?? '',
  }
}
