import { MillraceError } from '@millrace/base'
import { builtFile } from '@millrace/base/node'
import { forkMediaChild } from '../process/child.ts'
import { encodeMp4 } from '../remux/mp4-writer.ts'
import type { CodedFrame } from '../segment/segment.ts'
import { muxTs, type TsCounters } from '../ts/muxer.ts'
import type { MediaFileOptions } from './media-file.ts'
import type { SendFileOptions } from './send-file.ts'
import type { ClipOptions, FilmOptions, FromTesting, Inspection, LieRequest, ToTesting } from './testing-messages.ts'

export type TestClipOptions = {
  readonly seconds: number
  readonly width?: number
  readonly height?: number
  readonly fps?: number
  /** The same seed gives the same numbers. */
  readonly seed?: number
  /** Length of the segments and distance of the key frames. */
  readonly segmentMs?: number
  readonly framesPerMark?: number
  readonly audio?: boolean
  readonly pictures?: ClipOptions['pictures']
}

/** A real H.264 and AAC clip whose pictures carry numbers. */
export type TestClip = {
  readonly segments: readonly { readonly seq: number; readonly data: Uint8Array; readonly durationMs: number }[]
  readonly mp4: Uint8Array
  /** All coded frames, sorted by decoding time. */
  readonly frames: readonly CodedFrame[]
  /** The numbers in order; the picture of each stays for `framesPerMark` frames. */
  readonly marks: readonly number[]
  readonly framesPerMark: number
}

/** Makes a clip in a child process. */
export async function makeTestClip(options: TestClipOptions): Promise<TestClip> {
  const request = clipOptions(options)
  const { frames, marks } = await ask({ type: 'clip', options: request }, 'clip')
  const { fps, framesPerMark } = request
  return { segments: cut(frames, fps), mp4: encodeMp4(frames), frames, marks, framesPerMark }
}

/** Makes a film of FFmpeg's pictures, with a tone that changes all the time. */
export async function makeTestFilm(options: FilmOptions): Promise<Pick<TestClip, 'segments' | 'frames'>> {
  const { frames } = await ask({ type: 'film', options }, 'film')
  return { frames, segments: cut(frames, options.fps) }
}

/** Encodes what a liar would deliver instead of a rendition: coded pictures, without sound. */
export async function makeTestLie(
  request: LieRequest,
): Promise<{ readonly frames: readonly CodedFrame[]; readonly width: number; readonly height: number }> {
  return ask({ type: 'lie', request }, 'lie')
}

/** Publishes a test clip over RTMP with FFmpeg's client; ends when all was sent. Throws `publish_failed`. */
export async function publishTestClip(
  options: TestClipOptions & {
    readonly url: string
    readonly realtime?: boolean
    readonly signal?: AbortSignal | undefined
  },
): Promise<void> {
  const { url, realtime = true, signal } = options
  await ask({ type: 'publish', url, realtime, options: clipOptions(options) }, 'published', signal)
}

/** Writes a moving picture and a tone into any container and codec; throws `publish_failed` where they do not go together. */
export async function makeMediaFile(file: MediaFileOptions): Promise<void> {
  await ask({ type: 'make-file', file }, 'made')
}

/** Sends the streams of a file to a server with FFmpeg's client, unchanged; ends when all was sent. Throws `publish_failed`. */
export async function publishFile(
  file: SendFileOptions & { readonly signal?: AbortSignal | undefined },
): Promise<void> {
  const { signal, ...rest } = file
  await ask({ type: 'send-file', file: rest }, 'published', signal)
}

function clipOptions(options: TestClipOptions): ClipOptions {
  const {
    seconds,
    width = 640,
    height = 360,
    fps = 30,
    seed = 1,
    framesPerMark = 15,
    audio = true,
    pictures = 'numbers',
  } = options
  return { seconds, width, height, fps, seed, gopMs: options.segmentMs ?? 2_000, framesPerMark, audio, pictures }
}

/** Decodes a segment in a child process and tells what is in it; throws the engine's typed errors. */
export async function inspectSegment(data: Uint8Array, container: 'mpegts' | 'mp4' = 'mpegts'): Promise<Inspection> {
  return (await ask({ type: 'inspect', data, container }, 'inspection')).inspection
}

/** Decodes a rendition of a test clip and reads its numbers from the pixels, each once as long as it stays. */
export async function readMarks(data: Uint8Array, container: 'mpegts' | 'mp4' = 'mpegts'): Promise<number[]> {
  const { marks } = await inspectSegment(data, container)
  return marks.filter((mark, i) => mark !== marks[i - 1])
}

async function ask<Type extends FromTesting['type']>(
  request: ToTesting,
  _expected: Type,
  signal?: AbortSignal | undefined,
): Promise<Extract<FromTesting, { type: Type }>> {
  const helper = (signal ? undefined : idle.pop()) ?? new Helper()
  const answer = await helper.ask(request, signal)
  if (!signal && idle.length < MAX_IDLE) idle.push(helper)
  else helper.close()
  if (answer.type === 'failed') throw new MillraceError(answer.code, answer.message)
  return answer as Extract<FromTesting, { type: Type }>
}

/** Processes that have nothing to do: loading FFmpeg costs more than most of what they are asked for. */
const idle: Helper[] = []
const MAX_IDLE = 2

class Helper {
  readonly #child = forkMediaChild(builtFile(import.meta.url, './testing-child.js'))
  #answer: (message: FromTesting) => void = () => {}

  constructor() {
    this.#child.onMessage((message: FromTesting) => this.#answer(message))
  }

  /** One request at a time; a helper that fails to answer is gone. */
  async ask(request: ToTesting, signal: AbortSignal | undefined): Promise<FromTesting> {
    this.#child.ref()
    try {
      const answer = await new Promise<FromTesting>((resolve, reject) => {
        signal?.addEventListener('abort', () => reject(signal.reason), { once: true })
        this.#answer = resolve
        void this.#child.exited.then((how) =>
          reject(new MillraceError('engine_died', `the testing process is gone: ${how}`)),
        )
        this.#child.send(request)
      })
      this.#child.unref()
      return answer
    } catch (error) {
      this.close()
      throw error
    }
  }

  close(): void {
    this.#child.kill()
  }
}

function cut(frames: readonly CodedFrame[], fps: number): TestClip['segments'] {
  const groups: CodedFrame[][] = []
  for (const frame of frames) {
    if (
      groups.length === 0 ||
      (frame.kind === 'video' && frame.keyFrame && groups.at(-1)!.some((f) => f.kind === 'video'))
    )
      groups.push([])
    groups.at(-1)!.push(frame)
  }
  const counters: TsCounters = new Map()
  return groups.map((group, seq) => {
    const pictures = group.filter((frame) => frame.kind === 'video').length
    return { seq, data: muxTs(group, counters), durationMs: Math.round((pictures * 1_000) / fps) }
  })
}
