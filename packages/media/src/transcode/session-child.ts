import { errorText, MillraceError } from '@millrace/base'
import type { FFVideoEncoder } from 'node-av/constants'
import { loadAv } from '../process/av.ts'
import { becomeMediaChild } from '../process/in-child.ts'
import { AvLiveTranscoder } from './av-live-transcoder.ts'
import { AvTranscoder, type TranscodeOptions } from './av-transcoder.ts'
import { ENCODERS } from './encoder-settings.ts'
import { FfmpegTranscoder, probeFfmpeg } from './ffmpeg-transcoder.ts'
import type { FromSession, ToSession } from './session-messages.ts'

// The process of one transcoding session: it loads FFmpeg's libraries at once, so that a spare is warm when a stream begins.

/** What every back end of an engine does in its process. */
type Transcoder = Pick<AvTranscoder, 'transcode' | 'close'>
type LiveTranscoder = Pick<AvLiveTranscoder, 'begin' | 'write' | 'end' | 'abort' | 'close'>

const [, , engine, program] = process.argv
let create: ((options: TranscodeOptions) => Transcoder) | undefined
let createLive: ((options: TranscodeOptions) => LiveTranscoder) | undefined
let transcoder: Transcoder | undefined
let live: LiveTranscoder | undefined
let liveJob: { readonly id: number; readonly began: number } | undefined
let options: TranscodeOptions | undefined
const aborted = new Set<number>()
let work: Promise<void> = Promise.resolve()

const send = becomeMediaChild<ToSession>((message) => {
  // An abort works at once on a whole segment, which looks for it while it is being made.
  if (message.type === 'abort') aborted.add(message.job)
  // One after the other: the libraries are called synchronously.
  work = work.then(() => handle(message))
}) as (message: FromSession) => void

async function handle(message: ToSession): Promise<void> {
  switch (message.type) {
    case 'open':
      transcoder?.close()
      live?.close()
      live = undefined
      options = message.options
      transcoder = create!(message.options)
      return
    case 'push':
      return push(message)
    default:
      return goOn(message)
  }
}

/** A step of a live segment. Its failure is told once, and what still comes of it is passed over. */
function goOn(message: Extract<ToSession, { type: 'begin' | 'write' | 'end' | 'abort' }>): void {
  const { job } = message
  try {
    if (message.type === 'begin') {
      live ??= createLive!(options!)
      live.begin(message.seq)
      liveJob = { id: job, began: performance.now() }
      return
    }
    if (message.type === 'write') send({ type: 'took', job, bytes: message.bytes.length })
    const isAborted = aborted.delete(job)
    if (liveJob?.id !== job) return
    if (isAborted) throw new MillraceError('aborted', 'the segment was given up')
    if (message.type === 'write') live!.write(message.bytes)
    else if (message.type === 'end') {
      const facts = live!.end()
      send({ type: 'done', job, ...facts, elapsedMs: performance.now() - liveJob.began })
      liveJob = undefined
    }
  } catch (error) {
    live?.abort()
    liveJob = undefined
    send(failure(job, error))
  }
}

async function push(message: Extract<ToSession, { type: 'push' }>): Promise<void> {
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
    send(failure(job, error))
  } finally {
    aborted.delete(job)
  }
}

function failure(job: number, error: unknown): FromSession {
  const code = error instanceof MillraceError ? error.code : 'engine_failed'
  const meta = error instanceof MillraceError ? error.meta : {}
  return { type: 'failed', job, code, message: errorText(error), meta }
}

work = (engine === 'ffmpeg' ? startFfmpeg(program ?? 'ffmpeg') : startAv()).then(send, (error) => {
  send({ type: 'unusable', message: errorText(error) })
})

async function startAv(): Promise<FromSession> {
  const av = await loadAv()
  create = (options) => new AvTranscoder(av, options)
  createLive = (options) => new AvLiveTranscoder(av, options, (part) => send({ type: 'part', job: liveJob!.id, part }))
  const { version, configuration } = av.getFFmpegInfo()
  const codecs = [...ENCODERS].flatMap(([codec, name]) =>
    av.Codec.findEncoderByName(name as FFVideoEncoder) ? [codec] : [],
  )
  return { type: 'ready', version, license: licenseOf(configuration), live: createLive !== undefined, codecs }
}

async function startFfmpeg(path: string): Promise<FromSession> {
  const { version, configuration, codecs } = await probeFfmpeg(path)
  create = (options) => new FfmpegTranscoder(path, options)
  return { type: 'ready', version, license: licenseOf(configuration), live: createLive !== undefined, codecs }
}

function licenseOf(configuration: string): string {
  if (!configuration.includes('--enable-gpl')) return 'LGPL'
  return configuration.includes('--enable-version3') ? 'GPL-3.0' : 'GPL-2.0'
}
