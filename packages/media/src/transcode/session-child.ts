import { errorText, MillraceError } from '@millrace/base'
import { loadAv } from '../process/av.ts'
import { becomeMediaChild } from '../process/in-child.ts'
import { AvTranscoder, type TranscodeOptions } from './av-transcoder.ts'
import { FfmpegTranscoder, probeFfmpeg } from './ffmpeg-transcoder.ts'
import type { FromSession, ToSession } from './session-messages.ts'

// The process of one transcoding session: it loads FFmpeg's libraries at once, so that a spare is warm when a stream begins.

/** What every back end of an engine does in its process. */
type Transcoder = Pick<AvTranscoder, 'transcode' | 'close'>

const [, , engine, program] = process.argv
let create: ((options: TranscodeOptions) => Transcoder) | undefined
let transcoder: Transcoder | undefined
const aborted = new Set<number>()
let work: Promise<void> = Promise.resolve()

const send = becomeMediaChild<ToSession>((message) => {
  if (message.type === 'abort') {
    aborted.add(message.job)
    return
  }
  // One after the other: the libraries are called synchronously.
  work = work.then(() => handle(message))
}) as (message: FromSession) => void

async function handle(message: Exclude<ToSession, { type: 'abort' }>): Promise<void> {
  if (message.type === 'open') {
    transcoder?.close()
    transcoder = create!(message.options)
    return
  }
  const { job } = message
  const started = performance.now()
  const pause = async () => {
    await new Promise((resolve) => setImmediate(resolve))
    if (aborted.has(job)) throw new MillraceError('aborted', 'the segment was given up')
  }
  try {
    await pause()
    const { parts, ...facts } = await transcoder!.transcode(message.segment, pause)
    for (const part of parts) send({ type: 'part', job, part })
    send({ type: 'done', job, ...facts, elapsedMs: performance.now() - started })
  } catch (error) {
    const code = error instanceof MillraceError ? error.code : 'engine_failed'
    const meta = error instanceof MillraceError ? error.meta : {}
    send({ type: 'failed', job, code, message: errorText(error), meta })
  } finally {
    aborted.delete(job)
  }
}

work = (engine === 'ffmpeg' ? startFfmpeg(program ?? 'ffmpeg') : startAv()).then(send, (error) => {
  send({ type: 'unusable', message: errorText(error) })
})

async function startAv(): Promise<FromSession> {
  const av = await loadAv()
  create = (options) => new AvTranscoder(av, options)
  const { version, configuration } = av.getFFmpegInfo()
  return { type: 'ready', version, license: licenseOf(configuration) }
}

async function startFfmpeg(path: string): Promise<FromSession> {
  const { version, configuration } = await probeFfmpeg(path)
  create = (options) => new FfmpegTranscoder(path, options)
  return { type: 'ready', version, license: licenseOf(configuration) }
}

function licenseOf(configuration: string): string {
  if (!configuration.includes('--enable-gpl')) return 'LGPL'
  return configuration.includes('--enable-version3') ? 'GPL-3.0' : 'GPL-2.0'
}
